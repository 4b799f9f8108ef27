package cloudflare

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/wire"
)

// groupPolicy is a policy of a user group or member in answers (section 6).
type groupPolicy struct {
	ID               string            `json:"id"`
	Access           string            `json:"access"`
	PermissionGroups []permissionGroup `json:"permission_groups"`
	ResourceGroups   []resourceGroup   `json:"resource_groups"`
}

// document is a policy in the language.
type document struct {
	Access           string     `json:"access"`
	PermissionGroups []ref      `json:"permission_groups"`
	ResourceGroups   []placeRef `json:"resource_groups"`
}

type ref struct {
	ID string `json:"id"`
}

// placeRef is a resource group by id, or a scope that is written out.
type placeRef struct {
	ID    string `json:"id,omitzero"`
	Scope *scope `json:"scope,omitzero"`
}

// policyRequest is a policy of a user group or member in requests. An id is not taken: policies are new with every write.
type policyRequest struct {
	Access           string         `json:"access"`
	PermissionGroups []ref          `json:"permission_groups"`
	ResourceGroups   []placeRequest `json:"resource_groups"`
}

type placeRequest struct {
	ID    string         `json:"id"`
	Scope jsontext.Value `json:"scope"` // counts without an id alone
}

// ownPolicies makes of what a client sends the policies that a holder is to have in place of those that it has. A scope that is
// written out becomes a resource group of the policy's own (section 6).
func (c *call) ownPolicies(in []policyRequest, has []iam.Attached) ([]iam.OwnPolicy, error) {
	out := make([]iam.OwnPolicy, len(in))
	for i, p := range in {
		for j, r := range p.PermissionGroups {
			if _, ok := c.Control.Catalog().PermissionGroup(r.ID); !ok { // those of tokens are none
				return nil, notValid(fmt.Sprintf("policies[%d].permission_groups[%d].id", i, j), fmt.Sprintf("there is no permission group %.40q", r.ID))
			}
		}
		var scopes []iam.ResourceGroup
		doc := document{Access: p.Access, PermissionGroups: p.PermissionGroups, ResourceGroups: make([]placeRef, len(p.ResourceGroups))}
		for j, g := range p.ResourceGroups {
			doc.ResourceGroups[j].ID = g.ID
			where, written, err := c.writtenOut(fmt.Sprintf("policies[%d].resource_groups[%d]", i, j), g, has)
			if err != nil {
				return nil, err
			}
			if !written {
				continue
			}
			group := iam.ResourceGroup{ID: iam.ResourceGroupID{UUID: c.Control.NewID()}, Scope: where}
			scopes = append(scopes, group)
			doc.ResourceGroups[j].ID = hexID(group.ID.UUID)
		}
		if len(scopes) > 0 {
			if err := c.Permit.Require(control.CreateResourceGroup, iam.AnyOf(iam.TypeResourceGroup)); err != nil {
				return nil, err
			}
		}
		own, err := c.own(doc)
		if err != nil {
			return nil, err
		}
		own.Scopes = scopes
		out[i] = own
	}
	return out, nil
}

// writtenOut gives the scope of a place that has it written out, or had when the client was shown it: clients that send back what
// they have read name the resource group of a policy that goes now.
func (c *call) writtenOut(field string, g placeRequest, has []iam.Attached) (where iam.Scope, is bool, err error) {
	if g.ID == "" {
		where, err = readScope(field+".scope", g.Scope)
		if err == nil && where.Key == "" {
			err = iam.FieldErrorf(iam.Invalid, field, "needs an id or a scope")
		}
		return where, true, err
	}
	id, _ := parseID(g.ID)
	old, err := c.View().ResourceGroup(iam.ResourceGroupID{UUID: id})
	if err != nil || !slices.ContainsFunc(has, func(a iam.Attached) bool { return a.Policy == old.Of }) {
		return where, false, nil // a resource group of its own, or none, which is found out later
	}
	return old.Scope, true, nil
}

// own is a new policy with a document.
func (c *call) own(doc document) (iam.OwnPolicy, error) {
	text, err := json.Marshal(doc)
	return iam.OwnPolicy{ID: iam.PolicyID{UUID: c.Control.NewID()}, Document: string(text)}, err
}

// replacePolicies makes a holder's policies in this language these. An error names places in the request.
func replacePolicies(d *iam.Draft, of iam.Holder, next []iam.OwnPolicy) error {
	_, err := d.ReplaceOwn(of, policy.Cloudflare, next)
	e, ok := errors.AsType[*iam.Error](err)
	if !ok || e.Field == "" || e.Code != iam.Invalid {
		return err
	}
	return notValid(inRequest(e.Field, next), reason(e))
}

func notValid(place, why string) error {
	return iam.Errorf(iam.Invalid, "Policy validation failed: %s: %s", place, why)
}

// inRequest is the place in a request of what the domain was given: policies with documents, and scopes beside them.
func inRequest(field string, next []iam.OwnPolicy) string {
	var i, k int
	if n, _ := fmt.Sscanf(field, "policies[%d].scopes[%d]", &i, &k); n < 2 {
		return strings.Replace(field, "document.", "", 1)
	}
	own := hexID(next[i].Scopes[k].ID.UUID)
	j := slices.IndexFunc(documentOf(next[i].Document).ResourceGroups, func(r placeRef) bool { return r.ID == own })
	return strings.Replace(field, fmt.Sprintf("scopes[%d]", k), fmt.Sprintf("resource_groups[%d]", j), 1)
}

// reason is what an error says without the line in a document, which the client has not written.
func reason(e *iam.Error) string {
	if inDocument, ok := errors.AsType[*policy.Error](e.Err); ok {
		return inDocument.Message
	}
	return e.Message
}

// policies shows those that a holder has in this language. Others are left out: they cannot be said in it.
func (c *call) policies(v *iam.State, attached []iam.Attached, want func(*document) bool) []groupPolicy {
	out := []groupPolicy{}
	for _, a := range attached {
		p, err := v.Policy(a.Policy)
		if err != nil || p.Language != policy.Cloudflare {
			continue
		}
		if doc := documentOf(p.Document); want(doc) {
			out = append(out, c.policy(v, p.ID, doc))
		}
	}
	return out
}

func always(*document) bool { return true }

// documentOf reads a document that has compiled.
func documentOf(text string) *document {
	var doc document
	_ = wire.Unmarshal([]byte(text), &doc, "{")
	return &doc
}

func (c *call) policy(v *iam.State, id iam.PolicyID, doc *document) groupPolicy {
	out := groupPolicy{ID: hexID(id.UUID), Access: doc.Access, PermissionGroups: []permissionGroup{}, ResourceGroups: []resourceGroup{}}
	for _, r := range doc.PermissionGroups {
		if g, ok := c.Control.Catalog().PermissionGroup(r.ID); ok {
			out.PermissionGroups = append(out.PermissionGroups, permissionGroupToWire(g))
		} else if g, ok := c.Control.Catalog().TokenPermissionGroup(r.ID); ok {
			out.PermissionGroups = append(out.PermissionGroups, permissionGroupToWire(g))
		}
	}
	for _, r := range doc.ResourceGroups {
		if r.Scope != nil {
			out.ResourceGroups = append(out.ResourceGroups, resourceGroup{Scope: scopeOut(c.R.Header, scopeIn(*r.Scope))})
			continue
		}
		u, _ := parseID(r.ID)
		if g, err := v.ResourceGroup(iam.ResourceGroupID{UUID: u}); err == nil {
			out.ResourceGroups = append(out.ResourceGroups, c.resourceGroup(g))
		}
	}
	return out
}
