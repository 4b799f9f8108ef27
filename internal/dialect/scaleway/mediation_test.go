package scaleway_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/dialect/scaleway"
)

// notServed are operations on connections between users of several organizations. Nothing reaches from one organization into another: a
// person of the installation is the same one in all of theirs, and a local user is known in one alone.
var notServed = []string{"getUserConnections", "initiateUserConnection", "joinUserConnection", "removeUserConnection"}

// TestRoutes holds that the routes and the catalogue's operations are the same, each with the same first action, and that the deeds
// need every action that the catalogue names.
func TestRoutes(t *testing.T) {
	t.Parallel()
	var want, got []string
	operations := slices.DeleteFunc(catalog.Builtin().Operations(catalog.Scaleway), func(o *catalog.Operation) bool { return slices.Contains(notServed, o.Name) })
	for _, o := range operations {
		path := scaleway.Prefix + o.Path
		if o.Path == scaleway.Metadata || strings.HasPrefix(o.Path, scaleway.AccountPrefix) {
			path = o.Path
		}
		want = append(want, o.Method+" "+path+" "+o.Actions[0])
	}
	for _, r := range scaleway.Routes() {
		action := "iam:GetMetadata" // which anybody may
		if r.Operation != nil {
			action = r.Operation.Action
		}
		got = append(got, r.Method+" "+r.Pattern+" "+action)
		if r.Operation != nil && !slices.Contains(control.Operations(), r.Operation) {
			t.Errorf("%s %s does %s, which is not among the operations", r.Method, r.Pattern, action)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the routes are not the catalogue's operations (-catalogue +routes):\n%s", diff)
	}
	needed := map[string]bool{}
	for _, d := range everyDeed(t) {
		for _, action := range d.actions() {
			needed[d.operation.Name+" "+action] = true
			if !slices.Contains(d.operation.Actions, action) {
				t.Errorf("%s needs %s, of which the catalogue says nothing", d.name(), action)
			}
		}
	}
	for _, o := range operations {
		for _, action := range o.Actions {
			if !needed[o.Name+" "+action] {
				t.Errorf("no deed of %s needs %s", o.Name, action)
			}
		}
	}
}

// TestDeeds does every deed as somebody who may do what it needs, and nothing else; and as somebody who lacks any one of these rights.
func TestDeeds(t *testing.T) {
	t.Parallel()
	for _, d := range everyDeed(t) {
		t.Run(d.name(), func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			idle := key(e.names["idle_secret"])
			if d.session {
				e.allow("idle", []string{"iam:CreateJWT"})
				idle = http.Header{"X-Session-Token": {e.ask(idle, "POST", "~/jwts", `{"user_id":"{idle}"}`).want(200).str("token")}}
			}
			if !d.open() && !d.public() {
				needs := d.actions()
				for i := range needs {
					e.allow("idle", slices.Delete(slices.Clone(needs), i, i+1))
					before := e.tail()
					if a := e.deed(d, idle); a.status != 403 {
						t.Errorf("without %s: status %d: %s", needs[i], a.status, a.body)
					} else {
						a.refused(403, "permissions_denied")
					}
					if e.tail() != before {
						t.Fatalf("without %s: something was committed", needs[i])
					}
				}
				e.allow("idle", needs)
			}
			e.prepare(d)
			before := e.tail()
			a := e.deed(d, idle)
			a.want(map[bool]int{true: 204, false: 200}[a.status == 204])
			if void := d.Method == "DELETE"; (a.status == 204) != void {
				t.Errorf("status %d", a.status)
			}
			if changed := e.tail() != before; changed != d.writes() {
				t.Errorf("committed: %t: %s", changed, a.body)
			}
			if a.header.Get("Writ-Revision") == "" && !d.public() {
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
		e.natively(e.nativeOwner(), "PATCH", "/v1/iam/policies/"+id, `{"document":`+statements+`}`)
		return
	}
	e.names["only"] = e.natively(e.nativeOwner(), "POST", "/v1/iam/policies", `{"name":"only","document":`+statements+`}`).str("policy.id")
	e.natively(e.nativeOwner(), "POST", "/v1/iam/users/"+e.names[who]+"/policies", `{"policy_id":"{only}"}`)
}

// TestMediation asks for every deed without credentials, without rights, and with the rights to read alone. What is refused changes
// nothing.
func TestMediation(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	before, tail, denied := e.dump(), e.tail(), e.denials()
	writes := 0
	for _, d := range everyDeed(t) {
		for _, as := range []http.Header{{}, key("nonsense"), key(e.names["nowhere"]), {"X-Session-Token": {"a.b.c"}}} {
			if a := e.deed(d, as); d.public() {
				a.want(200)
			} else {
				a.refused(401, "denied_authentication")
			}
		}
		for _, as := range []http.Header{key(e.names["idle_secret"]), key(e.names["api_token"])} {
			if a := e.deed(d, as); d.public() || d.open() {
				a.want(200)
			} else {
				a.refused(403, "permissions_denied")
			}
		}
		a := e.deed(d, key(e.names["reader_secret"]))
		if d.writes() || d.session {
			a.refused(403, "permissions_denied")
		}
		if d.session {
			continue
		} else if d.writes() {
			writes++
		} else {
			a.want(200)
		}
		if e.tail() != tail {
			t.Fatalf("%s: something was committed", d.name())
		}
	}
	if after := e.dump(); after != before {
		t.Errorf("something changed: %s", difference(before, after))
	}
	if got, want := e.denials()-denied, 3*writes; got != want {
		t.Errorf("%d refusals in the audit log, want %d: one for each write that somebody known was refused", got, want)
	}
}

// denials counts the refusals in the organization's audit log.
func (e *estate) denials() int {
	e.t.Helper()
	return e.natively(e.nativeOwner(), "GET", "/v1/audit-logs?status=denied&limit=1", "").num("meta.total")
}

// dump is everything that the owners can read, but for logs.
func (e *estate) dump() string {
	e.t.Helper()
	var b strings.Builder
	for _, d := range everyDeed(e.t) {
		if d.writes() || d.public() || d.session || strings.Contains(d.Pattern, "/logs") {
			continue
		}
		b.Write(e.deed(d, e.owner()).want(200).body)
		b.Write(e.ask(key(e.names["other.token"]), d.Method, foreign(d.path+d.query), foreign(d.body)).want(200).body)
		b.WriteByte('\n')
	}
	for _, list := range []string{"groups", "applications", "users", "api-keys", "ssh-keys", "policies?organization_id={org}"} {
		b.Write(e.get("~/" + list).want(200).body)
		b.WriteByte('\n')
	}
	return b.String()
}

// foreign makes all names in a text those of the other organization.
func foreign(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string { return "{other." + name[1:] })
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
