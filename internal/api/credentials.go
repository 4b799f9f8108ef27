package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/wire"
)

// credentialsOf serves the credentials of one kind of principal, in the words of one edition (section 9.1).
type credentialsOf struct {
	thing
	principal iam.PrincipalKind
	exists    func(*iam.State, iam.UUID) error
	words     edition
	item      thing // the credential in a path
	form      authn.Form
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
		NotBefore: timeOrNull(k.NotBefore), Disabled: k.Disabled, AllowedIPs: rangesToWire(k.AllowedIPs), DeniedIPs: rangesToWire(k.DeniedIPs),
	}
	if at, ok := v.LastUsed(k.ID.UUID); ok {
		out.LastUsedAt = &apitype.Time{Time: at}
	}
	if !k.UpdatedAt.Equal(k.CreatedAt) {
		out.UpdatedAt = &apitype.Time{Time: k.UpdatedAt}
	}
	for _, p := range k.Policies {
		out.Policies = append(out.Policies, apitype.CredentialPolicy{ID: p.ID.String(), Language: string(p.Language), Document: json.RawMessage(p.Document)})
	}
	return out
}

func rangesToWire(in []netip.Prefix) (out []string) {
	for _, p := range in {
		out = append(out, p.String())
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
	ask, err := newCredential(c)
	if err != nil {
		return nil, err
	}
	ask.Principal = iam.Principal{Kind: x.principal, ID: id}
	if x.form != authn.Native { // which all keys of such principals have
		ask.Form = x.form
	}
	made, err := c.Control.CreateAccessKey(c.Ctx(), c.Permit, ask)
	if err != nil {
		return nil, err
	}
	body := x.words.one(credentialToWire(c.View(), made.Credential, x.words.crn), made.Secret, apitype.Revision(made.Revision))
	return &wire.Answer{Status: http.StatusCreated, Body: body, Revision: made.Revision}, nil
}

func (x credentialsOf) delete(c *call) (*wire.Answer, error) {
	of, id, err := x.of(c)
	if err != nil {
		return nil, err
	}
	return done(c.Control.DeleteCredential(c.Ctx(), c.Permit, of, id))
}

// of finds the credential that the path names and whose it is.
func (x credentialsOf) of(c *call) (iam.Principal, iam.CredentialID, error) {
	id, credential, err := c.pair(x.thing, x.item)
	return iam.Principal{Kind: x.principal, ID: id}, iam.CredentialID{UUID: credential}, err
}

func (x credentialsOf) get(c *call) (*wire.Answer, error) {
	of, id, err := x.of(c)
	if err != nil {
		return nil, err
	}
	k, err := c.View().CredentialOf(of, id)
	if err != nil {
		return nil, err
	}
	return c.ok(x.words.one(credentialToWire(c.View(), k, x.words.crn), "", 0))
}

func (x credentialsOf) update(c *call) (*wire.Answer, error) {
	of, id, err := x.of(c)
	if err != nil {
		return nil, err
	}
	edit, err := newLimits(c)
	if err != nil {
		return nil, err
	}
	k, revision, err := c.Control.UpdateCredential(c.Ctx(), c.Permit, of, id, edit)
	if err != nil {
		return nil, err
	}
	body := x.words.one(credentialToWire(c.View(), k, x.words.crn), "", apitype.Revision(revision))
	return &wire.Answer{Status: http.StatusOK, Body: body, Revision: revision}, nil
}

func (x credentialsOf) roll(c *call) (*wire.Answer, error) {
	of, id, err := x.of(c)
	if err != nil {
		return nil, err
	}
	made, err := c.Control.RollCredential(c.Ctx(), c.Permit, of, id, "")
	if err != nil {
		return nil, err
	}
	body := x.words.one(credentialToWire(c.View(), made.Credential, x.words.crn), made.Secret, apitype.Revision(made.Revision))
	return &wire.Answer{Status: http.StatusOK, Body: body, Revision: made.Revision}, nil
}

// newCredential reads what a new credential is asked to be; not whose.
func newCredential(c *call) (ask control.NewCredential, err error) {
	var in apitype.CreateCredentialRequest
	err = c.decode(&in, func(f *form) {
		f.name("name", &in.Name)
		ask = control.NewCredential{
			Name: in.Name, Disabled: in.Disabled, NotBefore: shownTime(in.NotBefore), ExpiresAt: shownTime(in.ExpiresAt),
			AllowedIPs: f.ranges("allowed_ips", in.AllowedIPs), DeniedIPs: f.ranges("denied_ips", in.DeniedIPs),
			Policies: f.ownPolicies(in.Policies), Form: f.keyForm("form", in.Form),
		}
	})
	return ask, err
}

// newLimits reads a change of a credential.
func newLimits(c *call) (edit func(*iam.Credential), err error) {
	var in apitype.UpdateCredentialRequest
	var allowed, denied []netip.Prefix
	var policies []iam.CredentialPolicy
	err = c.decode(&in, func(f *form) {
		f.newName("name", &in.Name)
		f.notNull("disabled", in.Disabled.Null)
		f.notNull("allowed_ips", in.AllowedIPs.Null)
		f.notNull("denied_ips", in.DeniedIPs.Null)
		f.notNull("policies", in.Policies.Null)
		allowed, denied = f.ranges("allowed_ips", in.AllowedIPs.Value), f.ranges("denied_ips", in.DeniedIPs.Value)
		policies = f.ownPolicies(in.Policies.Value)
	})
	return func(k *iam.Credential) {
		apply(in.Name, &k.Name)
		apply(in.Disabled, &k.Disabled)
		applyTime(in.NotBefore, &k.NotBefore)
		applyTime(in.ExpiresAt, &k.ExpiresAt)
		if in.AllowedIPs.Set {
			k.AllowedIPs = allowed
		}
		if in.DeniedIPs.Set {
			k.DeniedIPs = denied
		}
		if in.Policies.Set {
			k.Policies = policies
		}
	}, err
}

// shownTime is a time in whole seconds, as it is shown: what a client reads is exactly when it begins or ends.
func shownTime(t *apitype.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC().Truncate(time.Second))
}

// applyTime puts a time of a PATCH in place; null clears it.
func applyTime(o apitype.Optional[apitype.Time], to **time.Time) {
	switch {
	case o.Null:
		*to = nil
	case o.Set:
		*to = shownTime(&o.Value)
	}
}

// keyForm reads how a key is to be written.
func (f *form) keyForm(field, text string) authn.Form {
	switch text {
	case "", "native":
		return authn.Native
	case "scaleway":
		return authn.Scaleway
	}
	f.wrong(field, "must be native or scaleway")
	return authn.Native
}

// ranges reads ranges of addresses.
func (f *form) ranges(field string, in []string) (out []netip.Prefix) {
	for i, text := range in {
		p, ok := iam.ParseRange(text)
		if !ok {
			f.wrong(fmt.Sprintf("%s[%d]", field, i), "%.60q is neither a range of addresses, as in 192.0.2.0/24 or 2001:db8::/32, nor an address", text)
		}
		out = append(out, p)
	}
	return out
}

// ownPolicies reads the policies of a credential; ids are given by the server.
func (f *form) ownPolicies(in []apitype.CredentialPolicy) (out []iam.CredentialPolicy) {
	for i, p := range in {
		at := fmt.Sprintf("policies[%d].", i)
		language := cmp.Or(p.Language, string(policy.Statements))
		f.language(at+"language", language)
		f.document(at+"document", p.Document)
		out = append(out, iam.CredentialPolicy{Language: policy.Language(language), Document: string(p.Document)})
	}
	return out
}
