package scalewaygo

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	account "github.com/scaleway/scaleway-sdk-go/api/account/v3"
	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
	"github.com/scaleway/scaleway-sdk-go/scw"
)

// prefix begins the paths of IAM.
const prefix = "/iam/v1alpha1"

// recorder notes what a client sends: method, path and query, each once.
type recorder struct {
	mu   sync.Mutex // protects the field below
	sent []string
}

// RoundTrip implements [http.RoundTripper].
func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.sent = append(r.sent, request.Method+" "+request.URL.RequestURI())
	r.mu.Unlock()
	return http.DefaultTransport.RoundTrip(request)
}

// calls gives what was sent since it was last asked.
func (r *recorder) calls() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	sent := r.sent
	r.sent = nil
	return sent
}

// metadata is the call with which the SDK asks once where it is, after the first success.
const metadata = "GET /metadata"

// sequence gives the calls since it was last asked, as tests write them: without that one, and paths without the prefix of IAM.
func (r *recorder) sequence() []string {
	sent := slices.DeleteFunc(r.calls(), func(call string) bool { return call == metadata })
	return values(sent, func(call string) string { return strings.Replace(call, prefix, "", 1) })
}

// client is a client of the SDK's: IAM, the projects, which the vendor has in another API, and what was sent.
type client struct {
	*iam.API
	projects *account.ProjectAPI
	wire     *recorder
}

// connect makes one.
func connect(t *testing.T, opts ...scw.ClientOption) *client {
	t.Helper()
	r := new(recorder)
	opts = append([]scw.ClientOption{scw.WithAPIURL(server.URL), scw.WithHTTPClient(&http.Client{Transport: r})}, opts...)
	c := must(scw.NewClient(opts...))(t)
	return &client{iam.NewAPI(c), account.NewProjectAPI(c), r}
}

// raw sends what the SDK cannot, and reads the answer, which must have a status, into a value.
func raw(t *testing.T, secret, method, path string, body any, status int, into any) {
	t.Helper()
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(must(json.Marshal(body))(t))
	}
	request := must(http.NewRequestWithContext(t.Context(), method, server.URL+path, content))(t)
	request.Header.Set("X-Auth-Token", secret)
	request.Header.Set("Content-Type", "application/json")
	response := must(http.DefaultClient.Do(request))(t)
	defer response.Body.Close()
	answer := must(io.ReadAll(response.Body))(t)
	if response.StatusCode != status {
		t.Fatalf("%s %s answered %d, want %d: %s", method, path, response.StatusCode, status, answer)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(answer, into); err != nil {
		t.Fatalf("%s %s: %v: %s", method, path, err, answer)
	}
}

// refused insists that a call failed with an error of a type, and gives it.
func refused[E error](t *testing.T, err error) E {
	t.Helper()
	failed, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("want %T, got %T: %v", failed, err, err)
	}
	return failed
}

// missing insists that there is no such thing.
func missing(t *testing.T, err error, resource, id string) {
	t.Helper()
	e := refused[*scw.ResourceNotFoundError](t, err)
	if e.Resource != resource || e.ResourceID != id {
		t.Errorf("want %s %s, got %v", resource, id, e)
	}
}

// denied insists that the caller may not do this to such a resource.
func denied(t *testing.T, err error, action, resource string) {
	t.Helper()
	e := refused[*scw.PermissionsDeniedError](t, err)
	if len(e.Details) != 1 || e.Details[0].Action != action || e.Details[0].Resource != resource {
		t.Errorf("want %s %s, got %v", action, resource, e)
	}
}

// invalid insists that one argument is wrong, and why.
func invalid(t *testing.T, err error, argument, reason string) {
	t.Helper()
	e := refused[*scw.InvalidArgumentsError](t, err)
	if len(e.Details) != 1 || e.Details[0].ArgumentName != argument || e.Details[0].Reason != reason || e.Details[0].HelpMessage == "" {
		t.Errorf("want %s (%s), got %v", argument, reason, e)
	}
}

// exists insists that something with this id is in the way. The SDK has no type for it.
func exists(t *testing.T, err error, resource, id string) {
	t.Helper()
	e := refused[*scw.ResponseError](t, err)
	var body struct {
		ResourceID string `json:"resource_id"`
	}
	if err := json.Unmarshal(e.RawBody, &body); err != nil {
		t.Fatal(err)
	}
	if e.StatusCode != http.StatusConflict || e.Type != "already_exists" || e.Resource != resource || body.ResourceID != id {
		t.Errorf("want %s %s, got %v: %s", resource, id, e, e.RawBody)
	}
}

// unauthenticated insists on a reason.
func unauthenticated(t *testing.T, err error, method, reason string) {
	t.Helper()
	e := refused[*scw.DeniedAuthenticationError](t, err)
	if e.Method != method || e.Reason != reason {
		t.Errorf("want %s %s, got %+v", method, reason, e)
	}
}

// protected insists that a thing is not to be changed here.
func protected(t *testing.T, err error) {
	t.Helper()
	e := refused[*scw.PreconditionFailedError](t, err)
	if e.Precondition != "protected_resource" || e.HelpMessage == "" {
		t.Errorf("got %+v", e)
	}
}

// must gives a value, or ends the test.
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// done ends the test if there is an error.
func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// values maps a list.
func values[T, V any](list []T, value func(T) V) []V {
	out := []V{}
	for _, x := range list {
		out = append(out, value(x))
	}
	return out
}

// same reports a difference.
func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func isID(t *testing.T, s string) {
	t.Helper()
	if !uuid.MatchString(s) {
		t.Errorf("%q is no id", s)
	}
}

// isRecent insists on a time within a minute of now, in UTC.
func isRecent(t *testing.T, at *time.Time) {
	t.Helper()
	if at == nil {
		t.Error("there is no time")
	} else if _, offset := at.Zone(); offset != 0 || time.Since(*at).Abs() > time.Minute {
		t.Errorf("%v is not now, in UTC", at)
	}
}

// eventually asks until what comes is accepted, for at most 30 seconds.
func eventually(t *testing.T, what string, accepted func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if accepted() {
			return
		}
	}
	t.Fatalf("waited in vain for %s", what)
}

// unknownID is well-formed, and nothing has it.
const unknownID = "01234567-89ab-4def-8123-456789abcdef"

// malformedIDs cannot be anything's.
var malformedIDs = []string{"abc", unknownID[1:], unknownID[1:] + "g"}

// nobodysKey is an access key that does not exist.
const nobodysKey = "SCW00000000000000000"
