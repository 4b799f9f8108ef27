package vngcloud

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// maxPageSize is the longest page (section 1.1).
const maxPageSize = 10_000

// pageQuery is what a paged list is asked.
type pageQuery struct {
	number, size int
	name         string // part of the name, in any case of its letters; "" for all
}

// query reads the query. Of a parameter that is given twice, the first counts.
func (c *call) query() (url.Values, error) {
	q, err := url.ParseQuery(c.R.URL.RawQuery)
	if err != nil {
		return nil, iam.Errorf(iam.Invalid, "the query cannot be read")
	}
	return q, nil
}

func (c *call) pageQuery() (p pageQuery, err error) {
	q, err := c.query()
	if err != nil {
		return p, err
	}
	if p.number, err = number(q, "pageNumber", 0, 1<<31-1); err != nil {
		return p, err
	}
	p.size, err = number(q, "pageSize", 1, maxPageSize)
	p.name = strings.ToLower(q.Get("name"))
	return p, err
}

// number reads a required number.
func number(q url.Values, name string, least, most int) (int, error) {
	text := q.Get(name)
	n, err := strconv.Atoi(text)
	if err != nil || strings.Trim(text, "0123456789") != "" || n < least || n > most {
		return 0, invalid(name, "is required, and is a whole number from %d to %d", least, most)
	}
	return n, nil
}

// page is the envelope of section 1.1.
type page[W any] struct {
	Data       []W `json:"data"`
	PageSize   int `json:"pageSize"`
	PageNumber int `json:"pageNumber"`
	TotalItems int `json:"totalItems"`
	TotalPages int `json:"totalPages"`
}

// paged answers with a page of those items that the name fits.
func paged[E, W any](c *call, q pageQuery, items []E, name func(E) string, show func(E) W) (*wire.Answer, error) {
	items = slices.DeleteFunc(items, func(e E) bool { return !strings.Contains(strings.ToLower(name(e)), q.name) })
	out := page[W]{PageSize: q.size, PageNumber: q.number, TotalItems: len(items), TotalPages: (len(items) + q.size - 1) / q.size}
	from := len(items)
	if q.number < out.TotalPages {
		from = q.number * q.size
	}
	out.Data = shows(items[from:min(from+q.size, len(items))], show)
	return c.shown(out)
}

// newestFirst orders by the time that clients are shown, then by id.
func newestFirst[E any](items []E, key func(E) (time.Time, iam.UUID)) []E {
	slices.SortFunc(items, func(a, b E) int {
		ta, ia := key(a)
		tb, ib := key(b)
		return cmp.Or(cmp.Compare(tb.UnixMilli(), ta.UnixMilli()), ia.Compare(ib))
	})
	return items
}
