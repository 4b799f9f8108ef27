package exoscale_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/sitetest"
)

// key is an API key and its secret.
type key struct{ id, secret string }

// farAway is when the tests' signatures end.
const farAway = 4_102_444_800 // 2100

// sign makes the header of a request, written from section 2 alone: it shares nothing with what verifies it.
func sign(k key, method, target, body string, expires int64) string {
	path, query, _ := strings.Cut(target, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		panic(err)
	}
	var names []string
	for name, v := range values {
		if len(v) == 1 {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	signed := ""
	for _, name := range names {
		signed += values[name][0]
	}
	end := strconv.FormatInt(expires, 10)
	m := hmac.New(sha256.New, []byte(k.secret))
	fmt.Fprintf(m, "%s %s\n%s\n%s\n\n%s", method, path, body, signed, end)
	args := ""
	if len(names) > 0 {
		args = ",signed-query-args=" + strings.Join(names, ";")
	}
	return "EXO2-HMAC-SHA256 credential=" + k.id + args + ",expires=" + end + ",signature=" + base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// TestSign holds the client to the contract's worked vector S3 (section 2.4).
func TestSign(t *testing.T) {
	got := sign(key{"EXO0123456789abcdef01234567", "made-up-secret-0123456789abcdefghijklmnop"}, "GET",
		"/v2/event?from=2026-01-02T03%3A04%3A05Z&to=2026-01-03T03%3A04%3A05Z", "", 1893456000)
	want := "EXO2-HMAC-SHA256 credential=EXO0123456789abcdef01234567,signed-query-args=from;to,expires=1893456000,signature=fiIPohpNcWEcdHx+FgKXvPeiwJ5DvRmlrgPVAFfF4fA="
	if got != want {
		t.Errorf("got %s", got)
	}
}

// request is one request of this dialect's, before it is sent.
type request struct {
	method, target, body string
	header               http.Header
}

// as makes a request of a key's, as the vendor's Go client does (section 13).
func as(k key, method, target, body string) *request {
	r := &request{method, target, body, http.Header{"User-Agent": {"egoscale/v3.1.43 (go1.26; linux/amd64)"}, "Accept-Encoding": {"gzip"}}}
	if k != (key{}) {
		r.header.Set("Authorization", sign(k, method, target, body, farAway))
	}
	if body != "" {
		r.header.Set("Content-Type", "application/json")
	}
	return r
}

// send sends a request, a second after the one before.
func (e *estate) send(r *request) *answer {
	e.t.Helper()
	e.Clock.Advance(time.Second)
	in := httptest.NewRequest(r.method, r.target, strings.NewReader(r.body))
	in.Header = r.header
	if e.remote != "" {
		in.RemoteAddr = e.remote
	}
	rec := httptest.NewRecorder()
	e.wire.ServeHTTP(rec, in)
	return &answer{t: e.t, what: r.method + " " + r.target, status: rec.Code, header: rec.Header(), body: rec.Body.Bytes()}
}

// ask sends a request of a key's; the path is below /v2, and names are filled in.
func (e *estate) ask(k key, method, path, body string) *answer {
	e.t.Helper()
	return e.send(as(k, method, "/v2"+e.fill(path), e.fill(body)))
}

// answer is what came back.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

// want stops the test unless the answer has a status and is well-formed: JSON with its type (section 1), and every failure an object
// with a message (section 8).
func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: status %d, want %d: %s", a.what, a.status, status, a.body)
	}
	if a.header.Get("Content-Type") != "application/json" || a.header.Get("Content-Length") != strconv.Itoa(len(a.body)) || a.header.Get("X-Request-Id") == "" {
		a.t.Fatalf("%s: headers %v", a.what, a.header)
	}
	if !json.Valid(a.body) {
		a.t.Fatalf("%s: no JSON: %q", a.what, a.body)
	}
	if message, ok := a.find("message"); a.status >= 400 && (!ok || message == "" || a.header.Get("Writ-Revision") != "") {
		a.t.Fatalf("%s: an error without a message, or with a revision: %s", a.what, a.body)
	}
	return a
}

// says stops the test unless the answer is a failure with a status and message.
func (a *answer) says(status int, message string) *answer {
	a.t.Helper()
	a.want(status)
	if got := a.str("message"); got != message {
		a.t.Fatalf("%s: says %q, want %q", a.what, got, message)
	}
	return a
}

// invalid stops the test unless the answer says that something in the body is wrong, and where.
func (a *answer) invalid(location string) *answer {
	a.t.Helper()
	a.want(400)
	if got, _ := a.find("errors.0.location"); got != location || a.str("title") != "Bad Request" || a.str("errors.0.detail") == "" {
		a.t.Fatalf("%s: wrong at %v, want %s: %s", a.what, got, location, a.body)
	}
	return a
}

// operation stops the test unless the answer is an operation that succeeded, with the reference that its kind has (section 5).
func (a *answer) operation(link, command string) *answer {
	a.t.Helper()
	a.want(200)
	if a.str("state") != "success" || len(a.str("id")) != 36 || len(a.str("reference.id")) != 36 || a.str("reference.link") != "/v2"+link || a.str("reference.command") != command {
		a.t.Fatalf("%s: %s, want a reference to %s by %s", a.what, a.body, link, command)
	}
	return a
}

// find looks for a value in the body.
func (a *answer) find(place string) (any, bool) { return sitetest.Find(a.body, place) }

func (a *answer) has(place string) bool { _, ok := a.find(place); return ok }

func (a *answer) str(place string) string {
	a.t.Helper()
	v, ok := a.find(place)
	s, is := v.(string)
	if !ok || !is {
		a.t.Fatalf("%s: no text at %s: %s", a.what, place, a.body)
	}
	return s
}

func (a *answer) list(place string) []any {
	a.t.Helper()
	v, _ := a.find(place)
	l, is := v.([]any)
	if !is {
		a.t.Fatalf("%s: no list at %s: %s", a.what, place, a.body)
	}
	return l
}

// named finds the place in a list of the entry with a name.
func (a *answer) named(list, name string) string {
	a.t.Helper()
	for i, v := range a.list(list) {
		if m, _ := v.(map[string]any); m["name"] == name {
			return list + "." + strconv.Itoa(i)
		}
	}
	a.t.Fatalf("%s: no %q in %s: %s", a.what, name, list, a.body)
	return ""
}

func (a *answer) names(list string) (out []string) {
	a.t.Helper()
	for _, v := range a.list(list) {
		out = append(out, v.(map[string]any)["name"].(string))
	}
	return slices.Clip(out)
}
