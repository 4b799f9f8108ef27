package scaleway

import (
	"net/http"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// headers sets what every answer has. Those without a body have a type too (section 1).
func headers(_ *wire.Call, h *wire.Headers) {
	h.Set("Content-Type", "application/json")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
}

// answer is a success with a body: creations have the same status (section 1).
func answer(v any, at iam.Revision) *wire.Answer {
	return &wire.Answer{Status: http.StatusOK, Body: v, Revision: at}
}

// shown answers a read.
func (c *call) shown(v any) (*wire.Answer, error) { return answer(v, c.View().Revision()), nil }

// removed answers a removal, or what else has nothing to say.
func removed(at iam.Revision, err error) (*wire.Answer, error) {
	if err != nil {
		return nil, err
	}
	return &wire.Answer{Status: http.StatusNoContent, Revision: at}, nil
}

// write commits a draft, and answers with what it has made.
func write[E, W any](c *call, show func(E) W, draft func(*iam.Draft) (E, error)) (*wire.Answer, error) {
	var made E
	at, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) (err error) {
		made, err = draft(d)
		return err
	})
	if err != nil {
		return nil, err
	}
	return answer(show(made), at), nil
}

// shows converts several; an empty list is never null.
func shows[E, W any](items []E, show func(E) W) []W {
	out := make([]W, len(items))
	for i, e := range items {
		out[i] = show(e)
	}
	return out
}

// timestamp is a time as this API writes it (section 1).
type timestamp time.Time

// MarshalText writes microseconds, in UTC.
func (t timestamp) MarshalText() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(nil, "2006-01-02T15:04:05.000000Z"), nil
}

// text is a description as this API has it: none is an empty one.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// orNone is a description as the domain has it.
func orNone(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
