package api

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// Filters of lists that are more than a text (section 4). What cannot be read is invalid; the first that is wrong stays
// in listQuery.err. A filter that is not given is the zero value.

func (q *listQuery) wrong(name, format string, args ...any) {
	if q.err == nil {
		q.err = iam.FieldErrorf(iam.Invalid, name, format, args...)
	}
}

// id reads an id. The nil UUID names nothing, and would mean "not given" further down.
func (q *listQuery) id(name string) iam.UUID {
	text := q.get(name)
	id, err := iam.ParseUUID(text)
	if text != "" && (err != nil || id.IsZero()) {
		q.wrong(name, "%.40q is no id", text)
	}
	return id
}

// oneOf reads a word of which there are a few only.
func (q *listQuery) oneOf(name string, words ...string) string {
	text := q.get(name)
	if text != "" && !slices.Contains(words, text) {
		known := make([]string, len(words))
		for i, w := range words {
			known[i] = strconv.Quote(w)
		}
		q.wrong(name, "must be one of %s", strings.Join(known, ", "))
	}
	return text
}

// time reads a date and time.
func (q *listQuery) time(name string) (t time.Time) {
	text := q.get(name)
	if text != "" && t.UnmarshalText([]byte(text)) != nil {
		q.wrong(name, "must be a date and time as RFC 3339 has it, as in 2026-01-31T12:00:00Z")
	}
	return t
}

// address reads an IP address.
func (q *listQuery) address(name string) netip.Addr {
	text := q.get(name)
	addr, err := netip.ParseAddr(text)
	if text != "" && err != nil {
		q.wrong(name, "%.60q is not an IP address", text)
	}
	return addr.Unmap()
}
