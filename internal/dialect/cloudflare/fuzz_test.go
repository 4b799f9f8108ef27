package cloudflare_test

import (
	"slices"
	"strings"
	"testing"
)

// FuzzBodies sends any body to any route that takes one. It is never the server's fault, the answer is always well-formed, and what is
// refused leaves no trace.
func FuzzBodies(f *testing.F) {
	all := slices.DeleteFunc(everyDeed(f), func(d deed) bool { return d.body == "" })
	if len(all) < 12 {
		f.Fatalf("only %d routes take a body", len(all))
	}
	e := newEstate(f)
	for i, d := range all {
		for _, body := range []string{d.body, d.body[:len(d.body)-1], `{}`, `[]`, `{"name":"\u0000","policies":[{"access":"allow","access":"deny"}]}`,
			strings.Replace(strings.Replace(d.body, `"*"`, `{"com.cloudflare.api.account.zone.*":"*"}`, 1), `{"id":"{zones}"}`, `{"scope":{"key":"{account_key}","objects":[{"key":"*"}]}}`, 1)} {
			f.Add(uint(i), []byte(e.fill(body)))
		}
	}
	owner := e.owner()
	f.Fuzz(func(t *testing.T, index uint, body []byte) {
		e.t = t
		d := all[index%uint(len(all))]
		before := e.tail()
		a := e.send(owner, d.Method, d.path, string(body))
		if a.status != 200 && !slices.Contains([]int{400, 404, 409, 413, 422}, a.status) { // the owner is known and may do everything
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
