package cloudflare

import (
	"net/http"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// envelope is around every answer (sections 1.1 and 3.1).
type envelope struct {
	Success    bool        `json:"success"`
	Errors     []notice    `json:"errors"`
	Messages   []message   `json:"messages"`
	Result     any         `json:"result"`
	ResultInfo *resultInfo `json:"result_info,omitzero"`
}

// message is an entry of messages.
type message struct {
	Code    int     `json:"code"`
	Message string  `json:"message"`
	Type    *string `json:"type"`
}

// notice is an entry of errors.
type notice struct {
	Code    int      `json:"code"`
	Message string   `json:"message"`
	Chain   []notice `json:"error_chain,omitempty"`
}

// resultInfo describes a page (section 1.2).
type resultInfo struct {
	Page       int `json:"page"`
	PerPage    int `json:"per_page"`
	Count      int `json:"count"`
	TotalCount int `json:"total_count"`
	TotalPages int `json:"total_pages"`
}

// result answers with one value.
func result(v any, at iam.Revision) *wire.Answer {
	return &wire.Answer{Status: http.StatusOK, Body: envelope{Success: true, Result: v}, Revision: at}
}

// shown answers a read.
func (c *call) shown(v any) (*wire.Answer, error) { return result(v, c.View().Revision()), nil }

// removed answers that a thing is gone.
func removed(id iam.UUID, at iam.Revision) *wire.Answer {
	return result(struct {
		ID string `json:"id"`
	}{hexID(id)}, at)
}

// timestamp is a time as this API writes it (section 1).
type timestamp time.Time

// MarshalText writes microseconds, in UTC.
func (t timestamp) MarshalText() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(nil, "2006-01-02T15:04:05.000000Z"), nil
}

// moment is a time that a client has chosen: it comes back as it was sent.
type moment time.Time

// MarshalText writes as much of a fraction as there is.
func (t moment) MarshalText() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(nil, time.RFC3339Nano), nil
}

// when is a time that may be absent.
func when(t *time.Time) *moment {
	if t == nil {
		return nil
	}
	return new(moment(*t))
}
