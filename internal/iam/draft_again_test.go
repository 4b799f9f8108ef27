package iam

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/policy"
)

// TestDraftAgain: a draft whose commit lost the race for the head is made again. On an equal state it must write the same,
// byte for byte and in the same order; on a newer one the same but for what the other commit has changed. What was given
// to it the first time must still be what it was.
func TestDraftAgain(t *testing.T) {
	w := newWorld(t, 1)
	text, at := "text", w.now.Add(time.Hour).In(time.FixedZone("", 3600))
	key, open := accessKey(20, asUser(2)), session(20, roleID(1), asUser(2), time.Hour)
	key.ExpiresAt = &at
	hire, groups, policies := person(20, "new.hire@corp.example"), []GroupID{groupID(2), groupID(2), groupID(1)}, []PolicyID{policyID(3), policyID(3), policyID(1)}
	role := Role{ID: roleID(20), Name: "new", Description: &text, Trust: &policy.Trust{Principals: []string{"*"}}}
	entry, sealed := &DirectoryEntry{ID: orgID(20), Name: "x", Person: personID(20), CreatedAt: epoch}, &SealedKey{ID: testID('s', 20), Sealed: []byte{1}, CreatedAt: epoch}
	own, own2 := []OwnPolicy{ownPolicy(40, 40), ownPolicy(41, 41)}, []OwnPolicy{ownPolicy(42, 42)}
	codes, ceremony := [][]byte{{1}, {2}}, Ceremony{ID: testID('w', 21), Origin: "https://a.example", ExpiresAt: at}
	uses := []Use{{credentialID(1).UUID, at}, {sessionID(3).UUID, at}}
	given := func() string {
		b, err := json.Marshal([]any{text, at, key, open, hire, groups, policies, role, entry, sealed, uses, own, own2, codes, ceremony})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	before := given()
	draft := func(d *Draft) error {
		d.Touch(uses)
		return errors.Join(
			second(d.CreatePerson(personID(20), "x@corp.example", "X")), second(d.SetPersonEnabled(personID(20), false)),
			d.Register(entry), d.AddSealedKey(sealed), d.SetQuota(QuotaRoles, 50),
			second(d.PutCatalogFile(testID('f', 20), "file", text)),
			second(d.AcceptInvitation(invitationID(1), userID(20), hire)),
			second(d.AddUser(userID(21), person(21, "late@corp.example"), groups)),
			second(d.Invite(invitationID(20), "other@corp.example", groups, Inviter{Name: "O"}, time.Hour)),
			second(d.ResendInvitation(invitationID(20), 2*time.Hour)),
			second(d.CreateServiceAccount(ServiceAccount{ID: accountID(20), Name: "new", Description: &text})),
			second(d.UpdateServiceAccount(accountID(2), func(a *ServiceAccount) { a.DisplayName = &text })),
			second(d.CreateGroup(Group{ID: groupID(20), Name: "new", Description: &text})),
			second(d.UpdateGroup(groupID(2), func(g *Group) { g.Name = "renamed" })),
			d.Join(groupID(20), asUser(2)), d.Join(groupID(20), asAccount(20)), d.Leave(groupID(1), asUser(1)),
			second(d.CreatePolicy(Policy{ID: policyID(20), Name: "new", Language: policy.Statements, Document: allowAll})),
			second(d.UpdatePolicy(policyID(2), func(p *Policy) { p.Document = allowRead })),
			d.Attach(policyID(20), toUser(2)), d.Detach(policyID(1), toUser(1)), d.ReplaceAttachments(toGroup(1), policies),
			makeGroup(20, "zones", zoneKey("1"))(d), makeGroup(21, "zones", "*")(d), editGroup(20, func(g *ResourceGroup) { g.Scope.Objects = []string{"*"} })(d),
			second(d.ReplaceOwn(toGroup(2), policy.Cloudflare, own)), second(d.ReplaceOwn(toInvitation(20), policy.Cloudflare, own2)),
			d.InviteTo(groupID(20), invitationID(20)), d.UninviteFrom(groupID(1), invitationID(20)),
			second(d.CreateRole(role, policies)), second(d.UpdateRole(roleID(2), func(r *Role) { r.Trust = role.Trust })),
			second(d.CreateCredential(key)), second(d.OpenSession(open)), second(d.RevokeSession(sessionID(3), &text)),
			d.DeleteCredential(asUser(1), credentialID(3)),
			setPassword(2, "correct horse")(d), d.FailSignIn(userID(2)), d.SignedIn(userID(2)), d.StartOTP(userID(2), sealed.Sealed),
			d.ConfirmOTP(userID(2), 7, codes), d.UseOTP(userID(2), 8), d.UseRecoveryCode(userID(2), codes[0]),
			d.StartRegistration(userID(2), ceremony),
			second(d.FinishRegistration(ceremony.ID, Authenticator{ID: authenticatorID(20), User: userID(2), Name: "key", Credential: sealed.Sealed})),
			d.UseAuthenticator(authenticatorID(20), at, 1, 1), second(d.RenameAuthenticator(authenticatorID(20), "new")),
			second(d.OpenUserSession(UserSession{ID: userSessionID(20), User: userID(2), Renewal: sealed.Sealed})),
			second(d.RenewUserSession(userSessionID(20), sealed.Sealed)), second(d.RevokeUserSession(userSessionID(20))),
			second(d.SetAlias("corp")), second(d.UpdateLoginMethods(func(m *LoginMethods) { m.SAML = true })),
			secure(func(s *SecuritySettings) { s.LoginAttempts = 3 })(d),
			d.RemoveUser(userID(1)), d.DeleteServiceAccount(accountID(1)), d.DeleteGroup(groupID(1)), d.DeleteRole(roleID(1)),
			d.DeletePolicy(policyID(2)),
			second(d.Invite(invitationID(21), "one@corp.example", nil, Inviter{}, time.Hour)), d.CancelInvitation(invitationID(21)),
		)
	}
	type written struct {
		Changes          []Change
		Claims, Releases []Key
	}
	write := func(s *State) (out written, image []string) {
		t.Helper()
		d, err := s.Begin(w.now, system)
		if err != nil {
			t.Fatal(err)
		}
		if err := draft(d); err != nil {
			t.Fatal(err)
		}
		if out.Changes, out.Claims, out.Releases, err = d.Changes(); err != nil {
			t.Fatal(err)
		}
		if again, _, _, err := d.Changes(); err != nil || !reflect.DeepEqual(again, out.Changes) {
			t.Error("the changes of a draft, asked for twice, differ")
		}
		return out, dump(d.State())
	}
	first, image := write(w.s)
	if got := given(); got != before {
		t.Fatalf("the draft has changed what it was given:\n%s\nwas\n%s", got, before)
	}
	again, imageAgain := write(w.s)
	if !reflect.DeepEqual(first, again) {
		t.Errorf("on the same state the draft wrote\n%s\nand then\n%s", first, again)
	}
	if diff := diffLines(image, imageAgain); diff != "" {
		t.Errorf("on the same state the draft made another:\n%s", diff)
	}

	// The race is lost to a commit of other things.
	w.accept(func(d *Draft) error { return second(d.CreateGroup(Group{ID: groupID(30), Name: "winner"})) })
	newer, imageNewer := write(w.s)
	if !reflect.DeepEqual(first, newer) {
		t.Errorf("on a newer state the draft wrote\n%s\nwant\n%s", newer, first)
	}
	if slices.Equal(image, imageNewer) {
		t.Error("the newer state is not in what was made of it")
	}
	// And to one that takes a name from it.
	w.accept(func(d *Draft) error { return second(d.CreateRole(Role{ID: roleID(30), Name: "new"}, nil)) })
	w.refuse(Exists, "name", draft)
}

// TestNameOfOtherServices: a resource of another service is not taken for the thing of IAM that has its type and id.
func TestNameOfOtherServices(t *testing.T) {
	w := newWorld(t, 1)
	for _, typ := range []string{TypeOrganization, TypeUser, TypeGroup, TypeRole, TypePolicy, TypeServiceAccount} {
		id := map[string]UUID{TypeOrganization: orgID(1).UUID, TypeUser: userID(1).UUID, TypeGroup: groupID(1).UUID, TypeRole: roleID(1).UUID,
			TypePolicy: policyID(1).UUID, TypeServiceAccount: accountID(1).UUID}[typ]
		if w.s.NameOf(Name(typ, id)) == "" {
			t.Errorf("the %s has no name", typ)
		}
		for _, service := range []string{"", "compute", "IAM", "iam "} {
			if name := w.s.NameOf(CRN{Service: service, Type: typ, ID: id.String()}); name != "" {
				t.Errorf("a %s of the service %q is named %q", typ, service, name)
			}
		}
	}
}
