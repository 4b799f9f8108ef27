package cloudflare

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// resourceGroups is section 5.
var resourceGroups = area{kind: "resource group", codes: iamCodes}

func resourceGroupRoutes() []wire.Route {
	const all, each = account + "/iam/resource_groups", account + "/iam/resource_groups/{resource_group_id}"
	target := one(iam.TypeResourceGroup, "resource_group_id")
	return []wire.Route{
		resourceGroups.route(get, all, control.ListResourceGroups, anyOf(iam.TypeResourceGroup), listResourceGroups),
		resourceGroups.route(post, all, control.CreateResourceGroup, anyOf(iam.TypeResourceGroup), createResourceGroup),
		resourceGroups.route(get, each, control.GetResourceGroup, target, getResourceGroup),
		resourceGroups.route(put, each, control.UpdateResourceGroup, target, updateResourceGroup),
		resourceGroups.route(del, each, control.DeleteResourceGroup, target, deleteResourceGroup),
	}
}

// resourceGroup says where policies apply.
type resourceGroup struct {
	ID    string            `json:"id,omitzero"` // none for a scope that is written out in a policy made elsewhere
	Name  string            `json:"name,omitzero"`
	Scope any               `json:"scope"` // a scope, or an array of one
	Meta  map[string]string `json:"meta,omitempty"`
}

type scope struct {
	Key     string   `json:"key"`
	Objects []object `json:"objects"`
}

type object struct {
	Key string `json:"key"`
}

// scopeOut is a scope in answers: an object, but an array for the edition of the TypeScript SDK before, whose types have that
// (section 5, "array or object").
func scopeOut(h http.Header, s iam.Scope) any {
	out := scope{Key: s.Key, Objects: shows(s.Objects, func(key string) object { return object{key} })}
	major, _, _ := strings.Cut(h.Get("X-Stainless-Package-Version"), ".")
	if n, err := strconv.Atoi(major); err == nil && n < 7 && h.Get("X-Stainless-Lang") == "js" {
		return []scope{out}
	}
	return out
}

// scopeIn is the domain's scope of one in a request.
func scopeIn(s scope) iam.Scope {
	return iam.Scope{Key: s.Key, Objects: shows(s.Objects, func(o object) string { return o.Key })}
}

func (c *call) resourceGroup(g *iam.ResourceGroup) resourceGroup {
	out := resourceGroup{ID: hexID(g.ID.UUID), Name: g.Name, Scope: scopeOut(c.R.Header, g.Scope), Meta: g.Meta}
	switch {
	case g.Predefined():
		out.Meta = map[string]string{"key": "editable", "value": "false", "editable": "false"}
	case out.Meta == nil:
		out.Meta = map[string]string{"key": "editable", "value": "true"}
	}
	return out
}

// listResourceGroups answers with everything, since its clients ask once; or with pages, for those that ask so.
func listResourceGroups(c *call) (*wire.Answer, error) {
	q, err := c.query()
	if err != nil {
		return nil, err
	}
	groups := filters[*iam.ResourceGroup]{
		"id":   func(g *iam.ResourceGroup) string { return hexID(g.ID.UUID) },
		"name": func(g *iam.ResourceGroup) string { return g.Name },
	}.keep(q, slices.Collect(c.View().ResourceGroups().All()))
	s := smallPages
	if !q.Has("per_page") && !q.Has("page") {
		whole := max(len(groups), 1)
		s = sizes{whole, whole, whole}
	}
	return paged(c, q, s, groups, c.resourceGroup)
}

func getResourceGroup(c *call) (*wire.Answer, error) {
	id := c.pathID("resource_group_id")
	g, err := c.View().ResourceGroup(iam.ResourceGroupID{UUID: id})
	if err != nil {
		return nil, err
	}
	return c.shown(c.resourceGroup(g))
}

// resourceGroupRequest is what clients send; some send back what they were shown.
type resourceGroupRequest struct {
	Name  *string         `json:"name"`
	Scope jsontext.Value  `json:"scope"`
	Meta  *map[string]any `json:"meta"`
}

func (in *resourceGroupRequest) read(c *call) (iam.Scope, error) {
	if err := c.body(in); err != nil {
		return iam.Scope{}, err
	}
	return readScope("scope", in.Scope)
}

// readScope reads a scope; nothing at all is the zero scope.
func readScope(field string, value jsontext.Value) (iam.Scope, error) {
	if len(value) == 0 || value.Kind() == 'n' {
		return iam.Scope{}, nil
	}
	var s scope
	if err := wire.Unmarshal(value, &s, "{"); err != nil {
		return iam.Scope{}, iam.FieldErrorf(iam.Invalid, field, "must be an object with key and objects")
	}
	return scopeIn(s), nil
}

// meta keeps the texts of what clients keep with a group.
func (in *resourceGroupRequest) meta() map[string]string {
	if in.Meta == nil {
		return nil
	}
	out := map[string]string{}
	for k, v := range *in.Meta {
		if text, is := v.(string); is {
			out[k] = text
		}
	}
	return out
}

func createResourceGroup(c *call) (*wire.Answer, error) {
	var in resourceGroupRequest
	where, err := in.read(c)
	if err != nil {
		return nil, err
	}
	g := iam.ResourceGroup{ID: iam.ResourceGroupID{UUID: c.Control.NewID()}, Scope: where, Meta: in.meta()}
	if in.Name != nil {
		g.Name = *in.Name
	}
	c.Permit.Target.ID, c.Permit.Target.Name = g.ID.String(), g.Name
	return c.writeResourceGroup(func(d *iam.Draft) (*iam.ResourceGroup, error) { return d.CreateResourceGroup(g) })
}

func updateResourceGroup(c *call) (*wire.Answer, error) {
	id := c.pathID("resource_group_id")
	var in resourceGroupRequest
	where, err := in.read(c)
	if err != nil {
		return nil, err
	}
	return c.writeResourceGroup(func(d *iam.Draft) (*iam.ResourceGroup, error) {
		return d.UpdateResourceGroup(iam.ResourceGroupID{UUID: id}, func(g *iam.ResourceGroup) {
			if in.Name != nil {
				g.Name = *in.Name
			}
			if len(in.Scope) > 0 && in.Scope.Kind() != 'n' {
				g.Scope = where
			}
			if in.Meta != nil {
				g.Meta = in.meta()
			}
		})
	})
}

func (c *call) writeResourceGroup(draft func(*iam.Draft) (*iam.ResourceGroup, error)) (*wire.Answer, error) {
	var g *iam.ResourceGroup
	at, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) (err error) {
		g, err = draft(d)
		return err
	})
	if err != nil {
		return nil, err
	}
	return result(c.resourceGroup(g), at), nil
}

func deleteResourceGroup(c *call) (*wire.Answer, error) {
	id := c.pathID("resource_group_id")
	at, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return d.DeleteResourceGroup(iam.ResourceGroupID{UUID: id}) })
	if err != nil {
		return nil, err
	}
	return removed(id, at), nil
}
