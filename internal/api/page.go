package api

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/iam"
)

// Page sizes (sections 4 and 16.5).
const (
	defaultLimit = 20
	maxLimit     = 100
)

// listQuery is what the query of a list asks for.
type listQuery struct {
	limit   int
	marker  iam.UUID // zero: the first page
	filters []filter // those that are given
	err     error    // the first filter that is wrong
}

type filter struct{ name, value string }

// get gives a filter's value, "" if it is not given.
func (q *listQuery) get(name string) string {
	for _, f := range q.filters {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

// listQuery reads limit, marker and the filters that the list has. An empty marker or filter is none.
func (c *call) listQuery(filters ...string) (*listQuery, error) {
	values, err := url.ParseQuery(c.R.URL.RawQuery)
	if err != nil {
		return nil, iam.Errorf(iam.Invalid, "the query cannot be read")
	}
	q := &listQuery{limit: defaultLimit}
	for _, name := range slices.Concat([]string{"limit", "marker"}, filters) {
		given := values[name]
		switch {
		case len(given) > 1:
			return nil, iam.FieldErrorf(iam.Invalid, name, "is given more than once")
		case len(given) == 0 || given[0] == "" && name != "limit":
			continue
		}
		if err := q.set(name, given[0]); err != nil {
			return nil, err
		}
	}
	return q, nil
}

func (q *listQuery) set(name, value string) (err error) {
	switch {
	case name == "limit":
		q.limit, err = readLimit(value)
	case name == "marker":
		// The nil UUID is no item of any list, and would mean the first page to the domain.
		if q.marker, err = iam.ParseUUID(value); err != nil || q.marker.IsZero() {
			err = iam.FieldErrorf(iam.Invalid, name, "%.40q is not an item of this list", value)
		}
	case !utf8.ValidString(value), strings.ContainsFunc(value, unicode.IsControl):
		err = iam.FieldErrorf(iam.Invalid, name, "must be UTF-8 without control characters")
	default:
		q.filters = append(q.filters, filter{name, value})
	}
	return err
}

// readLimit cuts what is too large and refuses what is no number or below 1 (section 16.5).
func readLimit(text string) (int, error) {
	digits := strings.TrimLeft(text, "0")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, iam.FieldErrorf(iam.Invalid, "limit", "must be a whole number, at least 1")
	}
	if len(digits) > len(strconv.Itoa(maxLimit)) {
		return maxLimit, nil
	}
	n, _ := strconv.Atoi(digits)
	return min(n, maxLimit), nil
}

// pageQuery asks the domain for the page.
func pageQuery[E any](q *listQuery) iam.PageQuery[E] {
	return iam.PageQuery[E]{Name: q.get("name"), After: q.marker, Limit: q.limit}
}

// page describes a page of the domain, whose last item has the id.
func page[E any](c *call, q *listQuery, p iam.Page[E], id func(E) iam.UUID) apitype.Page {
	out := apitype.Page{Meta: meta(q, p, id), Links: apitype.Links{Self: c.link(q, q.marker)}}
	if p.More && len(p.Items) > 0 {
		out.Links.Next = c.link(q, id(p.Items[len(p.Items)-1]))
	}
	if p.HasPrevious {
		out.Links.Previous = c.link(q, p.Previous)
	}
	return out
}

func meta[E any](q *listQuery, p iam.Page[E], id func(E) iam.UUID) apitype.Meta {
	m := apitype.Meta{Total: p.Total, Limit: q.limit, HasMore: p.More}
	if n := len(p.Items); n > 0 {
		m.Marker = new(id(p.Items[n-1]).String())
	}
	return m
}

// link is the URL of the page after a marker, with the filters repeated.
func (c *call) link(q *listQuery, marker iam.UUID) string {
	var b strings.Builder
	b.WriteString(c.Self())
	b.WriteString("?limit=")
	b.WriteString(strconv.Itoa(q.limit))
	if !marker.IsZero() {
		b.WriteString("&marker=")
		b.WriteString(marker.String())
	}
	for _, f := range q.filters {
		b.WriteString("&" + f.name + "=" + url.QueryEscape(f.value))
	}
	return b.String()
}

// whole describes a list that is never cut (section 16.5).
func whole(c *call, ids []string) apitype.Page {
	p := apitype.Page{
		Meta:  apitype.Meta{Total: len(ids), Limit: max(defaultLimit, len(ids))},
		Links: apitype.Links{Self: c.Self()},
	}
	if n := len(ids); n > 0 {
		p.Meta.Marker = &ids[n-1]
	}
	return p
}
