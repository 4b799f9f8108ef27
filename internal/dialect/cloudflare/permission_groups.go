package cloudflare

import (
	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// permissionGroups is section 4.
var permissionGroups = area{kind: "permission group", codes: iamCodes}

func permissionGroupRoutes() []wire.Route {
	const all = account + "/iam/permission_groups"
	return []wire.Route{
		permissionGroups.route(get, all, control.ListPermissionSets, anyOf(iam.TypePermissionSet), listPermissionGroups),
		permissionGroups.route(get, all+"/{permission_group_id}", control.GetPermissionSet, one(iam.TypePermissionSet, "permission_group_id"),
			getPermissionGroup),
	}
}

// permissionGroup is a named bundle of permissions.
type permissionGroup struct {
	ID   string            `json:"id"`
	Name string            `json:"name"`
	Meta map[string]string `json:"meta"`
}

func permissionGroupToWire(g *catalog.PermissionGroup) permissionGroup {
	meta := map[string]string{"label": g.Label, "scopes": g.Scopes[0], "editable": "false", "description": g.Description}
	if g.Category != "" {
		meta["category"] = g.Category
	}
	return permissionGroup{g.ID(), g.Name, meta}
}

func listPermissionGroups(c *call) (*wire.Answer, error) {
	q, err := c.query()
	if err != nil {
		return nil, err
	}
	groups := filters[*catalog.PermissionGroup]{
		"id":    (*catalog.PermissionGroup).ID,
		"name":  func(g *catalog.PermissionGroup) string { return g.Name },
		"label": func(g *catalog.PermissionGroup) string { return g.Label },
	}.keep(q, c.permissionGroups())
	return paged(c, q, smallPages, groups, permissionGroupToWire)
}

// permissionGroups gives the account's and its zones', by name. The slice is the caller's.
func (c *call) permissionGroups() []*catalog.PermissionGroup {
	return byName(c.Control.Catalog().PermissionGroups())
}

func getPermissionGroup(c *call) (*wire.Answer, error) {
	g, ok := c.Control.Catalog().PermissionGroup(c.R.PathValue("permission_group_id"))
	if !ok {
		return nil, iam.Errorf(iam.NotFound, "permission group not found")
	}
	return c.shown(permissionGroupToWire(g))
}
