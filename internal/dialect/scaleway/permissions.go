package scaleway

import (
	"fmt"
	"slices"
	"strings"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

var aPermission = thing{"permission", iam.TypeOrganization, ""}

func permissionRoutes() []route {
	return []route{
		aPermission.does(reads, post, "/check-permissions", control.CheckPermissions, aPermission.any, checkPermissions),
	}
}

// permissionRequest is one question of a caller about itself: may it do this to such resources, in a project or in the organization?
type permissionRequest struct {
	Service        string  `json:"service"`
	Name           string  `json:"name"`
	Action         string  `json:"action"`
	ProjectID      *string `json:"project_id"`
	OrganizationID *string `json:"organization_id"`
}

type decision struct {
	Decision string `json:"decision"`
}

// maxPermissions is how many questions a call may have; our own bound.
const maxPermissions = 100

func checkPermissions(c *call) (*wire.Answer, error) {
	var in struct {
		Permissions []permissionRequest `json:"permissions"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var f form
	if len(in.Permissions) > maxPermissions {
		f.wrong("permissions", constraint, fmt.Sprintf("are at most %d", maxPermissions))
	}
	projects := make([]string, len(in.Permissions))
	for i := range in.Permissions {
		projects[i] = in.Permissions[i].check(c, &f, fmt.Sprintf("permissions[%d]", i))
	}
	if f.err != nil {
		return nil, f.err
	}
	out := make([]decision, len(in.Permissions))
	for i, p := range in.Permissions {
		out[i].Decision = "deny"
		if c.allowed(p, projects[i]) {
			out[i].Decision = "allow"
		}
	}
	return c.shown(fields{"responses": out})
}

// check holds the form of a question, and gives the project that it is about.
func (p *permissionRequest) check(c *call, f *form, at string) (project string) {
	for _, part := range []struct{ name, text string }{{"service", p.Service}, {"name", p.Name}, {"action", p.Action}} {
		if part.text == "" {
			f.wrong(at+"."+part.name, required, "is required")
		}
	}
	id, organization := f.id(at+".project_id", p.ProjectID), f.id(at+".organization_id", p.OrganizationID)
	switch {
	case id.IsZero() && organization.IsZero():
		f.wrong(at+".scope", required, "is one of project_id and organization_id")
	case !id.IsZero() && !organization.IsZero():
		f.wrong(at+".scope", constraint, "is either project_id or organization_id")
	case !organization.IsZero() && organization != c.View().ID().UUID:
		f.also(errForeign)
	case !id.IsZero():
		return id.String()
	}
	return ""
}

// allowed tells whether the caller may do all that a permission stands for; there must be something.
func (c *call) allowed(p permissionRequest, project string) bool {
	actions := c.actionsOf(p)
	for _, a := range actions {
		resource := iam.CRN{Service: a.Service().ID, Type: "*", ID: "*"}
		if types := c.Control.Catalog().TypesOf(a); len(types) > 0 {
			resource.Type = types[0].Name
		}
		if !c.Permit.Allowed(a.String(), resource, project) {
			return false
		}
	}
	return len(actions) > 0
}

// verbs are what actions of permissions are called in the catalogue.
var verbs = map[string]string{reads: "Get", lists: "List", writes: "Update", creates: "Create", deletes: "Delete"}

// resources are what this API's own resources are called in the catalogue.
var resources = map[string][]string{
	"api_key": {"ServiceAccountCredential", "UserCredential"}, "application": {"ServiceAccount"}, "rule": {"Policy"}, "quotum": {"Quota"},
}

// actionsOf finds the actions of the catalogue that a permission stands for: those of its service that are called by its action and
// name, one thing or several.
func (c *call) actionsOf(p permissionRequest) (out []*catalog.Action) {
	service := strings.ReplaceAll(p.Service, "_", "-")
	verb := camel(p.Action)
	if v, ok := verbs[p.Action]; ok {
		verb = v
	}
	names := []string{camel(p.Name)}
	if more, ok := resources[p.Name]; ok && service == "iam" {
		names = more
	}
	for _, name := range names {
		i := slices.IndexFunc(c.Control.Catalog().Actions(service), func(a *catalog.Action) bool {
			rest, ok := strings.CutPrefix(a.Name, verb)
			return ok && (rest == name || verb == "List" && slices.Contains([]string{name + "s", name + "es", strings.TrimSuffix(name, "y") + "ies"}, rest))
		})
		if i < 0 {
			return nil
		}
		out = append(out, c.Control.Catalog().Actions(service)[i])
	}
	return out
}

// camel writes words with underscores or hyphens in one: security_group is SecurityGroup.
func camel(s string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == '_' || r == '-' }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}
