package exoscale

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// errorBody is the body of every failure (section 8): message is what all clients read, the rest is of RFC 9457, for what is wrong with
// a request.
type errorBody struct {
	Message string   `json:"message"`
	Title   string   `json:"title,omitzero"`
	Detail  string   `json:"detail,omitzero"`
	Errors  []defect `json:"errors,omitempty"`
}

// defect is one thing that is wrong, and where in the body.
type defect struct {
	Detail   string `json:"detail"`
	Location string `json:"location"`
}

// statuses say what a failure is (section 8). What is not here is a fault of ours.
var statuses = map[iam.Code]int{
	iam.Invalid: 400, iam.Unauthenticated: 403, iam.Denied: 403, iam.Immutable: 403, iam.NotFound: 404, iam.Exists: 409, iam.Conflict: 409,
	iam.InUse: 409, iam.Quota: 409, wire.TooLarge: 413, iam.Unavailable: 503, iam.Internal: 500,
}

// refuse writes an error.
func refuse(_ *wire.Call, h http.Header, err error) *wire.Answer {
	status := http.StatusInternalServerError
	if known, ok := statuses[iam.CodeOf(err)]; ok {
		status = known
	}
	if p, ok := errors.AsType[*wire.Problem](err); ok {
		status = p.Status
		if p.Allow != "" {
			h.Set("Allow", p.Allow)
		}
		if p.RetryAfter > 0 {
			h.Set("Retry-After", strconv.Itoa(p.RetryAfter))
		}
	}
	if status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "1")
	}
	return &wire.Answer{Status: status, Body: explained(status, err)}
}

// explained puts an error into words.
func explained(status int, err error) errorBody {
	e, _ := errors.AsType[*iam.Error](err)
	switch {
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed, e == nil:
		return errorBody{Message: http.StatusText(status)}
	case e.Code == iam.Unauthenticated: // whatever it was, so that nothing can be found out (section 14.1)
		return errorBody{Message: "Invalid request signature"}
	case e.Code == iam.Immutable:
		return errorBody{Message: "Role is not editable"}
	case e.Code == iam.Denied && status == http.StatusForbidden:
		return errorBody{Message: forbidden(e)}
	case status == http.StatusBadRequest:
		return invalid(e)
	}
	return errorBody{Message: sentence(e.Message)}
}

// sentence begins with a capital letter, unless it begins with an address.
func sentence(text string) string {
	if word, _, _ := strings.Cut(text, " "); strings.Contains(word, "@") {
		return text
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// forbidden names what forbids a call (section 8).
func forbidden(e *iam.Error) string {
	r, ok := errors.AsType[*control.Refusal](e)
	if !ok {
		return "Forbidden: " + control.PublicMessage(e)
	}
	why, layer := r.Grounds(), "role"
	if why.Organization {
		layer = "org"
	}
	text := fmt.Sprintf("Forbidden by %s policy for %s", layer, r.Class())
	if why.Rule >= 0 {
		text += fmt.Sprintf(" - A deny rule matched. Rule index: %d", why.Rule)
	}
	return text
}

// invalid says what is wrong with a request, and where.
func invalid(e *iam.Error) errorBody {
	out := errorBody{Message: "Invalid request: " + control.PublicMessage(e), Title: http.StatusText(http.StatusBadRequest), Detail: "body is invalid"}
	if e.Field != "" {
		field := inBody(e.Field)
		out.Message = "Invalid request: " + field + " " + e.Message
		out.Errors = []defect{{Detail: e.Message, Location: location(field)}}
	}
	return out
}

// inBody is a field of the domain's as bodies of this API call it.
func inBody(field string) string {
	for _, r := range renamed {
		if rest, ok := strings.CutPrefix(field, r.domain); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return strings.TrimPrefix(r.wire+rest, ".")
		}
	}
	return field
}

// renamed are the fields that have another name here. A document is the whole body.
var renamed = []struct{ domain, wire string }{
	{"document", ""}, {"max_session", "max-session-ttl"}, {"tags", "labels"}, {"duration_seconds", "ttl"},
}

// location writes a place as JSONPath does: $['policy']['services']['iam']['rules'][0].
func location(field string) string {
	var b strings.Builder
	b.WriteByte('$')
	for _, part := range placeParts.FindAllString(field, -1) {
		switch {
		case strings.HasPrefix(part, `["`):
			if name, err := strconv.Unquote(part[1 : len(part)-1]); err == nil {
				fmt.Fprintf(&b, "['%s']", strings.ReplaceAll(name, "'", `\'`))
			}
		case part[0] == '[':
			b.WriteString(part)
		default:
			fmt.Fprintf(&b, "['%s']", part)
		}
	}
	return b.String()
}

// placeParts are the parts of a place: names, numbers, and names in quotes.
var placeParts = regexp.MustCompile(`\["(?:[^"\\]|\\.)*"\]|\[\d+\]|[^.\[\]]+`)
