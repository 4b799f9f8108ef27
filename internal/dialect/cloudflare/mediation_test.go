package cloudflare_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDeeds does every deed as somebody who may do what the catalogue says that it needs, and nothing else; and as somebody who
// lacks any one of these rights.
func TestDeeds(t *testing.T) {
	t.Parallel()
	for _, d := range everyDeed(t) {
		t.Run(d.name(), func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			if d.verifies() {
				e.deed(d, bearer(e.names[d.as])).want(200)
				return
			}
			d := d.by("idle")
			needs := d.actions(t)
			if d.gives != "" {
				needs = append(slices.Clone(needs), strings.Split(d.gives, ",")...)
			}
			idle := bearer(e.names["idle_key"])
			for i := range needs {
				e.allow("idle", slices.Delete(slices.Clone(needs), i, i+1))
				before := e.tail()
				if a := e.deed(d, idle); a.status != 403 || a.num("errors.0.code") != 10000 {
					t.Errorf("without %s: status %d: %s", needs[i], a.status, a.body)
				}
				if e.tail() != before {
					t.Fatalf("without %s: something was committed", needs[i])
				}
			}
			e.allow("idle", needs)
			before := e.tail()
			a := e.deed(d, idle).want(200)
			if changed := e.tail() != before; changed != d.writes() {
				t.Errorf("committed: %t: %s", changed, a.body)
			}
			if a.header.Get("Writ-Revision") == "" {
				t.Error("no Writ-Revision")
			}
		})
	}
}

// allow makes one policy in the native language the only one of a user.
func (e *estate) allow(who string, actions []string) {
	e.t.Helper()
	statements := `{"statements":[{"effect":"deny","actions":["audit:GetLog"],"resources":["*"]}]}`
	if len(actions) > 0 {
		text, err := json.Marshal(actions)
		if err != nil {
			e.t.Fatal(err)
		}
		statements = `{"statements":[{"effect":"allow","actions":` + string(text) + `,"resources":["*"]}]}`
	}
	if id, made := e.names["only"]; made {
		e.natively(e.owner(), "PATCH", "/v1/iam/policies/"+id, `{"document":`+statements+`}`)
		return
	}
	e.names["only"] = e.natively(e.owner(), "POST", "/v1/iam/policies", `{"name":"only","document":`+statements+`}`).str("policy.id")
	e.natively(e.owner(), "POST", "/v1/iam/users/"+hyphens(e.names[who])+"/policies", `{"policy_id":"{only}"}`)
}

// TestMediation asks for every deed without credentials, without rights, and with the rights to read alone. What is refused changes
// nothing.
func TestMediation(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	before, tail, denied := e.dump(), e.tail(), e.denied()
	writes := 0
	for _, d := range everyDeed(t) {
		if a := e.deed(d, http.Header{}); d.verifies() {
			a.refused(400, 1001)
		} else {
			a.refused(400, 9106)
		}
		for _, as := range []http.Header{bearer(e.names["idle_key"]), keyed("ida@"+e.names["domain"], e.names["idle_key"])} {
			a := e.deed(d.by("idle"), as)
			switch {
			case d.verifies() && as.Get("Authorization") == "":
				a.refused(400, 1001)
			case d.verifies() && d.ofUser():
				a.want(200)
			default:
				a.refused(403, 10000)
			}
		}
		a := e.deed(d.by("reader"), bearer(e.names["reader_key"]))
		switch {
		case d.verifies() && !d.ofUser():
			a.refused(403, 10000) // it is a person's
		case d.writes():
			a.refused(403, 10000)
		default:
			a.want(200)
		}
		if d.writes() {
			writes++
		}
		if e.tail() != tail {
			t.Fatalf("%s: something was committed", d.name())
		}
	}
	if after := e.dump(); after != before {
		t.Errorf("something changed: %s", difference(before, after))
	}
	if got, want := e.denied()-denied, 3*writes; got != want {
		t.Errorf("%d refusals in the audit log, want %d: one for each write that somebody known was refused", got, want)
	}
}

// denied counts the refusals in the account's audit log.
func (e *estate) denied() int {
	e.t.Helper()
	return e.natively(e.owner(), "GET", "/v1/audit-logs?status=denied&limit=1", "").num("meta.total")
}

// TestLimitedToken holds that a token with one permission may do nothing else, whatever its maker may.
func TestLimitedToken(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	tail := e.tail()
	for _, d := range everyDeed(t) {
		for _, secret := range []string{"ci_secret", "owner_secret"} { // of the account, and of the owner's own
			a := e.deed(d, bearer(e.names[secret]))
			switch own := secret == "owner_secret"; {
			case d.verifies():
				if d.ofUser() == own {
					a.want(200)
				} else {
					a.refused(403, 10000)
				}
			case d.ofUser() && !own, d.writes():
				a.refused(403, 10000)
			case a.status != 200 && a.status != 403:
				t.Errorf("%s: status %d: %s", d.name(), a.status, a.body)
			}
		}
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
}

var lastUsed = regexp.MustCompile(`,"last_used_on":"[^"]*"`)

// dump is everything that the owners can read, but for when tokens were used.
func (e *estate) dump() string {
	e.t.Helper()
	var b strings.Builder
	for _, d := range everyDeed(e.t) {
		if d.writes() || d.verifies() {
			continue
		}
		query := "?include_expired=true&per_page=500"
		b.Write(e.ask(e.owner(), d.Method, d.path+query, "").want(200).body)
		b.Write(e.ask(bearer(e.names["other.token"]), d.Method, foreign(d.path)+query, "").want(200).body)
		b.WriteByte('\n')
	}
	return lastUsed.ReplaceAllString(b.String(), "")
}

// difference shows where two texts begin to differ.
func difference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	from := max(0, i-80)
	return fmt.Sprintf("%q became %q", a[from:min(len(a), i+120)], b[from:min(len(b), i+120)])
}
