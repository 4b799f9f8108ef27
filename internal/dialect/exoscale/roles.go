package exoscale

import (
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/wire"
)

func roleOperations() []operation {
	const all, each = Prefix + "/iam-role", Prefix + "/iam-role/{id}"
	role := one(iam.TypeRole)
	return []operation{
		{name: "create-iam-role", route: wire.Route{Method: post, Pattern: all, Operation: control.CreateRole, Target: anyOf(iam.TypeRole)},
			read: reads[createRole](false), do: doCreateRole},
		{name: "list-iam-roles", route: wire.Route{Method: get, Pattern: all, Operation: control.ListRoles, Target: anyOf(iam.TypeRole)}, do: listRoles},
		{name: "get-iam-role", route: wire.Route{Method: get, Pattern: each, Operation: control.GetRole, Target: role}, do: getRole},
		{name: "update-iam-role", route: wire.Route{Method: put, Pattern: each, Operation: control.UpdateRole, Target: role},
			read: reads[updateRole](true), do: doUpdateRole},
		{name: "delete-iam-role", route: wire.Route{Method: del, Pattern: each, Operation: control.DeleteRole, Target: role}, do: deleteRole},
		{name: "update-iam-role-policy", route: wire.Route{Method: put, Pattern: "/:policy" + each, Operation: control.UpdateRolePolicy, Target: role},
			read: document(compilePolicy), do: updateRolePolicy},
		{name: "update-iam-assume-role-policy",
			route: wire.Route{Method: put, Pattern: "/:assume-role-policy" + each, Operation: control.UpdateAssumeRolePolicy, Target: role},
			read:  document(policy.CompileAssume), do: updateAssumeRolePolicy},
		{name: "assume-iam-role", route: wire.Route{Method: post, Pattern: each + "/assume", Operation: control.AssumeRole, Target: role},
			read: reads[assumeRole](false), do: doAssumeRole},
	}
}

// roleOut is a role in answers (section 4). What the role has not is absent, which clients tell from what is empty (section 12).
type roleOut struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description,omitzero"`
	Editable    bool              `json:"editable"`
	Labels      map[string]string `json:"labels,omitempty"`
	Permissions []string          `json:"permissions,omitempty"`
	MaxSession  int64             `json:"max-session-ttl,omitzero"`
	Policy      jsontext.Value    `json:"policy"`
	Assume      jsontext.Value    `json:"assume-role-policy,omitzero"`
}

// The policies of the predefined roles, and of a role that has none in this language.
const (
	allowAll = iam.AllowAll
	denyAll  = `{"default-service-strategy":"deny","services":{}}`
)

func roleToWire(s *iam.State, r *iam.Role) roleOut {
	out := roleOut{ID: r.ID.String(), Name: r.Name, Editable: !r.Frozen, Permissions: r.Permissions, MaxSession: r.MaxSession,
		Policy: jsontext.Value(denyAll)}
	if r.Description != nil {
		out.Description = *r.Description
	}
	if len(r.Tags) > 0 {
		out.Labels = map[string]string{}
		for _, t := range r.Tags {
			out.Labels[t.Key] = t.Value
		}
	}
	if p := policyOf(s, r); p != nil {
		out.Policy = shownDocument(p.Document, p.Program)
	} else if s.IsOwnerRole(r.ID) {
		out.Policy = jsontext.Value(allowAll)
	}
	if r.Assume != nil {
		out.Assume = shownDocument(r.Assume.Document, r.Assume.Program)
	}
	return out
}

// policyOf is the role's policy in this language, its own before one that is attached; nil if there is none. Those in other languages are
// not shown, and count (design.md, section 6).
func policyOf(s *iam.State, r *iam.Role) (found *iam.Policy) {
	for _, a := range r.Policies {
		p, err := s.Policy(a.Policy)
		if err != nil || p.Language != policy.Exoscale {
			continue
		}
		if p.Of == (iam.Holder{Type: iam.TypeRole, ID: r.ID.UUID}) {
			return p
		}
		if found == nil {
			found = p
		}
	}
	return found
}

// shownDocument is a document as it was written. Where null stands for no services, clients are shown {} (section 4).
func shownDocument(text string, p *policy.Program) jsontext.Value {
	var in struct {
		Services jsontext.Value `json:"services"`
	}
	if err := wire.Unmarshal([]byte(text), &in, "{"); err == nil && in.Services.Kind() == 'n' {
		return jsontext.Value(p.Print())
	}
	return jsontext.Value(text)
}

// roles lists all roles, the predefined ones first.
func (c *call) roles() []*iam.Role {
	return slices.AppendSeq(slices.Collect(c.View().PredefinedRoles().All()), c.View().Roles().All())
}

func listRoles(c *call) (*wire.Answer, error) {
	out := struct {
		Roles []roleOut `json:"iam-roles"`
	}{[]roleOut{}}
	for _, r := range c.roles() {
		out.Roles = append(out.Roles, roleToWire(c.View().State, r))
	}
	return c.shown(out)
}

// roleInPath finds the role that the path names.
func (c *call) roleInPath() (*iam.Role, error) {
	return c.View().Role(iam.RoleID{UUID: pathID(c.Call)})
}

// editableRole finds the role that the path names, and refuses one whose policies are fixed, be the new ones as the old.
func (c *call) editableRole() (*iam.Role, error) {
	r, err := c.roleInPath()
	if err == nil && r.Frozen {
		err = iam.Errorf(iam.Immutable, "the role is not editable")
	}
	return r, err
}

func getRole(c *call) (*wire.Answer, error) {
	r, err := c.roleInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(roleToWire(c.View().State, r))
}

// createRole is section 6.1.
type createRole struct {
	Name        string         `json:"name"`
	Description *string        `json:"description"`
	Editable    *bool          `json:"editable"`
	Labels      labels         `json:"labels"`
	Permissions []string       `json:"permissions"`
	Policy      jsontext.Value `json:"policy"`
	Assume      jsontext.Value `json:"assume-role-policy"`
	MaxSession  *int64         `json:"max-session-ttl"`
}

func (in *createRole) check() error {
	return first(within("name", in.Name, maxRoleName), description(in.Description), in.Labels.check(), permissions(in.Permissions),
		positive("max-session-ttl", in.MaxSession), inMember("policy", in.Policy, compilePolicy),
		inMember("assume-role-policy", in.Assume, policy.CompileAssume))
}

func description(text *string) error {
	if text == nil {
		return nil
	}
	return within("description", *text, maxText)
}

// doCreateRole makes a role. Whoever does gives it policies, which is a right of its own (design.md, section 6).
func doCreateRole(c *call) (*wire.Answer, error) {
	in := c.in.(*createRole)
	anyRole := iam.AnyOf(iam.TypeRole)
	if err := c.Permit.Require(control.UpdateRolePolicy, anyRole); err != nil {
		return nil, err
	}
	r := iam.Role{ID: iam.RoleID{UUID: c.Control.NewID()}, Name: in.Name, Description: in.Description, Tags: in.Labels.tags(), Permissions: in.Permissions}
	if in.MaxSession != nil {
		r.MaxSession = *in.MaxSession
	}
	if given(in.Assume) {
		if err := c.Permit.Require(control.UpdateAssumeRolePolicy, anyRole); err != nil {
			return nil, err
		}
		r.Assume = &iam.AssumePolicy{Document: string(in.Assume)}
	}
	own := iam.OwnPolicy{ID: iam.PolicyID{UUID: c.Control.NewID()}, Document: allowAll}
	if given(in.Policy) {
		own.Document = string(in.Policy)
	}
	c.Permit.Target.ID, c.Permit.Target.Name = r.ID.String(), r.Name
	return c.write(subject{iam.TypeRole, r.ID.UUID, ""}, func(d *iam.Draft) error {
		if _, err := d.CreateRole(r, nil); err != nil {
			return err
		}
		if _, err := d.ReplaceOwn(iam.Holder{Type: iam.TypeRole, ID: r.ID.UUID}, policy.Exoscale, []iam.OwnPolicy{own}); err != nil {
			return err
		}
		if in.Editable == nil || *in.Editable {
			return nil
		}
		_, err := d.FreezeRole(r.ID)
		return err
	})
}

// updateRole is section 6.2. What is absent stays; empty labels and permissions clear.
type updateRole struct {
	Description *string        `json:"description"`
	Labels      labels         `json:"labels"`
	Permissions []string       `json:"permissions"`
	Assume      jsontext.Value `json:"assume-role-policy"`
	MaxSession  *int64         `json:"max-session-ttl"`
}

func (in *updateRole) check() error {
	return first(description(in.Description), in.Labels.check(), permissions(in.Permissions), positive("max-session-ttl", in.MaxSession),
		inMember("assume-role-policy", in.Assume, policy.CompileAssume))
}

func doUpdateRole(c *call) (*wire.Answer, error) {
	in := c.in.(*updateRole)
	r, err := c.roleInPath()
	if err != nil {
		return nil, err
	}
	assume := given(in.Assume)
	if assume {
		if err := c.Permit.Require(control.UpdateAssumeRolePolicy, c.Permit.Target.Resources...); err != nil {
			return nil, err
		}
		if _, err := c.editableRole(); err != nil {
			return nil, err
		}
	}
	return c.write(subject{iam.TypeRole, r.ID.UUID, ""}, func(d *iam.Draft) error {
		_, err := d.UpdateRole(r.ID, func(r *iam.Role) {
			if in.Description != nil {
				r.Description = in.Description
			}
			if in.Labels != nil {
				r.Tags = in.Labels.tags()
			}
			if in.Permissions != nil {
				r.Permissions = in.Permissions
			}
			if in.MaxSession != nil {
				r.MaxSession = *in.MaxSession
			}
			if assume {
				r.Assume = &iam.AssumePolicy{Document: string(in.Assume)}
			}
		})
		return err
	})
}

func deleteRole(c *call) (*wire.Answer, error) {
	r, err := c.roleInPath()
	if err != nil {
		return nil, err
	}
	return c.write(subject{iam.TypeRole, r.ID.UUID, ""}, func(d *iam.Draft) error { return d.DeleteRole(r.ID) })
}

// updateRolePolicy replaces the role's policy in this language; others stay. A policy that is the role's own keeps its id.
func updateRolePolicy(c *call) (*wire.Answer, error) {
	r, err := c.editableRole()
	if err != nil {
		return nil, err
	}
	fresh, text := iam.PolicyID{UUID: c.Control.NewID()}, string(c.Body())
	return c.write(subject{iam.TypeRole, r.ID.UUID, ""}, func(d *iam.Draft) error {
		r, err := d.State().Role(r.ID)
		if err != nil {
			return err
		}
		if p := policyOf(d.State(), r); p != nil && p.Of.ID == r.ID.UUID && countPolicies(d.State(), r) == 1 {
			_, err := d.UpdatePolicy(p.ID, func(p *iam.Policy) { p.Document = text })
			return err
		}
		_, err = d.ReplaceOwn(iam.Holder{Type: iam.TypeRole, ID: r.ID.UUID}, policy.Exoscale, []iam.OwnPolicy{{ID: fresh, Document: text}})
		return err
	})
}

// countPolicies is how many policies in this language a role has.
func countPolicies(s *iam.State, r *iam.Role) (n int) {
	for _, a := range r.Policies {
		if p, err := s.Policy(a.Policy); err == nil && p.Language == policy.Exoscale {
			n++
		}
	}
	return n
}

func updateAssumeRolePolicy(c *call) (*wire.Answer, error) {
	r, err := c.editableRole()
	if err != nil {
		return nil, err
	}
	text := string(c.Body())
	return c.write(subject{iam.TypeRole, r.ID.UUID, ""}, func(d *iam.Draft) error {
		_, err := d.UpdateRole(r.ID, func(r *iam.Role) { r.Assume = &iam.AssumePolicy{Document: text} })
		return err
	})
}

// assumeRole is section 6.6.
type assumeRole struct {
	TTL *int64 `json:"ttl"`
}

func (in *assumeRole) check() error {
	if in.TTL == nil {
		return iam.FieldErrorf(iam.Invalid, "ttl", "is required")
	}
	return positive("ttl", in.TTL)
}

// maxSessionName is how much of a role's name the name of a session has.
const maxSessionName = 191

// doAssumeRole gives a temporary key of a role (section 10.5).
func doAssumeRole(c *call) (*wire.Answer, error) {
	in, id := c.in.(*assumeRole), iam.RoleID{UUID: pathID(c.Call)}
	name := "session"
	if r, err := c.View().Role(id); err == nil { // whether there is one may not be the caller's to know
		name = "session-" + cut(r.Name, maxSessionName)
	}
	out, err := c.Control.AssumeRole(c.Ctx(), c.Permit, control.Assumption{Role: id, Name: name,
		Duration: time.Duration(*in.TTL) * time.Second, Bounded: true, Form: authn.Exoscale})
	if err != nil {
		return nil, err
	}
	return answer(struct {
		Key       string `json:"key"`
		Secret    string `json:"secret"`
		Name      string `json:"name"`
		OrgID     string `json:"org-id"`
		RoleID    string `json:"role-id"`
		ExpiresAt string `json:"expires-at"`
	}{out.AccessKey, out.Secret, out.Session.Name, c.View().ID().String(), out.Role.ID.String(), out.ExpiresAt.UTC().Format(time.RFC3339)}, out.Revision), nil
}

// cut is the beginning of a text, of so many characters at most.
func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}

// first is the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
