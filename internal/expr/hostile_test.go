package expr

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// hostileVars are the largest values that a request may bring, and more.
func hostileVars() values {
	numbers, texts, keys := make([]any, 100_000), make([]any, 10_000), make(map[string]any, 10_000)
	for i := range numbers {
		numbers[i] = float64(i)
	}
	for i := range texts {
		texts[i] = fmt.Sprintf("element-%d", i)
		keys[fmt.Sprintf("key-%d", i)] = float64(i)
	}
	deep := any("x")
	for range 10_000 {
		deep = []any{deep}
	}
	long, longer := strings.Repeat("a", 60_000), strings.Repeat("a", 1<<20)
	return values{
		"n": numbers, "t": texts, "m": keys, "m2": copyOf(keys), "n2": append([]any(nil), numbers...), "deep": deep,
		"deep2": append([]any(nil), deep.([]any)...), "s": long, "s2": long[1:] + "b", "big": longer, "big2": longer[1:] + "b",
		"needle": strings.Repeat("a", 30_000) + "b", "p": "(a?){64}a{64}", "p2": strings.Repeat(`\pL`, 42), "p3": strings.Repeat("a", 200),
		"p4": "((a{1,10}){1,10}){1,10}", "p5": "(((((((((a+)+)+)+)+)+)+)+)+)b", "zone": "Europe/Paris", "noZone": "Nowhere/At/All",
	}
}

func copyOf(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for key, value := range m {
		out[key] = value
	}
	return out
}

// chainOf joins many copies of a term by an operator, up to the limits of source and nodes.
func chainOf(term, operator string, n int) string {
	return strings.TrimSuffix(strings.Repeat(term+operator, n), operator)
}

// hostile are expressions that want to take long or to need much memory.
var hostile = map[string]string{
	"loopsInLoops":       `n.all(a, n.all(b, n.all(c, n.all(d, a + b + c + d >= 0.0))))`,
	"loopsInMap":         `n.map(a, n.map(b, n.map(c, [a, b, c]))).size() > 0`,
	"emptyLoops":         `n.all(a, n.all(b, n.all(c, true)))`,
	"failingLoop":        `n.all(a, n.exists(b, nobody))`,
	"existsNone":         `n.exists(a, t.exists(b, a == b))`,
	"keys":               `m.all(a, m.all(b, m.all(c, true)))`,
	"keysAgain":          `[1,2,3,4,5,6,7,8,9,10].all(x, [1,2,3,4,5,6,7,8,9,10].all(y, m.exists(k, false) || true))`,
	"doubling":           `[s].map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x) == []`,
	"doublingList":       `[n].map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x).map(x, x + x) == []`,
	"doublingShort":      `['aaaaaaaaaaaaaaaa']` + strings.Repeat(`.map(x, x + x)`, 40) + ` == []`,
	"sharedTree":         `[[]]` + strings.Repeat(`.map(x, [x, x])`, 40) + ` == [[]]` + strings.Repeat(`.map(x, [x, x])`, 40),
	"sharedTreeIn":       `[[]]` + strings.Repeat(`.map(x, [x, x])`, 40) + `[0] in [[]]` + strings.Repeat(`.map(x, [x, x])`, 40),
	"sharedMaps":         `[{}]` + strings.Repeat(`.map(x, {'a': x, 'b': x})`, 40) + ` == [{}]` + strings.Repeat(`.map(x, {'a': x, 'b': x})`, 40),
	"concatenation":      chainOf("s", " + ", 90) + ` == ''`,
	"concatenations":     chainOf("(s + '' == '')", " || ", 1000),
	"bytes":              chainOf("(bytes(s) == b'')", " || ", 1000),
	"compareLong":        chainOf("big == big2", " || ", 3000),
	"compareLists":       chainOf("n == n2", " && ", 1000),
	"compareMaps":        chainOf("m == m2", " && ", 1000),
	"compareDeep":        chainOf("deep == deep2", " && ", 1000),
	"searchList":         chainOf("'none' in t", " || ", 1000),
	"searchLong":         chainOf("big.contains(needle)", " || ", 1000),
	"sizeLong":           chainOf("size(big) == 1", " || ", 3000),
	"longKey":            chainOf("big in m", " || ", 3000),
	"longIndex":          chainOf("m[big] == 1", " || ", 3000),
	"longConstantKey":    `m['` + strings.Repeat("k", 60_000) + `'] == 1`,
	"prefixes":           chainOf("big.startsWith(big2)", " && ", 2000),
	"matchConstant":      `s.matches('(a?){100}a{100}')`,
	"matchConstantLong":  `big.matches('(x+x+)+y')`,
	"matchConstants":     chainOf("t[0].matches('(.*)(.*)(.*)(.*)(.*)[0-9]{20}x')", " || ", 1000),
	"matchAlternatives":  `t.exists(x, x.matches('` + chainOf("element-1[0-9]{1,9}x", "|", 100) + `'))`,
	"matchHugePattern":   `s.matches('` + strings.Repeat("a{1000}", 500) + `')`,
	"matchDynamic":       `s.matches(p)`,
	"matchDynamics":      chainOf("'a'.matches(p4)", " || ", 1000),
	"matchDynamicClass":  chainOf("'1'.matches(p2)", " || ", 1000),
	"matchDynamicLong":   chainOf("'a'.matches(p3)", " || ", 1000),
	"matchDynamicNest":   chainOf("s.matches(p5)", " || ", 1000),
	"matchManySteps":     `t[0].matches('(a?e?l?[0-9-]?){300}x')`,
	"matchManyMore":      `s.matches('(a?){300}x') || s.matches('(x+x+)+y')`,
	"matchAllSteps":      chainOf("t[0].matches('(a?e?l?m?n?t?[0-9-]?){60}x')", " || ", 1000),
	"matchInLoop":        `t.exists(x, x.matches(x + '$' + x))`,
	"zones":              chainOf("timestamp(1).getHours(zone) > 24", " || ", 1000),
	"noZones":            chainOf("timestamp(1).getHours(noZone) > 24", " || ", 1000),
	"timestamps":         `n.all(x, timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-01T00:00:0' + '1Z'))`,
	"badNumbers":         chainOf("int(s) == 1", " || ", 2000),
	"badTimes":           chainOf("timestamp(s) == 1", " || ", 2000),
	"arithmetic":         `n.all(x, ` + chainOf("x", " * ", 40) + ` >= 0.0)`,
	"failuresAreCostly":  `n.exists(x, ` + chainOf("int('x') == 1", " || ", 100) + `)`,
	"conversions":        `n.all(x, string(double(string(x))) != '')`,
	"bigMapLiteral":      `{` + chainOf("'k': 1", ", ", 3000) + `} == {}`,
	"bigMap":             `{` + distinct(1500) + `} == {}`,
	"mapLiteralsInLoop":  `n.all(x, {1: x, 2: x, 3: x}[1] == x)`,
	"longList":           `nobody in [` + chainOf("x", ",", 7000) + `]`,
	"longConstantList":   `t.all(x, x in [` + chainOf("1", ",", 7000) + `])`,
	"longLogic":          `n.all(x, ` + chainOf("(nobody && nobody)", " || ", 2000) + `)`,
	"addresses":          `t.all(x, !inIpRange('2001:db8::1', '2001:db8::/3' + '2') || inIpRange('10.0.0.1', '10.0.0.0/8'))`,
	"ternaries":          `n.all(x, ` + strings.Repeat("(x < 0.0 ? false : ", 40) + `true` + strings.Repeat(")", 40) + `)`,
	"filters":            `n.filter(x, x > 1.0).filter(x, x > 2.0).filter(x, x > 3.0).size() > 0`,
	"concatInLoop":       `n.exists(x, (s + s2).contains(needle))`,
	"concatInLoopNarrow": `n.exists(x, ('` + strings.Repeat("b", 15) + `' + '').size() > 99)`,
	"compareLongEqual":   chainOf("big == big", " && ", 3000) + ` && false`,
}

func distinct(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d: %d,", i, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

// maxAllocated is the memory that one evaluation may take, in bytes.
const maxAllocated = 4 << 20

// TestHostile wants each hostile expression to be done, or stopped, within what it may cost, which is the same each time
// whatever order maps have; and a budget to bound many of them together.
func TestHostile(t *testing.T) {
	vars := hostileVars()
	for name, source := range hostile {
		t.Run(name, func(t *testing.T) {
			e := compile(t, Exoscale, source)
			var first, b Budget
			got := e.Eval(vars, &b)
			if b.Exceeded() && got != Failed {
				t.Errorf("%s although a bound stopped it", got)
			}
			if b.Spent() > MaxCost {
				t.Errorf("cost %d, more than %d", b.Spent(), MaxCost)
			}
			if got == True || got == NotBool {
				t.Errorf("got %s", got)
			}
			memory := allocated(func() {
				if again := e.Eval(vars, &first); again != got || first.Spent() != b.Spent() {
					t.Errorf("%s for %d, then %s for %d", got, b.Spent(), again, first.Spent())
				}
			})
			if memory > maxAllocated {
				t.Errorf("%d bytes allocated", memory)
			}
			for range 2 * MaxDecisionCost / MaxCost {
				e.Eval(vars, &b)
			}
			if b.Spent() > MaxDecisionCost {
				t.Errorf("a decision cost %d, more than %d", b.Spent(), MaxDecisionCost)
			}
		})
	}
}

// allocated is how many bytes a function allocates.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestShared wants the cost of an expression not to be absorbed, and a used budget to fail what would be true.
func TestShared(t *testing.T) {
	var b Budget
	vars := hostileVars()
	costly := compile(t, Exoscale, `n.all(x, n.all(y, true)) || true`)
	cheap := compile(t, Exoscale, `1 == 1`)
	if got := costly.Eval(vars, &b); got != Failed || !b.Exceeded() {
		t.Errorf("costly: got %s, exceeded %v", got, b.Exceeded())
	}
	if got := cheap.Eval(vars, &b); got != True {
		t.Errorf("cheap, with budget left: got %s", got)
	}
	for range MaxDecisionCost / MaxCost {
		costly.Eval(vars, &b)
	}
	if got, why := cheap.Explain(vars, &b); got != Failed || !strings.Contains(why, "costs more") {
		t.Errorf("cheap, with no budget left: got %s: %s", got, why)
	}
	if b.Spent() != MaxDecisionCost {
		t.Errorf("spent %d of %d", b.Spent(), MaxDecisionCost)
	}
}

// TestLongTexts: a text that is a number or a time, and too long to be read, is a bound and no error, which || would absorb and Exoscale's
// rules would pass over.
func TestLongTexts(t *testing.T) {
	zeros := strings.Repeat("0", 400)
	for source, c := range map[string]struct {
		text     string
		exceeded bool
	}{
		"int(x) > 7 || true":                                       {zeros + "8", true},
		"uint(x) > 7u || true":                                     {zeros + "8", true},
		"double(x) > 7.0 || true":                                  {"8." + zeros, true},
		"duration(x) > duration('7s') || true":                     {zeros[:64] + "8s", true},
		"timestamp(x) > timestamp('2026-01-01T00:00:00Z') || true": {"2027-01-01T00:00:00." + zeros[:60] + "Z", true},
		"bool(x) || true":                                          {zeros + "1", false},
		"int(x) == 8":                                              {zeros[1:] + "8", false},
		"string(x) != ''":                                          {zeros + "8", false},
		"int(x) > 7 || 1 == 1":                                     {"no number", false},
	} {
		var b Budget
		got, why := compile(t, Exoscale, source).Explain(values{"x": c.text}, &b)
		if b.Exceeded() != c.exceeded || c.exceeded != (got == Failed) || c.exceeded && !strings.Contains(why, "too long") {
			t.Errorf("%s: %s, exceeded %t: %s", source, got, b.Exceeded(), why)
		}
	}
}

// TestLimits takes each limit of Compile to its edge and over it.
func TestLimits(t *testing.T) {
	repeat := strings.Repeat
	for _, c := range []struct {
		name, good, bad, message string
	}{
		{"source", "'" + repeat("x", MaxSource-2) + "'", "'" + repeat("x", MaxSource-1) + "'", "too long"},
		{"parentheses", repeat("(", 40) + "1" + repeat(")", 40), repeat("(", 60_000), "deeply"},
		{"brackets", repeat("[", 40) + "1" + repeat("]", 40), repeat("[", 60_000), "deeply"},
		{"braces", repeat("{1:", 40) + "1" + repeat("}", 40), repeat("{1:", 20_000), "deeply"},
		{"sums", chainOf("1", "+", 90), chainOf("1", "+", 30_000), "deeply"},
		{"selections", "a" + repeat(".b", 90), "a" + repeat(".b", 30_000), "deeply"},
		{"indexes", "a" + repeat("[0]", 90), "a" + repeat("[0]", 20_000), "deeply"},
		{"nestedIndexes", repeat("a[", 40) + "0" + repeat("]", 40), repeat("a[", 30_000), "deeply"},
		{"calls", repeat("f(", 40) + "0" + repeat(")", 40), repeat("f(", 30_000), "deeply"},
		{"members", "a" + repeat(".f()", 90), "a" + repeat(".f()", 15_000), "deeply"},
		{"ternaries", repeat("a?b:", 40) + "c", repeat("a?b:", 16_000) + "c", "deeply"},
		{"negations", repeat("!", 60_000) + "a", repeat("!(", 30_000), "deeply"},
		{"minuses", repeat("-", 60_000) + "a", repeat("-(", 30_000), "deeply"},
		{"logic", chainOf("a", "||", 8000), chainOf("a||b&&c", "||", 7000), "too large"},
		{"nodes", "[" + chainOf("1", ",", 8000) + "]", "[" + chainOf("1", ",", 30_000) + "]", "too large"},
		{"loops", repeat("a.all(x,", MaxLoops) + "b" + repeat(")", MaxLoops), repeat("a.all(x,", MaxLoops+1) + "b" + repeat(")", MaxLoops+1), "loops"},
		{"chainedLoops", "a" + repeat(".filter(x, true)", 90), "a" + repeat(".filter(x, true)", 3000), "deeply"},
	} {
		if _, err := Compile(Exoscale, c.good); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		_, err := Compile(Exoscale, c.bad)
		e, ok := err.(*Error)
		if !ok || !strings.Contains(e.Message, c.message) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.message)
		}
		if ok && len(e.Message) > 300 {
			t.Errorf("%s: a message of %d bytes", c.name, len(e.Message))
		}
	}
}
