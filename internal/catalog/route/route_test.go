package route

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// table makes a table of rows like "GET,PUT /v1/{x}"; a path that begins with ^ is a regular expression.
func table(t testing.TB, rows ...string) *Table {
	t.Helper()
	var x Table
	for i, row := range rows {
		if n, err := x.Add(parse(t, row)); err != nil || n != i {
			t.Fatalf("%s is row %d: %v", row, n, err)
		}
	}
	return &x
}

func parse(t testing.TB, row string) ([]string, *Pattern) {
	t.Helper()
	methods, path, _ := strings.Cut(row, " ")
	read := ParsePath
	if strings.HasPrefix(path, "^") {
		read = ParseRegex
	}
	p, err := read(path)
	if err != nil {
		t.Fatalf("%s: %v", row, err)
	}
	return strings.Split(methods, ","), p
}

// ask gives the row of a request as a text: its place, then the values of its variables.
func ask(x *Table, request string) string {
	method, path, _ := strings.Cut(request, " ")
	p, ok := NewPath(path)
	if !ok {
		return "unreadable"
	}
	row, values, ok := x.Match(method, &p)
	if !ok {
		return "none"
	}
	return strings.Join(append([]string{fmt.Sprint(row)}, values...), " ")
}

func TestMatch(t *testing.T) {
	x := table(t,
		"GET /users", "POST /users", "GET /users/{id}", "GET,DELETE /users/me", "GET /users/{id}/keys/{key}", // 0 to 4
		"GET /users/me/keys/first", "GET /{any}/{id}/keys/first", "PUT ^/v1/(a|b)/(.*)$", "PUT ^/v1/a(?:/x)?/(.*)$", "DELETE /users/{other}", // 5 to 9
		"GET /things:batch", "GET ^/(?i:health)$", "GET /a/{x}/c/{y}/e", "GET /a/b/{x}/d/f") // 10 to 13
	for request, want := range map[string]string{
		"GET /users": "0", "POST /users": "1", "GET /users/7": "2 7", "GET /users/me": "3", "DELETE /users/me": "3",
		"DELETE /users/you": "9 you", "GET /users/me/keys/last": "4 me last", "GET /users/me/keys/first": "5",
		"GET /users/you/keys/first": "4 you first", "GET /groups/you/keys/first": "6 groups you",
		"PUT /v1/a/x/y": "7 a x/y", "PUT /v1/c/x": "none", "GET /things:batch": "10", "GET /HeaLth": "11",
		"GET /a/b/c/d/e": "12 b d", "GET /a/b/c/d/f": "13 c", "GET /a/b/c/d/g": "none",
		// Escapes are decoded once, within the segment.
		"GET /users/a%2Fb": "2 a/b", "GET /users/a%2fb%5Cc": `2 a/b\c`, "GET /users/%252e": "2 %2e", "GET /users/%252F": "2 %2F",
		"GET /%75sers/%37": "2 7", "GET /users%2F7": "none", "GET /users/a%3Bb%3F%23": "2 a;b?#", "GET /users/a+b%20c": "2 a+b c",
		"GET /users/%C3%A9": "2 é", "GET /users/é": "2 é", "GET /users/...": "2 ...", "GET /users/.a": "2 .a",
		// Case counts, in methods and in paths.
		"get /users": "none", "Get /users": "none", "GET /Users": "none", "HEAD /users": "none", "TRACE /users": "none", " /users": "none",
		// What is not there.
		"GET /": "unreadable", "GET /groups": "none", "GET /users/1/2": "none", "GET /user": "none", "GET /usersx": "none",
		"PUT /users": "none", "OPTIONS /users": "none",
		// What two readers may read differently.
		"GET ": "unreadable", "GET users": "unreadable", "GET /users/": "unreadable", "GET //users": "unreadable", "GET /users//7": "unreadable",
		"GET /users/.": "unreadable", "GET /users/..": "unreadable", "GET /users/%2e": "unreadable", "GET /users/%2E%2e": "unreadable",
		"GET /users/.%2e": "unreadable", "GET /groups/../users": "unreadable", "GET /users/..%2F7": "unreadable", "GET /users/7%2f..": "unreadable",
		"GET /users/a%2F%2e%2Fb": "unreadable", "GET /users/a%2F%2Fb": "unreadable", "GET /users/%2Fa": "unreadable", "GET /users/a%2F": "unreadable",
		"GET /users/..%5Ca": "unreadable", "GET /users/a%5C": "unreadable", `GET /users\7`: "unreadable", "GET /users/7;x": "unreadable", "GET /users;x/7": "unreadable",
		"GET /users?x": "unreadable", "GET /users/7?": "unreadable", "GET /users#x": "unreadable",
		"GET /users/%": "unreadable", "GET /users/%4": "unreadable", "GET /users/%zz": "unreadable", "GET /users/%+1": "unreadable", "GET /users/%4%31": "unreadable",
		"GET /users/%00": "unreadable", "GET /users/a%0Ab": "unreadable", "GET /users/%7f": "unreadable", "GET /users/%C2%85": "unreadable",
		"GET /users/a b": "unreadable", "GET /users/a\tb": "unreadable", "GET /users/a\x7f": "unreadable",
		"GET /users/%FF": "unreadable", "GET /users/\xff": "unreadable", "GET /users/%C3": "unreadable", "GET /users/%EF%BF%BD": "unreadable",
		"GET /users/%C0%AF": "unreadable", "GET /users/%E0%80%AF": "unreadable",
		"GET /users/*": "unreadable", "GET /users/%2a": "unreadable", "GET *": "unreadable",
		"GET http://h/users": "unreadable",
		"GET /" + strings.Repeat("a/", MaxSegments-1) + "a": "none",
		"GET /" + strings.Repeat("a/", MaxSegments) + "a":   "unreadable",
		"GET /users/" + strings.Repeat("a", MaxPath):        "unreadable",
		// Regular expressions are of the path as it was sent.
		"PUT /v1/%61/x": "none", "PUT /v1/a/x%2Fy": "7 a x/y", "PUT /v1/a/x/y%2Fz": "none", "PUT /v1/a/%E2%82": "unreadable",
		"PUT /v1/a/" + strings.Repeat("x", MaxRegexSubject): "none",
	} {
		if got := ask(x, request); got != want {
			t.Errorf("%.80q is %s, want %s", request, got, want)
		}
	}
	if got := ask(new(Table), "GET /users"); got != "none" {
		t.Errorf("an empty table gives %s", got)
	}
}

// TestRegexGroups: a group that an escape is cut by, and one that has no part in the match.
func TestRegexGroups(t *testing.T) {
	x := table(t, "GET ^/a(.)(.*)$", "GET ^/b(x)?$", "GET ^/c/(?:x|(y))/?$", "GET ^/d/(.*)e$", "GET ^/e(?:(%..))*/(.*)$")
	for request, want := range map[string]string{"GET /a%41": "none", "GET /aaa": "0 a a", "GET /b": "1 ", "GET /bx": "1 x", "GET /c/x": "2 ", "GET /c/y/": "unreadable",
		"GET /d/..e": "none", "GET /d/x/.e": "none", "GET /d/.xe": "3 .x", "GET /d/a%5C..e": "none", "GET /e%C3%A9/x": "none", "GET /e%41/x": "4 A x"} {
		if got := ask(x, request); got != want {
			t.Errorf("%q is %q, want %q", request, got, want)
		}
	}
}

// TestAmbiguous: rows that a request could fit in the same way are refused, whichever comes first.
func TestAmbiguous(t *testing.T) {
	for _, c := range []struct {
		have, more string
		clash      string // its method; "" if both can be
	}{
		{"GET /a/{x}", "GET /a/{y}", "GET"},
		{"GET /a/b", "GET /a/b", "GET"},
		{"GET,PUT /a/{x}/c", "POST,PUT /a/{z}/c", "PUT"},
		{"GET /a/{x}", "GET,GET /a/b", "GET"},
		{"GET ^/a$", "HEAD,GET ^/a$", "GET"},
		{"GET /a/{x}", "PUT /a/{y}", ""},
		{"GET /a/{x}", "GET /a/b", ""},
		{"GET /a/{x}", "GET /{x}/b", ""},
		{"GET /a", "GET ^/a$", ""},
		{"GET ^/a$", "GET ^/(?:a)$", ""}, // the first counts
	} {
		x := table(t, c.have)
		_, err := x.Add(parse(t, c.more))
		clash, ok := errors.AsType[*Clash](err)
		if c.clash == "" && err != nil || c.clash != "" && (!ok || clash.Method != c.clash || clash.Row > 1) {
			t.Errorf("%s after %s: %v", c.more, c.have, err)
		}
	}
}

func TestPatternRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"": "does not begin with a slash", "a": "does not begin with a slash", "/": "no segment", "/a/": "no segment", "//a": "no segment",
		"/a/./b": "no segment", "/..": "no segment", "/{a": "no segment", "/a}": "no segment", "/{a}.json": "no segment", "/{a}{b}": "no segment",
		"/{a}/{a}": "no segment", "/{}": "no segment", "/{1}": "no segment", "/{a-b}": "no segment", "/a%20b": "no segment", "/a;b": "no segment",
		"/a?b": "no segment", "/*": "no segment", "/a b": "no segment", "/{a*}": "no segment", `/a\b`: "no segment", "/\xff": "no segment",
		strings.Repeat("/a", MaxSegments+1): "has 33 segments; at most 32",
	} {
		if _, err := ParsePath(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "must match the whole path", "^": "must match", "/a": "must match", "^/a": "must match", "/a$": "must match", "^/a|/b$": "must match",
		"(?m)^/a$": "must match", `^/a\b`: "must match", "^(": "missing closing", `^/(a)\1$`: "invalid escape", "^/(?=a)$": "invalid or unsupported",
		"^((a{30}){30})$": "too large",
	} {
		if _, err := ParseRegex(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestRegexBounds(t *testing.T) {
	var x Table
	var err error
	n := 0
	for ; err == nil; n++ {
		_, err = x.Add(parse(t, fmt.Sprintf("GET ^/a%d$", n)))
	}
	if n != MaxRegexes+1 || !strings.Contains(err.Error(), "one too many") {
		t.Errorf("row %d: %v", n, err)
	}
	x = Table{}
	for n, err = 0, nil; err == nil; n++ {
		_, err = x.Add(parse(t, fmt.Sprintf("PUT ^/%d(?:a{200}){2}$", n)))
	}
	if n != 3 {
		t.Errorf("row %d: %v", n, err)
	}
	if _, err := new(Table).Add([]string{"TRACE"}, &Pattern{}); err == nil {
		t.Error("TRACE is taken")
	}
}

// all are rows of every mixture of a text and a variable of some length: the worst that a tree can be given.
func all(length int) (rows []string) {
	for mask := range 1 << length {
		path := "GET "
		for i := range length {
			if mask>>i&1 == 0 {
				path += "/a"
			} else {
				path += fmt.Sprintf("/{v%d}", i)
			}
		}
		rows = append(rows, path)
	}
	return rows
}

// TestSteps: however rows are made, a request is compared with few places of the tree, or the rows are refused.
func TestSteps(t *testing.T) {
	var x Table
	refused := ""
	for _, row := range all(8) {
		if _, err := x.Add(parse(t, row)); err != nil {
			refused = err.Error()
			break
		}
	}
	if !strings.Contains(refused, "overlaps with so many other paths") {
		t.Errorf("the worst rows are taken: %q", refused)
	}
	// As many rows as are taken, of other mixtures, and the requests that have the most to look at.
	random := rand.New(rand.NewPCG(1, 2))
	worst := 0
	for range 60 {
		x, length := Table{}, 4+random.IntN(20)
		for range 100 {
			path := "GET "
			for i := range length {
				switch random.IntN(4) {
				case 0:
					path += fmt.Sprintf("/{v%d}", i)
				case 1:
					path += "/b"
				default:
					path += "/a"
				}
			}
			next := x
			next.nodes = slices.Clone(x.nodes)
			for i := range next.nodes {
				next.nodes[i].literals = cloneMap(x.nodes[i].literals)
			}
			if _, err := next.Add(parse(t, path)); err == nil {
				x = next
			}
		}
		for range 50 {
			path := ""
			for range length {
				path += []string{"/a", "/a", "/b", "/c"}[random.IntN(4)]
			}
			for _, path := range []string{path, path + "/x"} {
				p, _ := NewPath(path)
				steps := 0
				x.find(0, 0, 1, &p, &steps) // of HEAD, which no row has
				worst = max(worst, steps)
				if steps > MaxSteps || steps > x.nodes[0].steps {
					t.Fatalf("%s: %d steps, at most %d were foreseen", path, steps, x.nodes[0].steps)
				}
			}
		}
	}
	if worst < MaxSteps/2 {
		t.Errorf("no more than %d steps were needed: the rows are not bad enough", worst)
	}
}

func cloneMap(m map[string]int) map[string]int {
	out := map[string]int{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

// naive finds a row by comparing all, segment by segment.
func naive(rows []string, method, path string) string {
	best, bestShape, bestValues := -1, "", []string(nil)
	sent := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, row := range rows {
		methods, template, _ := strings.Cut(row, " ")
		want := strings.Split(strings.TrimPrefix(template, "/"), "/")
		if !slices.Contains(strings.Split(methods, ","), method) || len(want) != len(sent) {
			continue
		}
		shape, fits := "", true
		var values []string
		for j := range want {
			value, err := url.PathUnescape(sent[j])
			switch {
			case err != nil:
				fits = false
			case strings.HasPrefix(want[j], "{"):
				shape += "v"
				values = append(values, value)
			case value == want[j]:
				shape += "l" // before v
			default:
				fits = false
			}
		}
		if fits && (best < 0 || shape < bestShape) {
			best, bestShape, bestValues = i, shape, values
		}
	}
	if best < 0 {
		return "none"
	}
	return strings.Join(append([]string{fmt.Sprint(best)}, bestValues...), " ")
}

// FuzzMatch compares the tree with the naive search, on rows and paths of a few segments that overlap.
func FuzzMatch(f *testing.F) {
	f.Add(uint64(1), "/a/b/%61")
	f.Add(uint64(7), "/a/%2e%2e/b")
	f.Add(uint64(99), "/b/c/a%2Fb/a")
	f.Add(uint64(12345), "/%/../;")
	f.Fuzz(func(t *testing.T, seed uint64, path string) {
		random := rand.New(rand.NewPCG(seed, 0))
		var x Table
		var rows []string
		for range random.IntN(40) {
			path := ""
			for i := range 1 + random.IntN(5) {
				path += "/" + []string{"a", "b", "c", fmt.Sprintf("{v%d}", i)}[random.IntN(4)]
			}
			row := strings.Join([][]string{{"GET"}, {"PUT"}, {"GET", "DELETE"}}[random.IntN(3)], ",") + " " + path
			next := Table{}
			for _, have := range append(slices.Clip(rows), row) {
				if _, err := next.Add(parse(t, have)); err != nil {
					next.rows = nil
					break
				}
			}
			if next.rows != nil {
				x, rows = next, append(rows, row)
			}
		}
		paths := []string{path}
		for range 10 {
			made := ""
			for range 1 + random.IntN(5) {
				made += "/" + []string{"a", "b", "c", "d", "%61", "a%2Fb", "%2561"}[random.IntN(7)]
			}
			paths = append(paths, made)
		}
		for _, path := range paths {
			for _, method := range []string{"GET", "PUT", "DELETE", "HEAD"} {
				got, want := ask(&x, method+" "+path), naive(rows, method, path)
				if got != want && got != "unreadable" {
					t.Fatalf("%s %q is %s, want %s, of\n%s", method, path, got, want, strings.Join(rows, "\n"))
				}
			}
			if p, ok := NewPath(path); ok {
				held(t, path, &p)
			}
		}
	})
}

// held checks what every path promises that is read.
func held(t *testing.T, path string, p *Path) {
	t.Helper()
	var again []string
	for _, segment := range p.segments[:p.n] {
		for piece := range strings.FieldsFuncSeq(segment+"/", func(r rune) bool { return r == '/' || r == '\\' }) {
			if piece == "." || piece == ".." {
				t.Fatalf("%q has the segment %q", path, segment)
			}
		}
		if segment == "" || strings.ContainsAny(segment, "*\x00") {
			t.Fatalf("%q has the segment %q", path, segment)
		}
		again = append(again, url.PathEscape(segment))
	}
	back, ok := NewPath("/" + strings.Join(again, "/"))
	if ok && !cmp.Equal(back.segments, p.segments) {
		t.Fatalf("%q is read as %q", path, back.segments[:back.n])
	}
}

// estate is a table of so many rows, as large services have them.
func estate(t testing.TB, n int) *Table {
	var x Table
	for i := range n {
		row := []string{
			"GET /v1/kind%d", "GET /v1/kind%d/{id}", "DELETE /v1/kind%d/{id}", "GET /v1/kind%d/{id}/parts", "GET /v1/kind%d/{id}/parts/{part}",
			"GET /v1/kind%d/{id}/parts/latest", "POST /v1/kind%d", "PUT /v1/tenants/{tenant}/kind%d/{id}", "GET /v1/tenants/{tenant}/kind%d/{id}/tags/{tag}", "GET /v1/kind%d/search",
		}[i%10]
		if _, err := x.Add(parse(t, fmt.Sprintf(row, i/10))); err != nil {
			t.Fatal(err)
		}
	}
	return &x
}

func BenchmarkMatch(b *testing.B) {
	for _, rows := range []int{100, 10_000} {
		x := estate(b, rows)
		for name, request := range map[string]string{
			"shallow": "GET /v1/kind7/search", "deep": "GET /v1/tenants/t1/kind9/k1/tags/blue", "escaped": "GET /v1/kind3/a%2Fb/parts/x%20y", "none": "GET /v1/kind5/x/parts/y/z",
		} {
			method, path, _ := strings.Cut(request, " ")
			b.Run(fmt.Sprintf("rows=%d/%s", rows, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					p, _ := NewPath(path)
					if _, _, ok := x.Match(method, &p); ok == (name == "none") {
						b.Fatal(ok)
					}
				}
			})
		}
	}
}
