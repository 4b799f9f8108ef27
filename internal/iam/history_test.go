package iam

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/policy"
	worlds "github.com/writ-iam/writ/internal/world"
)

// Random histories of one organization. Ids, names and keys come from a small universe, so that operations meet each other's
// traces all the time, and about as many are refused as are accepted.

const (
	histories    = 620
	steps        = 170 // drafts of one history
	universe     = 5   // ids of a kind
	namesInUse   = 6
	reloadChance = 4 // one state in so many is loaded from its records
)

// inWorld has what policies in Cloudflare's language refer to.
var inWorld = worlds.Of(catalog.Builtin())

func labelled(label string) string {
	g, _ := catalog.Builtin().PermissionGroupLabelled(label)
	return g.ID()
}

func hexID(id ResourceGroupID) string { return strings.ReplaceAll(id.String(), "-", "") }

const workerKey = "com.cloudflare.api.account.worker.w"

func zoneKey(id string) string { return "com.cloudflare.api.account.zone." + id }

// history is one organization's life.
type history struct {
	*rand.Rand
	s       *State
	image   []string
	now     time.Time
	records map[touch]Change
	keys    int // access keys handed out: they are never the same
	dumper  *dumper
	errs    []error
	outcome map[string]*outcomes
}

// outcomes counts what became of one operation.
type outcomes struct{ accepted, refused int }

type operation struct {
	name string
	run  func(h *history, d *Draft) error
	rare bool // it takes away, or stands in the way of others: without restraint organizations would stay empty
}

func (h *history) n() int             { return h.IntN(universe) }
func (h *history) chance(in int) bool { return h.IntN(in) == 0 }

// name is one of a few, some of which differ by case or Unicode form alone.
func (h *history) name() string {
	return []string{"a", "A", "ab", "é", "e\u0301", "a b*"}[h.IntN(namesInUse)]
}

func (h *history) email() string {
	return []string{"a@x", "A@x", "b@x", "é@x", "É@X", "c@x"}[h.IntN(6)]
}

// anEmail is an address, or none.
func (h *history) anEmail() string {
	if h.chance(2) {
		return ""
	}
	return h.email()
}

// username is one of a few, some of which are addresses of others too, or no usernames.
func (h *history) username() string {
	return []string{"ann", "Ann", "bob.b", "a@x", "c@X", "eve", "ian_7", "é@x"}[h.IntN(8)]
}

func (h *history) tags() (out []Tag) {
	for range h.IntN(4) {
		out = append(out, Tag{h.name(), ""})
	}
	return out
}

func (h *history) text() *string {
	if h.chance(2) {
		return nil
	}
	text := h.name()
	return &text
}

func (h *history) document() string {
	return []string{allowAll, allowRead, `{"statements":[{"effect":"deny","actions":["s3:*"]}]}`, "{"}[h.IntN(4)]
}

// principal is somebody of the state, mostly.
func (h *history) principal(s *State) Principal {
	switch h.IntN(8) {
	case 0:
		return Principal{KindOfRole, h.role(s).UUID}
	case 1, 2, 3:
		return Principal{KindOfUser, live(h, &s.users, 'u')}
	}
	return Principal{KindOfServiceAccount, live(h, &s.accounts, 'a')}
}

func (h *history) holder(s *State) Holder {
	switch h.IntN(5) {
	case 0:
		return Holder{TypeUser, live(h, &s.users, 'u')}
	case 3:
		return Holder{TypeInvitation, live(h, &s.invitations, 'v')}
	case 1:
		return Holder{TypeServiceAccount, live(h, &s.accounts, 'a')}
	case 2:
		return Holder{TypeGroup, live(h, &s.groups, 'g')}
	}
	return Holder{TypeRole, live(h, &s.roles, 'r')}
}

// role is one of the state, mostly; or a predefined one.
func (h *history) role(s *State) RoleID {
	if h.chance(8) {
		return PredefinedRole(s.id, []string{OwnerRole, BillingRole, NoRole}[h.IntN(3)])
	}
	return RoleID{live(h, &s.roles, 'r')}
}

func (h *history) connector(s *State) ConnectorID { return ConnectorID{live(h, &s.connectors, 'c')} }

func (h *history) project(s *State) ProjectID { return ProjectID{live(h, &s.projects, 'j')} }

func (h *history) sshKey(s *State) SSHKeyID { return SSHKeyID{live(h, &s.sshKeys, 'w')} }

func (h *history) groups(s *State) (out []GroupID) {
	for range h.IntN(3) {
		out = append(out, GroupID{live(h, &s.groups, 'g')})
	}
	return out
}

func (h *history) policies(s *State) (out []PolicyID) {
	for range h.IntN(4) {
		out = append(out, PolicyID{live(h, &s.policies, 'p')})
	}
	return out
}

// scope is one of a few, some of which are wrong.
func (h *history) scope() Scope {
	key, objects := AccountKey(h.s.id), []string{"*"}
	if h.chance(2) {
		objects = [][]string{{zoneKey("1")}, {zoneKey("2"), "*"}, {zoneKey("1"), zoneKey("*")}, {workerKey}, nil, {"moon"}}[h.IntN(6)]
	}
	if h.chance(10) {
		key = AccountKey(orgID(99))
	}
	return Scope{key, objects}
}

// scoped is a document that names resource groups, mostly.
func (h *history) scoped(s *State, groups ...ResourceGroupID) string {
	var named []string
	for range h.IntN(3) {
		id := ResourceGroupID{live(h, &s.resourceGroups, 'z')}
		if h.chance(8) {
			id.UUID = live(h, &s.anonymous, 'y')
		}
		groups = append(groups, id)
	}
	for i, g := range groups {
		if !slices.Contains(groups[:i], g) {
			named = append(named, `{"id":"`+hexID(g)+`"}`)
		}
	}
	if named == nil {
		named = []string{fmt.Sprintf(`{"scope":{"key":%q,"objects":[{"key":"*"}]}}`, AccountKey(h.s.id))}
	}
	return fmt.Sprintf(`{"access":"allow","permission_groups":[{"id":%q}],"resource_groups":[%s]}`, labelled("domain_dns"), strings.Join(named, ","))
}

// own is a few policies with scopes of their own.
func (h *history) own(s *State) (out []OwnPolicy) {
	for range h.IntN(3) {
		own := OwnPolicy{ID: policyID(universe + h.IntN(3*universe))}
		var ids []ResourceGroupID
		for range h.IntN(3) {
			g := ResourceGroup{ID: ResourceGroupID{testID('y', h.IntN(6*universe))}, Scope: h.scope()}
			own.Scopes, ids = append(own.Scopes, g), append(ids, g.ID)
		}
		if ids != nil && h.chance(12) {
			ids = ids[1:]
		}
		own.Document = h.scoped(s, ids...)
		out = append(out, own)
	}
	return out
}

// person is the same person for the same number, sometimes disabled.
func (h *history) person() *Person {
	n := h.n()
	p := person(n, []string{"a@x", "b@x", "é@x", "c@x", "d@x"}[n])
	p.Enabled = !h.chance(10)
	return p
}

func (h *history) lifetime() time.Duration {
	return []time.Duration{time.Microsecond, time.Minute, 24 * time.Hour, SessionsKept}[h.IntN(4)]
}

func (h *history) key() string {
	h.keys++
	return fmt.Sprintf("KEY%d", h.keys)
}

// idOrNone is an id, or the nil one.
func (h *history) idOrNone(kind byte) UUID {
	if h.chance(8) {
		return UUID{}
	}
	return testID(kind, h.n())
}

// live picks the id of something that is there, mostly.
func live[E entity](h *history, t *table[E], kind byte) UUID {
	if t.len() == 0 || h.chance(8) {
		return testID(kind, h.n())
	}
	return t.order.At(h.IntN(t.len())).id
}

var operations = []operation{
	{"AddUser", func(h *history, d *Draft) error { return second(d.AddUser(userID(h.n()), h.person(), h.groups(d.s))) }, false},
	{"RemoveUser", func(h *history, d *Draft) error { return d.RemoveUser(UserID{live(h, &d.s.users, 'u')}) }, true},
	{"CreateLocalUser", func(h *history, d *Draft) error {
		return second(d.CreateLocalUser(User{ID: userID(h.n()), Username: h.username(), Email: h.anEmail(), FirstName: h.name(), Tags: h.tags()}, h.groups(d.s)))
	}, false},
	{"UpdateUser", func(h *history, d *Draft) error {
		return second(d.UpdateUser(UserID{live(h, &d.s.users, 'u')}, func(u *User) {
			u.LastName, u.Tags = h.name(), h.tags()
			if u.Local() || h.chance(4) {
				u.Username, u.Email = h.username(), h.anEmail()
			}
		}))
	}, false},
	{"SetUserDisabled", func(h *history, d *Draft) error {
		return second(d.SetUserDisabled(UserID{live(h, &d.s.users, 'u')}, h.chance(2)))
	}, false},
	{"SetTags", func(h *history, d *Draft) error {
		of := h.holder(d.s)
		if h.chance(4) {
			of = Holder{TypePolicy, live(h, &d.s.policies, 'p')}
		}
		return d.SetTags(of, h.tags())
	}, false},
	{"Invite", func(h *history, d *Draft) error {
		return second(d.Invite(invitationID(h.n()), h.email(), h.groups(d.s), Inviter{ID: testID('u', 0), Name: "O"}, h.lifetime()))
	}, false},
	{"ResendInvitation", func(h *history, d *Draft) error {
		return second(d.ResendInvitation(InvitationID{live(h, &d.s.invitations, 'v')}, h.lifetime()))
	}, false},
	{"CancelInvitation", func(h *history, d *Draft) error {
		return d.CancelInvitation(InvitationID{live(h, &d.s.invitations, 'v')})
	}, true},
	{"AcceptInvitation", func(h *history, d *Draft) error {
		id, p := InvitationID{live(h, &d.s.invitations, 'v')}, h.person()
		if v, err := d.s.Invitation(id); err == nil && !h.chance(4) {
			p = person(10+h.IntN(20), v.Email)
		}
		return second(d.AcceptInvitation(id, userID(h.n()), p))
	}, false},
	{"CreateServiceAccount", func(h *history, d *Draft) error {
		return second(d.CreateServiceAccount(ServiceAccount{ID: accountID(h.n()), Name: h.name(), DisplayName: h.text(), Description: h.text()}))
	}, false},
	{"UpdateServiceAccount", func(h *history, d *Draft) error {
		return second(d.UpdateServiceAccount(ServiceAccountID{live(h, &d.s.accounts, 'a')}, func(a *ServiceAccount) {
			a.DisplayName, a.Enabled = h.text(), !h.chance(3)
			if h.chance(5) {
				a.Name = h.name()
			}
		}))
	}, false},
	{"SetTokenLifeSpan", func(h *history, d *Draft) error {
		return second(d.SetTokenLifeSpan(ServiceAccountID{live(h, &d.s.accounts, 'a')}, int64(h.IntN(4)*30)))
	}, false},
	{"TrustRoot", func(h *history, d *Draft) error {
		return d.TrustRoot(ServiceAccountID{live(h, &d.s.accounts, 'a')}, int64(h.IntN(3)))
	}, false},
	{"DistrustRoot", func(h *history, d *Draft) error {
		return d.DistrustRoot(ServiceAccountID{live(h, &d.s.accounts, 'a')}, int64(h.IntN(3)))
	}, false},
	{"DeleteServiceAccount", func(h *history, d *Draft) error {
		return d.DeleteServiceAccount(ServiceAccountID{live(h, &d.s.accounts, 'a')})
	}, true},
	{"CreateGroup", func(h *history, d *Draft) error {
		return second(d.CreateGroup(Group{ID: groupID(h.n()), Name: h.name(), Description: h.text()}))
	}, false},
	{"UpdateGroup", func(h *history, d *Draft) error {
		return second(d.UpdateGroup(GroupID{live(h, &d.s.groups, 'g')}, func(g *Group) { g.Name, g.Description = h.name(), h.text() }))
	}, false},
	{"DeleteGroup", func(h *history, d *Draft) error { return d.DeleteGroup(GroupID{live(h, &d.s.groups, 'g')}) }, true},
	{"Join", func(h *history, d *Draft) error { return d.Join(GroupID{live(h, &d.s.groups, 'g')}, h.principal(d.s)) }, false},
	{"Leave", func(h *history, d *Draft) error {
		id, p := GroupID{live(h, &d.s.groups, 'g')}, h.principal(d.s)
		for range 6 { // few are in any group
			if have, err := d.groupsOf(p); err == nil && len(have) > 0 && !h.chance(4) {
				id = have[h.IntN(len(have))].Group
				break
			}
			p = h.principal(d.s)
		}
		return d.Leave(id, p)
	}, true},
	{"CreatePolicy", func(h *history, d *Draft) error {
		return second(d.CreatePolicy(Policy{ID: policyID(h.n()), Name: h.name(), Language: policy.Statements, Document: h.document()}))
	}, false},
	{"UpdatePolicy", func(h *history, d *Draft) error {
		return second(d.UpdatePolicy(PolicyID{live(h, &d.s.policies, 'p')}, func(p *Policy) { p.Name, p.Document = h.name(), h.document() }))
	}, false},
	{"CreateScopedPolicy", func(h *history, d *Draft) error {
		return second(d.CreatePolicy(Policy{ID: policyID(h.n()), Name: h.name(), Language: policy.Cloudflare, Document: h.scoped(d.s)}))
	}, false},
	{"RewritePolicy", func(h *history, d *Draft) error {
		return second(d.UpdatePolicy(PolicyID{live(h, &d.s.policies, 'p')}, func(p *Policy) {
			p.Language, p.Document = policy.Cloudflare, h.scoped(d.s)
			if mine := slices.DeleteFunc(slices.Clone(p.Scopes), func(g ResourceGroupID) bool { return h.chance(2) }); len(mine) > 0 {
				p.Document = h.scoped(d.s, mine...)
			}
		}))
	}, false},
	{"ReplaceOwn", func(h *history, d *Draft) error {
		return second(d.ReplaceOwn(h.holder(d.s), policy.Cloudflare, h.own(d.s)))
	}, false},
	{"CreateResourceGroup", func(h *history, d *Draft) error {
		return second(d.CreateResourceGroup(ResourceGroup{ID: ResourceGroupID{testID('z', h.n())}, Name: h.name(), Scope: h.scope()}))
	}, false},
	{"UpdateResourceGroup", func(h *history, d *Draft) error {
		id := ResourceGroupID{live(h, &d.s.resourceGroups, 'z')}
		if h.chance(3) {
			id.UUID = live(h, &d.s.anonymous, 'y')
		}
		return second(d.UpdateResourceGroup(id, func(g *ResourceGroup) { g.Name, g.Scope = h.name(), h.scope() }))
	}, false},
	{"DeleteResourceGroup", func(h *history, d *Draft) error {
		id := ResourceGroupID{live(h, &d.s.resourceGroups, 'z')}
		if h.chance(4) {
			id.UUID = live(h, &d.s.anonymous, 'y')
		}
		return d.DeleteResourceGroup(id)
	}, true},
	{"InviteTo", func(h *history, d *Draft) error {
		return d.InviteTo(GroupID{live(h, &d.s.groups, 'g')}, InvitationID{live(h, &d.s.invitations, 'v')})
	}, false},
	{"UninviteFrom", func(h *history, d *Draft) error {
		id, group := InvitationID{live(h, &d.s.invitations, 'v')}, GroupID{live(h, &d.s.groups, 'g')}
		if v, err := d.s.Invitation(id); err == nil && len(v.Groups) > 0 && !h.chance(4) {
			group = v.Groups[0]
		}
		return d.UninviteFrom(group, id)
	}, true},
	{"DeletePolicy", func(h *history, d *Draft) error { return d.DeletePolicy(PolicyID{live(h, &d.s.policies, 'p')}) }, true},
	{"Attach", func(h *history, d *Draft) error {
		return d.Attach(PolicyID{live(h, &d.s.policies, 'p')}, h.holder(d.s))
	}, false},
	{"Detach", func(h *history, d *Draft) error {
		id, from := PolicyID{live(h, &d.s.policies, 'p')}, h.holder(d.s)
		if have, err := d.attachments(from); err == nil && len(have) > 0 && !h.chance(4) {
			id = have[h.IntN(len(have))].Policy
		}
		return d.Detach(id, from)
	}, true},
	{"ReplaceAttachments", func(h *history, d *Draft) error { return d.ReplaceAttachments(h.holder(d.s), h.policies(d.s)) }, false},
	{"CreateRole", func(h *history, d *Draft) error {
		return second(d.CreateRole(Role{ID: roleID(h.n()), Name: h.name(), Trust: &policy.Trust{Principals: []string{"*"}}}, h.policies(d.s)))
	}, false},
	{"UpdateRole", func(h *history, d *Draft) error {
		return second(d.UpdateRole(RoleID{live(h, &d.s.roles, 'r')}, func(r *Role) { r.Name, r.Trust = h.name(), nil }))
	}, false},
	{"DeleteRole", func(h *history, d *Draft) error { return d.DeleteRole(RoleID{live(h, &d.s.roles, 'r')}) }, true},
	{"RewriteRole", func(h *history, d *Draft) error {
		return second(d.UpdateRole(h.role(d.s), func(r *Role) {
			r.Assume, r.Tags = nil, nil
			if h.chance(2) {
				r.Assume = &AssumePolicy{Document: []string{AllowAll, `{"rules":[]}`, `{}`, `{"rules":1}`}[h.IntN(4)]}
			}
			if h.chance(2) {
				r.Tags = []Tag{{h.name(), "x"}, {h.name(), ""}}
			}
			r.Permissions, r.MaxSession = []string{RolePermissions[h.IntN(2)]}, int64(h.IntN(3))
		}))
	}, false},
	{"FreezeRole", func(h *history, d *Draft) error { return second(d.FreezeRole(h.role(d.s))) }, true},
	{"ReplaceRolePolicy", func(h *history, d *Draft) error {
		return second(d.ReplaceOwn(Holder{TypeRole, h.role(d.s).UUID}, policy.Exoscale,
			[]OwnPolicy{{ID: policyID(universe + h.IntN(3*universe)), Document: []string{AllowAll, "{"}[h.IntN(2)]}}))
	}, false},
	{"SetUserRole", func(h *history, d *Draft) error {
		return second(d.SetUserRole(UserID{live(h, &d.s.users, 'u')}, h.role(d.s)))
	}, false},
	{"SetInvitationRole", func(h *history, d *Draft) error {
		return second(d.SetInvitationRole(InvitationID{live(h, &d.s.invitations, 'v')}, h.role(d.s)))
	}, false},
	{"SetOrganizationPolicy", func(h *history, d *Draft) error {
		return d.SetOrganizationPolicy([]string{"", AllowAll, `{"default-service-strategy":"deny","services":{}}`, "{}"}[h.IntN(4)])
	}, false},
	{"AddOperation", func(h *history, d *Draft) error {
		return second(d.AddOperation(Operation{ID: OperationID{testID('n', h.IntN(20))}, Type: TypeRole, Subject: h.role(d.s).UUID}, h.lifetime()))
	}, false},
	{"CreateCredential", func(h *history, d *Draft) error {
		k := Credential{ID: credentialID(h.n()), Principal: h.principal(d.s), Kind: Token, Name: h.name()}
		if !h.chance(3) {
			k.Kind, k.AccessKey = AccessKey, h.key()
			k.Hash = []byte("hash of " + k.AccessKey)
		}
		if h.chance(3) {
			at := d.Now().Add(h.lifetime() - time.Hour)
			k.ExpiresAt = &at
		}
		return second(d.CreateCredential(k))
	}, false},
	{"DeleteCredential", func(h *history, d *Draft) error {
		id := CredentialID{live(h, &d.s.credentials, 'k')}
		of := h.principal(d.s)
		if k, err := d.s.Credential(id); err == nil && !h.chance(4) {
			of = k.Principal
		}
		return d.DeleteCredential(of, id)
	}, true},
	{"OpenSession", func(h *history, d *Draft) error {
		key := h.key()
		by := h.principal(d.s)
		if h.chance(4) {
			by.ID = UUID{} // a workload
		} else if err := d.s.exists(by); err != nil {
			return Errorf(NotFound, "who assumes a role is there: control has seen to it")
		}
		return second(d.OpenSession(Session{ID: sessionID(h.n()), Role: RoleID{live(h, &d.s.roles, 'r')}, Principal: by, PrincipalName: "p",
			Name: h.name(), AccessKey: key, Hash: []byte(key), ExpiresAt: d.Now().Add(h.lifetime())}))
	}, false},
	{"RevokeSession", func(h *history, d *Draft) error {
		return second(d.RevokeSession(SessionID{live(h, &d.s.sessions, 'x')}, h.text()))
	}, false},
	{"Touch", func(h *history, d *Draft) error {
		var uses []Use
		for range 3 {
			uses = append(uses, Use{live(h, &d.s.credentials, 'k'), d.Now().Add(-h.lifetime())}, Use{live(h, &d.s.sessions, 'x'), d.Now()},
				Use{live(h, &d.s.userSessions, 'l'), d.Now()})
		}
		d.Touch(uses)
		return nil
	}, false},
	{"Prune", func(h *history, d *Draft) error { d.Prune(); return nil }, true},
	{"SetQuota", func(h *history, d *Draft) error {
		quotas := []string{QuotaUsers, QuotaInvitations, QuotaServiceAccounts, QuotaGroups, QuotaRoles, QuotaPolicies, QuotaSessions,
			QuotaCredentials, QuotaAttachments, QuotaMemberships, QuotaConnectors, QuotaResourceGroups, QuotaProjects, QuotaSSHKeys, "none"}
		return d.SetQuota(quotas[h.IntN(len(quotas))], []int64{0, 1, 2, 3, -1, 1000}[min(5, h.IntN(25))])
	}, true},
	{"SetSuspended", func(h *history, d *Draft) error { return d.SetSuspended(h.chance(6)) }, true},
	{"UpdateCredential", func(h *history, d *Draft) error {
		id := CredentialID{live(h, &d.s.credentials, 'k')}
		k, err := d.s.Credential(id)
		if err != nil {
			return err
		}
		return second(d.UpdateCredential(k.Principal, id, func(k *Credential) {
			k.Name, k.Disabled = h.name(), h.chance(3)
			if h.chance(3) {
				k.Project = h.project(d.s)
			}
			if h.chance(2) {
				at := d.Now().Add(h.lifetime() - time.Hour)
				k.ExpiresAt = &at
			}
			if h.chance(2) {
				k.Policies = []CredentialPolicy{{ID: policyID(h.n()), Language: policy.Statements, Document: h.document()}}
			}
		}))
	}, false},
	{"RollCredential", func(h *history, d *Draft) error {
		id := CredentialID{live(h, &d.s.credentials, 'k')}
		k, err := d.s.Credential(id)
		if err != nil {
			return err
		}
		return second(d.RollCredential(k.Principal, id, []byte("hash of "+h.key())))
	}, false},
	{"CreateAccountToken", func(h *history, d *Draft) error {
		key := h.key()
		_, _, err := d.CreateAccountToken(ServiceAccount{ID: accountID(h.n())},
			Credential{ID: credentialID(h.n()), Kind: AccessKey, Name: h.name(), AccessKey: key, Hash: []byte("hash of " + key)})
		return err
	}, false},
	{"CreateProject", func(h *history, d *Draft) error {
		return second(d.CreateProject(Project{ID: projectID(h.n()), Name: h.name()}))
	}, false},
	{"UpdateProject", func(h *history, d *Draft) error {
		return second(d.UpdateProject(h.project(d.s), func(p *Project) { p.Name, p.Description = h.name(), h.name() }))
	}, false},
	{"DeleteProject", func(h *history, d *Draft) error { return d.DeleteProject(h.project(d.s)) }, true},
	{"CreateProjectPolicy", func(h *history, d *Draft) error {
		p, err := d.s.Project(h.project(d.s))
		if err != nil {
			return err
		}
		return second(d.CreatePolicy(Policy{ID: policyID(h.n()), Name: h.name(), Language: policy.Scaleway, Document: inProject(p.ID)}))
	}, false},
	{"CreateSSHKey", func(h *history, d *Draft) error {
		return second(d.CreateSSHKey(SSHKey{ID: sshKeyID(h.n()), Project: h.project(d.s), Name: h.name(), PublicKey: testSSHKeys[h.IntN(len(testSSHKeys))]}))
	}, false},
	{"UpdateSSHKey", func(h *history, d *Draft) error {
		return second(d.UpdateSSHKey(h.sshKey(d.s), func(k *SSHKey) { k.Name, k.Disabled = h.name(), h.chance(2) }))
	}, false},
	{"DeleteSSHKey", func(h *history, d *Draft) error { return d.DeleteSSHKey(h.sshKey(d.s)) }, true},
	{"EnableSAML", func(h *history, d *Draft) error {
		return second(d.EnableSAML(SAMLID{h.idOrNone('m')}))
	}, false},
	{"UpdateSAML", func(h *history, d *Draft) error {
		return second(d.UpdateSAML(SAMLID{live(h, &d.s.samls, 'm')}, func(v *SAML) { v.EntityID, v.SingleSignOnURL = h.name(), "https://idp.example/"+h.name() }))
	}, false},
	{"AddSAMLCertificate", func(h *history, d *Draft) error {
		return second(d.AddSAMLCertificate(SAMLID{live(h, &d.s.samls, 'm')}, SAMLCertificate{ID: SAMLCertificateID{h.idOrNone('f')}, Use: CertificateSigning, PEM: testCertificate}))
	}, false},
	{"DeleteSAMLCertificate", func(h *history, d *Draft) error {
		id := SAMLCertificateID{testID('f', h.n())}
		if v, err := d.s.SAML(); err == nil && len(v.Certificates) > 0 && !h.chance(4) {
			id = v.Certificates[h.IntN(len(v.Certificates))].ID
		}
		return d.DeleteSAMLCertificate(id)
	}, true},
	{"DeleteSAML", func(h *history, d *Draft) error { return d.DeleteSAML(SAMLID{live(h, &d.s.samls, 'm')}) }, true},
	{"EnableSCIM", func(h *history, d *Draft) error { return second(d.EnableSCIM(SCIMID{h.idOrNone('y')})) }, false},
	{"CreateSCIMToken", func(h *history, d *Draft) error {
		return second(d.CreateSCIMToken(SCIMID{live(h, &d.s.scims, 'y')}, SCIMToken{ID: SCIMTokenID{h.idOrNone('z')}, Hash: []byte("hash")}))
	}, false},
	{"DeleteSCIMToken", func(h *history, d *Draft) error {
		id := SCIMTokenID{testID('z', h.n())}
		if v, err := d.s.SCIM(); err == nil && len(v.Tokens) > 0 && !h.chance(4) {
			id = v.Tokens[h.IntN(len(v.Tokens))].ID
		}
		return d.DeleteSCIMToken(id)
	}, true},
	{"DisableSCIM", func(h *history, d *Draft) error { return d.DisableSCIM(SCIMID{live(h, &d.s.scims, 'y')}) }, true},
	{"CreateConnector", func(h *history, d *Draft) error {
		domain := []string{"a.example", "A.example", "b.example", "c.example", "d.example", "a@b.example"}[h.IntN(6)]
		return second(d.CreateConnector(Connector{ID: connectorID(h.n()), Domain: domain, Code: testCode, FedRAMP: h.chance(2)}, h.chance(2)))
	}, false},
	{"UpdateConnector", func(h *history, d *Draft) error {
		return second(d.UpdateConnector(h.connector(d.s), func(k *Connector) { k.Enabled, k.FedRAMP = !h.chance(3), h.chance(2) }))
	}, false},
	{"BeginVerification", func(h *history, d *Draft) error { return second(d.BeginVerification(h.connector(d.s))) }, false},
	{"ConfirmConnector", func(h *history, d *Draft) error { return second(d.ConfirmConnector(h.connector(d.s))) }, false},
	{"FailConnector", func(h *history, d *Draft) error { return second(d.FailConnector(h.connector(d.s))) }, false},
	{"DeleteConnector", func(h *history, d *Draft) error { return d.DeleteConnector(h.connector(d.s)) }, true},
	{"SetAlias", func(h *history, d *Draft) error {
		return second(d.SetAlias([]string{"acme", "corp", "Acme", ""}[h.IntN(4)]))
	}, false},
	{"UpdateLoginMethods", func(h *history, d *Draft) error {
		if h.chance(4) {
			return Errorf(Denied, "not now") // nothing else about it can be refused
		}
		return second(d.UpdateLoginMethods(func(m *LoginMethods) { m.Password, m.SAML = !h.chance(4), h.chance(2) }))
	}, false},
}

func operationOf(name string) func(*history, *Draft) error {
	return operations[slices.IndexFunc(operations, func(o operation) bool { return o.name == name })].run
}

// signInOperations are about how users prove who they are. They have histories of their own, among which they meet often.
var signInOperations = []operation{
	{"AddUser", operationOf("AddUser"), false},
	{"RemoveUser", operationOf("RemoveUser"), true},
	{"CreateCredential", operationOf("CreateCredential"), false},
	{"DeleteCredential", operationOf("DeleteCredential"), true},
	{"Touch", operationOf("Touch"), false},
	{"Prune", operationOf("Prune"), true},
	{"SetPassword", func(h *history, d *Draft) error {
		id := UserID{live(h, &d.s.users, 'u')}
		return d.SetPassword(id, NewPassword{Plain: []string{"correct horse", "battery staple", "short", "aaaaaaaaaa"}[h.IntN(4)], Hash: "hash",
			Keep: UserSessionID{live(h, &d.s.userSessions, 'l')}})
	}, false},
	{"FailSignIn", func(h *history, d *Draft) error { return d.FailSignIn(UserID{live(h, &d.s.users, 'u')}) }, false},
	{"SetUserDisabled", operationOf("SetUserDisabled"), false},
	{"SignedIn", func(h *history, d *Draft) error { return d.SignedIn(UserID{live(h, &d.s.users, 'u')}) }, false},
	{"StartOTP", func(h *history, d *Draft) error {
		return d.StartOTP(UserID{live(h, &d.s.users, 'u')}, []byte("sealed"))
	}, false},
	{"ConfirmOTP", func(h *history, d *Draft) error {
		return d.ConfirmOTP(UserID{live(h, &d.s.users, 'u')}, int64(h.n()), [][]byte{{1}, {2}, {3}})
	}, false},
	{"UseOTP", func(h *history, d *Draft) error { return d.UseOTP(UserID{live(h, &d.s.users, 'u')}, int64(h.IntN(30))) }, false},
	{"UseRecoveryCode", func(h *history, d *Draft) error {
		return d.UseRecoveryCode(UserID{live(h, &d.s.users, 'u')}, []byte{byte(h.n())})
	}, false},
	{"DeleteOTP", func(h *history, d *Draft) error { return d.DeleteOTP(UserID{live(h, &d.s.users, 'u')}) }, true},
	{"StartRegistration", func(h *history, d *Draft) error {
		return d.StartRegistration(UserID{live(h, &d.s.users, 'u')}, Ceremony{ID: testID('w', h.n()), Challenge: []byte{1},
			Origin: []string{"https://a.example", "http://localhost:8080", "http://a.example"}[h.IntN(3)], ExpiresAt: d.Now().Add(h.lifetime())})
	}, false},
	{"FinishRegistration", func(h *history, d *Draft) error {
		u := UserID{live(h, &d.s.users, 'u')}
		ceremony := testID('w', h.n())
		if c := d.s.SignIn(u).Ceremony; c != nil {
			ceremony = c.ID
		}
		return second(d.FinishRegistration(ceremony, Authenticator{ID: authenticatorID(h.n()), User: u, Name: h.name(), Credential: []byte{byte(h.n())}}))
	}, false},
	{"UseAuthenticator", func(h *history, d *Draft) error {
		at := d.Now().Add(-h.lifetime())
		return d.UseAuthenticator(AuthenticatorID{live(h, &d.s.authenticators, 'w')}, at, uint32(h.n()), byte(h.n()))
	}, false},
	{"RenameAuthenticator", func(h *history, d *Draft) error {
		return second(d.RenameAuthenticator(AuthenticatorID{live(h, &d.s.authenticators, 'w')}, h.name()))
	}, false},
	{"DeleteAuthenticator", func(h *history, d *Draft) error {
		return d.DeleteAuthenticator(AuthenticatorID{live(h, &d.s.authenticators, 'w')})
	}, true},
	{"OpenUserSession", func(h *history, d *Draft) error {
		x := UserSession{ID: UserSessionID{testID('l', h.IntN(3*universe))}, User: UserID{live(h, &d.s.users, 'u')}, Length: h.lifetime().Truncate(time.Second),
			Renewal: []byte(h.key())}
		switch h.IntN(3) {
		case 0:
			x.SignedInAt = d.Now().Add(-h.lifetime())
		case 1:
			x.Credential = CredentialID{live(h, &d.s.credentials, 'k')}
		}
		return second(d.OpenUserSession(x))
	}, false},
	{"RenewUserSession", func(h *history, d *Draft) error {
		return second(d.RenewUserSession(UserSessionID{live(h, &d.s.userSessions, 'l')}, []byte(h.key())))
	}, false},
	{"RevokeUserSession", func(h *history, d *Draft) error {
		return second(d.RevokeUserSession(UserSessionID{live(h, &d.s.userSessions, 'l')}))
	}, false},
	{"UpdateSecuritySettings", func(h *history, d *Draft) error {
		return second(d.UpdateSecuritySettings(func(s *SecuritySettings) {
			s.EnforcePasswordRenewal, s.LoginAttempts = h.chance(2), 4-h.IntN(5)
			s.GracePeriod, s.MaxSession = time.Duration(1+h.IntN(3))*24*time.Hour, time.Duration(1+h.IntN(20))*24*time.Hour
			s.MaxKeyLifetime = []time.Duration{0, 0, 0, 20 * 24 * time.Hour, -1}[h.IntN(5)]
		}))
	}, true},
}

// platformOperations are those of the platform's own organization.
var platformOperations = []operation{
	{"CreatePerson", func(h *history, d *Draft) error { return second(d.CreatePerson(personID(h.n()), h.email(), h.name())) }, false},
	{"SetPersonEnabled", func(h *history, d *Draft) error {
		return second(d.SetPersonEnabled(PersonID{live(h, &d.s.people, 'h')}, h.chance(2)))
	}, false},
	{"Register", func(h *history, d *Draft) error {
		n := h.n()
		return d.Register(&DirectoryEntry{ID: orgID(n), Name: h.name(), Account: int64(n), Person: PersonID{live(h, &d.s.people, 'h')}, CreatedAt: d.Now()})
	}, false},
	{"AddSealedKey", func(h *history, d *Draft) error {
		return d.AddSealedKey(&SealedKey{ID: testID('s', h.n()), Purpose: "tokens", CreatedAt: d.Now()})
	}, false},
	{"PutCatalogFile", func(h *history, d *Draft) error {
		return second(d.PutCatalogFile(testID('f', h.n()), string(rune('a'+h.IntN(4))), strings.Repeat("x", h.IntN(3))))
	}, false},
	{"CreateServiceAccount", operationOf("CreateServiceAccount"), false},
	{"CreateCredential", operationOf("CreateCredential"), false},
	{"DeleteServiceAccount", operationOf("DeleteServiceAccount"), false},
}

func newHistory(seed uint64, id OrgID) *history {
	h := &history{Rand: rand.New(rand.NewPCG(seed, 7)), s: NewState(id).In(inWorld), now: epoch, records: map[touch]Change{}, dumper: newDumper(),
		outcome: map[string]*outcomes{}}
	h.image = h.dumper.dump(h.s)
	return h
}

func (h *history) fail(format string, args ...any) {
	h.errs = append(h.errs, fmt.Errorf(format, args...))
}

// run lives through the history. It stops at the first thing that is wrong.
func (h *history) run(found func(*Draft) error, ops []operation) {
	h.draft(system, []operation{{"Found", func(_ *history, d *Draft) error { return found(d) }, false}})
	for step := 0; step < steps && h.errs == nil; step++ {
		h.pass()
		var chosen []operation
		for range 1 + max(0, h.IntN(16)-12) {
			op := ops[h.IntN(len(ops))]
			for op.rare && !h.chance(3) {
				op = ops[h.IntN(len(ops))]
			}
			chosen = append(chosen, op)
		}
		h.draft(h.principal(h.s), chosen)
		if h.errs != nil {
			h.fail("at step %d, %s at %s", step, names(chosen), h.now)
		}
	}
	h.reload()
}

// pass lets time go by, from nothing to months; clocks have zones and nanoseconds.
func (h *history) pass() {
	const day = 24 * time.Hour
	short := []time.Duration{0, 1, 999, 1000, time.Second, time.Minute, time.Hour}
	h.now = h.now.Add(short[h.IntN(len(short))])
	if h.chance(20) {
		h.now = h.now.Add([]time.Duration{day, 10 * day, 40 * day}[h.IntN(3)])
	}
	h.now = h.now.In(time.FixedZone("", h.IntN(3)*3600))
}

func names(ops []operation) string {
	var out []string
	for _, op := range ops {
		out = append(out, op.name)
	}
	return strings.Join(out, ", ")
}

// draft makes one draft and commits it, throws it away, or sees it refused.
func (h *history) draft(author Principal, ops []operation) {
	d, err := h.s.Begin(h.now, author)
	if err != nil {
		if CodeOf(err) != Denied || !h.s.Organization().Suspended {
			h.fail("Begin: %v", err)
		}
		d = h.s.BeginAdministration(h.now, system)
	} else if h.s.org != nil && h.s.org.Suspended {
		h.fail("a suspended organization began a draft")
	}
	refused := false
	for _, op := range ops {
		count := h.outcome[op.name]
		if count == nil {
			count = &outcomes{}
			h.outcome[op.name] = count
		}
		if err := op.run(h, d); err != nil {
			count.refused++
			refused = true
			if e, ok := errors.AsType[*Error](err); !ok || e.Message == "" {
				h.fail("refused by %v (%T)", err, err)
			}
			break
		}
		count.accepted++
	}
	if refused || h.s.org != nil && h.chance(10) {
		if diff := diffLines(h.image, h.dumper.dump(h.s)); diff != "" {
			h.fail("a draft that was thrown away has changed its base:\n%s", diff)
		}
		return
	}
	h.commit(d)
}

func (h *history) commit(d *Draft) {
	next, changes, image, err := commitWith(h.dumper, h.s, d)
	if err != nil {
		h.fail("%w", err)
		return
	}
	if diff := diffLines(h.image, h.dumper.dump(h.s)); diff != "" {
		h.fail("a draft that was accepted has changed its base:\n%s", diff)
	}
	for _, c := range changes {
		t := touch{c.Kind, c.ID}
		if c.Data == nil {
			delete(h.records, t)
		} else {
			h.records[t] = c
		}
	}
	// Later drafts are made on either: a node that wrote holds the one, a node that followed the other.
	h.s = d.State()
	if h.chance(2) {
		h.s = next
	}
	h.image = image
	if h.chance(reloadChance) {
		h.reload()
	}
}

// reload makes the state from its records alone, as a node does at its start, and in another order of the records too.
func (h *history) reload() {
	var all []Change
	for _, c := range h.records {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b Change) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), a.ID.Compare(b.ID)) })
	for range 2 {
		loaded, err := NewState(h.s.id).In(inWorld).Apply(h.s.revision, all)
		if err != nil {
			h.fail("loading: %w", err)
			return
		}
		if diff := diffLines(h.image, h.dumper.dump(loaded)); diff != "" {
			h.fail("the records make another state (+) than the history (-):\n%s", diff)
			return
		}
		h.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
}

func TestHistories(t *testing.T) {
	all := map[string]*outcomes{}
	var mu sync.Mutex
	count := func(h *history) {
		mu.Lock()
		defer mu.Unlock()
		for name, c := range h.outcome {
			if all[name] == nil {
				all[name] = &outcomes{}
			}
			all[name].accepted += c.accepted
			all[name].refused += c.refused
		}
	}
	t.Run("group", func(t *testing.T) {
		const lanes = 4
		for lane := range lanes {
			t.Run(fmt.Sprint(lane), func(t *testing.T) {
				t.Parallel()
				for seed := lane; seed < histories; seed += lanes {
					h := newHistory(uint64(seed), orgID(1))
					h.run(func(d *Draft) error {
						return d.Found(&DirectoryEntry{ID: orgID(1), Name: "o", Owner: userID(0), CreatedAt: d.Now()}, person(0, "a@x"))
					}, operations)
					if h.errs != nil {
						t.Fatalf("history %d: %v", seed, errors.Join(h.errs...))
					}
					count(h)
				}
				for seed := lane; seed < histories/4; seed += lanes {
					h := newHistory(uint64(seed), orgID(2))
					h.run(func(d *Draft) error {
						return d.Found(&DirectoryEntry{ID: orgID(2), Name: "o", Owner: userID(0), CreatedAt: d.Now()}, person(0, "a@x"))
					}, signInOperations)
					if h.errs != nil {
						t.Fatalf("history %d of signing in: %v", seed, errors.Join(h.errs...))
					}
					count(h)
				}
				for seed := lane; seed < histories/10; seed += lanes {
					h := newHistory(uint64(seed), PlatformOrg)
					h.run(func(d *Draft) error { return d.Found(&DirectoryEntry{Name: "platform", CreatedAt: d.Now()}, nil) }, platformOperations)
					if h.errs != nil {
						t.Fatalf("history %d of the platform: %v", seed, errors.Join(h.errs...))
					}
					count(h)
				}
			})
		}
	})
	if t.Failed() {
		return
	}
	// A history in which an operation always fails, or never does, tests nothing of it.
	for _, op := range slices.Concat(operations, signInOperations, platformOperations) {
		c := all[op.name]
		neverRefused := op.name == "Touch" || op.name == "Prune"
		if c == nil || c.accepted < 30 || !neverRefused && c.refused < 30 {
			t.Errorf("%s: %+v: the histories do not test it", op.name, c)
		}
	}
}
