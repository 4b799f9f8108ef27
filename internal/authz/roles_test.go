package authz_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// TestPredefinedRoles: Owner may do everything, whatever is attached to who has it; the others may nothing.
func TestPredefinedRoles(t *testing.T) {
	e := &estate{Policies: []naiveDocument{{[]naiveStatement{{Effect: "deny", Actions: []string{"*"}}}}},
		Users: []member{{}, {Policies: []int{0}}, {}, {}}, Roles: [][]int{nil}}
	s, err := e.state()
	if err != nil {
		t.Fatal(err)
	}
	role := func(name string) iam.RoleID { return iam.PredefinedRole(s.ID(), name) }
	h := &history{t: t, random: newRandom(1), s: s, x: authz.New(s), e: e, read: map[string]naiveDocument{}}
	h.commit(func(d *iam.Draft) error {
		_, err1 := d.SetUserRole(iam.UserID{UUID: numbered('u', 1)}, role(iam.OwnerRole))
		_, err2 := d.SetUserRole(iam.UserID{UUID: numbered('u', 2)}, role(iam.BillingRole))
		return errors.Join(err1, err2)
	})
	for _, c := range []struct {
		who  iam.Principal
		want authz.Reason
		via  authz.Via
	}{
		{asUser(0), authz.Allowed, authz.ViaOwner},
		{asUser(1), authz.Allowed, authz.ViaOwner},
		{asUser(2), authz.NoMatch, ""},
		{asUser(3), authz.NoMatch, ""},
		{iam.Principal{Kind: iam.KindOfRole, ID: role(iam.OwnerRole).UUID}, authz.Allowed, authz.ViaOwner},
		{iam.Principal{Kind: iam.KindOfRole, ID: role(iam.BillingRole).UUID}, authz.NoMatch, ""},
		{iam.Principal{Kind: iam.KindOfRole, ID: role(iam.NoRole).UUID}, authz.NoMatch, ""},
		{iam.Principal{Kind: iam.KindOfUser, ID: role(iam.OwnerRole).UUID}, authz.UnknownPrincipal, ""},
		{iam.Principal{Kind: iam.KindOfRole, ID: iam.PredefinedRole(iam.OrgID{UUID: numbered('o', 2)}, iam.OwnerRole).UUID}, authz.UnknownPrincipal, ""},
	} {
		r := &authz.Request{Principal: c.who, Action: "s3:GetObject", Resources: []string{"crn:eu1:s3:object:a"}}
		for name, x := range map[string]*authz.Index{"next": h.x, "new": authz.New(h.s)} {
			why := x.Explain(r, authz.NearMisses)
			if why.Reason != c.want || c.via != "" && (len(why.Determining) != 1 || why.Determining[0].Via != c.via) {
				t.Errorf("%s, %v: %+v", name, c.who, why)
			}
			if what := incoherent(x, r); what != "" {
				t.Errorf("%s, %v: %s", name, c.who, what)
			}
		}
	}
	h.commit(func(d *iam.Draft) error {
		_, err := d.SetUserRole(iam.UserID{UUID: numbered('u', 1)}, iam.RoleID{})
		return err
	})
	if d := h.x.Decide(&authz.Request{Principal: asUser(1), Action: "s3:GetObject", Resources: []string{"x"}}); d.Reason != authz.ExplicitDeny {
		t.Errorf("no Owner any more: %s", d.Reason)
	}
}

// TestUserRole: a user acts with their role's policies beside their own, at once when either changes.
func TestUserRole(t *testing.T) {
	allow := naiveDocument{[]naiveStatement{{SID: "A", Effect: "allow", Actions: []string{"s3:Get*"}}}}
	deny := naiveDocument{[]naiveStatement{{SID: "D", Effect: "deny", Actions: []string{"s3:GetObject"}}}}
	e := &estate{Policies: []naiveDocument{allow, deny}, Users: []member{{}, {}}, Roles: [][]int{{0}, nil}}
	s, err := e.state()
	if err != nil {
		t.Fatal(err)
	}
	h := &history{t: t, random: newRandom(1), s: s, x: authz.New(s), e: e, read: map[string]naiveDocument{}}
	r := &authz.Request{Principal: asUser(1), Action: "s3:GetObject", Resources: []string{"crn:eu1:s3:object:a"}}
	give := func(n int) func(*iam.Draft) error {
		return func(d *iam.Draft) error {
			_, err := d.SetUserRole(iam.UserID{UUID: numbered('u', 1)}, iam.RoleID{UUID: numbered('r', n)})
			return err
		}
	}
	role := func(n int) iam.Holder { return iam.Holder{Type: iam.TypeRole, ID: numbered('r', n)} }
	for i, step := range []struct {
		change func(*iam.Draft) error
		want   authz.Reason
	}{
		{give(0), authz.Allowed},
		{func(d *iam.Draft) error { return d.Attach(policyID(1), role(0)) }, authz.ExplicitDeny},
		{func(d *iam.Draft) error { return d.Detach(policyID(1), role(0)) }, authz.Allowed},
		{give(1), authz.NoMatch},
		{func(d *iam.Draft) error {
			return d.Attach(policyID(0), iam.Holder{Type: iam.TypeUser, ID: numbered('u', 1)})
		}, authz.Allowed},
		{func(d *iam.Draft) error { return d.Attach(policyID(1), role(1)) }, authz.ExplicitDeny},
		{func(d *iam.Draft) error {
			_, err := d.UpdatePolicy(policyID(1), func(p *iam.Policy) { p.Document = allow.text() })
			return err
		}, authz.Allowed},
	} {
		h.commit(step.change)
		if d := h.x.Decide(r); d.Reason != step.want {
			t.Errorf("step %d: %s, want %s", i, d.Reason, step.want)
		}
		if want := newNaive(h.s).decide(&question{Who: r.Principal, Action: r.Action, Resources: r.Resources}); want.reason != step.want.String() {
			t.Errorf("step %d: the second opinion is %s", i, want.reason)
		}
	}
	var via []authz.Via
	for _, f := range h.x.Explain(r, authz.Determining).Determining {
		via = append(via, f.Via)
	}
	if diff := cmp.Diff([]authz.Via{authz.Direct, authz.ViaRole}, via); diff != "" {
		t.Error(diff)
	}
}

// TestOrganizationPolicy: the organization's policy is the boundary of the index, of everybody, as soon as it changes.
func TestOrganizationPolicy(t *testing.T) {
	e := &estate{Policies: []naiveDocument{{[]naiveStatement{{Effect: "allow", Actions: []string{"*"}}}}},
		Users: []member{{}, {Policies: []int{0}}}, Accounts: []member{{Policies: []int{0}}}, Roles: [][]int{{0}}}
	s, err := e.state()
	if err != nil {
		t.Fatal(err)
	}
	h := &history{t: t, random: newRandom(1), s: s, x: authz.New(s), e: e, read: map[string]naiveDocument{}}
	everybody := []iam.Principal{asUser(0), asUser(1), asAccount(0), asRole(0), ownerRole()}
	set := func(document string) func(*iam.Draft) error {
		return func(d *iam.Draft) error { return d.SetOrganizationPolicy(document) }
	}
	for _, step := range []struct {
		change func(*iam.Draft) error
		want   authz.Reason
	}{
		{set(""), authz.Allowed},
		{set(`{"default-service-strategy":"deny","services":{}}`), authz.OutsideBoundary},
		{func(d *iam.Draft) error { return d.SetQuota(iam.QuotaUsers, 7) }, authz.OutsideBoundary},
		{func(d *iam.Draft) error {
			return d.Detach(policyID(0), iam.Holder{Type: iam.TypeUser, ID: numbered('u', 1)})
		}, authz.OutsideBoundary},
		{set(`{"default-service-strategy":"allow","services":{"s3":{"type":"deny"}}}`), authz.ExplicitDeny},
		{set(`{"default-service-strategy":"allow","services":{"iam":{"type":"deny"}}}`), authz.Allowed},
		{set(`{"default-service-strategy":"deny","services":{"s3":{"type":"allow"}}}`), authz.Allowed},
		{set(""), authz.Allowed},
	} {
		h.commit(step.change)
		for _, who := range everybody {
			if who == asUser(1) && step.want == authz.Allowed && len(h.e.Users[1].Policies) == 0 {
				continue
			}
			r := &authz.Request{Principal: who, Action: "s3:GetObject", Resources: []string{"crn:eu1:s3:object:a"}}
			for name, x := range map[string]*authz.Index{"next": h.x, "new": authz.New(h.s)} {
				if d := x.Decide(r); d.Reason != step.want {
					t.Errorf("%q, %s, %v: %s, want %s", h.s.Organization().Policy, name, who, d.Reason, step.want)
				}
			}
			if d := h.x.WithBoundary(nil).Decide(r); d.Reason != authz.Allowed && len(h.e.Users[1].Policies) > 0 {
				t.Errorf("%v without the boundary: %s", who, d.Reason)
			}
		}
	}
}

// TestConsult: a program alone is asked, whoever asks and whatever bounds them.
func TestConsult(t *testing.T) {
	d, err := begin()
	if err != nil {
		t.Fatal(err)
	}
	x := authz.New(d.State())
	for document, want := range map[string]authz.Reason{
		`{"rules":[{"action":"allow","expression":"zone == 'z'"}]}`:                                                  authz.Allowed,
		`{"rules":[{"action":"deny","expression":"zone == 'z'"}]}`:                                                   authz.ExplicitDeny,
		`{"rules":[{"action":"allow","expression":"zone == 'y'"}]}`:                                                  authz.NoMatch,
		`{"default-service-strategy":"allow","services":{}}`:                                                         authz.Allowed,
		`{"default-service-strategy":"deny","services":{}}`:                                                          authz.NoMatch,
		`{"rules":[{"action":"allow","expression":"parameters.l.all(x, parameters.l.all(y, x != y + 100000000))"}]}`: authz.TooCostly,
	} {
		p, err := policy.CompileAssume([]byte(document))
		if err != nil {
			t.Fatal(err)
		}
		var list []any
		for i := range 3000 {
			list = append(list, int64(i))
		}
		c := &policy.Context{Zone: "z", More: &policy.More{Parameters: map[string]any{"l": list}}}
		if got := x.Consult(p, "iam:AssumeRole", "crn::iam:role:1", c); got != want {
			t.Errorf("%s: %s, want %s", document, got, want)
		}
	}
}
