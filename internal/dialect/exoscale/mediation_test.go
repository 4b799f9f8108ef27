package exoscale_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/dialect/exoscale"
)

// deed is a call that succeeds, with what it needs. Those that need more of the caller for some bodies have one for each.
type deed struct {
	operation string // as the catalogue calls it
	path      string // below /v2, in the estate's names
	body      string
	also      []string // what it needs beside the catalogue's first action
	writes    bool
	names     string // the name of the estate's thing that the path or body is about, and that another organization's can take the place of
}

const aPolicy = `{"default-service-strategy":"deny","services":{}}`

// deeds has all operations but list-zones, which is anybody's.
var deeds = []deed{
	{operation: "create-iam-role", path: "/iam-role", body: `{"name":"new"}`, also: []string{"iam:UpdateRolePolicy"}, writes: true},
	{operation: "create-iam-role", path: "/iam-role", body: `{"name":"newer","editable":false,"policy":` + aPolicy + `,"assume-role-policy":{"rules":[]}}`,
		also: []string{"iam:UpdateRolePolicy", "iam:UpdateAssumeRolePolicy"}, writes: true},
	{operation: "list-iam-roles", path: "/iam-role"},
	{operation: "get-iam-role", path: "/iam-role/{role}", names: "role"},
	{operation: "update-iam-role", path: "/iam-role/{role}", body: `{"description":"new"}`, writes: true, names: "role"},
	{operation: "update-iam-role", path: "/iam-role/{role}", body: `{"assume-role-policy":{"rules":[]}}`, also: []string{"iam:UpdateAssumeRolePolicy"}, writes: true, names: "role"},
	{operation: "update-iam-role-policy", path: "/iam-role/{role}:policy", body: aPolicy, writes: true, names: "role"},
	{operation: "update-iam-assume-role-policy", path: "/iam-role/{role}:assume-role-policy", body: aPolicy, writes: true, names: "role"},
	{operation: "assume-iam-role", path: "/iam-role/{role}/assume", body: `{"ttl":900}`, writes: true, names: "role"},
	{operation: "create-api-key", path: "/api-key", body: `{"name":"new","role-id":"{role}"}`, writes: true, names: "role"},
	{operation: "list-api-keys", path: "/api-key"},
	{operation: "get-api-key", path: "/api-key/{media_key}", names: "media_key"},
	{operation: "delete-api-key", path: "/api-key/{media_key}", writes: true, names: "media_key"},
	{operation: "get-iam-organization-policy", path: "/iam-organization-policy"},
	{operation: "update-iam-organization-policy", path: "/iam-organization-policy", body: `{"default-service-strategy":"allow","services":{}}`, writes: true},
	{operation: "reset-iam-organization-policy", path: "/iam-organization-policy:reset", writes: true},
	{operation: "list-users", path: "/user"},
	{operation: "create-user", path: "/user", body: `{"email":"zoe@new.example","role":{"id":"{role}"}}`, also: []string{"iam:SetUserRole"}, writes: true, names: "role"},
	{operation: "update-user-role", path: "/user/{user}", body: `{"role":{"id":"{reader_role}"}}`, writes: true, names: "user"},
	{operation: "update-user-role", path: "/user/{invited}", body: `{"role":{"id":"{role}"}}`, writes: true, names: "invited"},
	{operation: "delete-user", path: "/user/{user}", writes: true, names: "user"},
	{operation: "delete-user", path: "/user/{invited}", writes: true, names: "invited"},
	{operation: "get-organization", path: "/organization"},
	{operation: "get-operation", path: "/operation/{operation}", names: "operation"},
	{operation: "list-events", path: "/event"},
	{operation: "delete-iam-role", path: "/iam-role/{spare_role}", writes: true, names: "spare_role"},
}

// method is that of the deed's operation.
func (d *deed) method(t testing.TB) string {
	t.Helper()
	o, ok := catalog.Builtin().Operation(catalog.Exoscale, d.operation)
	if !ok {
		t.Fatalf("%s is no operation of the catalogue", d.operation)
	}
	return o.Method
}

// open tells whether any key may do it.
func (d *deed) open() bool { return d.operation == "get-operation" }

// actions are what it needs.
func (d *deed) actions(t testing.TB) []string {
	t.Helper()
	o, _ := catalog.Builtin().Operation(catalog.Exoscale, d.operation)
	return append([]string{o.Actions[0]}, d.also...)
}

// deed does one as a key, with names of the estate in place of others.
func (e *estate) deed(d *deed, k key, instead ...string) *answer {
	e.t.Helper()
	path, body := d.path, d.body
	if len(instead) > 0 {
		path = strings.ReplaceAll(path, "{"+d.names+"}", "{"+instead[0]+"}")
		body = strings.ReplaceAll(body, "{"+d.names+"}", "{"+instead[0]+"}")
	}
	return e.ask(k, d.method(e.t), path, body)
}

// TestRoutes holds that the routes are the catalogue's operations, each with its first action, and that deeds need every action that the
// catalogue names.
func TestRoutes(t *testing.T) {
	t.Parallel()
	var want, got []string
	for _, o := range catalog.Builtin().Operations(catalog.Exoscale) {
		want = append(want, o.Method+" "+exoscale.Prefix+o.Path+" "+o.Actions[0])
	}
	for _, r := range exoscale.Routes() {
		action, path := "compute:ListZones", r.Pattern // which anybody may
		if r.Operation != nil {
			action = r.Operation.Action
			if !slices.Contains(control.Operations(), r.Operation) {
				t.Errorf("%s %s does %s, which is not among the operations", r.Method, r.Pattern, action)
			}
		}
		if rest, ok := strings.CutPrefix(path, "/:"); ok {
			verb, below, _ := strings.Cut(rest, "/")
			path = "/" + below + ":" + verb
		}
		got = append(got, r.Method+" "+path+" "+action)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the routes are not the catalogue's operations (-catalogue +routes):\n%s", diff)
	}
	needed := map[string]bool{}
	for _, d := range deeds {
		o, _ := catalog.Builtin().Operation(catalog.Exoscale, d.operation)
		for _, action := range d.actions(t) {
			if needed[d.operation+" "+action] = true; !slices.Contains(o.Actions, action) {
				t.Errorf("%s needs %s, of which the catalogue says nothing", d.operation, action)
			}
		}
	}
	for _, o := range catalog.Builtin().Operations(catalog.Exoscale) {
		for _, action := range o.Actions {
			if !needed[o.Name+" "+action] && o.Name != "list-zones" {
				t.Errorf("no deed of %s needs %s", o.Name, action)
			}
		}
	}
}

// TestDeeds does every deed with a key of a role that has what it needs in the native language, and nothing else; and that lacks any one of
// these rights.
func TestDeeds(t *testing.T) {
	t.Parallel()
	for i := range deeds {
		d := &deeds[i]
		t.Run(fmt.Sprintf("%d %s", i, d.operation), func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			worker := e.with("worker", `{"default-service-strategy":"deny","services":{}}`)
			e.names["p"] = e.natively(e.names["token"], "POST", "/v1/iam/policies", `{"name":"only","document":{"statements":[{"effect":"deny","actions":["none:None"],"resources":["*"]}]}}`).str("policy.id")
			e.natively(e.names["token"], "POST", "/v1/iam/roles/{made_role}/policies", `{"policy_id":"{p}"}`)
			grant := func(actions []string) {
				text, err := json.Marshal(append([]string{"none:None"}, actions...))
				if err != nil {
					t.Fatal(err)
				}
				e.natively(e.names["token"], "PATCH", "/v1/iam/policies/{p}", `{"document":{"statements":[{"effect":"allow","actions":`+string(text)+`,"resources":["*"]}]}}`)
			}
			needs := d.actions(t)
			for j := range needs {
				if d.open() {
					break
				}
				grant(slices.Delete(slices.Clone(needs), j, j+1))
				before := e.tail()
				if a := e.deed(d, worker).want(403); !strings.HasPrefix(a.str("message"), "Forbidden") {
					t.Errorf("without %s: %s", needs[j], a.body)
				}
				if e.tail() != before {
					t.Fatalf("without %s: something was committed", needs[j])
				}
			}
			grant(needs)
			before := e.tail()
			a := e.deed(d, worker).want(200)
			if changed := e.tail() != before; changed != d.writes {
				t.Errorf("committed: %t: %s", changed, a.body)
			}
			if a.header.Get("Writ-Revision") == "" || a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v", a.header)
			}
		})
	}
}

// TestMediation asks for every deed without a signature, with another organization's key, without rights, and with the right to read.
// What is refused changes nothing, and leaves its event if it was a write.
func TestMediation(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	before, tail, denied := e.dump(), e.tail(), e.denials()
	writes := 0
	for i := range deeds {
		d := &deeds[i]
		for _, k := range []key{{}, {"EXO000000000000000000000000", "x"}, {e.names["owner_key"], "x"}, {e.names["other.owner_key"], e.names["owner_secret"]}} {
			e.deed(d, k).says(403, "Invalid request signature")
		}
		if a := e.deed(d, e.key("idle")); d.open() {
			a.want(200)
		} else if a.want(403); !strings.HasPrefix(a.str("message"), "Forbidden by role policy for iam") {
			t.Errorf("%s: %s", d.operation, a.body)
		}
		a := e.deed(d, e.key("reader"))
		if d.writes {
			a.want(403)
			writes++
		} else {
			a.want(200)
		}
		if e.tail() != tail {
			t.Fatalf("%s: something was committed", d.operation)
		}
	}
	if after := e.dump(); after != before {
		t.Errorf("something changed:\n%s\nbecame\n%s", before, after)
	}
	if got, want := e.denials()-denied, 2*writes; got != want {
		t.Errorf("%d refusals in the audit log, want %d: one for each write that somebody known was refused", got, want)
	}
}

// TestOrder holds section 8's order: a request that has several things wrong with it is refused for the first.
func TestOrder(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	const bad = `{"default-service-strategy":"maybe","services":{}}`
	forged := key{e.names["idle_key"], "x"}
	e.ask(forged, "PATCH", "/iam-role/{nowhere}", bad).want(405)
	e.ask(forged, "PUT", "/iam-rule/{nowhere}", bad).says(404, "Not Found")
	e.ask(forged, "PUT", "/iam-role/{nowhere}:policy", bad).says(403, "Invalid request signature")
	e.ask(e.key("idle"), "PUT", "/iam-role/{nowhere}:policy", bad).invalid("$['default-service-strategy']")
	e.ask(e.key("idle"), "PUT", "/iam-organization-policy", bad).invalid("$['default-service-strategy']")
	e.ask(e.key("idle"), "POST", "/iam-role", `{"name":"reader","policy":`+bad+`}`).invalid("$['policy']['default-service-strategy']")
	e.ask(e.key("idle"), "PUT", "/iam-role/{fixed_role}", `{"assume-role-policy":`+bad+`}`).invalid("$['assume-role-policy']['default-service-strategy']")
	e.ask(e.key("idle"), "PUT", "/iam-role/{nowhere}:policy", aPolicy).says(403, "Forbidden by role policy for iam")
	e.ask(e.owner(), "PUT", "/iam-role/{nowhere}:policy", aPolicy).says(404, "Not Found")
	e.ask(e.owner(), "PUT", "/iam-role/{fixed_role}:policy", bad).invalid("$['default-service-strategy']")
	e.ask(e.owner(), "PUT", "/iam-role/{fixed_role}:policy", aPolicy).says(403, "Role is not editable")
}

// denials counts the refusals in the organization's audit log.
func (e *estate) denials() int {
	e.t.Helper()
	v, _ := e.natively(e.names["token"], "GET", "/v1/audit-logs?status=denied&limit=1", "").find("meta.total")
	n, _ := v.(float64)
	return int(n)
}

// dump is everything that the owners of both organizations can read, but for events.
func (e *estate) dump() string {
	e.t.Helper()
	var b strings.Builder
	for _, prefix := range []string{"", "other."} {
		for _, path := range []string{"/iam-role", "/api-key", "/user", "/iam-organization-policy", "/organization", "/operation/{" + prefix + "operation}"} {
			b.Write(e.ask(e.key2(prefix), "GET", path, "").want(200).body)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// key2 is the first key of the role Owner of one of the organizations.
func (e *estate) key2(prefix string) key {
	return key{e.names[prefix+"owner_key"], e.names[prefix+"owner_secret"]}
}

// TestIsolation does every deed on another organization's things, by their ids: they are not there, and nothing happens in either.
func TestIsolation(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	before, tail := e.dump(), e.tail()
	asked := 0
	for i := range deeds {
		d := &deeds[i]
		if d.names == "" {
			continue
		}
		asked++
		e.deed(d, e.key2(""), "other."+d.names).says(404, "Not Found")
		e.deed(d, e.key2("other.")).says(404, "Not Found") // and the other way round
		// What is nowhere is told in the same words.
		if d.names != "media_key" {
			e.deed(d, e.key2(""), "nowhere").says(404, "Not Found")
		}
		if e.tail() != tail {
			t.Fatalf("%s: something was committed", d.operation)
		}
	}
	if after := e.dump(); after != before || asked < 15 {
		t.Errorf("after %d deeds something changed:\n%s\nbecame\n%s", asked, before, after)
	}
	// Lists and reads hold nothing of the other's.
	for name, value := range e.names {
		if rest, is := strings.CutPrefix(name, "other."); is && rest != "domain" && rest != "nowhere" && len(value) > 20 && strings.Contains(strings.Join(strings.Split(before, "\n")[:6], "\n"), value) {
			t.Errorf("%s is among what the first organization sees", name)
		}
	}
}
