package scaleway

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// orders are by what a list can be sorted: order_by is one of these names and a direction (section 3.2).
type orders[E any] map[string]func(a, b E) int

// sorted sorts items as order_by asks, or else by creation; without created, they stay as they are. Ids decide between equals, so
// that pages never overlap.
func sorted[E any](q *query, items []E, by orders[E], created func(E) time.Time, id func(E) iam.UUID) []E {
	const ascending, descending = "_asc", "_desc"
	asked := q.text("order_by")
	name, backwards := strings.CutSuffix(asked, descending)
	if !backwards {
		name = strings.TrimSuffix(asked, ascending)
	}
	order, ok := by[name]
	switch {
	case asked == "" && created == nil:
		return items
	case asked == "":
		order = func(a, b E) int { return created(a).Compare(created(b)) }
	case !ok || name == asked:
		var words []string
		for _, name := range slices.Sorted(maps.Keys(by)) {
			words = append(words, name+ascending, name+descending)
		}
		q.wrong("order_by", format, "must be one of "+strings.Join(words, ", "))
		return items
	}
	slices.SortFunc(items, func(a, b E) int {
		n := cmp.Or(order(a, b), id(a).Compare(id(b)))
		if backwards {
			return -n
		}
		return n
	})
	return items
}

// byTime and byText are orders.
func byTime[E any](of func(E) time.Time) func(a, b E) int {
	return func(a, b E) int { return of(a).Compare(of(b)) }
}

func byText[E any](of func(E) string) func(a, b E) int {
	return func(a, b E) int { return strings.Compare(of(a), of(b)) }
}

// paged answers with a page of items under a name. A page past the end is empty (section 3.1).
func paged[E, W any](c *call, q *query, name string, items []E, show func(E) W) (*wire.Answer, error) {
	w := q.window()
	if q.err != nil {
		return nil, q.err
	}
	from := min(w.from, len(items))
	return c.page(name, shows(items[from:min(from+w.size, len(items))], show), len(items))
}

// page answers with items that are a page.
func (c *call) page(name string, items any, total int) (*wire.Answer, error) {
	return c.shown(fields{name: items, "total_count": total})
}

// keep drops the items that do not fit.
func keep[E any](items []E, fits func(E) bool) []E {
	return slices.DeleteFunc(items, func(e E) bool { return !fits(e) })
}

// keepFlag keeps the items whose flag has the value that is asked for, if one is.
func keepFlag[E any](q *query, name string, items []E, flag func(E) bool) []E {
	want := q.flag(name)
	if want == nil {
		return items
	}
	return keep(items, func(e E) bool { return flag(e) == *want })
}

// keepText keeps the items with exactly the text that is asked for, if one is.
func keepText[E any](q *query, name string, items []E, of func(E) string) []E {
	want := q.text(name)
	if want == "" {
		return items
	}
	return keep(items, func(e E) bool { return of(e) == want })
}

// keepIDs keeps the items with an id that is asked for, if any is.
func keepIDs[E any](q *query, name string, items []E, id func(E) iam.UUID) []E {
	want := q.ids(name)
	if want == nil {
		return items
	}
	return keep(items, func(e E) bool { return slices.Contains(want, id(e)) })
}
