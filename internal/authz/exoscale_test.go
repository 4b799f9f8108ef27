package authz_test

import (
	"encoding/json"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// exoscaleFile is testdata/exoscale.json.
type exoscaleFile struct {
	About    string
	Policies map[string]json.RawMessage
	Vectors  []exoscaleVector
	Shapes   map[string]json.RawMessage
}

type exoscaleVector struct {
	Vector           int
	Org, Role        string
	Class, Operation string

	Zone      string
	SourceIP  string `json:"source_ip"`
	APIKey    string `json:"api_key"`
	Identity  map[string]any
	Resources map[string]any

	Parameters map[string]any

	Reason, Layer, Place, Because string
}

func readExoscale(t testing.TB) *exoscaleFile {
	t.Helper()
	source, err := os.ReadFile("testdata/exoscale.json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(source)))
	d.DisallowUnknownFields()
	file := &exoscaleFile{}
	if err := d.Decode(file); err != nil {
		t.Fatal(err)
	}
	return file
}

// roleWith is the index of an organization with role 0, which holds one policy, within a boundary of another.
func roleWith(t testing.TB, language policy.Language, role, org []byte) *authz.Index {
	t.Helper()
	d, err := begin()
	if err != nil {
		t.Fatal(err)
	}
	_, err1 := d.CreatePolicy(iam.Policy{ID: policyID(0), Name: "role", Language: language, Document: string(role)})
	_, err2 := d.CreateRole(iam.Role{ID: iam.RoleID{UUID: numbered('r', 0)}, Name: "r"}, nil)
	if err := first(err1, err2, d.Attach(policyID(0), iam.Holder{Type: iam.TypeRole, ID: numbered('r', 0)})); err != nil {
		t.Fatal(err)
	}
	x := authz.New(d.State())
	if org == nil {
		return x
	}
	return x.WithBoundary(boundaryOf(t, authz.OrganizationBoundary, policy.Exoscale, string(org)))
}

func boundaryOf(t testing.TB, kind authz.BoundaryKind, language policy.Language, documents ...string) *authz.Boundary {
	t.Helper()
	b := &authz.Boundary{Kind: kind}
	for i, document := range documents {
		p, err := policy.Compile(language, []byte(document), nil)
		if err != nil {
			t.Fatal(err)
		}
		b.Policies = append(b.Policies, authz.BoundaryPolicy{Policy: policyID(100 + i), Name: "limit", Program: p})
	}
	return b
}

// camel is the native name of an operation: list-iam-roles is ListIamRoles.
func camel(operation string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(operation, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

func (v *exoscaleVector) request() *authz.Request {
	ip := v.SourceIP
	if ip == "" {
		ip = "192.0.2.10"
	}
	return &authz.Request{
		Principal: asRole(0), Action: v.Class + ":" + camel(v.Operation), Resources: []string{"crn::" + v.Class + ":thing:1"},
		Context: policy.Context{SourceIP: netip.MustParseAddr(ip), Now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC), Zone: v.Zone,
			More: &policy.More{APIKey: v.APIKey, Identity: v.Identity, Parameters: v.Parameters, Resources: v.Resources}},
	}
}

// TestExoscaleVectors runs the contract's vectors as decisions.
func TestExoscaleVectors(t *testing.T) {
	file := readExoscale(t)
	refused := 0
	for i, v := range file.Vectors {
		if v.Vector != i+1 {
			t.Fatalf("vector %d stands at %d", v.Vector, i+1)
		}
		if v.Org == "" {
			v.Org = "allow-all"
		}
		if file.Policies[v.Org] == nil || file.Policies[v.Role] == nil {
			t.Fatalf("vector %d: no policy %q or %q", v.Vector, v.Org, v.Role)
		}
		x := roleWith(t, policy.Exoscale, file.Policies[v.Role], file.Policies[v.Org])
		if what := v.check(x); what != "" {
			t.Errorf("vector %d: %s", v.Vector, what)
		}
		if what := incoherent(x, v.request()); what != "" {
			t.Errorf("vector %d: %s", v.Vector, what)
		}
		if v.Reason != "explicit_allow" {
			refused++
		}
	}
	if len(file.Vectors) != 38 || refused != 22 {
		t.Errorf("%d vectors with %d refusals; the contract has 38 with 22", len(file.Vectors), refused)
	}
}

// check says in what an answer differs; "" if in nothing.
func (v *exoscaleVector) check(x *authz.Index) string {
	via := authz.ViaRole
	if v.Layer == "org" {
		via = authz.ViaBoundary
	}
	d, why := x.Decide(v.request()), x.Explain(v.request(), authz.NearMisses)
	if d.Reason.String() != v.Reason || why.Decision != d {
		return "decided " + d.Reason.String() + ", explained " + why.Reason.String()
	}
	findings := why.Determining
	if v.Because != "" {
		findings = why.NearMisses
	}
	for _, f := range findings {
		if f.Via == via && f.Statement == v.Place && strings.Contains(f.Failure, v.Because) {
			return ""
		}
	}
	return "nothing says so: " + asJSON(why)
}

// TestExoscaleShapes prints documents as they are met in the world, unchanged but for spaces.
func TestExoscaleShapes(t *testing.T) {
	file := readExoscale(t)
	for name, document := range file.Policies {
		file.Shapes["policy "+name] = document
	}
	for name, document := range file.Shapes {
		p, err := policy.Compile(policy.Exoscale, document, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got, want any
		if err := first(json.Unmarshal(p.Print(), &got), json.Unmarshal(document, &want)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	// A class that no service has never matches, and a name that there is not never holds.
	for _, c := range []struct{ shape, class, operation, want string }{
		{"unknown class", "sos", "get-object", "implicit_deny"},
		{"unknown class", "compute", "get-instance", "explicit_allow"},
		{"unknown identifier", "sos", "get-object", "implicit_deny"},
		{"unknown identifier", "iam", "list-users", "explicit_allow"},
		{"DNS updater", "dns", "update-dns-domain-record", "implicit_deny"},
		{"CSI driver", "compute", "list-zones", "explicit_allow"},
		{"scaler", "compute", "delete-instance", "implicit_deny"},
	} {
		v := exoscaleVector{Class: c.class, Operation: c.operation}
		if d := roleWith(t, policy.Exoscale, file.Shapes[c.shape], nil).Decide(v.request()); d.Reason.String() != c.want {
			t.Errorf("%s, %s: %s", c.shape, c.operation, d.Reason)
		}
	}
}
