package control_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/store"
)

// catalogFile defines a service with a permission set; more goes into the service.
func catalogFile(service, more string) string {
	return fmt.Sprintf(`{"services": [{"id": "%[1]s", "name": "S",
  "types": [{"name": "thing", "names": {"cloudflare": "com.%[1]s.thing.{id}"}}],
  "actions": [{"name": "GetThing", "label": "Read", "types": ["thing"], "spellings": {"vngcloud": "%[1]s:ReadThing"}}%[2]s]}],
 "permission_sets": [{"name": "Set%[1]s", "scope": "projects", "grants": [{"allow": ["%[1]s:*"]}]}]}`, service, more)
}

// apply puts a file into the catalogue through a node.
func (w *world) apply(c *control.Control, a iam.Actor, name, content string) (iam.Revision, error) {
	w.t.Helper()
	p, err := c.Enter(w.t.Context(), w.call(a), control.ApplyCatalogFile, control.On(iam.CRN{Service: "iam", Type: iam.TypeCatalogFile, ID: name}))
	if err != nil {
		return 0, err
	}
	_, at, err := c.ApplyCatalogFile(w.t.Context(), p, name, []byte(content))
	if err == nil && at != p.View().Revision() {
		w.t.Errorf("revision %d, the view is at %d", at, p.View().Revision())
	}
	return at, err
}

func (w *world) mustApply(name, content string) {
	w.t.Helper()
	if _, err := w.apply(w.Control, w.operator, name, content); err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
}

// knows tells whether an organization's policies can refer to a permission set, as a node sees it.
func (w *world) knows(c *control.Control, a iam.Actor, set string) bool {
	w.t.Helper()
	p, err := c.Enter(w.t.Context(), w.call(a), control.ListPolicies, control.On(iam.AnyOf(iam.TypePolicy)))
	if err != nil {
		w.t.Fatal(err)
	}
	_, ok := p.View().World().Library.PermissionSet(set)
	return ok
}

// TestCatalogReachesAll: what operators add is there for every organization that was loaded before, for one that is made
// later, on another node, and after a restart; a revision of an organization is not spent on it.
func TestCatalogReachesAll(t *testing.T) {
	w := newWorld(t)
	second := w.node()
	run(t, second)
	w.knows(second, w.owner, "Setreports") // loads the organization there
	if w.knows(w.Control, w.owner, "Setreports") || !w.knows(w.Control, w.owner, "IAMManager") {
		t.Fatal("the organization is not in the built-in catalogue to begin with")
	}
	before := w.revision()
	held := w.enter(w.owner, control.ListPolicies, control.On(iam.AnyOf(iam.TypePolicy)))
	w.mustApply("reports", catalogFile("reports", ""))
	if !w.knows(w.Control, w.owner, "Setreports") || !w.knows(w.Control, w.operator, "Setreports") {
		t.Error("an organization that was loaded before does not know the new set")
	}
	if _, ok := held.View().World().Library.PermissionSet("Setreports"); ok {
		t.Error("a call that was under way has moved")
	}
	if after := w.revision(); after != before {
		t.Errorf("the organization went from revision %d to %d", before, after)
	}
	if _, ok := w.Catalog().Action("reports:GetThing"); !ok || !strings.Contains(string(w.PrintedCatalog()), `"reports"`) {
		t.Error("the catalogue in force does not have it")
	}
	if _, err := w.group(w.Control, "after"); err != nil {
		t.Errorf("the organization takes no change any more: %v", err)
	}
	_, late := w.organization("Late", "lena@late.example")
	if !w.knows(w.Control, late, "Setreports") {
		t.Error("an organization that is made later does not know the set")
	}
	for deadline := time.Now().Add(10 * time.Second); !w.knows(second, w.owner, "Setreports"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the other node does not learn of the set")
		}
	}
	if c := w.node(); !w.knows(c, w.owner, "Setreports") || !w.knows(c, late, "Setreports") {
		t.Error("after a restart the set is not known")
	}
}

// hold gives a service account a policy in any language, through a node.
func (w *world) hold(c *control.Control, a iam.Actor, language policy.Language, document string) error {
	w.t.Helper()
	id := iam.PolicyID{UUID: w.NewID()}
	p, err := c.Enter(w.t.Context(), w.call(w.owner), control.CreatePolicy, control.On(iam.AnyOf(iam.TypePolicy)))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := p.Require(control.AttachServiceAccountPolicy, a.Principal.CRN()); err != nil {
		w.t.Fatal(err)
	}
	_, err = p.Write(w.t.Context(), func(d *iam.Draft) error {
		if _, err := d.CreatePolicy(iam.Policy{ID: id, Name: id.String(), Language: language, Document: document}); err != nil {
			return err
		}
		return d.Attach(id, iam.Holder{Type: iam.TypeServiceAccount, ID: a.Principal.ID})
	})
	return err
}

// allows decides on a node whether an account may do something with things of a service, as authorize does.
func (w *world) allows(c *control.Control, a iam.Actor, action string) bool {
	w.t.Helper()
	p, err := c.Enter(w.t.Context(), w.call(w.owner), control.Authorize, control.On(iam.AnyOf(iam.TypeOrganization)))
	if err != nil {
		w.t.Fatal(err)
	}
	service, _, _ := strings.Cut(action, ":")
	return c.Authorize(p, control.Question{Principal: a.Principal.CRN(), Action: action,
		Resources: []iam.CRN{{Service: service, Type: "thing", ID: "1"}}}).Allowed()
}

// TestCatalogDecides: decisions go by what was added: by sets that policies name and by spellings that they use. Another node
// learns of both when it needs them, in the middle of a write or of loading, and a restarted one has them.
func TestCatalogDecides(t *testing.T) {
	w := newWorld(t)
	second := w.node() // follows nothing: what it learns, it learns of need
	setUser, _ := w.account("by set")
	spellingUser, _ := w.account("by spelling")
	if _, err := w.group(second, "loads the organization there"); err != nil {
		t.Fatal(err)
	}
	set := `{"rules":[{"permission_set_names":["Setreports"],"organization_id":"` + w.org.String() + `"}]}`
	wantCode(t, w.hold(w.Control, setUser, policy.Scaleway, set), iam.Invalid)

	w.mustApply("reports", catalogFile("reports", ""))
	if err := w.hold(w.Control, setUser, policy.Scaleway, set); err != nil {
		t.Fatal(err)
	}
	if err := w.hold(w.Control, spellingUser, policy.VNGCloud, `[{"effect":"allow","actions":["reports:ReadThing"],"resources":["*"]}]`); err != nil {
		t.Fatal(err)
	}
	if _, err := w.group(second, "brings the other node up to date"); err != nil {
		t.Fatal(err)
	}
	for where, c := range map[string]*control.Control{"where it was applied": w.Control, "on the other node": second, "after a restart": w.node()} {
		for _, ask := range []struct {
			who    iam.Actor
			action string
			want   bool
		}{
			{setUser, "reports:GetThing", true},
			{setUser, "others:GetThing", false},
			{spellingUser, "reports:GetThing", true},
			{spellingUser, "reports:DropThing", false},
			{spellingUser, "others:GetThing", false},
		} {
			if got := w.allows(c, ask.who, ask.action); got != ask.want {
				t.Errorf("%s, %s: %s is allowed: %t", where, ask.who.Name, ask.action, got)
			}
		}
	}
}

// TestCatalogRefuses: what a file must not be leaves the catalogue as it was, and an event.
func TestCatalogRefuses(t *testing.T) {
	w := newWorld(t)
	w.mustApply("reports", catalogFile("reports", `, {"name": "OldThing", "label": "Read", "condition_keys": ["k"]}`))
	w.mustApply("others", catalogFile("others", ""))
	printed := string(w.PrintedCatalog())
	good := catalogFile("x", "")
	for _, tc := range []struct {
		why, name, content string
		code               iam.Code
		field, says        string
	}{
		{"no JSON", "x", `{"services": `, iam.Invalid, "", "line 1, column 14"},
		{"empty", "x", ``, iam.Invalid, "", "too early"},
		{"an unknown member", "x", `{"servises": []}`, iam.Invalid, "", "line 1, column 2"},
		{"a bad label", "x", strings.Replace(good, `"Read"`, `"Look"`, 1), iam.Invalid, "services[0].actions[0].label", "line 3, column "},
		{"operations", "x", `{"operations": [{"dialect": "native", "name": "x", "method": "GET", "path": "/x", "actions": ["iam:GetUser"]}]}`, iam.Invalid, "operations", "built-in"},
		{"a built-in service", "x", catalogFile("iam", ""), iam.Invalid, "services[0].id", "there is a service"},
		{"a built-in set", "x", `{"permission_sets": [{"name": "IAMManager", "scope": "projects", "grants": [{"allow": ["*"]}]}]}`, iam.Invalid, "permission_sets[0].name", "there is a permission set"},
		{"another file's service", "x", catalogFile("reports", ""), iam.Invalid, "services[0].id", "there is a service"},
		{"too large", "x", `{"services": []` + strings.Repeat(" ", iam.MaxCatalogFile) + `}`, iam.Invalid, "", "at most"},
		{"null", "x", "null", iam.Invalid, "", "must be an object"},
		{"a bad name", "X", good, iam.NotFound, "", "no name of a catalogue file"},
		{"no name", "", good, iam.NotFound, "", "no name of a catalogue file"},
		{"a dropped action", "reports", catalogFile("reports", ""), iam.Conflict, "", `action "OldThing" would be gone`},
		{"a dropped key", "reports", catalogFile("reports", `, {"name": "OldThing", "label": "Read"}`), iam.Conflict, "", `condition key "k" would be gone`},
		{"a dropped service", "reports", good, iam.Conflict, "", `service "reports" would be gone`},
		{"everything dropped", "reports", `{}`, iam.Conflict, "", "would be gone"},
		{"a dropped set", "others", strings.Replace(catalogFile("others", ""), "Setothers", "Setanother", 1), iam.Conflict, "", `permission set "Setothers" would be gone`},
		{"another spelling", "others", strings.Replace(catalogFile("others", ""), "ReadThing", "SeeThing", 1), iam.Conflict, "", "spellings would change"},
		{"a wider grant", "others", strings.Replace(catalogFile("others", ""), `["others:*"]`, `["*"]`, 1), iam.Conflict, "", "grants would change"},
		{"a name of another file's", "reports", strings.Replace(catalogFile("reports", `, {"name": "OldThing", "label": "Read", "condition_keys": ["k"]}`),
			`"types": [{`, `"types": [{"name": "new", "names": {"cloudflare": "com.others.thing.x{id}"}}, {`, 1), iam.Conflict, "", "could be taken for"},
		{"what a later file has", "reports", strings.Replace(catalogFile("reports", `, {"name": "OldThing", "label": "Read", "condition_keys": ["k"]}`),
			`"services": [`, `"services": [{"id": "others", "name": "O"}, `, 1), iam.Conflict, "", "the file others does not fit any more"},
	} {
		w.clock.advance(time.Second)
		_, err := w.apply(w.Control, w.operator, tc.name, tc.content)
		e, _ := err.(*iam.Error)
		if e == nil || e.Code != tc.code || e.Field != tc.field || !strings.Contains(e.Message, tc.says) {
			t.Errorf("%s: %v", tc.why, err)
		}
		p := w.enter(w.operator, control.ListAuditLogs, control.On(iam.AnyOf(iam.TypeAuditLog)))
		events, _, err := p.Events(t.Context(), store.Query{Action: "platform.catalog_file.apply", Limit: 1})
		if err != nil || len(events) != 1 || events[0].Status != iam.Failure || !events[0].Time.Equal(w.clock.Now()) || events[0].ResourceID != tc.name {
			t.Errorf("%s: the event is %+v, %v", tc.why, events, err)
		}
	}
	if _, err := w.apply(w.Control, w.owner, "x", good); iam.CodeOf(err) != iam.Denied {
		t.Errorf("an owner: %v", err)
	}
	if _, err := w.apply(w.Control, iam.Actor{Org: iam.PlatformOrg}, "x", good); iam.CodeOf(err) != iam.Denied {
		t.Errorf("nobody: %v", err)
	}
	if string(w.PrintedCatalog()) != printed || w.knows(w.Control, w.owner, "Setx") {
		t.Error("what was refused is in force")
	}
}

// TestCatalogReplaced: a file that keeps what was there takes its place, where it stood; the same again is no change.
func TestCatalogReplaced(t *testing.T) {
	w := newWorld(t)
	w.mustApply("reports", catalogFile("reports", ""))
	w.mustApply("b", catalogFile("others", ""))
	first, err := w.apply(w.Control, w.operator, "reports", catalogFile("reports", `, {"name": "NewThing", "label": "Write"}`))
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.apply(w.Control, w.operator, "reports", catalogFile("reports", `, {"name": "NewThing", "label": "Write"}`))
	if err != nil || again != first {
		t.Errorf("the same again: revision %d after %d, %v", again, first, err)
	}
	if _, ok := w.Catalog().Action("reports:NewThing"); !ok {
		t.Error("the new action is not there")
	}
	services := w.Catalog().Services()
	if n := len(services); services[n-2].ID != "reports" || services[n-1].ID != "others" {
		t.Errorf("the order is %s, %s", services[n-2].ID, services[n-1].ID)
	}
	if _, err := store.Verify(t.Context(), w.db, iam.PlatformOrg); err != nil {
		t.Error(err)
	}
}

// TestCatalogMoves: organizations change and are read while the catalogue changes, on two nodes that both change it.
func TestCatalogMoves(t *testing.T) {
	w := newWorld(t)
	second := w.node()
	run(t, w.Control)
	run(t, second)
	var group sync.WaitGroup
	for n, c := range []*control.Control{w.Control, second} {
		group.Go(func() {
			for i := range 4 {
				name := fmt.Sprintf("s%dx%d", n, i)
				if _, err := w.apply(c, w.operator, name, catalogFile(name, "")); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if !w.knows(c, w.owner, "Set"+name) {
					t.Errorf("%s is not known after it was applied", name)
				}
			}
		})
		group.Go(func() {
			for i := range 10 {
				if _, err := w.group(c, fmt.Sprintf("group %d of node %d", i, n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	last := w.node()
	for n := range 2 {
		for i := range 4 {
			if name := fmt.Sprintf("Sets%dx%d", n, i); !w.knows(last, w.owner, name) {
				t.Errorf("%s is lost", name)
			}
		}
	}
}

// forge commits a record of another version of writ behind this one's back; a nil entity removes it.
func (w *world) forge(org iam.OrgID, kind iam.Kind, id iam.UUID, entity any) {
	w.t.Helper()
	_, head, err := w.db.Load(w.t.Context(), org)
	if err != nil {
		w.t.Fatal(err)
	}
	var data []byte
	if entity != nil {
		if data, err = json.Marshal(entity); err != nil {
			w.t.Fatal(err)
		}
	}
	commit := &store.Commit{Org: org, Revision: head.Revision + 1, Parent: head.Hash, Time: w.clock.Now(),
		Author: store.Author{Kind: iam.KindOfSystem, Name: "a newer node"}, Cause: "test",
		Changes: []iam.Change{{Kind: kind, ID: id, Data: data}}}
	commit.Seal()
	if err := w.db.Commit(w.t.Context(), commit); err != nil {
		w.t.Fatal(err)
	}
}

// until waits for a call of an actor to end with a code.
func (w *world) until(a iam.Actor, code iam.Code) {
	w.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		_, err := w.Enter(w.t.Context(), w.call(a), control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup)))
		if iam.CodeOf(err) == code {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("the node goes on: %v", err)
		}
	}
}

// TestCatalogThatCannotBeRead: a node that cannot put the catalogue together does not go on without it, and does not start.
func TestCatalogThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	run(t, w.Control)
	if err := w.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := w.NewID()
	w.forge(iam.PlatformOrg, iam.KindCatalogFile, id,
		iam.CatalogFile{ID: id, Name: "newer", Content: catalogFile("iam", ""), CreatedAt: w.clock.Now(), UpdatedAt: w.clock.Now()})
	if _, err := control.New(t.Context(), w.cfg); err == nil || !strings.Contains(err.Error(), "catalogue file newer") {
		t.Errorf("a node starts: %v", err)
	}
	w.until(w.owner, iam.Unavailable)
	w.until(w.operator, iam.Unavailable)
	if w.Ready(t.Context()) == nil {
		t.Error("the node says that it is ready")
	}
}

// TestPolicyThatCannotBeRead: an organization with a policy about what no catalogue has is not decided on; others are.
func TestPolicyThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	_, other := w.organization("Other", "otto@other.example")
	run(t, w.Control)
	id := w.NewID()
	w.forge(w.org, iam.KindPolicy, id, iam.Policy{ID: iam.PolicyID{UUID: id}, Name: "lost", Language: policy.Scaleway,
		Document: `{"rules":[{"permission_set_names":["Nowhere"],"organization_id":"` + w.org.String() + `"}]}`, CreatedAt: w.clock.Now(), UpdatedAt: w.clock.Now()})
	w.until(w.owner, iam.Internal)
	w.until(other, "")
	_, err := w.node().Enter(t.Context(), w.call(w.owner), control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup)))
	wantCode(t, err, iam.Internal)
	w.mustApply("reports", catalogFile("reports", ""))
	w.until(w.owner, iam.Internal)
	if !w.knows(w.Control, other, "Setreports") {
		t.Error("another organization does not get what is added")
	}
}

// TestCatalogLimit: whatever the catalogue reads, the domain keeps.
func TestCatalogLimit(t *testing.T) {
	if iam.MaxCatalogFile != catalog.MaxFile {
		t.Errorf("a file has %d bytes here and %d there", iam.MaxCatalogFile, catalog.MaxFile)
	}
}
