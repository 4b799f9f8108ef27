package api

import (
	"net/http"
	"time"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// credentialsOf serves the credentials of one kind of principal, in the words of one edition (section 9.1).
type credentialsOf struct {
	thing
	principal iam.PrincipalKind
	exists    func(*iam.State, iam.UUID) error
	words     edition
	item      thing // the credential in a path
}

// edition is what an edition of the contract calls a credential.
type edition struct {
	crn  string // the word in CRNs
	one  func(k apitype.Credential, secret string, at apitype.Revision) any
	many func([]apitype.Credential) any
}

// Editions B and C.
var asCredentials = edition{
	crn: iam.TypeCredential,
	one: func(k apitype.Credential, secret string, at apitype.Revision) any {
		return apitype.CredentialAnswer{Credential: k, SecretAccessKey: secret, Revision: at}
	},
	many: func(ks []apitype.Credential) any { return apitype.CredentialList{Credentials: ks} },
}

// Edition A.
var asKeys = edition{
	crn: "api-key",
	one: func(k apitype.Credential, secret string, at apitype.Revision) any {
		return apitype.APIKeyAnswer{APIKey: k, SecretAccessKey: secret, Revision: at}
	},
	many: func(ks []apitype.Credential) any { return apitype.APIKeyList{APIKeys: ks} },
}

// exists forgets what it finds.
func exists[ID idType, E any](find func(*iam.State, ID) (E, error)) func(*iam.State, iam.UUID) error {
	return func(s *iam.State, id iam.UUID) error {
		_, err := find(s, ID{id})
		return err
	}
}

func credentialToWire(v *control.View, k *iam.Credential, crn string) apitype.Credential {
	out := apitype.Credential{
		ID: k.ID.String(), CRN: iam.Name(crn, k.ID.UUID).String(), Name: k.Name, AccessKeyID: textOrNull(k.AccessKey),
		ExpiresAt: timeOrNull(k.ExpiresAt), CreatedAt: apitype.Time{Time: k.CreatedAt},
	}
	if at, ok := v.LastUsed(k.ID.UUID); ok {
		out.LastUsedAt = &apitype.Time{Time: at}
	}
	return out
}

func (x credentialsOf) list(c *call) (*wire.Answer, error) {
	id, err := x.id(c)
	if err != nil {
		return nil, err
	}
	if err := x.exists(c.View().State, id); err != nil {
		return nil, err
	}
	out := []apitype.Credential{}
	for k := range c.View().CredentialsOf(id).All() {
		out = append(out, credentialToWire(c.View(), k, x.words.crn))
	}
	return c.ok(x.words.many(out))
}

func (x credentialsOf) create(c *call) (*wire.Answer, error) {
	id, err := x.id(c)
	if err != nil {
		return nil, err
	}
	var in apitype.CreateCredentialRequest
	if err := c.decode(&in, func(f *form) { f.name("name", &in.Name) }); err != nil {
		return nil, err
	}
	ask := control.NewCredential{Principal: iam.Principal{Kind: x.principal, ID: id}, Name: in.Name}
	if in.ExpiresAt != nil {
		// Whole seconds, as they are shown: what a client reads is exactly when it ends.
		ask.ExpiresAt = new(in.ExpiresAt.UTC().Truncate(time.Second))
	}
	made, err := c.Control.CreateAccessKey(c.Ctx(), c.Permit, ask)
	if err != nil {
		return nil, err
	}
	body := x.words.one(credentialToWire(c.View(), made.Credential, x.words.crn), made.Secret, apitype.Revision(made.Revision))
	return &wire.Answer{Status: http.StatusCreated, Body: body, Revision: made.Revision}, nil
}

func (x credentialsOf) delete(c *call) (*wire.Answer, error) {
	id, credential, err := c.pair(x.thing, x.item)
	if err != nil {
		return nil, err
	}
	of := iam.Principal{Kind: x.principal, ID: id}
	return done(c.Control.DeleteCredential(c.Ctx(), c.Permit, of, iam.CredentialID{UUID: credential}))
}
