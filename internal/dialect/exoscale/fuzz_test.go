package exoscale_test

import (
	"slices"
	"testing"

	"github.com/writ-iam/writ/internal/catalog"
)

// FuzzBodies sends any body, signed, to any operation that takes one. It is never the server's fault, the answer is always well-formed,
// and what is refused leaves no trace.
func FuzzBodies(f *testing.F) {
	all := slices.DeleteFunc(slices.Clone(deeds), func(d deed) bool { return d.body == "" })
	e := newEstate(f)
	for i, d := range all {
		for _, body := range []string{d.body, d.body[:len(d.body)-1], `{}`, `[]`, `null`, `{"name":"\u0000","labels":{"a":1},"policy":{"services":null}}`,
			`{"default-service-strategy":"deny","services":{"iam":{"type":"rules","rules":[{"action":"deny","expression":"parameters.a.b.has('c') && "}]}}}`} {
			f.Add(uint(i), []byte(e.fill(body)))
		}
	}
	owner := e.owner()
	f.Fuzz(func(t *testing.T, index uint, body []byte) {
		e.t = t
		d := all[index%uint(len(all))]
		before := e.tail()
		a := e.send(as(owner, d.method(t), "/v2"+e.fill(d.path), string(body)))
		// The owner is known and may do everything, but is under the policy that they gave the organization.
		if !slices.Contains([]int{200, 400, 403, 404, 409, 413}, a.status) {
			t.Fatalf("%s: status %d: %s", d.operation, a.status, a.body)
		}
		a.want(a.status)
		if a.status >= 400 && a.status != 403 && e.tail() != before {
			t.Fatalf("%s: status %d, and something was committed", d.operation, a.status)
		}
		e.ask(owner, "POST", "/iam-organization-policy:reset", "").want(200)
	})
}

// FuzzAuthorization sends any header to any operation. None is a signature, so nothing is answered but the one refusal; zones are anybody's.
func FuzzAuthorization(f *testing.F) {
	all := catalog.Builtin().Operations(catalog.Exoscale)
	e := newEstate(f)
	good := sign(e.owner(), "GET", "/v2/iam-role?a=b", "", farAway)
	for i := range all {
		for _, header := range []string{"", "Bearer x", good, good[:len(good)-1], good + ",expires=1", "EXO2-HMAC-SHA256 ", "EXO2-HMAC-SHA256 credential=" + e.names["owner_key"],
			"EXO2-HMAC-SHA256 credential=" + e.names["owner_key"] + ",expires=4102444800,signature=", "Signature " + good[17:], "EXO2-HMAC-SHA256 =,=,;="} {
			f.Add(uint(i), header, "")
			f.Add(uint(i), header, `{"name":"x"}`)
		}
	}
	f.Fuzz(func(t *testing.T, index uint, header, body string) {
		e.t = t
		o := all[index%uint(len(all))]
		before := e.tail()
		r := as(key{}, o.Method, "/v2"+e.fill(operand.ReplaceAllString(o.Path, "{role}")), body)
		if header != "" {
			r.header.Set("Authorization", header)
		}
		a := e.send(r)
		if o.Name == "list-zones" {
			a.want(200)
		} else {
			a.says(403, "Invalid request signature")
		}
		if e.tail() != before {
			t.Fatalf("%s: something was committed", o.Name)
		}
	})
}
