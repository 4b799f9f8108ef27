package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/writ-iam/writ/client/apitype"
)

// serve starts a server that answers everything alike, and gives a client of it and the last request.
func serve(t *testing.T, status int, header http.Header, body string) (*Client, *http.Request) {
	t.Helper()
	var seen http.Request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		seen = *r
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	c, err := New(Config{URL: s.URL, Token: "token"})
	if err != nil {
		t.Fatal(err)
	}
	return c, &seen
}

func TestNew(t *testing.T) {
	for _, url := range []string{"", "localhost:8080", "ftp://x", "http://", "http://x?y", "http://x#y", "http://user:password@x", "http://x\x00"} {
		if _, err := New(Config{URL: url}); err == nil {
			t.Errorf("%q is taken", url)
		}
	}
	if _, err := New(Config{URL: "http://x", Token: "a\r\nX-Other: b"}); err == nil {
		t.Error("a token with a line break is taken")
	}
}

func TestRequests(t *testing.T) {
	c, seen := serve(t, 204, http.Header{"Writ-Revision": {"7"}}, "")
	at, err := c.AtLeast(3).DetachUserPolicy(t.Context(), "a/../b?c", "%2e")
	if err != nil || at != 7 {
		t.Errorf("revision %d, %v", at, err)
	}
	if got := seen.URL.EscapedPath(); got != "/v1/iam/users/a%2F..%2Fb%3Fc/policies/%252e" || seen.Method != "DELETE" {
		t.Errorf("%s %s", seen.Method, got)
	}
	if seen.Header.Get("Authorization") != "Bearer token" || seen.Header.Get("Writ-At-Least") != "3" {
		t.Errorf("%v", seen.Header)
	}
}

func TestQuery(t *testing.T) {
	c, seen := serve(t, 200, nil, `{}`)
	if _, err := c.ListGroups(t.Context(), ListParams{PageParams: PageParams{Limit: 5}, Name: "a&b*"}); err != nil {
		t.Fatal(err)
	}
	if seen.URL.RawQuery != "limit=5&name=a%26b%2A" {
		t.Errorf("%s", seen.URL.RawQuery)
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		status int
		body   string
		want   Error
	}{
		{409, `{"error":{"code":409,"message":"Taken","details":"name: is taken","request_id":"req-1"}}`, Error{409, "Taken", "name: is taken", "req-1"}},
		{403, `{"error":{"code":403,"message":"No","details":null,"request_id":"req-1"}}`, Error{403, "No", "", "req-1"}},
		{502, `<html>`, Error{502, "Bad Gateway", "", "req-header"}},
		{307, ``, Error{307, "Temporary Redirect", "", "req-header"}},
	}
	for _, test := range tests {
		c, _ := serve(t, test.status, http.Header{"X-Request-Id": {"req-header"}, "Location": {"/elsewhere"}}, test.body)
		_, err := c.CreateGroup(t.Context(), apitype.CreateGroupRequest{Name: "x"})
		if e, ok := errors.AsType[*Error](err); !ok || *e != test.want {
			t.Errorf("%d: %v, want %v", test.status, err, &test.want)
		}
	}
	c, _ := serve(t, 200, nil, `not JSON`)
	if _, err := c.GetGroup(t.Context(), "x"); err == nil {
		t.Error("an answer that is no JSON is taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.GetGroup(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
