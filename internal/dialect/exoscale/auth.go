package exoscale

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// maxBody is the largest body (section 14.5). All of it is read before it is known who sent it: a signature is of the whole.
const maxBody = 1 << 20

// authenticate verifies the signature on the raw bytes and the raw path (section 2.3), and then reads the body: what is wrong with that
// is told before it is decided whether the caller may (section 8, "Order").
func (s *server) authenticate(c *wire.Call) (iam.Actor, error) {
	var body bytes.Buffer
	if err := c.ReadAny(&body, maxBody); err != nil {
		return iam.Actor{}, err
	}
	actor, err := c.Control.Authenticate(c.Ctx(), control.Presented{Signed: signed(c.R, body.Bytes())})
	if err != nil {
		return iam.Actor{}, err
	}
	o := s.operations[c.R.Method+" "+c.R.Pattern]
	if err := s.tell(c, o, body.Bytes()); err != nil {
		return iam.Actor{}, err
	}
	return actor, s.read(c, o)
}

// signed is a request and its signature; nil if it has none that can be read.
func signed(r *http.Request, body []byte) *authn.SignedRequest {
	headers := r.Header["Authorization"]
	sent, err := url.ParseRequestURI(r.RequestURI)
	if len(headers) != 1 || err != nil {
		return nil
	}
	s, err := authn.ParseSignature(headers[0])
	if err != nil {
		return nil
	}
	return &authn.SignedRequest{Signature: s, Method: r.Method, Path: sent.EscapedPath(), Query: sent.Query(), Body: body}
}

// zone is where all calls are made: there is one endpoint, and clients that choose a zone are sent to it (section 1).
const zone = "ch-gva-2"

// recordedBody is how large a body may be to be kept with the event.
const recordedBody = 8 << 10

// tell sets what expressions of policies and the audit log see of the call (section 10.4).
func (s *server) tell(c *wire.Call, o *operation, text []byte) error {
	var body wire.Object
	if o.read != nil && len(bytes.TrimSpace(text)) > 0 {
		if err := wire.Unmarshal(text, &body, "{"); err != nil {
			return err
		}
	}
	c.In.Operation, c.In.Zone = o.name, zone
	c.In.Parameters = func() map[string]any { return snake(c.Merge(body)) }
	c.In.Details = map[string]any{"handler": o.name}
	if body != nil && len(text) <= recordedBody { // no body of this API has a secret
		c.In.Details["body_params"] = map[string]any(body)
	}
	return nil
}

// snake puts the names of a map and of the maps in it into snake case (section 10.3). A name with a hyphen is what the API knows, so it
// counts before one that is written so already.
func snake(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for _, hyphens := range []bool{false, true} {
		for name, v := range m {
			if strings.Contains(name, "-") == hyphens {
				out[strings.ReplaceAll(name, "-", "_")] = snakeValue(v)
			}
		}
	}
	return out
}

func snakeValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return snake(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = snakeValue(v[i])
		}
		return out
	}
	return v
}

// read checks the path and reads the body.
func (s *server) read(c *wire.Call, o *operation) error {
	if text := c.R.PathValue("id"); strings.Contains(o.route.Pattern, "{id}") && !o.byKey {
		if _, err := iam.ParseUUID(text); err != nil {
			return iam.FieldErrorf(iam.Invalid, "id", "%.60q is not a UUID", text)
		}
	}
	if o.read == nil {
		return nil
	}
	body, err := o.read(&call{Call: c, server: s})
	c.State = &input{body}
	return err
}
