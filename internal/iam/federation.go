package iam

import (
	"crypto/x509"
	"encoding/pem"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/pmap"
)

// SAML is what an organization says about the identity provider that signs its users in by SAML 2.0. An organization has one at most.
type SAML struct {
	ID              SAMLID            `json:"id"`
	EntityID        string            `json:"entity_id,omitempty"`
	SingleSignOnURL string            `json:"single_sign_on_url,omitempty"`
	Certificates    []SAMLCertificate `json:"certificates,omitempty"` // in the order in which they were added
	CreatedAt       time.Time         `json:"created_at"`
	UpdatedAt       time.Time         `json:"updated_at"`
}

// SAMLCertificate is a certificate of the identity provider.
type SAMLCertificate struct {
	ID        SAMLCertificateID `json:"id"`
	Use       CertificateUse    `json:"use"`
	PEM       string            `json:"pem"` // one block
	ExpiresAt time.Time         `json:"expires_at"`
}

// CertificateUse is what a certificate is for.
type CertificateUse string

// The uses of certificates.
const (
	CertificateSigning    CertificateUse = "signing"
	CertificateEncryption CertificateUse = "encryption"
)

// SAMLStatus says what is still needed before anybody can sign in (scaleway.md, section 4.10).
type SAMLStatus string

// The statuses.
const (
	SAMLValid              SAMLStatus = "valid"
	SAMLMissingCertificate SAMLStatus = "missing_certificate"
	SAMLMissingEntityID    SAMLStatus = "missing_entity_id"
	SAMLMissingURL         SAMLStatus = "missing_single_sign_on_url"
)

// Status tells the first thing that is missing.
func (s *SAML) Status() SAMLStatus {
	switch {
	case !slices.ContainsFunc(s.Certificates, func(c SAMLCertificate) bool { return c.Use == CertificateSigning }):
		return SAMLMissingCertificate
	case s.EntityID == "":
		return SAMLMissingEntityID
	case s.SingleSignOnURL == "":
		return SAMLMissingURL
	}
	return SAMLValid
}

// SCIM lets an identity provider keep the organization's users. An organization has one at most.
type SCIM struct {
	ID        SCIMID      `json:"id"`
	Tokens    []SCIMToken `json:"tokens,omitempty"` // oldest first
	CreatedAt time.Time   `json:"created_at"`
}

// SCIMToken proves the identity provider. The token itself is nowhere: only Hash, keyed with the installation's key, is kept.
type SCIMToken struct {
	ID        SCIMTokenID `json:"id"`
	Hash      []byte      `json:"hash"`
	CreatedAt time.Time   `json:"created_at"`
	ExpiresAt time.Time   `json:"expires_at"`
}

func (s *SAML) entry() entry { return entry{s.ID.UUID, s.CreatedAt, nil} }
func (s *SCIM) entry() entry { return entry{s.ID.UUID, s.CreatedAt, nil} }

// only gives the one entity that a table holds.
func only[E entity](t *table[E], what string) (v E, err error) {
	for p := range t.order.From(0) {
		v, _ = t.get(p.id)
		return v, nil
	}
	return v, Errorf(NotFound, "the organization has no %s", what)
}

// SAML gives the organization's; NotFound if it has none.
func (s *State) SAML() (*SAML, error) { return only(&s.samls, "SAML") }

// SCIM gives the organization's; NotFound if it has none.
func (s *State) SCIM() (*SCIM, error) { return only(&s.scims, "SCIM") }

// SAMLCertificate finds a certificate; NotFound otherwise.
func (s *State) SAMLCertificate(id SAMLCertificateID) (SAMLCertificate, error) {
	if saml, err := s.SAML(); err == nil {
		for _, c := range saml.Certificates {
			if c.ID == id {
				return c, nil
			}
		}
	}
	return SAMLCertificate{}, Errorf(NotFound, "certificate %s does not exist", id)
}

// SCIMToken finds a token; NotFound otherwise.
func (s *State) SCIMToken(id SCIMTokenID) (SCIMToken, error) {
	if scim, err := s.SCIM(); err == nil {
		for _, t := range scim.Tokens {
			if t.ID == id {
				return t, nil
			}
		}
	}
	return SCIMToken{}, Errorf(NotFound, "SCIM token %s does not exist", id)
}

func (s *State) putSAML(e *pmap.Edit, id UUID, v *SAML) {
	old, _ := s.samls.get(id)
	s.samls.replace(e, old, v)
}

func (s *State) putSCIM(e *pmap.Edit, id UUID, v *SCIM) {
	old, _ := s.scims.get(id)
	s.scims.replace(e, old, v)
}

// EnableSAML gives the organization a SAML to fill in, or the one that it has.
func (d *Draft) EnableSAML(id SAMLID) (*SAML, error) {
	if have, err := d.s.SAML(); err == nil {
		return have, nil
	}
	if id.IsZero() {
		return nil, Errorf(Internal, "id %s cannot be used", id)
	}
	v := &SAML{ID: id, CreatedAt: d.now, UpdatedAt: d.now}
	d.putSAML(v)
	return v, nil
}

// saml finds the organization's SAML by its id.
func (d *Draft) saml(id SAMLID) (*SAML, error) { return get(&d.s.samls, id.UUID, "SAML") }

// UpdateSAML lets edit change a copy's EntityID and SingleSignOnURL; what else it changes is not taken over. Nothing is touched when
// nothing changes.
func (d *Draft) UpdateSAML(id SAMLID, edit func(*SAML)) (*SAML, error) {
	old, err := d.saml(id)
	if err != nil {
		return nil, err
	}
	asked := *old
	edit(&asked)
	v := *old
	v.EntityID, v.SingleSignOnURL = asked.EntityID, asked.SingleSignOnURL
	if err := checkWithin("entity_id", v.EntityID, MaxEntityID); err != nil {
		return nil, err
	}
	if err := checkURL("single_sign_on_url", v.SingleSignOnURL); err != nil {
		return nil, err
	}
	if v.EntityID == old.EntityID && v.SingleSignOnURL == old.SingleSignOnURL {
		return old, nil
	}
	v.UpdatedAt = d.now
	d.putSAML(&v)
	return &v, nil
}

// checkWithin refuses a text that is too long, or has control characters.
func checkWithin(field, text string, most int) error {
	if len(text) > most {
		return FieldErrorf(Invalid, field, "has at most %d bytes", most)
	}
	return checkText(field, &text)
}

// checkURL refuses what browsers cannot be sent to; nothing is good.
func checkURL(field, text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.ContainsAny(text, " \t") {
		return FieldErrorf(Invalid, field, "must be a URL, as in https://idp.example.com/sso")
	}
	return checkWithin(field, text, MaxURL)
}

// DeleteSAML removes the organization's SAML with its certificates.
func (d *Draft) DeleteSAML(id SAMLID) error {
	if _, err := d.saml(id); err != nil {
		return err
	}
	d.touch(KindSAML, id.UUID)
	d.s.putSAML(d.edit, id.UUID, nil)
	return nil
}

// AddSAMLCertificate adds a certificate from its ID, Use and PEM. What is no certificate is Invalid.
func (d *Draft) AddSAMLCertificate(to SAMLID, c SAMLCertificate) (SAMLCertificate, error) {
	old, err := d.saml(to)
	switch {
	case err != nil:
		return c, err
	case c.ID.IsZero() || slices.ContainsFunc(old.Certificates, func(have SAMLCertificate) bool { return have.ID == c.ID }):
		return c, Errorf(Internal, "id %s cannot be used", c.ID)
	case c.Use != CertificateSigning && c.Use != CertificateEncryption:
		return c, FieldErrorf(Invalid, "type", "must be signing or encryption")
	case len(old.Certificates) >= MaxSAMLCertificates:
		return c, Errorf(Conflict, "there are %d certificates already, which is the most", MaxSAMLCertificates)
	}
	if c.PEM, c.ExpiresAt, err = certificate(c.PEM); err != nil {
		return c, err
	}
	v := *old
	v.Certificates, v.UpdatedAt = append(slices.Clip(old.Certificates), c), d.now
	d.putSAML(&v)
	return c, nil
}

// certificate reads one certificate, and gives it as it is kept.
func certificate(text string) (string, time.Time, error) {
	if len(text) > MaxCertificate {
		return "", time.Time{}, FieldErrorf(Invalid, "content", "has at most %d bytes", MaxCertificate)
	}
	block, rest := pem.Decode([]byte(strings.TrimSpace(text)))
	if block == nil || block.Type != "CERTIFICATE" || strings.TrimSpace(string(rest)) != "" {
		return "", time.Time{}, FieldErrorf(Invalid, "content", "must be one certificate in PEM")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", time.Time{}, FieldErrorf(Invalid, "content", "is no X.509 certificate")
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes})), c.NotAfter.UTC(), nil
}

// DeleteSAMLCertificate removes a certificate.
func (d *Draft) DeleteSAMLCertificate(id SAMLCertificateID) error {
	if _, err := d.s.SAMLCertificate(id); err != nil {
		return err
	}
	old, _ := d.s.SAML()
	v := *old
	v.Certificates = slices.DeleteFunc(slices.Clone(old.Certificates), func(c SAMLCertificate) bool { return c.ID == id })
	v.UpdatedAt = d.now
	d.putSAML(&v)
	return nil
}

func (d *Draft) putSAML(v *SAML) {
	d.touch(KindSAML, v.ID.UUID)
	d.s.putSAML(d.edit, v.ID.UUID, v)
}

// EnableSCIM lets users be kept by SCIM, or gives what the organization has for that already.
func (d *Draft) EnableSCIM(id SCIMID) (*SCIM, error) {
	if have, err := d.s.SCIM(); err == nil {
		return have, nil
	}
	if id.IsZero() {
		return nil, Errorf(Internal, "id %s cannot be used", id)
	}
	v := &SCIM{ID: id, CreatedAt: d.now}
	d.putSCIM(v)
	return v, nil
}

func (d *Draft) scim(id SCIMID) (*SCIM, error) { return get(&d.s.scims, id.UUID, "SCIM") }

// DisableSCIM ends it. Its tokens prove nothing any more.
func (d *Draft) DisableSCIM(id SCIMID) error {
	if _, err := d.scim(id); err != nil {
		return err
	}
	d.touch(KindSCIM, id.UUID)
	d.s.putSCIM(d.edit, id.UUID, nil)
	return nil
}

// CreateSCIMToken adds a token from its ID and Hash. It proves its bearer for a year.
func (d *Draft) CreateSCIMToken(of SCIMID, t SCIMToken) (SCIMToken, error) {
	old, err := d.scim(of)
	switch {
	case err != nil:
		return t, err
	case t.ID.IsZero() || len(t.Hash) == 0 || slices.ContainsFunc(old.Tokens, func(have SCIMToken) bool { return have.ID == t.ID }):
		return t, Errorf(Internal, "the token cannot be used")
	case len(old.Tokens) >= MaxSCIMTokens:
		return t, Errorf(Conflict, "there are %d tokens already, which is the most", MaxSCIMTokens)
	}
	t.CreatedAt, t.ExpiresAt = d.now, d.now.AddDate(1, 0, 0)
	v := *old
	v.Tokens = append(slices.Clip(old.Tokens), t)
	d.putSCIM(&v)
	return t, nil
}

// DeleteSCIMToken ends a token at once.
func (d *Draft) DeleteSCIMToken(id SCIMTokenID) error {
	if _, err := d.s.SCIMToken(id); err != nil {
		return err
	}
	old, _ := d.s.SCIM()
	v := *old
	v.Tokens = slices.DeleteFunc(slices.Clone(old.Tokens), func(t SCIMToken) bool { return t.ID == id })
	d.putSCIM(&v)
	return nil
}

func (d *Draft) putSCIM(v *SCIM) {
	d.touch(KindSCIM, v.ID.UUID)
	d.s.putSCIM(d.edit, v.ID.UUID, v)
}
