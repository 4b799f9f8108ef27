package api

import (
	"cmp"
	"encoding/json"
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/wire"
)

func policyRoutes() []Route {
	const all, one = "/v1/iam/policies", "/v1/iam/policies/{policy_id}"
	find := (*iam.State).Policy
	return []Route{
		{get, all, control.ListPolicies, aPolicy.any, list(policies, (*iam.State).Policies)},
		{post, all, control.CreatePolicy, aPolicy.any, createPolicy},
		{get, one, control.GetPolicy, aPolicy.one, getOne(aPolicy, find, policies)},
		{patch, one, control.UpdatePolicy, aPolicy.one, updatePolicy},
		{del, one, control.DeletePolicy, aPolicy.one, deleteOne(aPolicy, (*iam.Draft).DeletePolicy)},
		{get, one + "/groups", control.ListPolicyGroups, aPolicy.one,
			listBelow(aPolicy, find, (*iam.State).PolicyGroups, always[iam.PolicyID](groups))},
		{get, one + "/roles", control.ListPolicyRoles, aPolicy.one,
			listBelow(aPolicy, find, (*iam.State).PolicyRoles, always[iam.PolicyID](roles))},
		{get, one + "/service-accounts", control.ListPolicyServiceAccounts, aPolicy.one,
			listBelow(aPolicy, find, (*iam.State).PolicyServiceAccounts, always[iam.PolicyID](serviceAccounts))},
		{get, one + "/users", control.ListPolicyUsers, aPolicy.one,
			listBelow(aPolicy, find, (*iam.State).PolicyUsers, always[iam.PolicyID](users))},
	}
}

var policies = kind[*iam.Policy, apitype.Policy]{
	id:   func(p *iam.Policy) iam.UUID { return p.ID.UUID },
	wire: policyToWire,
	one: func(p apitype.Policy, at apitype.Revision) any {
		return apitype.PolicyAnswer{Policy: p, Revision: at}
	},
	many: func(ps []apitype.Policy, p apitype.Page) any { return apitype.PolicyList{Policies: ps, Page: p} },
}

func policyToWire(_ *call, p *iam.Policy) apitype.Policy {
	out := apitype.Policy{
		ID: p.ID.String(), CRN: iam.Name(iam.TypePolicy, p.ID.UUID).String(), Name: p.Name, Description: p.Description,
		Language: string(p.Language), Document: json.RawMessage(p.Document), Managed: p.Managed,
		CreatedAt: apitype.Time{Time: p.CreatedAt}, UpdatedAt: apitype.Time{Time: p.UpdatedAt},
	}
	if p.Of != (iam.Holder{}) {
		out.Of = &apitype.Holder{Type: p.Of.Type, ID: p.Of.ID.String()}
	}
	return out
}

func createPolicy(c *call) (*wire.Answer, error) {
	var in apitype.CreatePolicyRequest
	err := c.decode(&in, func(f *form) {
		f.name("name", &in.Name)
		f.text("description", in.Description, maxDescription)
		in.Language = cmp.Or(in.Language, string(policy.Statements))
		f.language("language", in.Language)
		f.document("document", in.Document)
	})
	if err != nil {
		return nil, err
	}
	p := iam.Policy{ID: iam.PolicyID{UUID: c.Control.NewID()}, Name: in.Name, Description: in.Description,
		Language: policy.Language(in.Language), Document: string(in.Document)}
	out, err := create(c, policies, p.ID.UUID, p.Name, func(d *iam.Draft) (*iam.Policy, error) { return d.CreatePolicy(p) })
	return c.remark(out, err)
}

// remark adds to a policy's answer what its language has to say about the document, for the author and for the log
// (section 16.7: what widens a grant is not to go unnoticed).
func (c *call) remark(out *wire.Answer, err error) (*wire.Answer, error) {
	if err != nil {
		return nil, err
	}
	body := out.Body.(apitype.PolicyAnswer)
	id, err := iam.ParseUUID(body.Policy.ID)
	if err != nil {
		return nil, err
	}
	p, err := c.View().Policy(iam.PolicyID{UUID: id})
	if err != nil {
		return nil, err
	}
	for _, w := range p.Program.Warnings() {
		body.Warnings = append(body.Warnings, w.Path+": "+w.Message)
		c.Log.Warn("a policy may not mean what its author thinks", "org", c.View().ID(), "policy", p.ID, "at", w.Path, "remark", w.Message)
	}
	out.Body = body
	return out, nil
}

func updatePolicy(c *call) (*wire.Answer, error) {
	id, err := aPolicy.id(c)
	if err != nil {
		return nil, err
	}
	var in apitype.UpdatePolicyRequest
	err = c.decode(&in, func(f *form) {
		f.newName("name", &in.Name)
		f.newText("description", in.Description, maxDescription)
		f.newLanguage("language", in.Language)
		f.newDocument("document", in.Document)
	})
	if err != nil {
		return nil, err
	}
	out, err := write(c, http.StatusOK, policies, func(d *iam.Draft) (*iam.Policy, error) {
		return d.UpdatePolicy(iam.PolicyID{UUID: id}, func(p *iam.Policy) {
			apply(in.Name, &p.Name)
			applyText(in.Description, &p.Description)
			if in.Language.Set {
				p.Language = policy.Language(in.Language.Value)
			}
			if in.Document.Set {
				p.Document = string(in.Document.Value)
			}
		})
	})
	return c.remark(out, err)
}
