package exoscale

import (
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// maxBody is the largest body (section 14.5). All of it is read before it is known who sent it: a signature is of the whole.
const maxBody = 1 << 20

// authenticate verifies the signature on the raw bytes and the raw path (section 2.3). Who shows none is not listened to.
func (s *server) authenticate(c *wire.Call) (iam.Actor, error) {
	r := signed(c.R)
	if r != nil {
		var body bytes.Buffer
		if err := c.ReadAny(&body, maxBody); err != nil {
			return iam.Actor{}, err
		}
		r.Body = body.Bytes()
	}
	return c.Control.Authenticate(c.Ctx(), control.Presented{Signed: r})
}

// signed is a request and its signature, yet without its body; nil if it has none that can be read.
func signed(r *http.Request) *authn.SignedRequest {
	headers := r.Header["Authorization"]
	sent, err := url.ParseRequestURI(r.RequestURI)
	if len(headers) != 1 || err != nil {
		return nil
	}
	s, err := authn.ParseSignature(headers[0])
	if err != nil {
		return nil
	}
	return &authn.SignedRequest{Signature: s, Method: r.Method, Path: sent.EscapedPath(), Query: sent.Query()}
}

// zone is where all calls are made: there is one endpoint, and clients that choose a zone are sent to it (section 1).
const zone = "ch-gva-2"

// What of a request is kept with its event, at most.
const (
	recordedBody = 8 << 10 // a larger body is not
	recordedKey  = 64      // characters of what stands in place of an access key
)

// read checks the path and reads the body: what is wrong with them is told before it is decided whether the caller may (section 8,
// "Order").
func (s *server) read(c *wire.Call) error {
	o := s.operations[c.R.Method+" "+c.R.Pattern]
	if err := s.tell(c, o); err != nil {
		return err
	}
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

// tell sets what expressions of policies and the audit log see of the call (section 10.4).
func (s *server) tell(c *wire.Call, o *operation) error {
	var body wire.Object
	text := c.Body()
	if o.read != nil && len(bytes.TrimSpace(text)) > 0 {
		if err := wire.Unmarshal(text, &body, "{"); err != nil {
			return err
		}
	}
	c.In.Operation, c.In.Zone = o.name, zone
	c.In.Parameters = func() map[string]any { return snake(c.Merge(body)) }
	c.In.Details = map[string]any{"handler": o.name}
	if o.byKey { // or a refusal does not tell which key it was about
		c.In.Details["access_key_id"] = cut(strings.ToValidUTF8(c.R.PathValue("id"), "?"), recordedKey)
	}
	if body != nil && len(text) <= recordedBody { // no body of this API has a secret
		c.In.Details["body_params"] = map[string]any(body)
	}
	return nil
}

// snake puts the names of a map and of the maps in it into snake case (section 10.3). Names of this API have no underscores, so one
// without counts before those that become the same: "max-session-ttl" is acted on, and "max-session_ttl" is passed over.
func snake(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	names := slices.Sorted(maps.Keys(m))
	for _, own := range []bool{false, true} {
		for _, name := range names {
			if own != strings.Contains(name, "_") {
				out[strings.ReplaceAll(name, "-", "_")] = snakeValue(m[name])
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
