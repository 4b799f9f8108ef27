package api

import (
	"fmt"
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func resourceGroupRoutes() []Route {
	const all, one = "/v1/iam/resource-groups", "/v1/iam/resource-groups/{resource_group_id}"
	find := (*iam.State).ResourceGroup
	return []Route{
		{get, all, control.ListResourceGroups, aResourceGroup.any, list(resourceGroups, (*iam.State).ResourceGroups)},
		{post, all, control.CreateResourceGroup, aResourceGroup.any, createResourceGroup},
		{get, one, control.GetResourceGroup, aResourceGroup.one, getOne(aResourceGroup, find, resourceGroups)},
		{patch, one, control.UpdateResourceGroup, aResourceGroup.one, updateResourceGroup},
		{del, one, control.DeleteResourceGroup, aResourceGroup.one, deleteOne(aResourceGroup, (*iam.Draft).DeleteResourceGroup)},
	}
}

var resourceGroups = kind[*iam.ResourceGroup, apitype.ResourceGroup]{
	id:   func(g *iam.ResourceGroup) iam.UUID { return g.ID.UUID },
	wire: resourceGroupToWire,
	one: func(g apitype.ResourceGroup, at apitype.Revision) any {
		return apitype.ResourceGroupAnswer{ResourceGroup: g, Revision: at}
	},
	many: func(gs []apitype.ResourceGroup, p apitype.Page) any {
		return apitype.ResourceGroupList{ResourceGroups: gs, Page: p}
	},
}

func resourceGroupToWire(_ *call, g *iam.ResourceGroup) apitype.ResourceGroup {
	out := apitype.ResourceGroup{
		ID: g.ID.String(), CRN: iam.Name(iam.TypeResourceGroup, g.ID.UUID).String(), Name: g.Name,
		Scope: apitype.Scope{Key: g.Scope.Key, Objects: make([]apitype.ScopeObject, len(g.Scope.Objects))},
		Meta:  g.Meta, Predefined: g.Predefined(), PolicyID: idOrNull(g.Of.UUID),
		CreatedAt: apitype.Time{Time: g.CreatedAt}, UpdatedAt: apitype.Time{Time: g.UpdatedAt},
	}
	for i, key := range g.Scope.Objects {
		out.Scope.Objects[i].Key = key
	}
	if out.Meta == nil {
		out.Meta = map[string]string{}
	}
	return out
}

// scope reads where a resource group applies. What keys mean is for the domain to know.
func (f *form) scope(field string, s apitype.Scope) iam.Scope {
	f.required(field+".key", s.Key)
	out := iam.Scope{Key: s.Key, Objects: make([]string, len(s.Objects))}
	for i, o := range s.Objects {
		f.required(fmt.Sprintf("%s.objects[%d].key", field, i), o.Key)
		out.Objects[i] = o.Key
	}
	return out
}

func createResourceGroup(c *call) (*wire.Answer, error) {
	var in apitype.CreateResourceGroupRequest
	var scope iam.Scope
	err := c.decode(&in, func(f *form) {
		f.name("name", &in.Name)
		scope = f.scope("scope", in.Scope)
	})
	if err != nil {
		return nil, err
	}
	g := iam.ResourceGroup{ID: iam.ResourceGroupID{UUID: c.Control.NewID()}, Name: in.Name, Scope: scope, Meta: in.Meta}
	return create(c, resourceGroups, g.ID.UUID, g.Name, func(d *iam.Draft) (*iam.ResourceGroup, error) { return d.CreateResourceGroup(g) })
}

func updateResourceGroup(c *call) (*wire.Answer, error) {
	id, err := aResourceGroup.id(c)
	if err != nil {
		return nil, err
	}
	var in apitype.UpdateResourceGroupRequest
	var scope iam.Scope
	err = c.decode(&in, func(f *form) {
		f.newName("name", &in.Name)
		f.notNull("scope", in.Scope.Null)
		f.notNull("meta", in.Meta.Null)
		if in.Scope.Set {
			scope = f.scope("scope", in.Scope.Value)
		}
	})
	if err != nil {
		return nil, err
	}
	return write(c, http.StatusOK, resourceGroups, func(d *iam.Draft) (*iam.ResourceGroup, error) {
		return d.UpdateResourceGroup(iam.ResourceGroupID{UUID: id}, func(g *iam.ResourceGroup) {
			apply(in.Name, &g.Name)
			apply(in.Meta, &g.Meta)
			if in.Scope.Set {
				g.Scope = scope
			}
		})
	})
}
