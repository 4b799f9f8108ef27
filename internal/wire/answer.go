package wire

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/iam"
)

// Answer is what is to be said to a client.
type Answer struct {
	Status   int
	Body     any          // encoded as JSON; nil for none
	Raw      []byte       // instead of Body: JSON as it is to be sent
	Revision iam.Revision // of the organization that the call was about; 0 if it has none
	Public   bool         // anybody may cache it
}

// Problem is an error whose status does not follow from its code.
type Problem struct {
	Status     int
	Allow      string // of a 405: the methods
	RetryAfter int    // of a 429: seconds
	Err        *iam.Error
}

func (p *Problem) Error() string { return p.Err.Error() }

// Unwrap lets the audit log see the code.
func (p *Problem) Unwrap() error { return p.Err }

// Header values that are the same in every answer, shared because nobody changes them.
var (
	typeJSON  = []string{"application/json"}
	noStore   = []string{"no-store"}
	cacheable = []string{"public, max-age=300"}
	noSniff   = []string{"nosniff"}
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooled is the largest buffer that is kept for another request.
const maxPooled = 64 << 10

func release(b *bytes.Buffer) {
	if b.Cap() <= maxPooled {
		b.Reset()
		buffers.Put(b)
	}
}

// encoding makes answers: raw documents keep their spelling, maps have an order, and a text that is no UTF-8 never keeps an
// answer from its client.
var encoding = json.JoinOptions(jsontext.PreserveRawStrings(true), json.Deterministic(true), jsontext.AllowInvalidUTF8(true))

// write sends the answer, or the error if there is one, and gives the status.
func (s *server) write(c *Call, w http.ResponseWriter, out *Answer, err error) int {
	b := buffers.Get().(*bytes.Buffer)
	defer release(b)
	if err == nil && out.Body != nil {
		if e := json.MarshalWrite(b, out.Body, encoding); e != nil {
			err = &iam.Error{Code: iam.Internal, Message: "internal error", Err: fmt.Errorf("encoding the answer: %w", e)}
		}
	}
	if err != nil {
		b.Reset()
		out = s.dialect.Refuse(c, w.Header(), err)
		_ = json.MarshalWrite(b, out.Body, encoding) // a few strings and numbers
	}
	body := b.Bytes()
	if out.Raw != nil {
		body = out.Raw
	}
	s.headers(c, w.Header(), out, len(body))
	w.WriteHeader(out.Status)
	_, _ = w.Write(body) // the client has gone if it fails; nothing can be told to it
	return out.Status
}

func (s *server) headers(c *Call, h http.Header, out *Answer, length int) {
	v := Headers{h: h}
	v.Set("X-Request-Id", c.ID)
	h["X-Content-Type-Options"] = noSniff
	h["Cache-Control"] = noStore
	if out.Public {
		h["Cache-Control"] = cacheable
	}
	if s.dialect.Headers != nil {
		s.dialect.Headers(c, &v)
	}
	if out.Revision > 0 {
		v.Set("Writ-Revision", strconv.FormatUint(uint64(out.Revision), 10))
	}
	if out.Status != http.StatusNoContent {
		h["Content-Type"] = typeJSON
		v.Set("Content-Length", strconv.Itoa(length))
	}
}

// Headers sets headers of an answer, whose values stand in one array.
type Headers struct {
	h      http.Header
	values [8]string
	n      int
}

// Set sets a header; its name must be canonical. There is room for five beside the frame's own.
func (v *Headers) Set(name, value string) {
	v.values[v.n] = value
	v.h[name] = v.values[v.n : v.n+1 : v.n+1]
	v.n++
}
