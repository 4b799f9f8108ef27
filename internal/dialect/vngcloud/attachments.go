package vngcloud

import (
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// attachments is section 4.
var attachments = area{exists: attachmentExists}

var (
	aUser         = thing{iam.TypeUser, "userId"}
	anAccount     = thing{iam.TypeServiceAccount, "saId"}
	aHeldPolicy   = thing{iam.TypePolicy, "policyId"}
	anAccountUser = thing{iam.TypeServiceAccount, "userId"} // what the path calls a user there
)

func attachmentRoutes() []wire.Route {
	const each, of = policiesV1 + "/policies/{policyId}", policiesV1 + "/user-attachments"
	const users, accounts, groups = each + "/iam-users", each + "/service-accounts", each + "/groups"
	const ofUser, ofAccount = of + "/iam-users/{userId}", of + "/service-accounts/{userId}"
	r := attachments.route
	toUser := attachable{aUser, func(c *call) (iam.UUID, error) { u, err := c.userInPath(); return idOf(u, err, userID) }}
	toAccount := attachable{anAccount, func(c *call) (iam.UUID, error) {
		a, err := c.account(c.pathID(anAccount.param))
		return idOf(a, err, accountID)
	}}
	toGroup := attachable{aGroup, func(c *call) (iam.UUID, error) { g, err := c.groupInPath(); return idOf(g, err, groupID) }}
	return []wire.Route{
		r(get, users, control.ListPolicyUsers, on(aHeldPolicy), listPolicyUsers),
		r(post, users+"/{userId}", control.AttachUserPolicy, on(aUser, aHeldPolicy), toUser.attach),
		r(del, users+"/{userId}", control.DetachUserPolicy, on(aUser, aHeldPolicy), toUser.detach),
		r(get, accounts, control.ListPolicyServiceAccounts, on(aHeldPolicy), listPolicyAccounts),
		r(post, accounts+"/{saId}", control.AttachServiceAccountPolicy, on(anAccount, aHeldPolicy), toAccount.attach),
		r(del, accounts+"/{saId}", control.DetachServiceAccountPolicy, on(anAccount, aHeldPolicy), toAccount.detach),
		r(get, groups, control.ListPolicyGroups, on(aHeldPolicy), listPolicyGroups),
		r(post, groups+"/{groupId}", control.AttachGroupPolicy, on(aGroup, aHeldPolicy), toGroup.attach),
		r(del, groups+"/{groupId}", control.DetachGroupPolicy, on(aGroup, aHeldPolicy), toGroup.detach),
		r(get, policiesV1+"/groups/{groupId}/policies", control.ListGroupPolicies, on(aGroup), listGroupPolicies),
		r(get, ofUser+"/policies", control.ListUserPolicies, on(aUser), listUserPolicies),
		r(get, ofAccount+"/policies", control.ListServiceAccountPolicies, on(anAccountUser), listAccountPolicies),
		r(get, ofUser+"/groups", control.ListUserGroups, on(aUser), listUserGroups),
	}
}

func userID(u *iam.User) iam.UUID              { return u.ID.UUID }
func accountID(a *iam.ServiceAccount) iam.UUID { return a.ID.UUID }
func groupID(g *iam.Group) iam.UUID            { return g.ID.UUID }

func idOf[E any](e E, err error, id func(E) iam.UUID) (iam.UUID, error) {
	if err != nil {
		return iam.UUID{}, err
	}
	return id(e), nil
}

// user finds an IAM user: a user who is not the root user.
func (c *call) user(id iam.UUID) (*iam.User, error) {
	u, err := c.View().User(iam.UserID{UUID: id})
	if err != nil || c.isRoot(u.ID) {
		return nil, missing(userMissing, "The IAM user does not exist.")
	}
	return u, nil
}

// isRoot tells whether a user is the root user.
func (c *call) isRoot(id iam.UserID) bool { return id == c.View().Organization().Owner }

func (c *call) userInPath() (*iam.User, error) { return c.user(c.pathID(aUser.param)) }

// account finds a service account. One that stands for an API token of the organization is none.
func (c *call) account(id iam.UUID) (*iam.ServiceAccount, error) {
	a, err := c.View().ServiceAccount(iam.ServiceAccountID{UUID: id})
	if err != nil || !a.Token.IsZero() {
		return nil, missing(accountMissing, "The service account does not exist.")
	}
	return a, nil
}

// attachable is a kind of thing that policies are attached to.
type attachable struct {
	thing
	find func(*call) (iam.UUID, error)
}

// pair finds the policy and the holder that the path names, in this order.
func (x attachable) pair(c *call) (iam.PolicyID, iam.Holder, error) {
	p, err := c.policy(c.pathID(aHeldPolicy.param))
	if err != nil {
		return iam.PolicyID{}, iam.Holder{}, err
	}
	holder, err := x.find(c)
	c.Permit.Target.Details = map[string]any{"policy_id": p.ID.String()}
	return p.ID, iam.Holder{Type: x.typ, ID: holder}, err
}

func (x attachable) attach(c *call) (*wire.Answer, error) {
	p, to, err := x.pair(c)
	if err != nil {
		return nil, err
	}
	return c.write(func(d *iam.Draft) error { return d.Attach(p, to) })
}

func (x attachable) detach(c *call) (*wire.Answer, error) {
	p, from, err := x.pair(c)
	if err != nil {
		return nil, err
	}
	out, err := c.write(func(d *iam.Draft) error { return d.Detach(p, from) })
	return out, area{missing: attachmentMissing}.fault(err)
}

// holders gives what a type of things has of those that hold the policy in the path, in the order of attaching.
func holders[E any](c *call, typ string, find func(iam.UUID) (E, error)) ([]E, error) {
	p, err := c.policy(c.pathID(aHeldPolicy.param))
	if err != nil {
		return nil, err
	}
	var out []E
	for _, h := range c.View().Holdings(p.ID) {
		if h.Holder.Type != typ {
			continue
		}
		if e, err := find(h.Holder.ID); err == nil {
			out = append(out, e)
		}
	}
	return out, nil
}

func listPolicyUsers(c *call) (*wire.Answer, error) {
	list, err := holders(c, iam.TypeUser, c.user)
	if err != nil {
		return nil, err
	}
	return c.shown(texts(list, userID))
}

func listPolicyAccounts(c *call) (*wire.Answer, error) {
	list, err := holders(c, iam.TypeServiceAccount, c.account)
	if err != nil {
		return nil, err
	}
	return c.shown(texts(list, accountID))
}

func listPolicyGroups(c *call) (*wire.Answer, error) {
	list, err := holders(c, iam.TypeGroup, func(id iam.UUID) (*iam.Group, error) { return c.View().Group(iam.GroupID{UUID: id}) })
	if err != nil {
		return nil, err
	}
	return c.shown(shows(list, c.group))
}

// pagedPolicies answers with a page of what a holder has.
func (c *call) pagedPolicies(held func() ([]iam.Attached, error)) (*wire.Answer, error) {
	q, err := c.pageQuery()
	if err != nil {
		return nil, err
	}
	list, err := held()
	if err != nil {
		return nil, err
	}
	return paged(c, q, c.attached(list), policyName, policySummaryOf)
}

func listGroupPolicies(c *call) (*wire.Answer, error) {
	return c.pagedPolicies(func() ([]iam.Attached, error) {
		g, err := c.groupInPath()
		if err != nil {
			return nil, err
		}
		return g.Policies, nil
	})
}

func listUserPolicies(c *call) (*wire.Answer, error) {
	return c.pagedPolicies(func() ([]iam.Attached, error) {
		u, err := c.userInPath()
		if err != nil {
			return nil, err
		}
		return u.Policies, nil
	})
}

func listAccountPolicies(c *call) (*wire.Answer, error) {
	return c.pagedPolicies(func() ([]iam.Attached, error) {
		a, err := c.account(c.pathID(anAccountUser.param))
		if err != nil {
			return nil, err
		}
		return a.Policies, nil
	})
}

func listUserGroups(c *call) (*wire.Answer, error) {
	u, err := c.userInPath()
	if err != nil {
		return nil, err
	}
	var list []*iam.Group
	for _, j := range u.Groups {
		if g, err := c.View().Group(j.Group); err == nil {
			list = append(list, g)
		}
	}
	return c.shown(shows(list, c.group))
}
