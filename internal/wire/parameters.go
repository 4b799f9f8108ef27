package wire

import (
	"net/http"
	"net/url"
	"strings"
)

// parameters are what the request says, as expressions of policies see it; see Merge. The body is left to be read. Once the call has
// entered, what was not read of it is not waited for: decisions are then made while others wait. The body of a read means nothing, and
// hides nothing of its query.
func (c *Call) parameters() map[string]any {
	var body Object
	switch {
	case c.R.Method == http.MethodGet, c.R.Method == http.MethodHead:
	case c.body != nil:
		_ = Unmarshal(c.body, &body, "{") // what is wrong with it is for Decode to say
	case c.Permit == nil:
		c.Peek(&body)
	}
	return c.Merge(body)
}

// Merge puts the request's parameters together: those of its query, then the members of its body, then the variables of its path. The
// later count where names are the same: what is acted on is not to be hidden behind what is passed over.
func (c *Call) Merge(body map[string]any) map[string]any {
	out := Query(c.R.URL)
	for name, value := range body {
		out[name] = value
	}
	for _, segment := range strings.Split(c.R.Pattern, "/") {
		if name, is := strings.CutPrefix(segment, "{"); is {
			name = strings.TrimSuffix(name, "}")
			out[name] = c.R.PathValue(name)
		}
	}
	return out
}

// Query gives the parameters of a query: a text each, or a list where there are several of a name.
func Query(u *url.URL) map[string]any {
	out := map[string]any{}
	for name, values := range u.Query() {
		if len(values) == 1 {
			out[name] = values[0]
			continue
		}
		list := make([]any, len(values))
		for i, v := range values {
			list[i] = v
		}
		out[name] = list
	}
	return out
}
