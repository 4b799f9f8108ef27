package api

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func organizationRoutes() []Route {
	const all, one = "/v1/organizations", "/v1/organizations/{organization_id}"
	return []Route{
		{get, all, control.ListOrganizations, anOrganization.any, listOrganizations},
		{post, all, control.CreateOrganization, anOrganization.any, createOrganization},
		{get, one, control.GetOrganization, organization, getOrganization},
		{post, one + "/suspend", control.SuspendOrganization, organization, setSuspended(true)},
		{post, one + "/resume", control.ResumeOrganization, organization, setSuspended(false)},
		{get, one + "/quotas", control.ListQuotas, organization, listQuotas},
		{put, one + "/quotas/{name}", control.SetQuota, organization, setQuota},
	}
}

// organization is the target of a call about the organization that the path names: it is also where the call acts.
func organization(c *wire.Call) control.Target {
	t := anOrganization.one(c)
	if id, err := iam.ParseUUID(c.R.PathValue(anOrganization.param)); err == nil {
		t.Org.UUID = id
	}
	return t
}

// tenant gives the organization that the path names. The platform's own is not one: suspending it would shut out the
// operators for ever.
func (c *call) tenant() (*iam.Organization, error) {
	id, err := anOrganization.id(c)
	if err != nil {
		return nil, err
	}
	if o := c.View().Organization(); o != nil && o.ID.UUID == id && o.ID != iam.PlatformOrg {
		return o, nil
	}
	return nil, iam.Errorf(iam.NotFound, "organization %s does not exist", id)
}

func organizationToWire(o *iam.Organization) apitype.Organization {
	return apitype.Organization{
		ID: o.ID.String(), Name: o.Name, AccountNumber: strconv.FormatInt(o.Account, 10), Suspended: o.Suspended,
		OwnerID: idOrNull(o.Owner.UUID), CreatedAt: apitype.Time{Time: o.CreatedAt}, UpdatedAt: apitype.Time{Time: o.UpdatedAt},
	}
}

// listOrganizations pages through the directory; each organization says for itself how it is.
func listOrganizations(c *call) (*wire.Answer, error) {
	q, err := c.listQuery("name")
	if err != nil {
		return nil, err
	}
	p, err := c.View().Organizations().Page(pageQuery[*iam.DirectoryEntry](q))
	if err != nil {
		return nil, err
	}
	out := apitype.OrganizationList{Organizations: []apitype.Organization{},
		Page: page(c, q, p, func(d *iam.DirectoryEntry) iam.UUID { return d.ID.UUID })}
	for _, d := range p.Items {
		s, err := c.Control.Organization(c.Ctx(), c.Permit, d.ID)
		if err != nil {
			return nil, err
		}
		out.Organizations = append(out.Organizations, organizationToWire(s.Organization()))
	}
	return c.ok(out)
}

func createOrganization(c *call) (*wire.Answer, error) {
	var in apitype.CreateOrganizationRequest
	err := c.decode(&in, func(f *form) {
		f.name("name", &in.Name)
		f.required("owner_email", in.OwnerEmail)
		if in.OwnerName != "" {
			f.name("owner_name", &in.OwnerName)
		}
	})
	if err != nil {
		return nil, err
	}
	made, err := c.Control.CreateOrganization(c.Ctx(), c.Permit,
		control.NewOrganization{Name: in.Name, OwnerEmail: in.OwnerEmail, OwnerName: in.OwnerName})
	if err != nil {
		return nil, renamed(err, "email", "owner_email")
	}
	body := apitype.CreateOrganizationAnswer{Organization: organizationToWire(made.Organization),
		Owner: userToWire(c, made.Owner), Token: made.Token, Revision: apitype.Revision(made.Revision)}
	return &wire.Answer{Status: http.StatusCreated, Body: body, Revision: made.Revision}, nil
}

func getOrganization(c *call) (*wire.Answer, error) {
	o, err := c.tenant()
	if err != nil {
		return nil, err
	}
	return c.ok(apitype.OrganizationAnswer{Organization: organizationToWire(o)})
}

func setSuspended(on bool) handler {
	return func(c *call) (*wire.Answer, error) {
		if _, err := c.tenant(); err != nil {
			return nil, err
		}
		revision, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return d.SetSuspended(on) })
		if err != nil {
			return nil, err
		}
		body := apitype.OrganizationAnswer{Organization: organizationToWire(c.View().Organization()),
			Revision: apitype.Revision(revision)}
		return &wire.Answer{Status: http.StatusOK, Body: body, Revision: revision}, nil
	}
}

// quotaToWire tells how much of a quota is used; those of each principal have no one number.
func quotaToWire(p *control.Permit, name string) apitype.Quota {
	v := p.View()
	limit, _ := v.Quota(name)
	out := apitype.Quota{Name: name, Limit: limit}
	used := func(n int) { out.Used = new(int64(n)) }
	switch name {
	case iam.QuotaUsers:
		used(v.Users().Len())
	case iam.QuotaInvitations:
		n := 0
		for i := range v.Invitations().All() {
			if i.PendingAt(p.Now()) {
				n++
			}
		}
		used(n)
	case iam.QuotaServiceAccounts:
		used(v.ServiceAccounts().Len())
	case iam.QuotaGroups:
		used(v.Groups().Len())
	case iam.QuotaRoles:
		used(v.Roles().Len())
	case iam.QuotaPolicies:
		used(v.Policies().Len())
	case iam.QuotaSessions:
		used(v.Sessions().Len())
	case iam.QuotaConnectors:
		used(v.Connectors().Len())
	case iam.QuotaResourceGroups:
		used(v.ResourceGroupCount())
	case iam.QuotaProjects:
		used(v.ProjectCount())
	case iam.QuotaSSHKeys:
		used(v.SSHKeys().Len())
	}
	return out
}

func listQuotas(c *call) (*wire.Answer, error) {
	if _, err := c.tenant(); err != nil {
		return nil, err
	}
	out := apitype.QuotaList{Quotas: []apitype.Quota{}}
	for _, name := range slices.Sorted(maps.Keys(iam.DefaultQuota)) {
		out.Quotas = append(out.Quotas, quotaToWire(c.Permit, name))
	}
	return c.ok(out)
}

func setQuota(c *call) (*wire.Answer, error) {
	if _, err := c.tenant(); err != nil {
		return nil, err
	}
	name := c.R.PathValue("name")
	var in apitype.SetQuotaRequest
	err := c.decode(&in, func(f *form) {
		if in.Limit == nil {
			f.wrong("limit", "is required")
		}
	})
	if err != nil {
		return nil, err
	}
	c.Permit.Target.Details = map[string]any{"quota": name, "limit": *in.Limit}
	revision, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return d.SetQuota(name, *in.Limit) })
	if err != nil {
		return nil, err
	}
	body := apitype.QuotaAnswer{Quota: quotaToWire(c.Permit, name), Revision: apitype.Revision(revision)}
	return &wire.Answer{Status: http.StatusOK, Body: body, Revision: revision}, nil
}
