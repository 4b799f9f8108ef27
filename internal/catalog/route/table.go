package route

import (
	"fmt"
	"slices"
	"strings"
)

// What the rows of a table may cost a request.
const (
	// MaxSteps is how many places of the tree a request may be compared with: two for each segment that it may have.
	MaxSteps = 2 * MaxSegments

	MaxRegexes      = 16   // regular expressions of a table
	MaxRegexesSize  = 1000 // instructions of all of them together
	MaxRegexSubject = 1024 // bytes of a path that they are tried on
)

// Methods are those that rows can have. Methods are compared as they are: "get" is none.
var Methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

const methodCount = 7

// Table finds the row of a request. Its zero value is empty. Once rows are added, any number of goroutines may ask it.
//
// A segment that is written out goes before a variable, segment by segment from the left: of /a/{x} and /{x}/b, /a/b is the
// first. A variable is tried where what is written out leads nowhere, so that /a/{x}/c is found beside /a/b. Regular
// expressions are tried after all templates, in the order in which they were added.
type Table struct {
	rows    []*Pattern
	nodes   []node // the first is the root
	regexes [methodCount][]int
	regex   struct{ n, size int }
}

// node is a place in the tree. What is 0 is not there.
type node struct {
	literals map[string]int
	variable int
	rows     [methodCount]int // row that ends here, plus one
	steps    int              // the most places that are looked at from here on
	longest  int              // the same, of literals alone
}

// Clash says that a row cannot be told from one that is there: whichever a request was meant for, it fits both.
type Clash struct {
	Method string
	Row    int // that is there
}

func (c *Clash) Error() string {
	return fmt.Sprintf("row %d has the same method %s and matches the same paths", c.Row, c.Method)
}

// Add adds a row and gives its number: 0, 1, 2, …. The error is a *Clash if some request would fit this row and another in
// the same way; any other says what would cost too much. After an error the table must not be used.
func (t *Table) Add(methods []string, p *Pattern) (int, error) {
	row := len(t.rows)
	t.rows = append(t.rows, p)
	if p.regex != nil {
		return row, t.addRegex(row, methods, p)
	}
	if len(t.nodes) == 0 {
		t.nodes = []node{{steps: 1}}
	}
	way := t.way(p)
	last := &t.nodes[way[len(way)-1]]
	for _, method := range methods {
		m := slices.Index(Methods, method)
		switch {
		case m < 0:
			return row, fmt.Errorf("%s is none of the methods that rows have", show(method))
		case last.rows[m] != 0:
			return row, &Clash{method, last.rows[m] - 1}
		}
		last.rows[m] = row + 1
	}
	if t.count(way); t.nodes[0].steps > MaxSteps {
		return row, fmt.Errorf("overlaps with so many other paths that a request would be compared with up to %d places; at most %d are allowed",
			t.nodes[0].steps, MaxSteps)
	}
	return row, nil
}

// way gives the places that a template leads through, and makes those that are not there.
func (t *Table) way(p *Pattern) []int {
	way := []int{0}
	for _, s := range p.segments {
		at := &t.nodes[way[len(way)-1]]
		next := at.variable
		if s.variable == "" {
			next = at.literals[s.literal]
		}
		if next == 0 {
			next = len(t.nodes)
			if s.variable != "" {
				at.variable = next
			} else {
				if at.literals == nil {
					at.literals = map[string]int{}
				}
				at.literals[s.literal] = next
			}
			t.nodes = append(t.nodes, node{steps: 1})
		}
		way = append(way, next)
	}
	return way
}

// count brings the bound of steps up to date along the way of a new row: at a place, a request may have to look behind one
// literal, and then behind the variable.
func (t *Table) count(way []int) {
	for i := len(way) - 2; i >= 0; i-- {
		at, below := &t.nodes[way[i]], way[i+1]
		if below != at.variable {
			at.longest = max(at.longest, t.nodes[below].steps)
		}
		at.steps = 1 + at.longest
		if at.variable != 0 {
			at.steps += t.nodes[at.variable].steps
		}
	}
}

func (t *Table) addRegex(row int, methods []string, p *Pattern) error {
	if t.regex.n, t.regex.size = t.regex.n+1, t.regex.size+p.size; t.regex.n > MaxRegexes || t.regex.size > MaxRegexesSize {
		return fmt.Errorf("is one too many: a backend has at most %d regular expressions, of %d instructions together; write templates where they will do",
			MaxRegexes, MaxRegexesSize)
	}
	for _, method := range methods {
		m := slices.Index(Methods, method)
		if m < 0 {
			return fmt.Errorf("%s is none of the methods that rows have", show(method))
		}
		for _, other := range t.regexes[m] {
			if t.rows[other].regex.String() == p.regex.String() {
				return &Clash{method, other}
			}
		}
		t.regexes[m] = append(t.regexes[m], row)
	}
	return nil
}

// None is the row of a request that no row fits.
const None = -1

// Match finds the row of a request, and the values of its variables in the order of Params. A group of a regular expression
// that is not part of the match has the value "". It is not ok if there is no row (None), or if what the row's groups hold may
// be read in two ways.
//
// Of templates, it looks at no more than MaxSteps places, whatever the path and however many rows there are.
func (t *Table) Match(method string, p *Path) (row int, values []string, ok bool) {
	m := slices.Index(Methods, method)
	if m < 0 || p.n == 0 {
		return None, nil, false
	}
	if len(t.nodes) > 0 {
		steps := 0
		if row := t.find(0, 0, m, p, &steps); row > 0 {
			return row - 1, t.rows[row-1].values(p), true
		}
	}
	if len(p.raw) > MaxRegexSubject {
		return None, nil, false
	}
	for _, row := range t.regexes[m] {
		if groups := t.rows[row].groups(p.raw); groups != nil {
			values, ok := decodeGroups(groups)
			return row, values, ok
		}
	}
	return None, nil, false
}

// find looks for a row from a place on; 0 if there is none.
func (t *Table) find(at, depth, method int, p *Path, steps *int) int {
	*steps++
	n := &t.nodes[at]
	if depth == p.n {
		return n.rows[method]
	}
	if next := n.literals[p.segments[depth]]; next != 0 {
		if row := t.find(next, depth+1, method, p, steps); row != 0 {
			return row
		}
	}
	if n.variable == 0 {
		return 0
	}
	return t.find(n.variable, depth+1, method, p, steps)
}

// values are the segments that variables stand for.
func (p *Pattern) values(path *Path) []string {
	if len(p.params) == 0 {
		return nil
	}
	values := make([]string, 0, len(p.params))
	for i := range p.segments {
		if p.segments[i].variable != "" {
			values = append(values, path.segments[i])
		}
	}
	return values
}

// groups matches a regular expression; nil if it does not match.
func (p *Pattern) groups(path string) []string {
	if !strings.HasPrefix(path, p.prefix) {
		return nil
	}
	return p.regex.FindStringSubmatch(path)
}

// decodeGroups decodes the groups of a match, once. It is false for what two readers may read differently: then the request
// fits no row, not even one further down.
func decodeGroups(groups []string) ([]string, bool) {
	values := groups[1:]
	for i, group := range values {
		value, ok := unescape(group)
		// A group that spans segments has slashes; if one more is escaped, it would be taken for one that cuts.
		if !ok || strings.Contains(group, "/") && strings.Count(value, "/") != strings.Count(group, "/") {
			return nil, false
		}
		if !isText(value) || dotted(value) { // a group may cut a segment, and a character, anywhere
			return nil, false
		}
		values[i] = value
	}
	return values, true
}
