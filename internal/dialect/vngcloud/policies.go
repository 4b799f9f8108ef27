package vngcloud

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/compose"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/wire"
)

// policies is section 3.3. Shown are those in VNG Cloud's language that stand by themselves, and the managed ones.
var policies = area{missing: policyMissing, exists: policyExists}

var aPolicy = thing{iam.TypePolicy, "id"}

func policyRoutes() []wire.Route {
	const all, each = policiesV1 + "/policies", policiesV1 + "/policies/{id}"
	return []wire.Route{
		policies.route(post, all, control.CreatePolicy, tagging(iam.TypePolicy), createPolicy),
		policies.route(get, all, control.ListPolicies, anyOf(iam.TypePolicy), listPolicies),
		policies.route(get, each, control.GetPolicy, on(aPolicy), getPolicy),
		policies.route(del, each, control.DeletePolicy, on(aPolicy), deletePolicy),
		policies.route(put, each, control.UpdatePolicy, on(aPolicy), updatePolicy),
		policies.route(post, policiesV1+"/compose-policy", control.ComposePolicy, anyOf(iam.TypePolicy), composePolicy),
		policies.route(post, all+"/compose-policy", control.ComposePolicy, anyOf(iam.TypePolicy), composePolicy),
	}
}

type policySummary struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	CreatedAt int64  `json:"createdAt"`
}

func policySummaryOf(p *iam.Policy) policySummary {
	return policySummary{p.ID.String(), p.Name, p.CreatedAt.UnixMilli()}
}

type fullPolicy struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Description *string     `json:"description"`
	Root        *int64      `json:"root"` // null for a managed one
	Manager     string      `json:"manager"`
	Scope       string      `json:"scope"`
	Statements  []statement `json:"statements"`
	CreatedAt   int64       `json:"createdAt"`
}

// statement is section 3.4. A condition is shown as it was written, and left out if there was none.
type statement struct {
	Effect    string         `json:"effect"`
	Actions   []string       `json:"actions"`
	Resources []string       `json:"resources"`
	Condition jsontext.Value `json:"condition,omitzero"`
}

// Who manages policies (section 3.3).
const (
	byUser   = "user"
	byVendor = "VNG CLOUD"
)

func (c *call) fullPolicy(p *iam.Policy) fullPolicy {
	out := fullPolicy{ID: p.ID.String(), Name: p.Name, Description: p.Description, Manager: byVendor, Scope: "public", CreatedAt: p.CreatedAt.UnixMilli()}
	if !p.Managed {
		out.Manager, out.Root = byUser, new(c.root())
	}
	_ = wire.Unmarshal([]byte(p.Document), &out.Statements, "[") // it has compiled
	for i := range out.Statements {
		if s := &out.Statements[i]; s.Condition.Kind() == 'n' {
			s.Condition = nil
		}
	}
	return out
}

// visible tells whether a policy can be shown.
func visible(p *iam.Policy) bool { return p.Language == policy.VNGCloud && p.Of == (iam.Holder{}) }

func policyID(p *iam.Policy) iam.UUID { return p.ID.UUID }

// policy finds a policy that can be shown.
func (c *call) policy(id iam.UUID) (*iam.Policy, error) {
	p, err := c.View().Policy(iam.PolicyID{UUID: id})
	if err != nil || !visible(p) {
		return nil, missing(policyMissing, "The policy does not exist.")
	}
	return p, nil
}

// attached are those of a holder's policies that can be shown, in the order of attaching.
func (c *call) attached(held []iam.Attached) []*iam.Policy {
	var out []*iam.Policy
	for _, a := range held {
		if p, err := c.policy(a.Policy.UUID); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// listPolicies lists the organization's own, newest first, then the managed ones by name (section 12).
func listPolicies(c *call) (*wire.Answer, error) {
	q, err := c.pageQuery()
	if err != nil {
		return nil, err
	}
	own := slices.DeleteFunc(slices.Collect(c.View().Policies().All()), func(p *iam.Policy) bool { return !visible(p) })
	own = newestFirst(own, func(p *iam.Policy) (time.Time, iam.UUID) { return p.CreatedAt, p.ID.UUID })
	managed := slices.DeleteFunc(c.View().ManagedPolicies(), func(p *iam.Policy) bool { return !visible(p) })
	slices.SortFunc(managed, func(a, b *iam.Policy) int { return cmp.Or(strings.Compare(a.Name, b.Name), a.ID.Compare(b.ID.UUID)) })
	return paged(c, q, append(own, managed...), policyName, policySummaryOf)
}

func policyName(p *iam.Policy) string { return p.Name }

func getPolicy(c *call) (*wire.Answer, error) {
	p, err := c.policy(c.pathID(aPolicy.param))
	if err != nil {
		return nil, err
	}
	return c.shown(c.fullPolicy(p))
}

// policyRequest is the body of a create and an update.
type policyRequest struct {
	Name        *string        `json:"name"`
	Description jsontext.Value `json:"description"`
	Statements  jsontext.Value `json:"statements"`

	description *string
}

// check checks what is there of a body.
func (in *policyRequest) check(c *call) error {
	switch in.Description.Kind() {
	case 0, 'n':
	case '"':
		if err := undecodable(wire.Unmarshal(in.Description, &in.description, `"`)); err != nil {
			return err
		}
	default:
		return wrong(badRequest, iam.FieldErrorf(iam.Invalid, "description", "must be a string or null"))
	}
	if in.Statements.Kind() == 'n' { // a list that is null is absent (section 12)
		in.Statements = nil
	}
	if in.Statements == nil {
		return nil
	}
	_, err := policy.Compile(policy.VNGCloud, in.Statements, c.View().World().Library)
	return inStatements(err)
}

func createPolicy(c *call) (*wire.Answer, error) {
	var in struct {
		policyRequest
		tagged
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	if err := in.check(c); err != nil {
		return nil, err
	}
	name, err := checkName(in.Name)
	if err != nil {
		return nil, err
	}
	if in.Statements == nil {
		return nil, wrong(statementInvalid, iam.FieldErrorf(iam.Invalid, "statements", "is required: at least one statement"))
	}
	p := iam.Policy{ID: iam.PolicyID{UUID: c.Control.NewID()}, Name: name, Description: in.description,
		Language: policy.VNGCloud, Document: string(in.Statements), Tags: in.domain()}
	if err := c.requireTagging(control.TagPolicy, iam.Name(iam.TypePolicy, p.ID.UUID), in.tagged); err != nil {
		return nil, err
	}
	c.Permit.Target.ID, c.Permit.Target.Name = p.ID.String(), p.Name
	at, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) error {
		_, err := d.CreatePolicy(p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return made(p.ID.UUID, at), nil
}

// updatePolicy changes what the body has; what is absent stays as it is.
func updatePolicy(c *call) (*wire.Answer, error) {
	var in policyRequest
	if err := c.body(&in); err != nil {
		return nil, err
	}
	if err := in.check(c); err != nil {
		return nil, err
	}
	name := ""
	if in.Name != nil {
		var err error
		if name, err = checkName(in.Name); err != nil {
			return nil, err
		}
	}
	p, err := c.policy(c.pathID(aPolicy.param))
	if err != nil {
		return nil, err
	}
	return c.write(func(d *iam.Draft) error {
		_, err := d.UpdatePolicy(p.ID, func(p *iam.Policy) {
			p.Name = cmp.Or(name, p.Name)
			if len(in.Description) > 0 {
				p.Description = in.description
			}
			if in.Statements != nil {
				p.Document = string(in.Statements)
			}
		})
		return err
	})
}

// deletePolicy detaches it, too.
func deletePolicy(c *call) (*wire.Answer, error) {
	p, err := c.policy(c.pathID(aPolicy.param))
	if err != nil {
		return nil, err
	}
	return c.write(func(d *iam.Draft) error { return d.DeletePolicyInUse(p.ID) })
}

// composePolicy is section 8. It stores nothing.
func composePolicy(c *call) (*wire.Answer, error) {
	text, err := c.bytes()
	if err != nil {
		return nil, err
	}
	var list []jsontext.Value
	if err := undecodable(wire.Unmarshal(text, &list, "[")); err != nil {
		return nil, err
	}
	out, err := compose.Compose(text, c.View().World().Library, c.Control.Catalog())
	if err != nil {
		return nil, inStatements(err)
	}
	return c.shown(out)
}
