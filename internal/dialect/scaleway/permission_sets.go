package scaleway

import (
	"slices"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func permissionSetRoutes() []route {
	return []route{
		aPermissionSet.does(lists, get, "/permission-sets", control.ListPermissionSets, aPermissionSet.any, listPermissionSets),
	}
}

// permissionSet is section 4.7.
type permissionSet struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	ScopeType   string   `json:"scope_type"`
	Description string   `json:"description"`
	Categories  []string `json:"categories"`
}

func permissionSetOut(s *catalog.PermissionSet) permissionSet {
	return permissionSet{s.ID(), s.Name, s.Scope, s.Description, append([]string{}, s.Categories...)}
}

// permissionSetOrders are what the list can be sorted by. All sets were made at once, in the order of their names.
var permissionSetOrders = orders[*catalog.PermissionSet]{"name": byText(setName), "created_at": byText(setName)}

func setName(s *catalog.PermissionSet) string { return s.Name }

func setID(s *catalog.PermissionSet) (id iam.UUID) {
	id, _ = iam.ParseUUID(s.ID()) // which it is
	return id
}

func listPermissionSets(c *call) (*wire.Answer, error) {
	q := c.query()
	q.require(organizationID)
	list := slices.Clone(c.Control.Catalog().PermissionSets()) // by name
	list = sorted(q, list, permissionSetOrders, nil, setID)
	return paged(c, q, "permission_sets", list, permissionSetOut)
}
