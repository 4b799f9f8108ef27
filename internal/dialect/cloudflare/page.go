package cloudflare

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// sizes are the page sizes of a list (section 1.2).
type sizes struct{ least, usual, most int }

var (
	smallPages = sizes{5, 20, 50}
	largePages = sizes{1, 100, 500}
)

// query reads the query of a list. Of a parameter that is given twice, the first counts.
func (c *call) query() (url.Values, error) {
	q, err := url.ParseQuery(c.R.URL.RawQuery)
	if err != nil {
		return nil, iam.Errorf(iam.Invalid, "the query cannot be read")
	}
	return q, nil
}

// number reads a parameter; what is no number, or out of range, becomes the nearest that is allowed (section 14).
func number(q url.Values, name string, least, usual, most int) int {
	text := q.Get(name)
	n, err := strconv.Atoi(text)
	switch {
	case err != nil && strings.Trim(text, "0123456789") == "" && text != "":
		return most // more digits than a number has
	case err != nil:
		return usual
	}
	return min(max(n, least), most)
}

// maxPage is beyond the last page of anything.
const maxPage = 1 << 30

// paged answers with a page of items. A page past the end is empty: that is how clients find the end (section 1.2).
func paged[E, W any](c *call, q url.Values, s sizes, items []E, show func(E) W) (*wire.Answer, error) {
	page, size := number(q, "page", 1, 1, maxPage), number(q, "per_page", s.least, s.usual, s.most)
	info := &resultInfo{Page: page, PerPage: size, TotalCount: len(items), TotalPages: (len(items) + size - 1) / size}
	from := len(items)
	if page <= info.TotalPages {
		from = (page - 1) * size
	}
	out := shows(items[from:min(from+size, len(items))], show)
	info.Count = len(out)
	return &wire.Answer{Status: http.StatusOK, Body: envelope{Success: true, Result: out, ResultInfo: info}, Revision: c.View().Revision()}, nil
}

// shows converts several; an empty list is never null.
func shows[E, W any](items []E, show func(E) W) []W {
	out := make([]W, len(items))
	for i, e := range items {
		out[i] = show(e)
	}
	return out
}

// filters keep the items for which every given parameter has the value that an item has.
type filters[E any] map[string]func(E) string

func (f filters[E]) keep(q url.Values, items []E) []E {
	for name, of := range f {
		if want := q.Get(name); want != "" {
			items = slices.DeleteFunc(items, func(e E) bool { return of(e) != want })
		}
	}
	return items
}

// fuzzy keeps the items whose text contains the parameter, whatever the case of letters (section 14).
func fuzzy[E any](q url.Values, name string, items []E, of func(E) string) []E {
	want := strings.ToLower(q.Get(name))
	return slices.DeleteFunc(items, func(e E) bool { return !strings.Contains(strings.ToLower(of(e)), want) })
}

// descending tells whether direction asks for that.
func descending(q url.Values) (bool, error) {
	switch q.Get("direction") {
	case "", "asc":
		return false, nil
	case "desc":
		return true, nil
	}
	return false, iam.FieldErrorf(iam.Invalid, "direction", "must be asc or desc")
}

// arrange sorts by a text, ids deciding between equals, so that pages never overlap.
func arrange[E any](items []E, backwards bool, text func(E) string, id func(E) iam.UUID) {
	slices.SortFunc(items, func(a, b E) int {
		order := strings.Compare(text(a), text(b))
		if order == 0 {
			order = id(a).Compare(id(b))
		}
		if backwards {
			return -order
		}
		return order
	})
}
