package scaleway

import (
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/wire"
)

func policyRoutes() []route {
	const all, each = "/policies", "/policies/{policy_id}"
	return []route{
		aPolicy.does(lists, get, all, control.ListPolicies, aPolicy.any, listPolicies),
		aPolicy.does(creates, post, all, control.CreatePolicy, aPolicy.any, createPolicy),
		aPolicy.does(reads, get, each, control.GetPolicy, aPolicy.one, getPolicy),
		aPolicy.does(writes, patch, each, control.UpdatePolicy, aPolicy.one, updatePolicy),
		aPolicy.does(deletes, del, each, control.DeletePolicy, aPolicy.one, deletePolicy),
		aPolicy.does(creates, post, each+"/clone", control.CreatePolicy, aPolicy.any, clonePolicy),
	}
}

// policyOut is section 4.5.
type policyOut struct {
	ID               string    `json:"id"`
	Name             string    `json:"name"`
	Description      string    `json:"description"`
	OrganizationID   string    `json:"organization_id"`
	CreatedAt        timestamp `json:"created_at"`
	UpdatedAt        timestamp `json:"updated_at"`
	Editable         bool      `json:"editable"`
	Deletable        bool      `json:"deletable"`
	Managed          bool      `json:"managed"`
	NbRules          int       `json:"nb_rules"`
	NbScopes         int       `json:"nb_scopes"`
	NbPermissionSets int       `json:"nb_permission_sets"`
	Tags             []string  `json:"tags"`
	UserID           string    `json:"user_id,omitzero"`
	GroupID          string    `json:"group_id,omitzero"`
	ApplicationID    string    `json:"application_id,omitzero"`
	NoPrincipal      bool      `json:"no_principal,omitzero"`
}

// principal is what a policy is attached to, as this API has it: one thing, or nothing.
type principal struct {
	iam.Holder
	// whole is false if that is not all: the policy is attached to more, or to what is no principal here (a role, an API token of the
	// organization). Clients see one principal and would change or delete what they do not see.
	whole bool
}

// principalOf finds the earliest attachment that this API has a word for.
func principalOf(v *iam.State, p *iam.Policy) principal {
	out := principal{whole: p.Of == iam.Holder{}}
	for _, h := range v.Holdings(p.ID) {
		_, field := principalWord(v, h.Holder)
		if field == "" || out.Holder != (iam.Holder{}) {
			out.whole = false
			continue
		}
		out.Holder = h.Holder
	}
	return out
}

// principalWord is the kind of thing that a holder of policies is here, and the field that names it; "" if there is none.
func principalWord(v *iam.State, h iam.Holder) (thing, string) {
	switch {
	case h.Type == iam.TypeUser, h.Type == iam.TypeInvitation:
		return aUser, "user_id"
	case h.Type == iam.TypeGroup:
		return aGroup, "group_id"
	case h.Type == iam.TypeServiceAccount && hasApplication(v, h.ID):
		return anApplication, "application_id"
	}
	return thing{}, ""
}

func (c *call) policy(p *iam.Policy) policyOut {
	of := principalOf(c.View().State, p)
	out := policyOut{ID: p.ID.String(), Name: p.Name, Description: text(p.Description), OrganizationID: c.View().ID().String(),
		CreatedAt: timestamp(p.CreatedAt), UpdatedAt: timestamp(p.UpdatedAt), Editable: of.whole, Deletable: of.whole, Tags: tagTexts(p.Tags)}
	switch _, field := principalWord(c.View().State, of.Holder); field {
	case "user_id":
		out.UserID = of.ID.String()
	case "group_id":
		out.GroupID = of.ID.String()
	case "application_id":
		out.ApplicationID = of.ID.String()
	default:
		out.NoPrincipal = true
	}
	out.NbRules, out.NbScopes, out.NbPermissionSets = documentOf(p).count()
	return out
}

// isHere tells whether this API can show a policy: one in another language cannot be said in rules.
func isHere(p *iam.Policy) bool { return p.Language == policy.Scaleway }

var policyOrders = orders[*iam.Policy]{
	"policy_name": byText(policyName),
	"created_at":  byTime(policyCreated),
}

func policyName(p *iam.Policy) string       { return p.Name }
func policyID(p *iam.Policy) iam.UUID       { return p.ID.UUID }
func policyCreated(p *iam.Policy) time.Time { return p.CreatedAt }

func listPolicies(c *call) (*wire.Answer, error) {
	q := c.query()
	q.require(organizationID)
	v := c.View().State
	list := keep(slices.Collect(v.Policies().All()), isHere)
	list = keepIDs(q, "policy_ids", keepText(q, "policy_name", list, policyName), policyID)
	list = keepTag(q, list, func(p *iam.Policy) []iam.Tag { return p.Tags })
	list = keepFlag(q, "editable", list, func(p *iam.Policy) bool { return principalOf(v, p).whole })
	list = keepFlag(q, "no_principal", list, func(p *iam.Policy) bool { return principalOf(v, p).Holder == iam.Holder{} })
	list = keepPrincipals(q, v, list)
	list = sorted(q, list, policyOrders, policyCreated, policyID)
	return paged(c, q, "policies", list, c.policy)
}

// keepPrincipals keeps the policies whose principal is in any of the lists that are asked for, if one is (section 3.2).
func keepPrincipals(q *query, v *iam.State, list []*iam.Policy) []*iam.Policy {
	asked, want := false, map[string][]iam.UUID{}
	for name, field := range map[string]string{"user_ids": "user_id", "group_ids": "group_id", "application_ids": "application_id"} {
		want[field] = q.ids(name)
		asked = asked || want[field] != nil
	}
	if !asked {
		return list
	}
	return keep(list, func(p *iam.Policy) bool {
		of := principalOf(v, p)
		_, field := principalWord(v, of.Holder)
		return slices.Contains(want[field], of.ID)
	})
}

// policyHere finds a policy that this API can show.
func (c *call) policyHere(id iam.UUID) (*iam.Policy, error) {
	p, err := c.View().Policy(iam.PolicyID{UUID: id})
	if err != nil || !isHere(p) {
		return nil, missing(aPolicy.word, id.String())
	}
	return p, nil
}

func (c *call) policyInPath() (*iam.Policy, error) { return c.policyHere(pathID(c.Call, "policy_id")) }

func getPolicy(c *call) (*wire.Answer, error) {
	p, err := c.policyInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(c.policy(p))
}

// editable gives what a policy is attached to. It refuses one of which clients do not see all.
func editable(v *iam.State, id iam.PolicyID) (iam.Holder, error) {
	p, err := v.Policy(id)
	if err != nil {
		return iam.Holder{}, err
	}
	of := principalOf(v, p)
	if !isHere(p) || !of.whole {
		return iam.Holder{}, protected("the policy is attached to more than this API can show: it is changed where that was done")
	}
	return of.Holder, nil
}

// policyRequest is a body. Rules count in a create alone.
type policyRequest struct {
	named
	UserID        *string       `json:"user_id"`
	GroupID       *string       `json:"group_id"`
	ApplicationID *string       `json:"application_id"`
	NoPrincipal   *bool         `json:"no_principal"`
	Rules         []ruleRequest `json:"rules"`
}

// principal finds what the policy is to be attached to: the zero Holder for nothing. given is false if the body does not say.
func (in *policyRequest) principal(c *call, f *form) (to iam.Holder, given bool) {
	n := 0
	for _, arm := range []struct {
		thing
		id *string
	}{{aUser, in.UserID}, {aGroup, in.GroupID}, {anApplication, in.ApplicationID}} {
		if value(arm.id) == "" {
			continue
		}
		n++
		to = iam.Holder{Type: arm.typ, ID: f.id(arm.word+"_id", arm.id)}
	}
	if value(in.NoPrincipal) {
		n, to = n+1, iam.Holder{}
	}
	if n > 1 {
		f.wrong("principal", constraint, "is one of user_id, group_id, application_id and no_principal")
	}
	if f.err == nil && to.Type == iam.TypeUser && c.isInvited(c.View().State, to.ID) {
		to.Type = iam.TypeInvitation
	}
	return to, n > 0
}

// principalExists holds that a principal is there.
func (c *call) principalExists(v *iam.State, to iam.Holder) error {
	var err error
	word := aUser.word
	switch to.Type {
	case iam.TypeUser:
		_, err = v.User(iam.UserID{UUID: to.ID})
	case iam.TypeInvitation:
		_, err = v.Invitation(iam.InvitationID{UUID: to.ID})
	case iam.TypeGroup:
		word = aGroup.word
		_, err = v.Group(iam.GroupID{UUID: to.ID})
	case iam.TypeServiceAccount:
		word = anApplication.word
		if !hasApplication(v, to.ID) {
			return missing(word, to.ID.String())
		}
	}
	if err != nil {
		return missing(word, to.ID.String())
	}
	return nil
}

// attaching and detaching are the operations that change what policies are attached to, by what that is. Who is invited is a user.
var (
	attaching = map[string]*control.Operation{iam.TypeUser: control.AttachUserPolicy, iam.TypeInvitation: control.AttachUserPolicy,
		iam.TypeGroup: control.AttachGroupPolicy, iam.TypeServiceAccount: control.AttachServiceAccountPolicy}
	detaching = map[string]*control.Operation{iam.TypeUser: control.DetachUserPolicy, iam.TypeInvitation: control.DetachUserPolicy,
		iam.TypeGroup: control.DetachGroupPolicy, iam.TypeServiceAccount: control.DetachServiceAccountPolicy}
)

// needFor authorizes one of those.
func (c *call) needFor(ops map[string]*control.Operation, h iam.Holder) error {
	if h == (iam.Holder{}) {
		return nil
	}
	typ := h.Type
	if typ == iam.TypeInvitation {
		typ = iam.TypeUser
	}
	return c.need(ops[h.Type], iam.Name(typ, h.ID))
}

func createPolicy(c *call) (*wire.Answer, error) {
	var in policyRequest
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var f form
	in.check(c, &f, true)
	to, given := in.principal(c, &f)
	if !given {
		f.wrong("principal", required, "is one of user_id, group_id, application_id and no_principal")
	}
	doc := c.readRules(&f, in.Rules)
	if f.err != nil {
		return nil, f.err
	}
	if err := c.needFor(attaching, to); err != nil {
		return nil, err
	}
	var p iam.Policy
	in.apply(&p.Name, &p.Description, &p.Tags)
	return c.newPolicy(p, to, doc)
}

// newPolicy makes a policy and attaches it.
func (c *call) newPolicy(p iam.Policy, to iam.Holder, doc document) (*wire.Answer, error) {
	if err := c.compiles(doc); err != nil {
		return nil, err
	}
	p.ID, p.Language, p.Document = iam.PolicyID{UUID: c.Control.NewID()}, policy.Scaleway, doc.String()
	c.about(aPolicy, p.ID.UUID, p.Name)
	return write(c, c.policy, func(d *iam.Draft) (*iam.Policy, error) {
		if err := doc.projectsExist(d.State()); err != nil {
			return nil, err
		}
		made, err := d.CreatePolicy(p)
		if err != nil || to == (iam.Holder{}) {
			return made, err
		}
		if err := c.principalExists(d.State(), to); err != nil {
			return nil, err
		}
		return made, d.Attach(p.ID, to)
	})
}

// clonePolicy copies the rules for nobody yet. The body does not matter (section 7).
func clonePolicy(c *call) (*wire.Answer, error) {
	if err := c.Permit.Require(control.GetPolicy, iam.Name(iam.TypePolicy, pathID(c.Call, "policy_id"))); err != nil {
		return nil, err
	}
	old, err := c.policyInPath()
	if err != nil {
		return nil, err
	}
	return c.newPolicy(iam.Policy{Name: copyName(old.Name), Description: old.Description}, iam.Holder{}, documentOf(old))
}

// copyName is the name of a copy, which is as long as names may be at most.
func copyName(name string) string {
	name = "Copy of " + name
	if runes := []rune(name); len(runes) > iam.MaxName {
		name = string(runes[:iam.MaxName])
	}
	return name
}

func updatePolicy(c *call) (*wire.Answer, error) {
	p, err := c.policyInPath()
	if err != nil {
		return nil, err
	}
	var in policyRequest
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var f form
	in.check(c, &f, false)
	to, given := in.principal(c, &f)
	if f.err != nil {
		return nil, f.err
	}
	from, err := c.leaves(p.ID, to, given)
	if err != nil {
		return nil, err
	}
	return write(c, c.policy, func(d *iam.Draft) (*iam.Policy, error) {
		if err := c.move(d, p.ID, from, to, given); err != nil {
			return nil, err
		}
		return d.UpdatePolicy(p.ID, func(p *iam.Policy) { in.apply(&p.Name, &p.Description, &p.Tags) })
	})
}

// leaves tells what a policy is attached to, and authorizes that it is attached elsewhere, if it is to be.
func (c *call) leaves(id iam.PolicyID, to iam.Holder, moves bool) (iam.Holder, error) {
	from, err := editable(c.View().State, id)
	if err != nil || !moves || from == to {
		return from, err
	}
	if err := c.needFor(attaching, to); err != nil {
		return from, err
	}
	return from, c.needFor(detaching, from)
}

// move attaches a policy elsewhere, if it is still where leaves has found it.
func (c *call) move(d *iam.Draft, id iam.PolicyID, from, to iam.Holder, moves bool) error {
	now, err := editable(d.State(), id)
	switch {
	case err != nil:
		return err
	case now != from:
		return iam.Errorf(iam.Unavailable, "the policy is being attached elsewhere: try again")
	case !moves || from == to:
		return nil
	}
	if from != (iam.Holder{}) {
		if err := d.Detach(id, from); err != nil {
			return err
		}
	}
	if to == (iam.Holder{}) {
		return nil
	}
	if err := c.principalExists(d.State(), to); err != nil {
		return err
	}
	return d.Attach(id, to)
}

// deletePolicy needs no cleaning up before (section 7).
func deletePolicy(c *call) (*wire.Answer, error) {
	p, err := c.policyInPath()
	if err != nil {
		return nil, err
	}
	from, err := c.leaves(p.ID, iam.Holder{}, true)
	if err != nil {
		return nil, err
	}
	return removed(c.Permit.Write(c.Ctx(), func(d *iam.Draft) error {
		if err := c.move(d, p.ID, from, iam.Holder{}, true); err != nil {
			return err
		}
		return d.DeletePolicy(p.ID)
	}))
}
