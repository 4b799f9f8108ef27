package cloudflare

import (
	"slices"
	"strings"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// roles is section 10: the permission groups of accounts, as they were called before.
var roles = area{kind: "role", codes: codes{iam.NotFound: {404, 1003}, iam.Invalid: {400, 1001}}}

func roleRoutes() []wire.Route {
	return []wire.Route{
		roles.route(get, account+"/roles", control.ListPermissionSets, anyOf(iam.TypePermissionSet), listRoles),
		roles.route(get, account+"/roles/{role_id}", control.GetPermissionSet, one(iam.TypePermissionSet, "role_id"), getRole),
	}
}

// role is a permission group that applies to the whole account.
type role struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Permissions map[string]access `json:"permissions"`
}

// access is what a role permits of one subject.
type access struct {
	Read  bool `json:"read"`
	Write bool `json:"write"`
}

// subjects are the keys of permissions, with the service whose actions they are about (section 10).
var subjects = map[string]string{
	"analytics": "analytics", "billing": "billing", "cache_purge": "cache", "dns": "dns", "dns_records": "dns", "lb": "load-balancers",
	"logs": "audit", "organization": "iam", "waf": "firewall", "zone_settings": "zones", "zones": "zones",
}

func (c *call) role(g *catalog.PermissionGroup) role {
	out := role{g.ID(), g.Name, g.Description, map[string]access{}}
	for subject, service := range subjects {
		if a := permitted(c.Control.Catalog().Actions(service), g.Grants); a != (access{}) {
			out.Permissions[subject] = a
		}
	}
	return out
}

// permitted tells whether grants cover some action that reads, and some that writes.
func permitted(actions []*catalog.Action, grants []catalog.Grant) (out access) {
	for _, a := range actions {
		if !slices.ContainsFunc(grants, func(g catalog.Grant) bool { return g.Covers(a.String()) }) {
			continue
		}
		if a.Label == "Write" {
			out.Write = true
		} else {
			out.Read = true
		}
	}
	return out
}

// roles gives the permission groups that can be roles, by name.
func (c *call) roles() []*catalog.PermissionGroup {
	return slices.DeleteFunc(c.permissionGroups(), func(g *catalog.PermissionGroup) bool { return !isRole(g) })
}

func isRole(g *catalog.PermissionGroup) bool { return g.Scopes[0] == catalog.ScopeAccount }

func byName(groups []*catalog.PermissionGroup) []*catalog.PermissionGroup {
	groups = slices.Clone(groups)
	slices.SortFunc(groups, func(a, b *catalog.PermissionGroup) int { return strings.Compare(a.Name, b.Name) })
	return groups
}

func listRoles(c *call) (*wire.Answer, error) {
	q, err := c.query()
	if err != nil {
		return nil, err
	}
	return paged(c, q, smallPages, c.roles(), c.role)
}

func getRole(c *call) (*wire.Answer, error) {
	g, ok := c.Control.Catalog().PermissionGroup(c.R.PathValue("role_id"))
	if !ok || !isRole(g) {
		return nil, iam.Errorf(iam.NotFound, "role not found")
	}
	return c.shown(c.role(g))
}
