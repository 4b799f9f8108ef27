package scaleway_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// refusals are the statuses that somebody known, who may do everything, can get.
var refusals = []int{400, 403, 404, 409, 412}

// FuzzBodies sends any body to any route that takes one. It is never the server's fault, the answer is always well-formed, and what is
// refused leaves no trace.
func FuzzBodies(f *testing.F) {
	all := slices.DeleteFunc(everyDeed(f), func(d deed) bool { return d.body == "" })
	if len(all) < 40 {
		f.Fatalf("only %d deeds have a body", len(all))
	}
	e := newEstate(f)
	for i, d := range all {
		for _, body := range []string{d.body, d.body[:len(d.body)-1], `{}`, `[]`, `{"name":"\u0000","tags":["a","a"],"rules":[{}]}`, strings.Replace(d.body, "{org}", "{other.org}", 1),
			strings.Replace(d.body, ":", ":null,\"x\":", 1), strings.Replace(d.body, "1 == 1", "resource.id ==", 1)} {
			f.Add(uint(i), []byte(e.fill(body)))
		}
	}
	owner := e.owner()
	f.Fuzz(func(t *testing.T, index uint, body []byte) {
		e.t = t
		d := all[index%uint(len(all))]
		before := e.tail()
		a := e.send(owner, d.Method, d.path+d.query, string(body))
		if a.status != 200 && a.status != 204 && !slices.Contains(refusals, a.status) {
			t.Fatalf("%s: status %d: %s", d.name(), a.status, a.body)
		}
		if wrong := a.malformed(); wrong != "" {
			t.Fatalf("%s: %s: %s", d.name(), wrong, a.body)
		}
		if a.status >= 400 && e.tail() != before {
			t.Fatalf("%s: status %d, and something was committed", d.name(), a.status)
		}
	})
}

// FuzzQueries asks any list for anything. The answer is always well-formed, and nothing is ever changed.
func FuzzQueries(f *testing.F) {
	all := slices.DeleteFunc(everyDeed(f), func(d deed) bool { return d.Method != "GET" || d.query == "" })
	if len(all) < 12 {
		f.Fatalf("only %d deeds have a query", len(all))
	}
	e := newEstate(f)
	for i, d := range all {
		for _, query := range []string{d.query[1:], d.query[1:] + "&order_by=created_at_desc&page=2&page_size=1", "page_size=0", "page=10000&page_size=100", "order_by=name_asc&order_by=name_desc",
			"organization_id=&type=unknown_type&user_ids=", "organization_id={other.org}", "organization_id={org}&user_ids[]=x&%zz", "page=99999999999999999999", "a=%00;b"} {
			f.Add(uint(i), e.fill(query))
		}
	}
	owner := e.owner()
	jwt := http.Header{"X-Session-Token": {e.names["jwt"]}}
	f.Fuzz(func(t *testing.T, index uint, query string) {
		e.t = t
		d, as := all[index%uint(len(all))], owner
		if d.session {
			as = jwt
		}
		before := e.tail()
		r := httptest.NewRequest("GET", e.fill(d.path), nil)
		r.URL = &url.URL{Path: r.URL.Path, RawQuery: query}
		r.Header = as.Clone()
		rec := httptest.NewRecorder()
		e.wire.ServeHTTP(rec, r)
		a := &answer{t: t, what: d.path + "?" + query, status: rec.Code, header: rec.Header(), body: rec.Body.Bytes()}
		if a.status != 200 && !slices.Contains(refusals, a.status) {
			t.Fatalf("%s: status %d: %s", a.what, a.status, a.body)
		}
		if wrong := a.malformed(); wrong != "" {
			t.Fatalf("%s: %s: %s", a.what, wrong, a.body)
		}
		if e.tail() != before {
			t.Fatalf("%s: something was committed", a.what)
		}
	})
}
