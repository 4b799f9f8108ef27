package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/writ-iam/writ/client"
	"github.com/writ-iam/writ/internal/api"
)

// TestClientRoutes calls every method of the public client, and holds that what it asks for is a route of this API, with the ids where they
// belong; and that there is a method for every route.
func TestClientRoutes(t *testing.T) {
	mux, patterns, asked := http.NewServeMux(), map[string]bool{}, ""
	for _, r := range api.Routes() {
		mux.Handle(r.Method+" "+r.Pattern, http.NotFoundHandler())
		patterns[r.Method+" "+r.Pattern] = false
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, asked = mux.Handler(r)
		for name := range strings.SplitSeq(asked[strings.IndexByte(asked, ' ')+1:], "/") {
			if strings.HasPrefix(name, "{") && !strings.Contains(r.URL.Path+"/", "/id/") {
				t.Errorf("%s %s has no id as a whole segment", r.Method, r.URL.Path)
			}
		}
		w.WriteHeader(http.StatusTeapot)
	}))
	defer server.Close()
	c, err := client.New(client.Config{URL: server.URL, Token: "token"})
	must(t, err)
	v := reflect.ValueOf(c)
	for i := range v.NumMethod() {
		m, name := v.Method(i), v.Type().Method(i).Name
		if m.Type().NumIn() == 0 || m.Type().In(0) != reflect.TypeFor[context.Context]() {
			continue // makes another client
		}
		in := []reflect.Value{reflect.ValueOf(t.Context())}
		for n := 1; n < m.Type().NumIn(); n++ {
			arg := reflect.New(m.Type().In(n)).Elem()
			if arg.Kind() == reflect.String {
				arg.SetString("id")
			}
			in = append(in, arg)
		}
		asked = ""
		if m.Type().IsVariadic() {
			in = in[:len(in)-1]
		}
		m.Call(in)
		if asked == "" {
			t.Errorf("%s asks for what is no route", name)
		}
		patterns[asked] = true
	}
	delete(patterns, "GET /.well-known/jwks.json")               // for who verifies tokens
	delete(patterns, "DELETE /v1/iam/sts-sessions/{session_id}") // twin of a route that there is a method for
	for pattern, used := range patterns {
		if !used {
			t.Errorf("no method asks for %s", pattern)
		}
	}
}
