package engine_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/engine"
)

// house is a small bundle: ada by a group, grace directly, a robot through a role, mallory disabled, root the owner.
const house = `{
  "owner": "root",
  "policies": [
    {"name": "read", "document": {"statements": [
      {"sid": "reports", "effect": "allow", "actions": ["s3:Get*"], "resources": ["crn::s3:bucket:reports/*"]},
      {"effect": "deny", "actions": ["*"], "resources": ["crn::s3:bucket:reports/secret/*"]}]}},
    {"name": "office", "document": {"statements": [
      {"effect": "allow", "actions": ["s3:Put*"], "resources": ["*"],
       "conditions": [{"operator": "ip_address", "key": "iam:source_ip", "values": ["192.0.2.0/24"]}]}]}},
    {"name": "everything", "language": "exoscale", "document": {"default-service-strategy": "deny", "services": {
      "s3": {"type": "rules", "rules": [{"action": "allow", "expression": "operation == 'delete-object' && parameters.confirmed"}]}}}}
  ],
  "groups": [{"name": "readers", "policies": ["read"]}],
  "principals": [
    {"kind": "user", "name": "root"},
    {"kind": "user", "name": "ada", "groups": ["readers"]},
    {"kind": "user", "name": "grace", "policies": ["read", "office"]},
    {"kind": "user", "name": "mallory", "disabled": true, "groups": ["readers"]},
    {"kind": "service_account", "name": "ada", "policies": []},
    {"kind": "role", "name": "cleaner", "policies": ["everything"]}
  ]
}`

func load(t *testing.T, bundle string) *engine.Engine {
	t.Helper()
	b, err := engine.Read(strings.NewReader(bundle))
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(b)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestDecide(t *testing.T) {
	e := load(t, house)
	june, secret := "crn::s3:bucket:reports/june.csv", "crn::s3:bucket:reports/secret/x"
	office := engine.Context{SourceIP: netip.MustParseAddr("192.0.2.7"), Now: time.Unix(0, 0)}
	confirmed := engine.Context{More: &engine.More{Parameters: map[string]any{"confirmed": true}}}
	for _, c := range []struct {
		name      string
		who       engine.Ref
		action    string
		resources []string
		context   engine.Context
		want      string
	}{
		{"by a group", engine.User("ada"), "s3:GetObject", []string{june}, engine.Context{}, "explicit_allow"},
		{"directly", engine.User("grace"), "s3:GetObject", []string{june}, engine.Context{}, "explicit_allow"},
		{"another action", engine.User("ada"), "s3:PutObject", []string{june}, engine.Context{}, "implicit_deny"},
		{"a deny wins", engine.User("ada"), "s3:GetObject", []string{secret}, engine.Context{}, "explicit_deny"},
		{"one of two is denied", engine.User("ada"), "s3:GetObject", []string{june, secret}, engine.Context{}, "explicit_deny"},
		{"one of two is not allowed", engine.User("ada"), "s3:GetObject", []string{june, "crn::s3:bucket:x"}, engine.Context{}, "implicit_deny"},
		{"no resource", engine.User("ada"), "s3:GetObject", nil, engine.Context{}, "implicit_deny"},
		{"disabled", engine.User("mallory"), "s3:GetObject", []string{june}, engine.Context{}, "principal_disabled"},
		{"unknown", engine.User("eve"), "s3:GetObject", []string{june}, engine.Context{}, "unknown_principal"},
		{"another kind of the name", engine.Role("ada"), "s3:GetObject", []string{june}, engine.Context{}, "unknown_principal"},
		{"the service account of the name", engine.ServiceAccount("ada"), "s3:GetObject", []string{june}, engine.Context{}, "implicit_deny"},
		{"the owner", engine.User("root"), "s3:GetObject", []string{secret}, engine.Context{}, "explicit_allow"},
		{"condition holds", engine.User("grace"), "s3:PutObject", []string{june}, office, "explicit_allow"},
		{"condition sees nothing", engine.User("grace"), "s3:PutObject", []string{june}, engine.Context{}, "implicit_deny"},
		{"expression holds", engine.Role("cleaner"), "s3:DeleteObject", []string{june}, confirmed, "explicit_allow"},
		{"expression fails", engine.Role("cleaner"), "s3:DeleteObject", []string{june}, engine.Context{}, "implicit_deny"},
		{"nobody", engine.Ref{}, "s3:GetObject", []string{june}, engine.Context{}, "unknown_principal"},
	} {
		d := e.Decide(&engine.Request{Principal: c.who, Action: c.action, Resources: c.resources, Context: c.context})
		if d.Reason.String() != c.want || d.Allowed() != (c.want == "explicit_allow") {
			t.Errorf("%s: %s, allowed %t; want %s", c.name, d.Reason, d.Allowed(), c.want)
		}
	}
}

func TestExplain(t *testing.T) {
	e := load(t, house)
	got := e.Explain(&engine.Request{Principal: engine.User("ada"), Action: "s3:GetObject", Resources: []string{"crn::s3:bucket:reports/june.csv"}}, false)
	want := []engine.Finding{{Policy: "read", Statement: "reports", Effect: engine.Allow, Via: "group", Group: "readers", Resource: "crn::s3:bucket:reports/june.csv"}}
	if diff := cmp.Diff(want, got.Determining); diff != "" || got.NearMisses != nil {
		t.Errorf("(-want +got)\n%s\nnear misses %v", diff, got.NearMisses)
	}
	got = e.Explain(&engine.Request{Principal: engine.User("grace"), Action: "s3:PutObject", Resources: []string{"crn::s3:bucket:x"}}, true)
	want = []engine.Finding{{Policy: "read", Statement: "1", Effect: engine.Deny, Via: "direct", Resource: "crn::s3:bucket:x", Failure: "no resource pattern of the statement matches crn::s3:bucket:x"},
		{Policy: "office", Statement: "0", Effect: engine.Allow, Via: "direct", Resource: "crn::s3:bucket:x",
			Failure: "iam:source_ip must be in one of 192.0.2.0/24, is absent"}}
	if diff := cmp.Diff(want, got.NearMisses); diff != "" || got.Determining != nil {
		t.Errorf("(-want +got)\n%s\ndetermining %v", diff, got.Determining)
	}
}

// TestBundles: what is wrong in a bundle is refused, and named.
func TestBundles(t *testing.T) {
	for _, c := range []struct{ name, bundle, want string }{
		{"not JSON", `{`, "unexpected EOF"},
		{"unknown member", `{"policys": []}`, "policys"},
		{"unknown member inside", `{"policies": [{"name": "a", "documents": {}}]}`, "documents"},
		{"twice", `{"policies": [{"name": "a", "document": {"statements": [{"effect": "allow", "actions": ["*"]}]}}, {"name": "a", "document": {}}]}`, `policies[1]: the name "a" is empty or there twice`},
		{"no name", `{"policies": [{"document": {}}]}`, `policies[0]: the name "" is empty or there twice`},
		{"a document that is wrong", `{"policies": [{"name": "a", "document": {"statements": [{"effect": "alow", "actions": ["*"]}]}}]}`, "policies[0] (a): "},
		{"a language that is none", `{"policies": [{"name": "a", "language": "rego", "document": {}}]}`, "unknown policy language"},
		{"no such policy", `{"groups": [{"name": "g", "policies": ["a"]}]}`, `groups[0] (g): there is no policy "a"`},
		{"group twice", `{"groups": [{"name": "g"}, {"name": "g"}]}`, `groups[1]: the name "g" is empty or there twice`},
		{"no such group", `{"principals": [{"kind": "user", "name": "u", "groups": ["g"]}]}`, `principals[0] (u): there is no group "g"`},
		{"principal without policy", `{"principals": [{"kind": "user", "name": "u", "policies": ["p"]}]}`, `principals[0] (u): there is no policy "p"`},
		{"principal without name", `{"principals": [{"kind": "user"}]}`, `principals[0]: the name is empty`},
		{"principal twice", `{"principals": [{"kind": "user", "name": "u"}, {"kind": "user", "name": "u"}]}`, `is there twice`},
		{"no such kind", `{"principals": [{"kind": "robot", "name": "u"}]}`, `a "robot" holds no policies`},
		{"a role in a group", `{"groups": [{"name": "g"}], "principals": [{"kind": "role", "name": "r", "groups": ["g"]}]}`, `a role is in no group`},
		{"no such owner", `{"owner": "u", "principals": [{"kind": "role", "name": "u"}]}`, `the owner is none of the users`},
	} {
		b, err := engine.Read(strings.NewReader(c.bundle))
		if err == nil {
			_, err = engine.New(b)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}

func TestReadFS(t *testing.T) {
	files := fstest.MapFS{
		"bundle.json":                       {Data: []byte(`{"principals": [{"kind": "user", "name": "ada", "policies": ["read.all", "none"]}]}`)},
		"policies/read.all.statements.json": {Data: []byte(`{"statements": [{"effect": "allow", "actions": ["s3:Get*"], "resources": ["*"]}]}`)},
		"policies/none.exoscale.json":       {Data: []byte(`{"default-service-strategy": "deny", "services": {}}`)},
	}
	b, err := engine.ReadFS(files)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(b)
	if err != nil {
		t.Fatal(err)
	}
	for action, want := range map[string]bool{"s3:GetObject": true, "s3:PutObject": false} {
		if d := e.Decide(&engine.Request{Principal: engine.User("ada"), Action: action, Resources: []string{"crn::s3:bucket:x"}}); d.Allowed() != want {
			t.Errorf("%s: %s", action, d.Reason)
		}
	}
	for name, want := range map[string]string{"policies/read.json": "does not say the policy's language", "policies/read.rego.json": "unknown policy language"} {
		files[name] = &fstest.MapFile{Data: []byte(`{}`)}
		b, err := engine.ReadFS(files)
		if err == nil {
			_, err = engine.New(b)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
		delete(files, name)
	}
	delete(files, "bundle.json")
	if _, err := engine.ReadFS(files); err == nil {
		t.Error("no bundle, and no error")
	}
}

// TestAllocations: deciding allocates nothing, as long as no expression is asked.
func TestAllocations(t *testing.T) {
	e := load(t, house)
	who, resources := engine.User("grace"), []string{"crn::s3:bucket:reports/june.csv"}
	if n := testing.AllocsPerRun(100, func() {
		e.Decide(&engine.Request{Principal: who, Action: "s3:GetObject", Resources: resources, Context: engine.Context{Now: time.Unix(1, 0)}})
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSearch(t *testing.T) {
	e := load(t, house)
	june := []string{"crn::s3:bucket:reports/june.csv"}
	got := slices.Collect(e.WhoCan(&engine.Search{Action: "s3:GetObject", Resources: june}, engine.Candidates{}))
	want := []engine.Ref{engine.User("root"), engine.User("ada"), engine.User("grace")}
	if len(got) != len(want) {
		t.Errorf("%d found", len(got))
	}
	for _, who := range want {
		if !slices.Contains(got, who) {
			t.Errorf("%v is missing", who)
		}
	}
	first := slices.Collect(e.WhoCan(&engine.Search{Action: "s3:GetObject", Resources: june}, engine.Candidates{Limit: 1}))
	rest := slices.Collect(e.WhoCan(&engine.Search{Action: "s3:GetObject", Resources: june}, engine.Candidates{After: first[0]}))
	if !slices.Equal(append(first, rest...), got) {
		t.Error("pages differ from the whole")
	}
	if got := slices.Collect(e.WhoCan(&engine.Search{Action: "s3:GetObject", Resources: june}, engine.Candidates{Kinds: []engine.Kind{engine.KindRole}})); got != nil {
		t.Errorf("roles: %v", got)
	}
	ada := &engine.Request{Principal: engine.User("ada"), Action: "s3:GetObject", Resources: june}
	if got := slices.Collect(e.WhatCan(ada, slices.Values([]string{"s3:GetObject", "s3:PutObject", "s3:GetTags"}))); !slices.Equal(got, []string{"s3:GetObject", "s3:GetTags"}) {
		t.Errorf("actions: %v", got)
	}
	if got := slices.Collect(e.WhereCan(ada, slices.Values([]string{"crn::s3:bucket:x", june[0], "crn::s3:bucket:reports/secret/1"}))); !slices.Equal(got, june) {
		t.Errorf("resources: %v", got)
	}
}

func TestBoundary(t *testing.T) {
	b, err := engine.Read(strings.NewReader(house))
	if err != nil {
		t.Fatal(err)
	}
	b.Boundary = []string{"read"}
	e, err := engine.New(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		who          string
		action, want string
	}{{"root", "s3:GetObject", "explicit_allow"}, {"root", "s3:PutObject", "boundary"}, {"ada", "s3:GetObject", "explicit_allow"}, {"mallory", "s3:GetObject", "principal_disabled"}} {
		d := e.Decide(&engine.Request{Principal: engine.User(c.who), Action: c.action, Resources: []string{"crn::s3:bucket:reports/june.csv"}})
		if d.Reason.String() != c.want {
			t.Errorf("%s, %s: %s, want %s", c.who, c.action, d.Reason, c.want)
		}
	}
	b.Boundary = []string{"gone"}
	if _, err := engine.New(b); err == nil || !strings.Contains(err.Error(), `there is no policy "gone"`) {
		t.Errorf("got %v", err)
	}
}
