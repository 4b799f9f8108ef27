package iam

import (
	"strings"
	"testing"
	"time"
)

// testCertificate is of an identity provider that does not exist.
const testCertificate = `-----BEGIN CERTIFICATE-----
MIIBgTCCASegAwIBAgIUSerrSvvkDOu3D973oSIwXE4PNEowCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLaWRwLmV4YW1wbGUwHhcNMjYxMTIxMTIxNTI1WhcNMzYxMTE4
MTIxNTI1WjAWMRQwEgYDVQQDDAtpZHAuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABLIDuLQsiIzJJEiqvCfkiYwRBlpjevmU3cIlyUPrlpRl6PvDtbGC
LE5D6NVRpemaa/v7BnJj0/D2w/W4lwXpHQajUzBRMB0GA1UdDgQWBBQ6qnVIeieq
C00fJe7lm9bY5R0brTAfBgNVHSMEGDAWgBQ6qnVIeieqC00fJe7lm9bY5R0brTAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIB8gAZIOwrQoR9cDRifs
CdbemVlQlsuwixbiJGokCMEYAiEAsbAYqw5+iAU6wp2Y4NW7Rr5E5VFxB61zINi9
Sl+2nK8=
-----END CERTIFICATE-----
`

func samlID(n int) SAMLID                { return SAMLID{testID('m', n)} }
func samlCertID(n int) SAMLCertificateID { return SAMLCertificateID{testID('f', n)} }
func scimID(n int) SCIMID                { return SCIMID{testID('y', n)} }
func scimTokenID(n int) SCIMTokenID      { return SCIMTokenID{testID('z', n)} }

func enableSAML(n int) func(*Draft) error {
	return func(d *Draft) error { return second(d.EnableSAML(samlID(n))) }
}

func addCertificate(n int, use CertificateUse, text string) func(*Draft) error {
	return func(d *Draft) error {
		return second(d.AddSAMLCertificate(samlID(1), SAMLCertificate{ID: samlCertID(n), Use: use, PEM: text}))
	}
}

func editSAML(n int, f func(*SAML)) func(*Draft) error {
	return func(d *Draft) error { return second(d.UpdateSAML(samlID(n), f)) }
}

// TestSAML fills in what is missing, one after the other.
func TestSAML(t *testing.T) {
	w := newWorld(t, 1)
	status := func(want SAMLStatus) {
		t.Helper()
		v, err := w.s.SAML()
		if err != nil || v.Status() != want {
			t.Errorf("%+v, %v: want %s", v, err, want)
		}
	}
	if _, err := w.s.SAML(); CodeOf(err) != NotFound {
		t.Errorf("an organization has SAML: %v", err)
	}
	w.accept(enableSAML(1))
	unchanged(w, enableSAML(2)) // it has one
	status(SAMLMissingCertificate)
	w.accept(addCertificate(1, CertificateEncryption, testCertificate))
	status(SAMLMissingCertificate)
	w.accept(addCertificate(2, CertificateSigning, " "+strings.ReplaceAll(testCertificate, "\n", "\r\n")))
	status(SAMLMissingEntityID)
	c, err := w.s.SAMLCertificate(samlCertID(2))
	if err != nil || c.PEM != testCertificate || !c.ExpiresAt.Equal(time.Date(2036, 11, 18, 12, 15, 25, 0, time.UTC)) {
		t.Errorf("kept as %+v, %v", c, err)
	}
	later(w)
	w.accept(editSAML(1, func(v *SAML) { v.EntityID, v.ID, v.Certificates = "urn:idp", samlID(9), nil }))
	status(SAMLMissingURL)
	w.accept(editSAML(1, func(v *SAML) { v.SingleSignOnURL = "https://idp.example/sso?a=b" }))
	status(SAMLValid)
	unchanged(w, editSAML(1, func(*SAML) {}))
	w.accept(func(d *Draft) error { return d.DeleteSAMLCertificate(samlCertID(2)) })
	status(SAMLMissingCertificate)
	w.accept(func(d *Draft) error { return d.DeleteSAML(samlID(1)) })
	if _, err := w.s.SAMLCertificate(samlCertID(1)); CodeOf(err) != NotFound {
		t.Errorf("a certificate is left: %v", err)
	}
	w.accept(enableSAML(3))
}

func TestSAMLRefused(t *testing.T) {
	w := newWorld(t, 1)
	w.refuse(Internal, "", func(d *Draft) error { return second(d.EnableSAML(SAMLID{})) })
	w.refuse(NotFound, "", editSAML(1, func(*SAML) {}))
	w.refuse(NotFound, "", addCertificate(1, CertificateSigning, testCertificate))
	w.accept(enableSAML(1))
	w.accept(addCertificate(1, CertificateSigning, testCertificate))
	for _, url := range []string{"idp.example", "ftp://idp.example", "https://", "https://user@idp.example", "https://idp.example/a b", "javascript:alert(1)",
		"https://idp.example/" + strings.Repeat("x", MaxURL), "https://idp.example/\x00"} {
		w.refuse(Invalid, "single_sign_on_url", editSAML(1, func(v *SAML) { v.SingleSignOnURL = url }))
	}
	w.refuse(Invalid, "entity_id", editSAML(1, func(v *SAML) { v.EntityID = strings.Repeat("x", MaxEntityID+1) }))
	w.refuse(Invalid, "entity_id", editSAML(1, func(v *SAML) { v.EntityID = "a\x00" }))
	w.refuse(NotFound, "", editSAML(2, func(*SAML) {}))
	w.refuse(NotFound, "", func(d *Draft) error { return d.DeleteSAML(samlID(2)) })
	w.refuse(NotFound, "", func(d *Draft) error { return d.DeleteSAMLCertificate(samlCertID(2)) })
	w.refuse(Internal, "", addCertificate(1, CertificateSigning, testCertificate))
	w.refuse(Invalid, "type", addCertificate(2, "unknown", testCertificate))
	for name, text := range map[string]string{"nothing": "", "no PEM": "MIIB", "two": testCertificate + testCertificate, "another block": strings.ReplaceAll(testCertificate, "CERTIFICATE", "PRIVATE KEY"),
		"broken": strings.Replace(testCertificate, "MIIB", "MIIC", 1), "too long": testCertificate + strings.Repeat(" ", MaxCertificate)} {
		t.Run(name, func(t *testing.T) { w.refuse(Invalid, "content", addCertificate(2, CertificateSigning, text)) })
	}
	for n := 2; n <= MaxSAMLCertificates; n++ {
		w.accept(addCertificate(n, CertificateSigning, testCertificate))
	}
	w.refuse(Conflict, "", addCertificate(99, CertificateSigning, testCertificate))
}

func TestSCIM(t *testing.T) {
	w := newWorld(t, 1)
	enable := func(n int) func(*Draft) error {
		return func(d *Draft) error { return second(d.EnableSCIM(scimID(n))) }
	}
	token := func(n int, hash string) func(*Draft) error {
		return func(d *Draft) error {
			return second(d.CreateSCIMToken(scimID(1), SCIMToken{ID: scimTokenID(n), Hash: []byte(hash)}))
		}
	}
	w.refuse(NotFound, "", token(1, "hash"))
	w.refuse(NotFound, "", func(d *Draft) error { return d.DisableSCIM(scimID(1)) })
	w.refuse(Internal, "", func(d *Draft) error { return second(d.EnableSCIM(SCIMID{})) })
	w.accept(enable(1))
	unchanged(w, enable(2))
	w.accept(token(1, "hash"))
	w.refuse(Internal, "", token(1, "hash"))
	w.refuse(Internal, "", token(2, ""))
	if got, err := w.s.SCIMToken(scimTokenID(1)); err != nil || !got.ExpiresAt.Equal(w.now.AddDate(1, 0, 0)) || !got.CreatedAt.Equal(w.now) {
		t.Errorf("%+v, %v", got, err)
	}
	for n := 2; n <= MaxSCIMTokens; n++ {
		w.accept(token(n, "hash"))
	}
	w.refuse(Conflict, "", token(99, "hash"))
	w.accept(func(d *Draft) error { return d.DeleteSCIMToken(scimTokenID(1)) })
	w.refuse(NotFound, "", func(d *Draft) error { return d.DeleteSCIMToken(scimTokenID(1)) })
	w.accept(func(d *Draft) error { return d.DisableSCIM(scimID(1)) })
	if _, err := w.s.SCIMToken(scimTokenID(2)); CodeOf(err) != NotFound {
		t.Errorf("a token is left: %v", err)
	}
	if _, err := w.s.SCIM(); CodeOf(err) != NotFound {
		t.Errorf("SCIM is left: %v", err)
	}
}
