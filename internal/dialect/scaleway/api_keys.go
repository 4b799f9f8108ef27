package scaleway

import (
	"slices"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// anAPIKey is a credential, which the domain authorizes on its bearer.
var anAPIKey = thing{"api_key", iam.TypeCredential, "access_key"}

func apiKeyRoutes() []route {
	const all, each = "/api-keys", "/api-keys/{access_key}"
	return []route{
		anAPIKey.chooses(lists, get, all, listing.applications, asksToList, listAPIKeys),
		anAPIKey.chooses(creates, post, all, creating.applications, asksToCreate, createAPIKey),
		anAPIKey.chooses(reads, get, each, reading.applications, reading.askedAbout, getAPIKey),
		anAPIKey.chooses(writes, patch, each, updating.applications, updating.askedAbout, updateAPIKey),
		anAPIKey.chooses(deletes, del, each, deleting.applications, deleting.askedAbout, deleteAPIKey),
	}
}

// What is done to API keys, by what bears them.
var (
	listing  = change{control.ListUserCredentials, control.ListServiceAccountCredentials}
	creating = change{control.CreateUserCredential, control.CreateServiceAccountCredential}
	reading  = change{control.GetUserCredential, control.GetServiceAccountCredential}
	updating = change{control.UpdateUserCredential, control.UpdateServiceAccountCredential}
	deleting = change{control.DeleteUserCredential, control.DeleteServiceAccountCredential}
)

// of is the operation on keys of a bearer.
func (x change) of(bearer iam.Principal) *control.Operation {
	if bearer.Kind == iam.KindOfUser {
		return x.users
	}
	return x.applications
}

// anybodys are the operations on keys of no particular bearer.
func (x change) anybodys() []control.Asked {
	return []control.Asked{{Operation: x.applications, Target: control.On(iam.AnyOf(iam.TypeServiceAccount))},
		{Operation: x.users, Target: control.On(iam.AnyOf(iam.TypeUser))}}
}

// askedOf is the operation on keys of a bearer, if one is known.
func (x change) askedOf(bearer iam.Principal) []control.Asked {
	if bearer.ID.IsZero() {
		return x.anybodys()
	}
	return []control.Asked{{Operation: x.of(bearer), Target: control.On(bearer.CRN())}}
}

// askedAbout tells what a call about the key in the path is. Whoever may do it to keys of some bearers is let in, and told that there
// is no such key if it is of another: as of one that does not exist.
func (x change) askedAbout(c *call, v *control.View) []control.Asked {
	k, ok := keyNamed(v.State, c.R.PathValue("access_key"))
	if !ok {
		return x.anybodys()
	}
	return append(x.askedOf(k.Principal), x.anybodys()...)
}

// keyNamed finds an API key.
func keyNamed(v *iam.State, name string) (*iam.Credential, bool) {
	k, ok := v.CredentialByAccessKey(name)
	return k, ok && isKey(v, k)
}

// isKey tells whether a credential is an API key: a pair that a user or an application bears. Signed tokens are not, nor are API
// tokens of the organization.
func isKey(v *iam.State, k *iam.Credential) bool {
	return k.Kind == iam.AccessKey && (k.Principal.Kind == iam.KindOfUser || k.Principal.Kind == iam.KindOfServiceAccount && hasApplication(v, k.Principal.ID))
}

// apiKey is section 4.1.
type apiKey struct {
	AccessKey        string    `json:"access_key"`
	SecretKey        *string   `json:"secret_key"`
	ApplicationID    string    `json:"application_id,omitzero"`
	UserID           string    `json:"user_id,omitzero"`
	Description      string    `json:"description"`
	CreatedAt        timestamp `json:"created_at"`
	UpdatedAt        timestamp `json:"updated_at"`
	ExpiresAt        *moment   `json:"expires_at"`
	DefaultProjectID string    `json:"default_project_id"`
	Editable         bool      `json:"editable"`
	Deletable        bool      `json:"deletable"`
	Managed          bool      `json:"managed"`
	CreationIP       string    `json:"creation_ip"`
}

func apiKeyOut(k *iam.Credential) apiKey {
	out := apiKey{AccessKey: k.AccessKey, Description: keyDescription(k), CreatedAt: timestamp(k.CreatedAt), UpdatedAt: timestamp(k.UpdatedAt),
		ExpiresAt: when(k.ExpiresAt), DefaultProjectID: k.Project.String(), Editable: true, Deletable: true, CreationIP: k.CreationIP}
	if k.Principal.Kind == iam.KindOfUser {
		out.UserID = k.Principal.ID.String()
	} else {
		out.ApplicationID = k.Principal.ID.String()
	}
	return out
}

// keyDescription is what a key is for. One that was made elsewhere may say so in its name alone.
func keyDescription(k *iam.Credential) string {
	if k.Description == "" && k.Name != k.AccessKey {
		return k.Name
	}
	return k.Description
}

var keyOrders = orders[*iam.Credential]{
	"created_at": byTime(keyCreated),
	"updated_at": byTime(func(k *iam.Credential) time.Time { return k.UpdatedAt }),
	"expires_at": byTime(func(k *iam.Credential) time.Time {
		if k.ExpiresAt == nil {
			return never
		}
		return *k.ExpiresAt
	}),
	"access_key": byText(keyName),
}

// never is later than every time.
var never = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)

func keyName(k *iam.Credential) string       { return k.AccessKey }
func keyID(k *iam.Credential) iam.UUID       { return k.ID.UUID }
func keyCreated(k *iam.Credential) time.Time { return k.CreatedAt }

// asksToList tells by the bearer that the query names, in whichever way, what a call is.
func asksToList(c *call, v *control.View) []control.Asked {
	q := c.query()
	for _, name := range []string{"application_id", "user_id"} {
		if id, given := q.id(name); given && q.err == nil {
			return listing.askedOf(bearer(name, id))
		}
	}
	id, _ := q.id("bearer_id")
	return listing.askedOf(bearerWith(v.State, id))
}

// bearerWith finds the user or application with an id.
func bearerWith(v *iam.State, id iam.UUID) iam.Principal {
	if _, err := v.User(iam.UserID{UUID: id}); err == nil {
		return bearer("user_id", id)
	}
	if hasApplication(v, id) {
		return bearer("application_id", id)
	}
	return iam.Principal{}
}

// bearer is whom a member of a body or query names.
func bearer(member string, id iam.UUID) iam.Principal {
	if member == "user_id" {
		return iam.Principal{Kind: iam.KindOfUser, ID: id}
	}
	return iam.Principal{Kind: iam.KindOfServiceAccount, ID: id}
}

// listAPIKeys lists the keys of bearers whose keys the caller may list.
func listAPIKeys(c *call) (*wire.Answer, error) {
	q, v := c.query(), c.View().State
	list := keep(slices.Collect(v.Credentials().All()), func(k *iam.Credential) bool { return isKey(v, k) })
	for _, name := range []string{"application_id", "user_id"} {
		if id, given := q.id(name); given {
			list = keep(list, func(k *iam.Credential) bool { return k.Principal == bearer(name, id) })
		}
	}
	if id, given := q.id("bearer_id"); given {
		list = keep(list, func(k *iam.Credential) bool { return k.Principal.ID == id })
	}
	if typ := q.oneOf("bearer_type", "unknown_bearer_type", "user", "application"); typ != "" {
		list = keep(list, func(k *iam.Credential) bool { return (k.Principal.Kind == iam.KindOfUser) == (typ == "user") })
	}
	list = c.keepListable(list)
	list = keepText(q, "access_key", list, keyName)
	if names := q.all("access_keys"); len(names) > 0 {
		list = keep(list, func(k *iam.Credential) bool { return slices.Contains(names, k.AccessKey) })
	}
	list = keepFlag(q, "editable", list, func(*iam.Credential) bool { return true })
	list = keepFlag(q, "expired", list, func(k *iam.Credential) bool { return k.StatusAt(c.Permit.Now()) == iam.CredentialExpired })
	if text := strings.ToLower(q.text("description")); text != "" {
		list = keep(list, func(k *iam.Credential) bool { return strings.Contains(strings.ToLower(keyDescription(k)), text) })
	}
	list = sorted(q, list, keyOrders, keyCreated, keyID)
	return paged(c, q, "api_keys", list, apiKeyOut)
}

// keepListable keeps the keys that the caller may list: those of the bearer that the call is about, or those of all bearers of a kind.
func (c *call) keepListable(list []*iam.Credential) []*iam.Credential {
	may := map[iam.PrincipalKind]bool{
		iam.KindOfUser:           c.Permit.May(listing.users, iam.AnyOf(iam.TypeUser)),
		iam.KindOfServiceAccount: c.Permit.May(listing.applications, iam.AnyOf(iam.TypeServiceAccount)),
	}
	return keep(list, func(k *iam.Credential) bool {
		return may[k.Principal.Kind] || c.Permit.Does(listing.of(k.Principal), k.Principal.CRN())
	})
}

// keyInPath finds the key that the path names, if the call is about its bearer.
func (c *call) keyInPath(x change) (*iam.Credential, error) {
	name := c.R.PathValue("access_key")
	k, ok := keyNamed(c.View().State, name)
	if !ok || !c.Permit.Does(x.of(k.Principal), k.Principal.CRN()) {
		return nil, missing("access_key", shortened(name))
	}
	return k, nil
}

func getAPIKey(c *call) (*wire.Answer, error) {
	k, err := c.keyInPath(reading)
	if err != nil {
		return nil, err
	}
	return c.shown(apiKeyOut(k))
}

// keyRequest is a body. What is absent of an update stays as it is.
type keyRequest struct {
	ApplicationID    *string    `json:"application_id"`
	UserID           *string    `json:"user_id"`
	Description      *string    `json:"description"`
	ExpiresAt        *time.Time `json:"expires_at"`
	DefaultProjectID *string    `json:"default_project_id"`
}

// asksToCreate tells by the bearer that the body names what a call is.
func asksToCreate(c *call, _ *control.View) []control.Asked {
	var in struct {
		ApplicationID *string `json:"application_id"`
		UserID        *string `json:"user_id"`
	}
	c.Peek(&in)
	var f form
	of, _ := (&keyRequest{ApplicationID: in.ApplicationID, UserID: in.UserID}).bearer(&f)
	return creating.askedOf(of)
}

// bearer is whom the body names, one at most.
func (in *keyRequest) bearer(f *form) (of iam.Principal, given bool) {
	user, application := f.id("user_id", in.UserID), f.id("application_id", in.ApplicationID)
	switch {
	case !user.IsZero() && !application.IsZero():
		f.wrong("bearer", constraint, "is either user_id or application_id")
	case !user.IsZero():
		return bearer("user_id", user), true
	case !application.IsZero():
		return bearer("application_id", application), true
	}
	return iam.Principal{}, false
}

// project finds the project that the body names, which must be there; zero if it names none.
func (in *keyRequest) project(c *call, f *form) iam.ProjectID {
	id := iam.ProjectID{UUID: f.id("default_project_id", in.DefaultProjectID)}
	if !id.IsZero() && f.err == nil {
		if _, err := c.View().Project(id); err != nil {
			f.err = missing(aProject.word, id.String())
		}
	}
	return id
}

func createAPIKey(c *call) (*wire.Answer, error) {
	var in keyRequest
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var f form
	of, given := in.bearer(&f)
	if !given {
		f.wrong("bearer", required, "is one of user_id and application_id")
	}
	f.text("description", in.Description, maxDescription)
	if f.err != nil {
		return nil, f.err
	}
	if err := c.need(creating.of(of), of.CRN()); err != nil {
		return nil, err
	}
	if err := c.bearerExists(of); err != nil {
		return nil, err
	}
	project := in.project(c, &f)
	if f.err != nil {
		return nil, f.err
	}
	made, err := c.Control.CreateAccessKey(c.Ctx(), c.Permit, control.NewCredential{Principal: of, Description: value(in.Description), Project: project,
		ExpiresAt: in.ExpiresAt, Form: authn.Scaleway})
	if err != nil {
		return nil, err
	}
	out := apiKeyOut(made.Credential)
	out.SecretKey = &made.Secret
	return answer(out, made.Revision), nil
}

// bearerExists holds that a bearer is there.
func (c *call) bearerExists(of iam.Principal) error {
	if of.Kind == iam.KindOfUser {
		if _, err := c.View().User(iam.UserID{UUID: of.ID}); err != nil {
			return missing(aUser.word, of.ID.String())
		}
	} else if !hasApplication(c.View().State, of.ID) {
		return missing(anApplication.word, of.ID.String())
	}
	return nil
}

// updateAPIKey changes what a key is for. An expiry is for ever (section 9).
func updateAPIKey(c *call) (*wire.Answer, error) {
	k, err := c.keyInPath(updating)
	if err != nil {
		return nil, err
	}
	var in keyRequest
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var f form
	f.text("description", in.Description, maxDescription)
	project := in.project(c, &f)
	if in.ExpiresAt != nil && k.ExpiresAt != nil && !in.ExpiresAt.Equal(*k.ExpiresAt) {
		f.wrong("expires_at", constraint, "cannot be changed once it is set")
	}
	if f.err != nil {
		return nil, f.err
	}
	k, at, err := c.Control.UpdateCredential(c.Ctx(), c.Permit, k.Principal, k.ID, func(k *iam.Credential) {
		if in.Description != nil {
			k.Description = *in.Description
		}
		if !project.IsZero() {
			k.Project = project
		}
		if in.ExpiresAt != nil && k.ExpiresAt == nil {
			k.ExpiresAt = in.ExpiresAt
		}
	})
	if err != nil {
		return nil, err
	}
	return answer(apiKeyOut(k), at), nil
}

func deleteAPIKey(c *call) (*wire.Answer, error) {
	k, err := c.keyInPath(deleting)
	if err != nil {
		return nil, err
	}
	return removed(c.Control.DeleteCredential(c.Ctx(), c.Permit, k.Principal, k.ID))
}

// moment is a time that a client has chosen: it comes back with as much of a fraction as there is, in threes of digits.
type moment time.Time

// MarshalText writes 0, 3 or 6 digits, in UTC.
func (m moment) MarshalText() ([]byte, error) {
	t := time.Time(m).UTC()
	layout := "2006-01-02T15:04:05.000000Z"
	switch {
	case t.Nanosecond() == 0:
		layout = "2006-01-02T15:04:05Z"
	case t.Nanosecond()%int(time.Millisecond) == 0:
		layout = "2006-01-02T15:04:05.000Z"
	}
	return t.AppendFormat(nil, layout), nil
}

// when is a time that may be absent.
func when(t *time.Time) *moment {
	if t == nil {
		return nil
	}
	return new(moment(*t))
}
