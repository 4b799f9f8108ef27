package authz_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// estate is an organization as a plain description, so that a test can make it smaller and make it again. Members of
// the lists refer to each other by index.
type estate struct {
	Users     []member // user 0 owns the organization
	Accounts  []member
	Groups    [][]int // policies of each
	Roles     [][]int
	Policies  []naiveDocument
	Suspended bool
}

// member is a user or service account.
type member struct {
	Groups, Policies []int
	Disabled         bool  // the owner never is
	Roles            []int `json:",omitempty"` // users only: one at most
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// numbered makes an id that is easy to tell apart: a letter for the kind, then a number.
func numbered(kind byte, n int) (u iam.UUID) {
	u[0], u[6], u[8] = kind, 0x70, 0x80
	binary.BigEndian.PutUint32(u[12:], uint32(n))
	return u
}

func asUser(n int) iam.Principal { return iam.Principal{Kind: iam.KindOfUser, ID: numbered('u', n)} }
func asAccount(n int) iam.Principal {
	return iam.Principal{Kind: iam.KindOfServiceAccount, ID: numbered('a', n)}
}
func asRole(n int) iam.Principal { return iam.Principal{Kind: iam.KindOfRole, ID: numbered('r', n)} }

func policyID(n int) iam.PolicyID { return iam.PolicyID{UUID: numbered('p', n)} }
func groupID(n int) iam.GroupID   { return iam.GroupID{UUID: numbered('g', n)} }

// begin is the first draft of an organization whose quotas do not stand in the way.
func begin() (*iam.Draft, error) { return beginIn(policy.World{}) }

// beginIn is begin, in a world.
func beginIn(world policy.World) (*iam.Draft, error) {
	org := iam.OrgID{UUID: numbered('o', 1)}
	d := iam.NewState(org).In(world).BeginAdministration(epoch, iam.Principal{Kind: iam.KindOfSystem})
	entry := &iam.DirectoryEntry{ID: org, Name: "corp", Account: 7, Owner: iam.UserID{UUID: numbered('u', 0)}, CreatedAt: epoch}
	errs := []error{d.Found(entry, person(0))}
	for name := range iam.DefaultQuota {
		errs = append(errs, d.SetQuota(name, 1_000_000))
	}
	return d, errors.Join(errs...)
}

func person(n int) *iam.Person {
	return &iam.Person{ID: iam.PersonID{UUID: numbered('h', n)}, Email: fmt.Sprintf("u%d@corp.example", n), Name: "Somebody", Enabled: true}
}

// state makes the organization through the rules that bind everybody.
func (e *estate) state() (*iam.State, error) {
	d, err := begin()
	if err != nil {
		return nil, err
	}
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	attach := func(policies []int, to string, id iam.UUID) {
		for _, p := range policies {
			note(d.Attach(policyID(p), iam.Holder{Type: to, ID: id}))
		}
	}
	for i, document := range e.Policies {
		_, err := d.CreatePolicy(iam.Policy{ID: policyID(i), Name: fmt.Sprintf("p%d", i), Language: policy.Statements, Document: document.text()})
		note(err)
	}
	for i, policies := range e.Groups {
		_, err := d.CreateGroup(iam.Group{ID: groupID(i), Name: fmt.Sprintf("g%d", i)})
		note(err)
		attach(policies, iam.TypeGroup, numbered('g', i))
	}
	for i, policies := range e.Roles {
		_, err := d.CreateRole(iam.Role{ID: iam.RoleID{UUID: numbered('r', i)}, Name: fmt.Sprintf("r%d", i)}, nil)
		note(err)
		attach(policies, iam.TypeRole, numbered('r', i))
	}
	for i, m := range e.Users {
		if i > 0 {
			_, err := d.AddUser(iam.UserID{UUID: numbered('u', i)}, person(i), nil)
			note(err)
		}
		for _, g := range m.Groups {
			note(d.Join(groupID(g), asUser(i)))
		}
		attach(m.Policies, iam.TypeUser, numbered('u', i))
		for _, r := range m.Roles {
			_, err := d.SetUserRole(iam.UserID{UUID: numbered('u', i)}, iam.RoleID{UUID: numbered('r', r)})
			note(err)
		}
		if m.Disabled && i > 0 {
			_, err := d.SetUserDisabled(iam.UserID{UUID: numbered('u', i)}, true)
			note(err)
		}
	}
	for i, m := range e.Accounts {
		id := iam.ServiceAccountID{UUID: numbered('a', i)}
		_, err := d.CreateServiceAccount(iam.ServiceAccount{ID: id, Name: fmt.Sprintf("a%d", i)})
		note(err)
		for _, g := range m.Groups {
			note(d.Join(groupID(g), asAccount(i)))
		}
		attach(m.Policies, iam.TypeServiceAccount, id.UUID)
		if m.Disabled {
			_, err := d.UpdateServiceAccount(id, func(a *iam.ServiceAccount) { a.Enabled = false })
			note(err)
		}
	}
	if e.Suspended {
		note(d.SetSuspended(true))
	}
	return d.State(), errors.Join(errs...)
}

func (d naiveDocument) text() string { return asJSON(d) }

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// request makes the engine's request of plain values.
func (q *question) request() *authz.Request {
	r := &authz.Request{Principal: q.Who, Action: q.Action, Resources: q.Resources}
	c := &r.Context
	fields := map[string]*string{
		"iam:user_agent": &c.UserAgent, "iam:operation": &c.Operation, "iam:zone": &c.Zone, "iam:project_id": &c.ProjectID,
		"iam:principal_crn": &c.PrincipalCRN, "iam:principal_type": &c.PrincipalType, "iam:organization_id": &c.OrganizationID,
	}
	for _, f := range q.Facts {
		field, isField := fields[f.Key]
		switch {
		case isField && *field == "":
			*field = f.Value.(string)
		case isField:
		case f.Key == "iam:source_ip" && !c.SourceIP.IsValid():
			c.SourceIP = netip.MustParseAddr(f.Value.(string))
		case f.Key == "iam:current_time" && c.Now.IsZero():
			c.Now = *naiveTime(f.Value.(string))
		case f.Key == "iam:source_ip" || f.Key == "iam:current_time":
		default:
			list := &c.Attributes
			key, isTag := strings.CutPrefix(f.Key, "resource_tag/")
			if isTag {
				list = &c.ResourceTags
			} else if key, isTag = strings.CutPrefix(f.Key, "request_tag/"); isTag {
				list = &c.RequestTags
			}
			*list = append(*list, policy.Attr{Key: key, Value: contextValue(f.Value)})
		}
	}
	return r
}

func contextValue(v any) policy.Value {
	switch v := v.(type) {
	case nil:
		return policy.Value{}
	case string:
		return policy.String(v)
	case float64:
		return policy.Number(v)
	case bool:
		return policy.Bool(v)
	case []any:
		var list []policy.Value
		for _, e := range v {
			list = append(list, contextValue(e))
		}
		return policy.List(list...)
	}
	panic(fmt.Sprintf("no value of a context: %T", v))
}
