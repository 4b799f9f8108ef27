package api

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/wire"
)

func roleRoutes() []Route {
	const all, one = "/v1/iam/roles", "/v1/iam/roles/{role_id}"
	find := (*iam.State).Role
	of := credentialsOf{aRole, iam.KindOfRole, exists(find), asCredentials, aCredential, authn.Exoscale}
	return []Route{
		{get, all, control.ListRoles, aRole.any, listRoles},
		{post, all, control.CreateRole, aRole.any, createRole},
		{get, one, control.GetRole, aRole.one, getOne(aRole, find, roles)},
		{patch, one, control.UpdateRole, aRole.one, updateRole},
		{del, one, control.DeleteRole, aRole.one, deleteOne(aRole, (*iam.Draft).DeleteRole)},
		{get, one + "/policies", control.ListRolePolicies, aRole.one,
			listAttached(aRole, find, func(r *iam.Role) []iam.Attached { return r.Policies })},
		{post, one + "/policies", control.AttachRolePolicy, aRole.one, attach(aRole)},
		{del, one + "/policies/{policy_id}", control.DetachRolePolicy, aRole.one, detach(aRole)},
		{get, one + "/credentials", control.ListRoleCredentials, aRole.one, of.list},
		{post, one + "/credentials", control.CreateRoleCredential, aRole.one, of.create},
		{get, one + "/credentials/{credential_id}", control.GetRoleCredential, aRole.one, of.get},
		{del, one + "/credentials/{credential_id}", control.DeleteRoleCredential, aRole.one, of.delete},
		{post, "/v1/iam/assume-role", control.AssumeRole, aRole.any, assumeRole},
		{post, "/v1/iam/workload-credentials", control.GetWorkloadCredentials, aRole.any, getWorkloadCredentials},
	}
}

var roles = kind[*iam.Role, apitype.Role]{
	id:   func(r *iam.Role) iam.UUID { return r.ID.UUID },
	wire: roleToWire,
	one: func(r apitype.Role, at apitype.Revision) any {
		return apitype.RoleAnswer{Role: r, Revision: at}
	},
	many: func(rs []apitype.Role, p apitype.Page) any { return apitype.RoleList{Roles: rs, Page: p} },
}

// listRoles serves a page of roles, or instead of the predefined ones.
func listRoles(c *call) (*wire.Answer, error) {
	if c.R.URL.Query().Get("predefined") == "true" {
		return cut(c, roles, c.View().PredefinedRoles(), "name")
	}
	return cut(c, roles, c.View().Roles(), "name")
}

func roleToWire(_ *call, r *iam.Role) apitype.Role {
	out := apitype.Role{
		ID: r.ID.String(), CRN: iam.Name(iam.TypeRole, r.ID.UUID).String(), Name: r.Name, Description: r.Description,
		CreatedAt: apitype.Time{Time: r.CreatedAt}, UpdatedAt: apitype.Time{Time: r.UpdatedAt},
		Predefined: r.Predefined(), Frozen: r.Frozen, Permissions: r.Permissions, MaxSessionSeconds: r.MaxSession,
	}
	if r.Assume != nil {
		out.AssumePolicy = json.RawMessage(r.Assume.Document)
	}
	if r.Trust != nil {
		out.TrustPolicy = &apitype.TrustPolicy{Principals: r.Trust.Principals}
	}
	return out
}

// policyIDs reads the policies that edition A attaches with the role itself (section 16.6).
func (f *form) policyIDs(field string, texts []string) []iam.PolicyID {
	out := make([]iam.PolicyID, len(texts))
	for i, text := range texts {
		out[i].UUID = f.id(fmt.Sprintf("%s[%d]", field, i), text)
	}
	return out
}

func createRole(c *call) (*wire.Answer, error) {
	var in apitype.CreateRoleRequest
	var trust *policy.Trust
	var attached []iam.PolicyID
	err := c.decode(&in, func(f *form) {
		f.name("name", &in.Name)
		f.text("description", in.Description, maxDescription)
		trust = f.trust("trust_policy", in.TrustPolicy)
		attached = f.policyIDs("policy_ids", in.PolicyIDs)
	})
	if err != nil {
		return nil, err
	}
	if len(attached) > 0 {
		if err := c.Permit.Require(control.AttachRolePolicy, iam.AnyOf(iam.TypeRole)); err != nil {
			return nil, err
		}
	}
	r := iam.Role{ID: iam.RoleID{UUID: c.Control.NewID()}, Name: in.Name, Description: in.Description, Trust: trust}
	return create(c, roles, r.ID.UUID, r.Name, func(d *iam.Draft) (*iam.Role, error) { return d.CreateRole(r, attached) })
}

func updateRole(c *call) (*wire.Answer, error) {
	id, err := aRole.id(c)
	if err != nil {
		return nil, err
	}
	var in apitype.UpdateRoleRequest
	var trust *policy.Trust
	var attached []iam.PolicyID
	err = c.decode(&in, func(f *form) {
		f.newName("name", &in.Name)
		f.newText("description", in.Description, maxDescription)
		trust = f.trust("trust_policy", in.TrustPolicy.Value)
		f.notNull("policy_ids", in.PolicyIDs.Null)
		attached = f.policyIDs("policy_ids", in.PolicyIDs.Value)
	})
	if err != nil {
		return nil, err
	}
	if in.PolicyIDs.Set {
		if err := c.mayReplacePolicies(id); err != nil {
			return nil, err
		}
	}
	return write(c, http.StatusOK, roles, func(d *iam.Draft) (*iam.Role, error) {
		r, err := d.UpdateRole(iam.RoleID{UUID: id}, func(r *iam.Role) {
			apply(in.Name, &r.Name)
			applyText(in.Description, &r.Description)
			if in.TrustPolicy.Set {
				r.Trust = trust
			}
		})
		if err != nil || !in.PolicyIDs.Set {
			return r, err
		}
		return r, d.ReplaceAttachments(iam.Holder{Type: iam.TypeRole, ID: id}, attached)
	})
}

// mayReplacePolicies decides what policy_ids in a PATCH amounts to: some policies are attached to the role, others
// detached.
func (c *call) mayReplacePolicies(id iam.UUID) error {
	if err := c.Permit.Require(control.AttachRolePolicy, iam.Name(iam.TypeRole, id)); err != nil {
		return err
	}
	return c.Permit.Require(control.DetachRolePolicy, iam.Name(iam.TypeRole, id))
}
