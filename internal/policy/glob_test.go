package policy

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// naiveGlob is the meaning of a glob, as plain and as slow as can be: the oracle for the matchers.
func naiveGlob(glob, text string, rules globRules) bool {
	switch {
	case glob == "":
		return text == ""
	case glob[0] == '*':
		return naiveGlob(glob[1:], text, rules) || text != "" && naiveGlob(glob, text[1:], rules)
	case text == "":
		return false
	case glob[0] == '?' && rules.question:
		if text[0]&0xc0 == 0x80 {
			return false
		}
		n := 1
		for n < len(text) && text[n]&0xc0 == 0x80 {
			n++
		}
		return naiveGlob(glob[1:], text[n:], rules)
	case glob[0] == text[0]:
		return naiveGlob(glob[1:], text[1:], rules)
	case rules.fold && naiveLower(glob[0]) == naiveLower(text[0]):
		return naiveGlob(glob[1:], text[1:], rules)
	default:
		return false
	}
}

func naiveLower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 32
	}
	return c
}

// checkGlob compares the matchers with the oracle.
func checkGlob(t *testing.T, glob, text string) {
	t.Helper()
	kind := globKind(glob)
	if got, want := matchText(kind, globExtra(kind, glob), glob, text), naiveGlob(glob, text, globRules{question: true}); got != want {
		t.Errorf("glob %q, text %q: got %v, want %v", glob, text, got, want)
	}
	if got, want := matchGlob(glob, text, globRules{question: true}), naiveGlob(glob, text, globRules{question: true}); got != want {
		t.Errorf("general glob %q, text %q: got %v, want %v", glob, text, got, want)
	}
	if got, want := matchStars(glob, text), naiveGlob(glob, text, globRules{}); got != want {
		t.Errorf("stars %q, text %q: got %v, want %v", glob, text, got, want)
	}
	if got, want := matchAction(starKind(glob), glob, text), naiveGlob(glob, text, globRules{fold: true}); got != want {
		t.Errorf("action %q, text %q: got %v, want %v", glob, text, got, want)
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		glob, text string
		want       bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "", false}, {"*", "", true}, {"*", "é/:\n", true}, {"**", "", true}, {"?", "", false},
		{"abc", "abc", true}, {"abc", "abcd", false}, {"abc", "ab", false}, {"abc", "Abc", false}, {"abc", "xabc", false},
		{"abc*", "abc", true}, {"abc*", "abc/d:e", true}, {"abc*", "ab", false}, {"abc*", "xabc", false},
		{"*abc", "abc", true}, {"*abc", "xabc", true}, {"*abc", "abcx", false}, {"*abc", "bc", false}, {"*aab", "aaab", true},
		{"a*a", "a", false}, {"a*a", "aa", true}, {"a*a", "aba", true}, {"a*a", "ab", false},
		{"ab*ba", "aba", false}, {"ab*ba", "abba", true},
		{"*ab*ab*", "abab", true}, {"*ab*ab*", "aab", false}, {"*ab*ab", "abab", true}, {"*ab*ab", "ab", false}, {"*ab*b", "abb", true}, {"*ab*b", "ab", false},
		{"a*b*c", "abc", true}, {"a*b*c", "a-b-b-c", true}, {"a*b*c", "acb", false},
		{"crn:*:s3:x/*", "crn:r:s3:x/1", true}, {"crn:*:s3:x/*", "crn::s3:x/", true}, {"crn:*:s3:x/*", "crn:s3:x/", false}, {"crn:*:s3:x/*", "crn:r:s3:y/1", false},
		{"crn:*:s3:x/*", "crn:a:b:c:d:s3:x/1", true}, {"crn:**", "crn:", true}, {"::*:::*", "::::::", true}, {"::*:::::*", "::::::", false},
		{"?", "a", true}, {"?", "é", true}, {"?", "日", true}, {"?", "😀", true}, {"?", "ab", false}, {"?", "/", true}, {"?", "éé", false},
		{"??", "é日", true}, {"??", "é", false}, {"a?c", "aéc", true}, {"a?c", "ac", false}, {"a?c", "abbc", false},
		{"*?", "", false}, {"*?", "é", true}, {"?*", "é", true}, {"?*?", "é", false}, {"?*?", "éé", true}, {"*?*?*", "é", false}, {"*?*?*", "éa", true},
		{"*é?", "éé", true}, {"*é?", "é", false}, {"*?é", "aé", true}, {"*?é", "é", false}, {"*??b*", "éb", false}, {"*??b*", "aéb", true},
		{"*a?b*", "a-a日b-", true}, {"*a?b*", "ab", false}, {"*a?*b", "aéb", true}, {"*a?*b", "ab", false},
		{"\\*", "*", false}, {"[ab]", "a", false}, {"{a,b}", "a", false}, {"a.c", "abc", false},
		{"?", "\x80", false}, {"*", "\x80\xff", true}, {"?", "\xff", true}, {"?", "a\x80\x80", true}, {"*?", "\x80\x80", false},
	} {
		if got := naiveGlob(c.glob, c.text, globRules{question: true}); got != c.want {
			t.Errorf("oracle: glob %q, text %q: got %v, want %v", c.glob, c.text, got, c.want)
		}
		checkGlob(t, c.glob, c.text)
	}
}

// TestGlobRandom tries small alphabets, in which accidental matches are frequent, and segments of more than one block.
func TestGlobRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(42, 3))
	pick := func(from []string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(from[rng.IntN(len(from))])
		}
		return b.String()
	}
	matched := 0
	for range 200_000 {
		glob := pick([]string{"a", "b", "A", "é", "*", "?", "*", "?", ":"}, rng.IntN(8))
		text := pick([]string{"a", "b", "B", "é", "日", "\xa9", ":"}, rng.IntN(10))
		checkGlob(t, glob, text)
		if naiveGlob(glob, text, globRules{question: true}) {
			matched++
		}
	}
	if matched < 10_000 {
		t.Errorf("only %d matched: the test has no teeth", matched)
	}
}

// TestGlobBlocks tries segments that cross the borders of blocks: a text is made to fit a long glob, then spoilt.
func TestGlobBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(42, 4))
	matched := 0
	for range 3000 {
		var segment, fit strings.Builder
		for range 50 + rng.IntN(120) {
			s := []string{"a", "b", "é", "?"}[rng.IntN(4)]
			segment.WriteString(s)
			if s == "?" {
				s = []string{"a", "é", "日"}[rng.IntN(3)]
			}
			fit.WriteString(s)
		}
		text := fit.String()
		if rng.IntN(2) == 0 {
			at := rng.IntN(len(text))
			text = text[:at] + "x" + text[at+rng.IntN(2):]
		}
		text = strings.Repeat("ab", rng.IntN(5)) + text + strings.Repeat("b", rng.IntN(3))
		glob := "*" + segment.String() + "*"
		checkGlob(t, glob, text)
		checkGlob(t, glob+"b", text)
		if naiveGlob(glob, text, globRules{question: true}) {
			matched++
		}
	}
	if matched < 500 {
		t.Errorf("only %d matched: the test has no teeth", matched)
	}
}

// TestGlobIsLinear times what backtracking would never finish. The bound is generous: a thousand times the usual.
func TestGlobIsLinear(t *testing.T) {
	for name, c := range adversarialGlobs(64 << 10) {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			kind := globKind(c[0])
			matchText(kind, globExtra(kind, c[0]), c[0], c[1])
			matchAction(starKind(c[0]), c[0], c[1])
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestGlobSteps counts the work of the scanner, the only part with a loop in a loop: each block of a segment reads each byte
// of the text at most once, and short segments never read a byte again.
func TestGlobSteps(t *testing.T) {
	var s scanner
	rules := globRules{question: true}
	text := strings.Repeat("ab", 500)
	read := 0
	for rest := text; rest != ""; {
		end := s.find("?b", rest, rules)
		if end < 0 {
			break
		}
		read += end
		rest = rest[end:]
	}
	if read != len(text) {
		t.Errorf("short segments read %d bytes of %d", read, len(text))
	}
	if s != (scanner{}) {
		t.Error("the scanner did not clean up")
	}
	if end := s.find(strings.Repeat("?", 2*blockSize+1), text, rules); end != 2*blockSize+1 {
		t.Errorf("a long segment ended at %d", end)
	}
}

func TestActionFold(t *testing.T) {
	for _, c := range []struct {
		glob, action string
		want         bool
	}{
		{"s3:GetObject", "S3:GETOBJECT", true},
		{"s3:getobject", "s3:GetObject", true},
		{"S3:Get*", "s3:getObjectTagging", true},
		{"*:get*", "S3:GetObject", true},
		{"s3:*object*", "s3:PutOBJECTTagging", true},
		{"s3:*t", "s3:GETOBJECT", true},
		{"kms:*", "\u212ams:Decrypt", false}, // the Kelvin sign
		{"kms:de*", "kms:\u017fDecrypt", false},
		{"sts:*s*", "sts:a\u017f", false}, // the long s
		{"s3:[*", "s3:{a", false},         // bytes that differ as letters' cases do
		{"s3:@*", "s3:`a", false},
		{"s3:*[x*", "s3:a{x", false},
		{"s3:?et*", "s3:Get", false}, // "?" is no wildcard in actions
		{"s3:*?et*", "s3:aGet", false},
		{"s3:?et*", "s3:?ET", true},
		{"s3:Get*", "s3:Ge", false},
		{"s3:GetObject", "s3:GetObjectTagging", false},
		{"s3:GetObject", "xs3:GetObject", false},
	} {
		kind := actionKind(c.glob)
		if got := matchAction(kind, c.glob, c.action); got != c.want {
			t.Errorf("%q, %q: got %v", c.glob, c.action, got)
		}
		if got := naiveGlob(c.glob, c.action, globRules{fold: true}); got != c.want {
			t.Errorf("oracle: %q, %q: got %v", c.glob, c.action, got)
		}
	}
}

func FuzzGlob(f *testing.F) {
	for _, c := range [][2]string{{"a*b?c", "axxbéc"}, {"*?*", "日"}, {"?", "\x80"}, {"*" + strings.Repeat("?", 70) + "*", strings.Repeat("é", 70)}, {"crn:*:s3:*", "crn:a:s3:b"}} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, glob, text string) {
		if strings.Count(glob, "*") > 5 || len(text) > 200 || len(glob) > 200 || strings.ToValidUTF8(glob, "") != glob {
			return // the oracle is slow; patterns are valid UTF-8
		}
		checkGlob(t, glob, text)
	})
}
