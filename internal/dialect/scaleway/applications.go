package scaleway

import (
	"fmt"
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func applicationRoutes() []route {
	const all, each = "/applications", "/applications/{application_id}"
	return []route{
		anApplication.does(lists, get, all, control.ListServiceAccounts, anApplication.any, listApplications),
		anApplication.does(creates, post, all, control.CreateServiceAccount, anApplication.any, createApplication),
		anApplication.does(reads, get, each, control.GetServiceAccount, anApplication.one, getApplication),
		anApplication.does(writes, patch, each, control.UpdateServiceAccount, anApplication.one, updateApplication),
		anApplication.does(deletes, del, each, control.DeleteServiceAccount, anApplication.one, deleteApplication),
	}
}

// application is section 4.3.
type application struct {
	ID             string    `json:"id"`
	Name           string    `json:"name"`
	Description    string    `json:"description"`
	CreatedAt      timestamp `json:"created_at"`
	UpdatedAt      timestamp `json:"updated_at"`
	OrganizationID string    `json:"organization_id"`
	Editable       bool      `json:"editable"`
	Deletable      bool      `json:"deletable"`
	Managed        bool      `json:"managed"`
	NbAPIKeys      int       `json:"nb_api_keys"`
	Tags           []string  `json:"tags"`
}

func (c *call) application(a *iam.ServiceAccount) application {
	return application{ID: a.ID.String(), Name: applicationName(a), Description: text(a.Description), CreatedAt: timestamp(a.CreatedAt),
		UpdatedAt: timestamp(a.UpdatedAt), OrganizationID: c.View().ID().String(), Editable: true, Deletable: true,
		NbAPIKeys: len(keysOf(c.View().State, a.ID.UUID)), Tags: tagTexts(a.Tags)}
}

// isApplication tells whether a service account is one: those of API tokens of the organization are not.
func isApplication(a *iam.ServiceAccount) bool { return a.Token.IsZero() }

func hasApplication(v *iam.State, id iam.UUID) bool {
	a, err := v.ServiceAccount(iam.ServiceAccountID{UUID: id})
	return err == nil && isApplication(a)
}

// keysOf are the API keys of a principal.
func keysOf(v *iam.State, principal iam.UUID) []*iam.Credential {
	return keep(slices.Collect(v.CredentialsOf(principal).All()), func(k *iam.Credential) bool { return isKey(v, k) })
}

// applicationName is what an application is called. Here names can change and need not be unique; the domain's can and must, so what
// it shows counts if it differs.
func applicationName(a *iam.ServiceAccount) string {
	if shown := text(a.DisplayName); shown != "" {
		return shown
	}
	return a.Name
}

// renameApplication makes it be called so.
func renameApplication(a *iam.ServiceAccount, name string) {
	if a.DisplayName = &name; name == a.Name {
		a.DisplayName = nil
	}
}

var applicationOrders = orders[*iam.ServiceAccount]{
	"created_at": byTime(applicationCreated),
	"updated_at": byTime(func(a *iam.ServiceAccount) time.Time { return a.UpdatedAt }),
	"name":       byText(applicationName),
}

func applicationID(a *iam.ServiceAccount) iam.UUID       { return a.ID.UUID }
func applicationCreated(a *iam.ServiceAccount) time.Time { return a.CreatedAt }

func listApplications(c *call) (*wire.Answer, error) {
	q := c.query()
	list := keep(slices.Collect(c.View().ServiceAccounts().All()), isApplication)
	list = keepText(q, "name", list, applicationName)
	list = keepIDs(q, "application_ids", list, applicationID)
	list = keepTag(q, list, func(a *iam.ServiceAccount) []iam.Tag { return a.Tags })
	list = keepFlag(q, "editable", list, func(*iam.ServiceAccount) bool { return true })
	list = sorted(q, list, applicationOrders, applicationCreated, applicationID)
	return paged(c, q, "applications", list, c.application)
}

func (c *call) applicationInPath() (*iam.ServiceAccount, error) {
	a, err := c.View().ServiceAccount(iam.ServiceAccountID{UUID: pathID(c.Call, "application_id")})
	if err == nil && !isApplication(a) {
		return nil, missing(anApplication.word, a.ID.String())
	}
	return a, err
}

func getApplication(c *call) (*wire.Answer, error) {
	a, err := c.applicationInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(c.application(a))
}

func createApplication(c *call) (*wire.Answer, error) {
	var in named
	if err := in.read(c, true); err != nil {
		return nil, err
	}
	a := iam.ServiceAccount{ID: iam.ServiceAccountID{UUID: c.Control.NewID()}}
	in.apply(&a.Name, &a.Description, &a.Tags)
	c.about(anApplication, a.ID.UUID, a.Name)
	return write(c, c.application, func(d *iam.Draft) (*iam.ServiceAccount, error) {
		a := a
		if page, err := d.State().ServiceAccounts().Page(iam.PageQuery[*iam.ServiceAccount]{Name: a.Name, Limit: 1}); err != nil || page.Total > 0 {
			a.DisplayName, a.Name = new(a.Name), fmt.Sprintf("%s %s", a.Name, a.ID)
		}
		return d.CreateServiceAccount(a)
	})
}

func updateApplication(c *call) (*wire.Answer, error) {
	a, err := c.applicationInPath()
	if err != nil {
		return nil, err
	}
	var in named
	if err := in.read(c, false); err != nil {
		return nil, err
	}
	return write(c, c.application, func(d *iam.Draft) (*iam.ServiceAccount, error) {
		return d.UpdateServiceAccount(a.ID, func(a *iam.ServiceAccount) {
			name := applicationName(a)
			in.apply(&name, &a.Description, &a.Tags)
			if in.Name != nil {
				renameApplication(a, name)
			}
		})
	})
}

func deleteApplication(c *call) (*wire.Answer, error) {
	a, err := c.applicationInPath()
	if err != nil {
		return nil, err
	}
	return removed(c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return d.DeleteServiceAccount(a.ID) }))
}
