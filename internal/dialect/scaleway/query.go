package scaleway

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// query reads parameters (section 3). What is empty is absent; of what is no list, the first value counts. err is the first thing
// that is wrong.
type query struct {
	values url.Values
	err    error
}

// query reads the query of a request.
func (c *call) query() *query { return readQuery(c.Call) }

func readQuery(c *wire.Call) *query {
	q := new(query)
	var err error
	if q.values, err = url.ParseQuery(c.R.URL.RawQuery); err != nil {
		q.wrong("query", format, "cannot be read")
	}
	return q
}

func (q *query) wrong(name, reason, help string) {
	if q.err == nil {
		q.err = invalid(name, reason, help)
	}
}

// require refuses a query without a parameter.
func (q *query) require(name string) {
	if q.values.Get(name) == "" {
		q.wrong(name, required, "is required")
	}
}

func (q *query) text(name string) string { return q.values.Get(name) }

// all are the values of a list; nil if there is none.
func (q *query) all(name string) []string {
	return slices.DeleteFunc(slices.Clone(q.values[name]), func(s string) bool { return s == "" })
}

// flag reads a truth value; nil if it is absent.
func (q *query) flag(name string) *bool {
	switch q.text(name) {
	case "":
	case "true":
		return new(true)
	case "false":
		return new(false)
	default:
		q.wrong(name, format, "must be true or false")
	}
	return nil
}

// id reads a UUID; given is false if it is absent.
func (q *query) id(name string) (id iam.UUID, given bool) {
	s := q.text(name)
	if s == "" {
		return iam.UUID{}, false
	}
	id, err := iam.ParseUUID(s)
	if err != nil {
		q.wrong(name, format, "must be a UUID")
	}
	return id, true
}

// ids reads a list of UUIDs; nil if it is absent.
func (q *query) ids(name string) []iam.UUID {
	var out []iam.UUID
	for _, s := range q.all(name) {
		id, err := iam.ParseUUID(s)
		if err != nil {
			q.wrong(name, format, "must be UUIDs")
		}
		out = append(out, id)
	}
	return out
}

// oneOf reads one of several words; "" if it is absent, or the word that stands for any.
func (q *query) oneOf(name, whatever string, words ...string) string {
	s := q.text(name)
	if s == whatever {
		return ""
	}
	if s != "" && !slices.Contains(words, s) {
		q.wrong(name, format, "must be one of "+strings.Join(words, ", "))
	}
	return s
}

// time reads a time; zero if it is absent.
func (q *query) time(name string) time.Time {
	s := q.text(name)
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		q.wrong(name, format, "must be a date and time as RFC 3339 has it")
	}
	return t
}

// Bounds of pages (section 3.1).
const (
	maxPage   = 10_000
	maxSize   = 100
	usualSize = 20
)

// window is which items a page has.
type window struct{ from, size int }

func (q *query) window() window {
	page, size := q.number("page", maxPage, 1), q.number("page_size", maxSize, usualSize)
	return window{(page - 1) * size, size}
}

// number reads a whole number from 1 on.
func (q *query) number(name string, most, usual int) int {
	s := q.text(name)
	if s == "" {
		return usual
	}
	n, err := strconv.Atoi(s)
	switch {
	case err != nil && strings.Trim(s, "0123456789") != "":
		q.wrong(name, format, "must be a whole number")
	case err != nil || n < 1 || n > most:
		q.wrong(name, constraint, "must be from 1 to "+strconv.Itoa(most))
	}
	return n
}

// shortened is a name that the client chose, as much of it as is repeated to it.
func shortened(name string) string {
	if len(name) > wire.MaxShown {
		name = name[:wire.MaxShown] + "…"
	}
	return strings.ToValidUTF8(name, "")
}

// lower is an id as answers have it (section 9).
func lower(id string) string {
	if isUUID(id) {
		return strings.ToLower(id)
	}
	return id
}
