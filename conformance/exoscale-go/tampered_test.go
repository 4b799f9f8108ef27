package exoscalego

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	v3 "github.com/exoscale/egoscale/v3"
	"github.com/exoscale/egoscale/v3/credentials"
)

// tamper changes requests after the SDK has signed them.
type tamper func(*http.Request)

func (change tamper) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	change(r)
	return http.DefaultTransport.RoundTrip(r)
}

// TestTampered: a request that is not what was signed is refused, whatever part of it was changed, and nothing comes of it.
func TestTampered(t *testing.T) {
	_, owner := newOrganization(t)
	ctx := t.Context()
	op, err := owner.CreateIAMRole(ctx, v3.CreateIAMRoleRequest{Name: "ci", Policy: ruled("iam", allow("true"))})
	role := done(t, owner, op, err)
	key := must(owner.CreateAPIKey(ctx, v3.CreateAPIKeyRequest{Name: "ci", RoleID: role}))(t)
	body := func(text string) tamper {
		return func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(bytes.NewBufferString(text)), int64(len(text))
		}
	}
	for what, change := range map[string]tamper{
		"the method": func(r *http.Request) { r.Method = http.MethodGet },
		"the path":   func(r *http.Request) { r.URL.Path = "/v2/api-key" },
		"the body":   body(`{"name":"changed"}`),
		"no body":    body(""),
		"a space":    body(`{"name":"signed"} `),
		"the key":    func(r *http.Request) { swap(r, key.Key, "EXO000000000000000000000000") },
		"the expiry": func(r *http.Request) { swap(r, "expires=", "expires=9") },
		"no header":  func(r *http.Request) { r.Header.Del("Authorization") },
		"the scheme": func(r *http.Request) { swap(r, "EXO2-HMAC-SHA256", "EXO1-HMAC-SHA256") },
		"the proof":  func(r *http.Request) { swap(r, "signature=", "signature=A") },
	} {
		if _, err := through(t, key, change).CreateIAMRole(ctx, v3.CreateIAMRoleRequest{Name: "signed"}); !errors.Is(err, v3.ErrForbidden) {
			t.Errorf("with %s changed: %v", what, err)
		}
	}
	for what, change := range map[string]tamper{
		"a time":           func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "from=20", "from=19", 1) },
		"a time, twice":    func(r *http.Request) { r.URL.RawQuery += "&from=2020-01-01T00:00:00Z" },
		"a time left out":  func(r *http.Request) { r.URL.RawQuery = "to=" + url.QueryEscape(r.URL.Query().Get("to")) },
		"what is signed":   func(r *http.Request) { swap(r, "signed-query-args=from;to", "signed-query-args=to") },
		"nothing signed":   func(r *http.Request) { swap(r, "signed-query-args=from;to,", "") },
		"names of it only": func(r *http.Request) { swap(r, "from;to", "to;from") },
	} {
		_, err := through(t, key, change).ListEvents(ctx, v3.ListEventsWithFrom(time.Now().Add(-time.Hour)), v3.ListEventsWithTo(time.Now()))
		if !errors.Is(err, v3.ErrForbidden) {
			t.Errorf("with %s changed in the query: %v", what, err)
		}
	}
	list := must(owner.ListIAMRoles(ctx))(t)
	for _, name := range []string{"signed", "changed"} {
		if _, err := list.FindIAMRole(name); err == nil {
			t.Errorf("the role %s was made by what nobody signed", name)
		}
	}
	op, err = through(t, key, func(*http.Request) {}).CreateIAMRole(ctx, v3.CreateIAMRoleRequest{Name: "signed"}) // as it was signed
	done(t, owner, op, err)
}

// through makes a client whose requests are changed on their way.
func through(t *testing.T, key *v3.IAMAPIKeyCreated, change tamper) *v3.Client {
	t.Helper()
	client, err := v3.NewClient(credentials.NewStaticCredentials(key.Key, key.Secret),
		v3.ClientOptWithEndpoint(v3.Endpoint(server.Env["EXOSCALE_API_ENDPOINT"])), v3.ClientOptWithHTTPClient(&http.Client{Transport: change}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func swap(r *http.Request, from, to string) {
	r.Header.Set("Authorization", string(bytes.Replace([]byte(r.Header.Get("Authorization")), []byte(from), []byte(to), 1)))
}
