package control_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/store"
)

// statement is a document of one statement on everything.
func statement(effect, actions string) string {
	return `{"statements":[{"effect":"` + effect + `","actions":["` + strings.ReplaceAll(actions, " ", `","`) + `"],"resources":["*"]}]}`
}

// own are a credential's own policies.
func own(documents ...string) (out []iam.CredentialPolicy) {
	for _, document := range documents {
		out = append(out, iam.CredentialPolicy{Language: policy.Statements, Document: document})
	}
	return out
}

// key gives a principal of the first organization another access key.
func (w *world) key(in control.NewCredential) (*control.Issued, control.Presented) {
	w.t.Helper()
	op := control.CreateServiceAccountCredential
	if in.Principal.Kind == iam.KindOfUser {
		op = control.CreateUserCredential
	}
	if in.Name == "" {
		in.Name = "key"
	}
	made, err := w.CreateAccessKey(w.t.Context(), w.enter(w.owner, op, control.On(in.Principal.CRN())), in)
	if err != nil {
		w.t.Fatal(err)
	}
	w.secrets = append(w.secrets, made.Secret)
	return made, control.Presented{AccessKey: made.Credential.AccessKey, Secret: made.Secret}
}

// change changes a credential as the owner.
func (w *world) change(k *iam.Credential, edit func(*iam.Credential)) {
	w.t.Helper()
	op := control.UpdateServiceAccountCredential
	if k.Principal.Kind == iam.KindOfUser {
		op = control.UpdateUserCredential
	}
	if _, _, err := w.UpdateCredential(w.t.Context(), w.enter(w.owner, op, control.On(k.Principal.CRN())), k.Principal, k.ID, edit); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) tries(a iam.Actor, op *control.Operation) error {
	_, err := w.Enter(w.t.Context(), w.call(a), op, control.On(iam.AnyOf(iam.TypeGroup)))
	return err
}

// TestOwnPolicies: a credential acts within its own policies, whoever bears it, and they grant nothing.
func TestOwnPolicies(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("ci")
	w.grant(a, "allow", "iam:*Group*")
	w.grant(a, "deny", "iam:UpdateGroup")
	for _, tc := range []struct {
		name     string
		bearer   iam.Principal
		policies []iam.CredentialPolicy
		op       *control.Operation
		want     iam.Code
	}{
		{"none", a.Principal, nil, control.CreateGroup, ""},
		{"both allow", a.Principal, own(statement("allow", "iam:ListGroups")), control.ListGroups, ""},
		{"one of several allows", a.Principal, own(statement("allow", "s3:*"), statement("allow", "iam:ListGroups")), control.ListGroups, ""},
		{"the account alone allows", a.Principal, own(statement("allow", "iam:ListGroups")), control.CreateGroup, iam.Denied},
		{"the credential alone allows", a.Principal, own(statement("allow", "*")), control.ListUsers, iam.Denied},
		{"the credential denies", a.Principal, own(statement("allow", "*"), statement("deny", "iam:CreateGroup")), control.CreateGroup, iam.Denied},
		{"the account denies", a.Principal, own(statement("allow", "*")), control.UpdateGroup, iam.Denied},
		{"nothing is said", a.Principal, own(statement("deny", "s3:*")), control.ListGroups, iam.Denied},
		{"of the owner, within", w.owner.Principal, own(statement("allow", "iam:ListGroups")), control.ListGroups, ""},
		{"of the owner, outside", w.owner.Principal, own(statement("allow", "iam:ListGroups")), control.ListUsers, iam.Denied},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w.t = t
			_, shown := w.key(control.NewCredential{Principal: tc.bearer, Policies: tc.policies})
			wantCode(t, w.tries(w.actor(shown), tc.op), tc.want)
		})
	}
}

// TestOwnPoliciesOfOperators: the platform's operations stay within them too.
func TestOwnPoliciesOfOperators(t *testing.T) {
	w := newWorld(t)
	p := w.enter(w.operator, control.CreateServiceAccountCredential, control.On(w.operator.Principal.CRN()))
	made, err := w.CreateAccessKey(t.Context(), p, control.NewCredential{Principal: w.operator.Principal, Name: "k",
		Policies: own(statement("allow", "platform:ListOrganizations platform:SetQuota"))})
	if err != nil {
		t.Fatal(err)
	}
	a := w.actor(control.Presented{Bearer: made.Secret})
	target := control.Target{Org: w.org, Resources: []iam.CRN{platformCRN}}
	w.enter(a, control.ListOrganizations, control.On(platformCRN))
	permit := w.enter(a, control.SetQuota, target)
	_, err = w.Enter(t.Context(), w.call(a), control.SuspendOrganization, target)
	wantCode(t, err, iam.Denied)

	// What is changed between the decision and the write, in another organization than that of the write, holds.
	p = w.enter(w.operator, control.UpdateServiceAccountCredential, control.On(w.operator.Principal.CRN()))
	if _, _, err := w.UpdateCredential(t.Context(), p, a.Principal, a.Credential, func(k *iam.Credential) { k.Policies = own(statement("allow", "s3:*")) }); err != nil {
		t.Fatal(err)
	}
	_, err = permit.Write(t.Context(), func(d *iam.Draft) error { return d.SetQuota(iam.QuotaGroups, 3) })
	wantCode(t, err, iam.Denied)
}

// TestChangedCredential: what a credential becomes holds for a call that is under way, and for the next one.
func TestChangedCredential(t *testing.T) {
	for _, tc := range []struct {
		name string
		edit func(*world, *iam.Credential)
		auth bool // it still says who it is
	}{
		{"policies", func(w *world, k *iam.Credential) {
			w.change(k, func(k *iam.Credential) { k.Policies = own(statement("allow", "iam:ListGroups")) })
		}, true},
		{"addresses", func(w *world, k *iam.Credential) {
			w.change(k, func(k *iam.Credential) { k.AllowedIPs = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")} })
		}, true},
		{"disabled", func(w *world, k *iam.Credential) { w.change(k, func(k *iam.Credential) { k.Disabled = true }) }, false},
		{"not yet valid", func(w *world, k *iam.Credential) {
			w.change(k, func(k *iam.Credential) { k.NotBefore = new(w.clock.Now().Add(time.Second)) })
		}, false},
		{"deleted", func(w *world, k *iam.Credential) {
			p := w.enter(w.owner, control.DeleteServiceAccountCredential, control.On(k.Principal.CRN()))
			if _, err := w.DeleteCredential(w.t.Context(), p, k.Principal, k.ID); err != nil {
				w.t.Fatal(err)
			}
		}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			a, _ := w.account("ci")
			w.grant(a, "allow", "*")
			made, shown := w.key(control.NewCredential{Principal: a.Principal})
			bearer := w.actor(shown)
			p := w.enter(bearer, control.CreateGroup, control.On(iam.AnyOf(iam.TypeGroup)))
			tc.edit(w, made.Credential)
			_, err := p.Write(t.Context(), func(d *iam.Draft) error {
				_, err := d.CreateGroup(iam.Group{ID: iam.GroupID{UUID: w.NewID()}, Name: "late"})
				return err
			})
			wantCode(t, err, iam.Denied)
			wantCode(t, w.tries(bearer, control.CreateGroup), iam.Denied)
			wantCode(t, w.tries(bearer, control.AssumeRole), iam.Denied)
			if _, err := w.Authenticate(t.Context(), shown); (err == nil) != tc.auth {
				t.Errorf("authentication: %v", err)
			}
		})
	}
}

// TestLifetime: a credential is good from its beginning on, to the instant, and not while it is disabled.
func TestLifetime(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("ci")
	now := w.clock.Now()
	made, shown := w.key(control.NewCredential{Principal: a.Principal, NotBefore: new(now.Add(time.Minute)), ExpiresAt: new(now.Add(2 * time.Minute))})
	refused := func(why string) {
		t.Helper()
		for _, x := range []control.Presented{shown, {Bearer: shown.Secret}} {
			if _, err := w.Authenticate(t.Context(), x); iam.CodeOf(err) != iam.Unauthenticated || control.PublicMessage(err) != "the credentials are missing, invalid or expired" {
				t.Errorf("%s: %v", why, err)
			}
		}
	}
	w.clock.advance(time.Minute - time.Microsecond)
	refused("before it is valid")
	w.clock.advance(time.Microsecond)
	bearer := w.actor(shown)
	w.change(made.Credential, func(k *iam.Credential) { k.Disabled = true })
	refused("disabled")
	w.change(made.Credential, func(k *iam.Credential) { k.Disabled = false })
	if w.actor(shown) != bearer {
		t.Error("it is somebody else now")
	}
	w.clock.advance(time.Minute)
	refused("expired")
	w.grant(a, "allow", "*")
	wantCode(t, w.tries(bearer, control.ListGroups), iam.Denied)
	wantCode(t, w.tries(bearer, control.VerifyToken), iam.Denied)
}

// TestAddresses: where a credential may be used from is asked first, and told apart from other refusals.
func TestAddresses(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("ci")
	w.grant(a, "allow", "iam:ListGroups")
	w.grant(a, "allow", "iam:CreateGroup")
	ranges := func(texts ...string) (out []netip.Prefix) {
		for _, text := range texts {
			out = append(out, netip.MustParsePrefix(text))
		}
		return out
	}
	_, shown := w.key(control.NewCredential{Principal: a.Principal, AllowedIPs: ranges("203.0.113.0/24", "2001:db8::/32"), DeniedIPs: ranges("203.0.113.9/32")})
	bearer := w.actor(shown)
	for from, good := range map[string]bool{"203.0.113.7": true, "::ffff:203.0.113.7": true, "2001:db8::7": true,
		"203.0.113.9": false, "::ffff:203.0.113.9": false, "198.51.100.7": false, "2001:db9::7": false, "": false} {
		for _, op := range []*control.Operation{control.ListGroups, control.CreateGroup, control.ListUsers, control.VerifyToken, control.AssumeRole, control.ListOrganizations} {
			call := w.call(bearer)
			call.IP = netip.Addr{}
			if from != "" {
				call.IP = netip.MustParseAddr(from)
			}
			_, err := w.Enter(t.Context(), call, op, control.On(iam.AnyOf(iam.TypeGroup)))
			e, _ := err.(*iam.Error)
			if bySource := e != nil && e.Code == iam.Denied && e.Field == control.SourceIP; bySource == good {
				t.Errorf("%s from %q: %v", op.Action, from, err)
			}
		}
	}
	if got := w.events(store.Query{Action: "iam.group.create", Status: iam.Refused}); len(got) != 5 || !strings.HasPrefix(got[0].ErrorMessage, "source_ip ") {
		t.Errorf("%d refusals are recorded: %+v", len(got), got)
	}
}

// TestNoEscape: a credential that has policies of its own gets at no session and no credential that they would not bind.
func TestNoEscape(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("ci")
	other, _ := w.account("other")
	w.grant(a, "allow", "*")
	role := w.role("job", "*", "crn:spo1:compute:instance:i-1")
	limited, shown := w.key(control.NewCredential{Principal: a.Principal, Policies: own(statement("allow", "*"))})
	bearer := w.actor(shown)
	member, _ := w.member("mia@acme.example")
	memberKey, _ := w.key(control.NewCredential{Principal: member.Principal})
	otherKey, _ := w.key(control.NewCredential{Principal: other.Principal})

	create := func(op *control.Operation) func(iam.Actor, iam.Principal, iam.CredentialID) error {
		return func(by iam.Actor, of iam.Principal, _ iam.CredentialID) error {
			_, err := w.CreateAccessKey(t.Context(), w.enter(by, op, control.On(of.CRN())), control.NewCredential{Principal: of, Name: "free"})
			return err
		}
	}
	update := func(op *control.Operation) func(iam.Actor, iam.Principal, iam.CredentialID) error {
		return func(by iam.Actor, of iam.Principal, id iam.CredentialID) error {
			_, _, err := w.UpdateCredential(t.Context(), w.enter(by, op, control.On(of.CRN())), of, id, func(k *iam.Credential) { k.Policies = nil })
			return err
		}
	}
	roll := func(op *control.Operation) func(iam.Actor, iam.Principal, iam.CredentialID) error {
		return func(by iam.Actor, of iam.Principal, id iam.CredentialID) error {
			_, err := w.RollCredential(t.Context(), w.enter(by, op, control.On(of.CRN())), of, id, "")
			return err
		}
	}
	for _, tc := range []struct {
		name string
		try  func(iam.Actor, iam.Principal, iam.CredentialID) error
		of   *iam.Credential
		want iam.Code
	}{
		{"a user's is made", create(control.CreateUserCredential), memberKey.Credential, iam.Denied},
		{"a user's is changed", update(control.UpdateUserCredential), memberKey.Credential, iam.Denied},
		{"a user's is renewed", roll(control.RollUserCredential), memberKey.Credential, iam.Denied},
		{"one of its bearer is made", create(control.CreateServiceAccountCredential), limited.Credential, iam.Denied},
		{"it is changed by itself", update(control.UpdateServiceAccountCredential), limited.Credential, iam.Denied},
		{"it is renewed by itself", roll(control.RollServiceAccountCredential), limited.Credential, iam.Denied},
		{"another account's is made", create(control.CreateServiceAccountCredential), otherKey.Credential, ""},
		{"another account's is renewed", roll(control.RollServiceAccountCredential), otherKey.Credential, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.try(bearer, tc.of.Principal, tc.of.ID)
			wantCode(t, err, tc.want)
			if err != nil && !strings.Contains(control.PublicMessage(err), "policies of its own") {
				t.Errorf("it does not say why: %v", err)
			}
			if err := tc.try(a, tc.of.Principal, tc.of.ID); err != nil {
				t.Errorf("without policies of its own: %v", err)
			}
		})
		w.change(limited.Credential, func(k *iam.Credential) { k.Policies = own(statement("allow", "*")) })
	}

	assume := func(by iam.Actor) error {
		p, err := w.Enter(t.Context(), w.call(by), control.AssumeRole, control.On(iam.Name(iam.TypeRole, role.UUID)))
		if err == nil {
			_, err = w.AssumeRole(t.Context(), p, control.Assumption{Role: role, Duration: time.Hour})
		}
		return err
	}
	if err := assume(a); err != nil {
		t.Fatal(err)
	}
	wantCode(t, assume(bearer), iam.Denied)
	p := w.enter(bearer, control.GetWorkloadCredentials, control.On(iam.AnyOf(iam.TypeRole)))
	_, err := w.WorkloadSession(t.Context(), p, iam.CRN{Region: "spo1", Service: "compute", Type: "instance", ID: "i-1"}, "job")
	wantCode(t, err, iam.Denied)
	w.change(limited.Credential, func(k *iam.Credential) { k.Policies = own(statement("allow", "iam:ListGroups")) })
	wantCode(t, w.tries(bearer, control.AssumeRole), iam.Denied) // at the door: what a boundary does not allow, trust does not either
	if _, err := w.Enter(t.Context(), w.call(bearer), control.VerifyToken, control.On(iam.AnyOf(iam.TypeAPIToken))); err != nil {
		t.Errorf("it cannot verify itself: %v", err)
	}
}

// TestRoll: a new secret ends the old one, here and on other nodes, which may have found it before.
func TestRoll(t *testing.T) {
	w := newWorld(t)
	second := w.node()
	run(t, second)
	a, key := w.account("ci")
	k, err := w.enter(w.owner, control.GetServiceAccountCredential, control.On(a.Principal.CRN())).View().Credential(a.Credential)
	if err != nil {
		t.Fatal(err)
	}
	old := []control.Presented{key, {Bearer: key.Secret}}
	for _, shown := range old {
		for _, c := range []*control.Control{w.Control, second} {
			if _, err := c.Authenticate(t.Context(), shown); err != nil {
				t.Fatal(err)
			}
		}
	}
	p := w.enter(w.owner, control.RollServiceAccountCredential, control.On(a.Principal.CRN()))
	made, err := w.RollCredential(t.Context(), p, a.Principal, k.ID, "cfut_")
	if err != nil {
		t.Fatal(err)
	}
	w.secrets = append(w.secrets, made.Secret)
	if !strings.HasPrefix(made.Secret, "cfut_") || made.Credential.ID != k.ID || made.Credential.AccessKey != k.AccessKey {
		t.Errorf("got %+v", made.Credential)
	}
	caller := &control.Call{Actor: w.owner, AtLeast: made.Revision, IP: netip.MustParseAddr("203.0.113.7")}
	if _, err := second.Enter(t.Context(), caller, control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup))); err != nil {
		t.Fatal(err) // from here on the other node has seen it
	}
	for i, c := range []*control.Control{w.Control, second} {
		for _, shown := range old {
			_, err := c.Authenticate(t.Context(), shown)
			wantCode(t, err, iam.Unauthenticated)
		}
		for _, shown := range []control.Presented{{AccessKey: key.AccessKey, Secret: made.Secret}, {Bearer: made.Secret}} {
			if got, err := c.Authenticate(t.Context(), shown); err != nil || got != a {
				t.Errorf("node %d: the new secret is %+v, %v", i, got, err)
			}
		}
	}
	got := w.events(store.Query{Action: "iam.credential.roll"})
	if len(got) != 1 || got[0].ResourceID != k.ID.String() || got[0].ResourceType != iam.TypeCredential || got[0].Details["principal"] != a.CRN() ||
		got[0].Details["access_key_id"] != k.AccessKey || len(got[0].Details) != 2 {
		t.Errorf("its event is %+v", got)
	}
}

// TestAccountToken: an API token of the organization acts by what is given to it in the commit that makes it, and goes with
// its service account.
func TestAccountToken(t *testing.T) {
	w := newWorld(t)
	enter := func(op *control.Operation, id iam.CredentialID) *control.Permit {
		target := control.On(iam.Name(iam.TypeAPIToken, id.UUID))
		if id.IsZero() {
			target = control.On(iam.AnyOf(iam.TypeAPIToken))
		}
		return w.enter(w.owner, op, target)
	}
	give := iam.PolicyID{UUID: w.NewID()}
	made, err := w.CreateAccountToken(t.Context(), enter(control.CreateAPIToken, iam.CredentialID{}), control.NewCredential{Name: "terraform", Prefix: "cfat_"},
		func(d *iam.Draft, a *iam.ServiceAccount) error {
			if _, err := d.CreatePolicy(iam.Policy{ID: give, Name: "of terraform", Language: policy.Statements, Document: statement("allow", "iam:ListGroups")}); err != nil {
				return err
			}
			return d.Attach(give, iam.Holder{Type: iam.TypeServiceAccount, ID: a.ID.UUID})
		})
	if err != nil {
		t.Fatal(err)
	}
	w.secrets = append(w.secrets, made.Secret)
	if len(made.Secret) != 53 || !strings.HasPrefix(made.Secret, "cfat_") || made.Credential.CreatorEmail != "olga@acme.example" {
		t.Errorf("secret of %d bytes, %+v", len(made.Secret), made.Credential)
	}
	bearer := w.actor(control.Presented{Bearer: made.Secret})
	wantCode(t, w.tries(bearer, control.ListGroups), "")
	wantCode(t, w.tries(bearer, control.CreateGroup), iam.Denied)
	of, id := made.Credential.Principal, made.Credential.ID

	p := w.enter(w.owner, control.CreateServiceAccountCredential, control.On(of.CRN()))
	_, err = w.CreateAccessKey(t.Context(), p, control.NewCredential{Principal: of, Name: "second"})
	wantCode(t, err, iam.Conflict)
	_, err = w.CreateAccountToken(t.Context(), enter(control.CreateAPIToken, iam.CredentialID{}), control.NewCredential{Name: "refused"},
		func(*iam.Draft, *iam.ServiceAccount) error { return iam.Errorf(iam.Denied, "no") })
	wantCode(t, err, iam.Denied)
	if n := enter(control.ListAPITokens, iam.CredentialID{}).View().AccountTokens().Len(); n != 1 {
		t.Errorf("%d tokens, want 1", n)
	}
	_, foreign := w.organization("Other", "otto@other.example")
	for _, op := range []*control.Operation{control.RollAPIToken, control.UpdateAPIToken, control.DeleteAPIToken} {
		p := w.enter(foreign, op, control.On(iam.Name(iam.TypeAPIToken, id.UUID)))
		var err error
		switch op {
		case control.RollAPIToken:
			_, err = w.RollCredential(t.Context(), p, of, id, "")
		case control.UpdateAPIToken:
			_, _, err = w.UpdateCredential(t.Context(), p, of, id, func(k *iam.Credential) { k.Disabled = true })
		default:
			_, err = w.DeleteCredential(t.Context(), p, of, id)
		}
		wantCode(t, err, iam.NotFound)
	}
	if _, _, err := w.UpdateCredential(t.Context(), enter(control.UpdateAPIToken, id), of, id, func(k *iam.Credential) { k.Name = "tf" }); err != nil {
		t.Fatal(err)
	}
	if _, err := w.DeleteCredential(t.Context(), enter(control.DeleteAPIToken, id), of, id); err != nil {
		t.Fatal(err)
	}
	_, err = w.Authenticate(t.Context(), control.Presented{Bearer: made.Secret})
	wantCode(t, err, iam.Unauthenticated)
	wantCode(t, w.tries(bearer, control.ListGroups), iam.Denied)
	for action, name := range map[string]string{"iam.api_token.create": "terraform", "iam.api_token.update": "terraform", "iam.api_token.delete": "tf"} {
		got := w.events(store.Query{Action: action, Status: iam.Success})
		if len(got) != 1 || got[0].ResourceType != "api_token" || got[0].ResourceID != id.String() || got[0].ResourceName != name {
			t.Errorf("%s: %+v", action, got)
		}
	}
}

// TestMayGive: nobody gives what they are not allowed to do themselves.
func TestMayGive(t *testing.T) {
	w := newWorld(t)
	reader, _ := w.account("reader")
	w.grant(reader, "allow", "iam:List*")
	w.grant(reader, "allow", "iam:Get*")
	w.grant(reader, "allow", "iam:CreateAPIToken")
	w.grant(reader, "deny", "iam:GetRole")
	narrow, _ := w.account("narrow")
	w.grant(narrow, "allow", "iam:CreateAPIToken")
	w.write(w.owner, control.CreatePolicy, control.On(iam.AnyOf(iam.TypePolicy)), func(d *iam.Draft) error {
		id := iam.PolicyID{UUID: w.NewID()}
		document := `{"statements":[{"effect":"allow","actions":["s3:*","acme:Run"],"resources":["crn:eu1:s3:object:reports/*","crn:eu1:acme:job:*"]}]}`
		if _, err := d.CreatePolicy(iam.Policy{ID: id, Name: "narrow", Language: policy.Statements, Document: document}); err != nil {
			return err
		}
		return d.Attach(id, iam.Holder{Type: iam.TypeServiceAccount, ID: narrow.Principal.ID})
	})
	on := func(effect, action, resource string) string {
		return `{"statements":[{"effect":"` + effect + `","actions":["` + action + `"],"resources":["` + resource + `"]}]}`
	}
	for _, tc := range []struct {
		name     string
		giver    iam.Actor
		document string
		names    string // the action in the refusal; "" if it may be given
	}{
		{"the owner gives everything", w.owner, statement("allow", "*"), ""},
		{"a reader gives reading", reader, statement("allow", "iam:ListGroups iam:GetGroup"), ""},
		{"a reader gives reading of one thing", reader, on("allow", "iam:GetGroup", "crn::iam:group:"+w.NewID().String()), ""},
		{"a reader denies", reader, statement("deny", "*"), ""},
		{"a reader gives writing", reader, statement("allow", "iam:ListGroups iam:CreateGroup"), "iam:CreateGroup"},
		{"a reader gives writing of one thing", reader, on("allow", "iam:DeleteGroup", "crn::iam:group:"+w.NewID().String()), "iam:DeleteGroup"},
		{"a reader gives everything", reader, statement("allow", "*"), "iam:"},
		{"a reader gives what is denied to them", reader, statement("allow", "iam:Get*"), "iam:GetRole"},
		{"a reader gives with a condition", reader, `{"statements":[{"effect":"allow","actions":["iam:CreateGroup"],"resources":["*"],` +
			`"conditions":[{"operator":"equals","key":"iam:user_agent","values":["x"]}]}]}`, "iam:CreateGroup"},
		{"a reader gives what nobody has heard of", reader, statement("allow", "acme:Run"), "acme:Run"},
		{"a narrow one gives what they have", narrow, on("allow", "s3:GetObject", "crn:eu1:s3:object:reports/*"), ""},
		{"a narrow one gives less", narrow, on("allow", "s3:GetObject", "crn:eu1:s3:object:reports/2025/*"), ""},
		{"a narrow one gives an action of their own", narrow, on("allow", "acme:Run", "crn:eu1:acme:job:nightly"), ""},
		{"a narrow one gives another folder", narrow, on("allow", "s3:GetObject", "crn:eu1:s3:object:payroll/*"), "s3:GetObject"},
		{"a narrow one gives all folders", narrow, on("allow", "s3:GetObject", "crn:eu1:s3:object:*"), "s3:GetObject"},
		{"a narrow one gives the same anywhere", narrow, on("allow", "s3:GetObject", "reports/*"), "s3:GetObject"},
		{"a narrow one gives all actions of their own", narrow, on("allow", "acme:*", "crn:eu1:acme:job:nightly"), "acme:*"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			program, err := policy.Compile(policy.Statements, []byte(tc.document), nil)
			if err != nil {
				t.Fatal(err)
			}
			err = w.enter(tc.giver, control.CreateAPIToken, control.On(iam.AnyOf(iam.TypeAPIToken))).MayGive([]*policy.Program{program})
			if tc.names == "" {
				wantCode(t, err, "")
				return
			}
			wantCode(t, err, iam.Denied)
			if !strings.Contains(control.PublicMessage(err), tc.names) {
				t.Errorf("it does not name %s: %v", tc.names, err)
			}
		})
	}
	_, shown := w.key(control.NewCredential{Principal: w.owner.Principal, Policies: own(statement("allow", "iam:ListGroups iam:CreateAPIToken"))})
	limited := w.enter(w.actor(shown), control.CreateAPIToken, control.On(iam.AnyOf(iam.TypeAPIToken)))
	all, err := policy.Compile(policy.Statements, []byte(statement("allow", "*")), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, limited.MayGive([]*policy.Program{all}), iam.Denied) // what is the owner's is not the token's

	// Rights that are gone when it is written are not given.
	granted := w.grant(reader, "allow", "iam:CreateGroup")
	p := w.enter(reader, control.CreateAPIToken, control.On(iam.AnyOf(iam.TypeAPIToken)))
	create, err := policy.Compile(policy.Statements, []byte(statement("allow", "iam:CreateGroup")), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, p.MayGive([]*policy.Program{create}), "")
	w.write(w.owner, control.DetachServiceAccountPolicy, control.On(reader.Principal.CRN()), func(d *iam.Draft) error {
		return d.Detach(granted, iam.Holder{Type: iam.TypeServiceAccount, ID: reader.Principal.ID})
	})
	_, err = w.CreateAccountToken(t.Context(), p, control.NewCredential{Name: "late"}, nil)
	wantCode(t, err, iam.Denied)
}

// TestVerifyToken: everybody who is known may ask about themselves, whatever is denied to them; nobody and the suspended may
// not.
func TestVerifyToken(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("ci")
	w.grant(a, "deny", "*")
	s := w.temporary(w.owner, "job")
	verify := func(by iam.Actor) error { return w.tries(by, control.VerifyToken) }
	for _, by := range []iam.Actor{a, w.owner, w.operator, w.actor(control.Presented{Bearer: s.Token})} {
		wantCode(t, verify(by), "")
	}
	wantCode(t, verify(iam.Actor{Org: w.org}), iam.Denied)
	stranger := a
	stranger.Credential = w.owner.Credential
	wantCode(t, verify(stranger), iam.Denied)
	target := control.Target{Org: w.org, Resources: []iam.CRN{platformCRN}}
	w.write(w.operator, control.SuspendOrganization, target, func(d *iam.Draft) error { return d.SetSuspended(true) })
	wantCode(t, verify(a), iam.Denied)
}

// TestPlainCredential: a credential that limits nothing costs no allocation.
func TestPlainCredential(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("ci")
	w.grant(a, "allow", "iam:ListGroups")
	bare := a
	bare.Credential = iam.CredentialID{}
	allocations := func(by iam.Actor) float64 {
		call, target := w.call(by), control.On(iam.AnyOf(iam.TypeGroup))
		return testing.AllocsPerRun(200, func() {
			if _, err := w.Enter(t.Context(), call, control.ListGroups, target); err != nil {
				t.Fatal(err)
			}
		})
	}
	if with, without := allocations(a), allocations(bare); with > without {
		t.Errorf("%v allocations, and %v when no credential is looked at", with, without)
	}
}

// TestNoEscapeByPassword: a credential that has policies of its own makes nobody whose password it knows, who would not be bound by them.
func TestNoEscapeByPassword(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("ci")
	w.grant(a, "allow", "*")
	_, shown := w.key(control.NewCredential{Principal: a.Principal, Policies: own(statement("allow", "*"))})
	add := func(by iam.Actor, login string) error {
		p := w.enter(by, control.AddUser, control.On(iam.AnyOf(iam.TypeUser)))
		set, err := w.Password(t.Context(), p, horse)
		if err != nil {
			return err
		}
		_, _, err = w.CreateLocalUser(t.Context(), p, iam.User{Username: login}, nil, set)
		return err
	}
	before := w.revision()
	wantCode(t, add(w.actor(shown), "mallory"), iam.Denied)
	if w.revision() != before {
		t.Error("something was written")
	}
	if err := add(a, "mia"); err != nil {
		t.Errorf("without policies of its own: %v", err)
	}
}

// TestOwnersCredentials: nobody but the owner gets at what proves the owner, whatever they may do to users.
func TestOwnersCredentials(t *testing.T) {
	w := newWorld(t)
	admin, _ := w.account("admin")
	w.grant(admin, "allow", "*")
	owner := w.owner.Principal
	id, on := iam.UserID{UUID: owner.ID}, control.On(owner.CRN())
	key, _ := w.key(control.NewCredential{Principal: owner})
	for name, try := range map[string]func(by iam.Actor) error{
		"a key is made": func(by iam.Actor) error {
			_, err := w.CreateAccessKey(t.Context(), w.enter(by, control.CreateUserCredential, on), control.NewCredential{Principal: owner, Name: "another"})
			return err
		},
		"a key is changed": func(by iam.Actor) error {
			p := w.enter(by, control.UpdateUserCredential, on)
			_, _, err := w.UpdateCredential(t.Context(), p, owner, key.Credential.ID, func(k *iam.Credential) { k.Description = "ours" })
			return err
		},
		"a key is renewed": func(by iam.Actor) error {
			_, err := w.RollCredential(t.Context(), w.enter(by, control.RollUserCredential, on), owner, key.Credential.ID, "")
			return err
		},
		"a second factor is added": func(by iam.Actor) error {
			_, _, err := w.StartOTP(t.Context(), w.enter(by, control.CreateUserMFA, on), id)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := w.revision()
			err := try(admin)
			wantCode(t, err, iam.Denied)
			if err != nil && !strings.Contains(control.PublicMessage(err), "nobody but the organization's owner") {
				t.Errorf("it does not say why: %v", err)
			}
			if w.revision() != before {
				t.Error("something was written")
			}
			if err := try(w.owner); err != nil {
				t.Errorf("the owner's own: %v", err)
			}
		})
	}
}
