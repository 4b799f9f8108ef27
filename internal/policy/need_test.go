package policy

import (
	"math/bits"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// checkSound holds the invariant of needs for every statement and the query: whatever matches is let through.
func checkSound(t *testing.T, p *Program, q *Query) (matched int) {
	t.Helper()
	for i := range p.Len() {
		if !p.Match(i, q) {
			continue
		}
		matched++
		if !passes(p, i, q) {
			t.Fatalf("statement %d matches %q on %q, but none of its needs %+v lets it through\n%s", i, q.action, q.resource, p.Needs(i), p.Print())
		}
	}
	return matched
}

// passes tells whether the filter lets a statement through.
func passes(p *Program, i int, q *Query) bool {
	return slices.ContainsFunc(p.Needs(i), q.Has)
}

func TestNeedSound(t *testing.T) {
	r := newRandom(5)
	matched, passed, asked := 0, 0, 0
	for range 20_000 {
		p := compile(t, r.document())
		for range 5 {
			q := NewQuery(r.action(), r.resource(), r.context())
			matched += checkSound(t, p, &q)
			for i := range p.Len() {
				asked++
				if passes(p, i, &q) {
					passed++
				}
			}
		}
	}
	t.Logf("asked %d, passed %d, matched %d", asked, passed, matched)
	if matched < asked/100 || passed > asked*9/10 {
		t.Errorf("asked %d, passed %d, matched %d: the test has no teeth", asked, passed, matched)
	}
}

// TestNeedSoundForDerivedNames makes patterns out of the very name that is asked, so that most of them match it.
func TestNeedSoundForDerivedNames(t *testing.T) {
	r := newRandom(6)
	matched := 0
	for range 30_000 {
		action, resource := r.action(), r.resource()
		pattern := r.glob(resource, "*", "?", "**")
		if parts := strings.SplitN(resource, ":", 5); len(parts) == 5 && r.IntN(2) == 0 {
			pattern = r.glob(parts[4], "*", "?")
		}
		actionPattern := r.glob(action, "*")
		if checkAction(actionPattern) != "" || checkResource(pattern) != "" {
			continue
		}
		p := compile(t, one("deny", list(actionPattern), list(pattern), ""))
		q := NewQuery(action, resource, nil)
		matched += checkSound(t, p, &q)
	}
	if matched < 5_000 {
		t.Errorf("only %d matched: the test has no teeth", matched)
	}
}

// TestNeeds says which features a pattern needs, by naming a text that has exactly those.
func TestNeeds(t *testing.T) {
	for _, c := range []struct{ pattern, tokens string }{
		{"*", ""}, {"crn:*", ""}, {"crn:*:s3:bucket/team-1/*", "s3:bucket:team-1"},
		{"crn:*:s3:bucket/team-1*", "s3:bucket"}, {"crn:*:s3:bucket/*team-1/a", "s3:bucket:a"}, {"crn:r:s3:b:k", "r:s3:b:k"},
		{"my-bucket/*", "my-bucket"}, {"my-bucket", "my-bucket"}, {"my-bucket*", ""}, {"*my-bucket", ""}, {"a?b/c", "c"}, {"a/?/c", "a:c"}, {"?a/b?", ""},
		{"a/b/*.csv", "a:b"}, {"crn", ""}, {"/a//b:", "a:b"}, {"**/a", "a"}, {"*/", ""},
	} {
		var colons [4]int
		if got, want := resourceNeed(resourceKind(c.pattern), c.pattern), resourceFeatures(c.tokens, &colons); got != want {
			t.Errorf("%s: got %#x, want that of %q, %#x", c.pattern, got, c.tokens, want)
		}
	}
	for _, c := range []struct{ pattern, start string }{
		{"*", ""}, {"*:*", ""}, {"*:Get*", ""}, {"s3*:Get", "s3"}, {"s3:*", "s3:"}, {"S3:Ge*", "s3:ge"}, {"s3:Get", "s3:get"}, {"s3:G*t", "s3:g"},
		{"s3:GETObject", "S3:getobject"}, {"s3:" + strings.Repeat("A", 40), "s3:" + strings.Repeat("a", 28)},
	} {
		q := NewQuery(c.start, "", nil)
		want := Prefix{Length: uint8(len(c.start)), Hash: q.prefixes.hashes[len(c.start)]}
		if got := actionNeed(actionKind(c.pattern), c.pattern); got != want {
			t.Errorf("%s: got %+v, want that of %q, %+v", c.pattern, got, c.start, want)
		}
	}
	for _, c := range []struct{ pattern, action string }{
		{"s3:get*", "s3:put"}, {"s3:get", "s3:ge"}, {"iam:*", "s3:Get"}, {"s3:*", "s3"}, {"s3:" + strings.Repeat("a", 40), "s3:a"},
	} {
		if q := NewQuery(c.action, "", nil); q.HasPrefix(actionNeed(actionKind(c.pattern), c.pattern)) {
			t.Errorf("%s lets %s through", c.pattern, c.action)
		}
	}
}

// TestNeedFilters measures that the filter is worth having: of the statements about other teams nearly all must be
// passed over.
func TestNeedFilters(t *testing.T) {
	q := NewQuery("s3:GetObject", benchResource, nil)
	if n := bits.OnesCount64(q.Features()); n > 16 {
		t.Errorf("a usual query sets %d bits", n)
	}
	r := newRandom(7)
	passed, asked := 0, 0
	for team := range 2000 {
		p := compile(t, string(benchDocument(r.Rand, team+100)))
		for i := range p.Len() {
			if strings.Contains(string(p.Print()), "team-17/") {
				continue
			}
			asked++
			if passes(p, i, &q) {
				passed++
			}
		}
	}
	t.Logf("%d of %d passed", passed, asked)
	if asked == 0 || passed > asked/20 {
		t.Errorf("%d of %d passed", passed, asked)
	}
}

func FuzzNeed(f *testing.F) {
	f.Add("s3:Get*", "crn:*:s3:bucket/team-17/*", "s3:GetObject", "crn:acct-7:s3:bucket/team-17/a")
	f.Add("*:*", "reports/?", "s3:Get", "crn::s3:object:reports/é")
	f.Add("S3:GET", "*", "s3:get", "")
	f.Add("a:b", "c::/d", "A:B", "crn::a::c::/d")
	f.Fuzz(func(t *testing.T, actionPattern, resourcePattern, action, resource string) {
		if checkAction(actionPattern) != "" || checkResource(resourcePattern) != "" || strings.ToValidUTF8(resourcePattern, "") != resourcePattern {
			return
		}
		p := compile(t, one("deny", list(actionPattern), list(resourcePattern), ""))
		// Ask what the fuzzer says, and what the patterns themselves match when their stars stand for nothing or something.
		for _, with := range []string{"", "x", "/y:"} {
			q := NewQuery(strings.ReplaceAll(actionPattern, "*", with), strings.ReplaceAll(strings.ReplaceAll(resourcePattern, "*", with), "?", "é"), nil)
			checkSound(t, p, &q)
			q = NewQuery(strings.ReplaceAll(actionPattern, "*", with), "crn::"+strings.ReplaceAll(strings.Split(actionPattern, ":")[0], "*", with)+"::"+strings.ReplaceAll(resourcePattern, "*", with), nil)
			checkSound(t, p, &q)
		}
		q := NewQuery(action, resource, nil)
		checkSound(t, p, &q)
	})
}

// TestAlternatives: no more than allowed, none superfluous, and each statement has at least one.
func TestAlternatives(t *testing.T) {
	var starts []Prefix
	var tokens []uint64
	for i := range 50 {
		starts = append(starts, Prefix{Length: 3, Hash: uint16(i)})
		tokens = append(tokens, 1<<i|1<<63)
	}
	a, b, every := Prefix{Length: 3, Hash: 1}, Prefix{Length: 4, Hash: 2}, Prefix{}
	for _, c := range []struct {
		name      string
		actions   []Prefix
		resources []uint64
		want      []Need
	}{
		{"one of each", []Prefix{a}, []uint64{2}, []Need{{2, a}}},
		{"two and two", []Prefix{a, b}, []uint64{4, 8}, []Need{{4, a}, {4, b}, {8, a}, {8, b}}},
		{"twice the same", []Prefix{a, a}, []uint64{4, 4}, []Need{{4, a}}},
		{"any action", []Prefix{a, every}, []uint64{4}, []Need{{4, every}}},
		{"anything", []Prefix{a, every}, []uint64{4, 0}, []Need{{0, every}}},
		{"any resource", []Prefix{a, b}, []uint64{4, 0}, []Need{{0, a}, {0, b}}},
		{"many actions", starts, []uint64{1 << 60}, []Need{{1 << 60, every}}},
		{"many resources", []Prefix{a}, tokens, []Need{{1 << 63, a}}},
		{"many of both", starts, tokens, []Need{{1 << 63, every}}},
	} {
		if diff := cmp.Diff(c.want, alternatives(c.actions, c.resources)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, diff)
		}
	}
}
