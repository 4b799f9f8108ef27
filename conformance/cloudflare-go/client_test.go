package cloudflarego

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/google/go-cmp/cmp"
)

// recorder notes the answers to what a client sends, retries included.
type recorder struct {
	mu   sync.Mutex // protects the field below
	sent []*http.Response
}

// RoundTrip implements [http.RoundTripper].
func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.sent = append(r.sent, response)
	}
	return response, err
}

// connect makes a client with the credentials that opts are.
func connect(opts ...option.RequestOption) (*cloudflare.Client, *recorder) {
	r := new(recorder)
	opts = append([]option.RequestOption{
		option.WithBaseURL(server.Env["CLOUDFLARE_BASE_URL"]),
		option.WithHTTPClient(&http.Client{Transport: r}),
	}, opts...)
	return cloudflare.NewClient(opts...), r
}

// bearer makes a client with a token.
func bearer(token string) *cloudflare.Client {
	client, _ := connect(option.WithAPIToken(token))
	return client
}

// refused insists that a call failed with a status and, unless it is 0, with a code in its first error.
func refused(t *testing.T, err error, status int, code int64) {
	t.Helper()
	failed, ok := errors.AsType[*cloudflare.Error](err)
	if !ok {
		t.Fatalf("want an answer with status %d and code %d, got %v", status, code, err)
	}
	if len(failed.Errors) == 0 {
		t.Fatalf("the failure has no errors: %v", err)
	}
	if failed.StatusCode != status || code != 0 && failed.Errors[0].Code != code {
		t.Fatalf("want status %d and code %d, got %v", status, code, err)
	}
	if failed.Errors[0].Message == "" {
		t.Errorf("the error has no message: %v", err)
	}
}

// pager is what the SDK's auto-pagers are.
type pager[T any] interface {
	Next() bool
	Current() T
	Err() error
}

// all collects a list. A list that does not end within 1000 items never does.
func all[T any](t *testing.T, list pager[T]) []T {
	t.Helper()
	items, err := collect(list)
	if err != nil {
		t.Fatal(err)
	}
	return items
}

func collect[T any](list pager[T]) ([]T, error) {
	var items []T
	for list.Next() {
		if items = append(items, list.Current()); len(items) > 1000 {
			return nil, errors.New("the list does not end")
		}
	}
	return items, list.Err()
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

var id = regexp.MustCompile(`^[0-9a-f]{32}$`)

func isID(t *testing.T, s string) {
	t.Helper()
	if !id.MatchString(s) {
		t.Errorf("%q is no id", s)
	}
}

// isRecent insists on a time within a minute of now, in UTC.
func isRecent(t *testing.T, at time.Time) {
	t.Helper()
	if _, offset := at.Zone(); offset != 0 || time.Since(at).Abs() > time.Minute {
		t.Errorf("%v is not now, in UTC", at)
	}
}

// fields gives the members of an answer as the server sent them, for those whose types differ between editions of the SDK.
func fields(t *testing.T, raw string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(raw), &m); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	return m
}

// eventually asks until what comes is accepted, for at most 30 seconds.
func eventually[T any](t *testing.T, what string, ask func() (T, error), accepted func(T) bool) T {
	t.Helper()
	var last T
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		var err error
		if last, err = ask(); err != nil {
			t.Fatal(err)
		}
		if accepted(last) {
			return last
		}
	}
	t.Fatalf("waited in vain for %s; last came %+v", what, last)
	return last
}

const unknownID = "0123456789abcdef0123456789abcdef"

// malformedIDs cannot be anything's.
var malformedIDs = []string{"abc", unknownID[1:], unknownID + "0", unknownID[1:] + "g"}
