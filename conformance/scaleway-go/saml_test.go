package scalewaygo

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
	"github.com/scaleway/scaleway-sdk-go/scw"
)

// certificate makes one of an identity provider that does not exist, in PEM.
func certificate(t *testing.T) string {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	about := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp.example.test"}, NotAfter: time.Now().Add(time.Hour)}
	der := must(x509.CreateCertificate(rand.Reader, about, about, key.Public(), key))(t)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// TestTerraformSAML makes the provider's calls: what is to be made must not be there first, and is looked up before it is deleted.
func TestTerraformSAML(t *testing.T) {
	o := newOrganization(t)
	get := func() (*iam.Saml, error) { return o.GetOrganizationSaml(&iam.GetOrganizationSamlRequest{}) }
	at := "/organizations/" + o.ID + "/saml"
	o.wire.calls()
	missing(t, second(get()), "organization_saml", o.ID)
	made := must(o.EnableOrganizationSaml(&iam.EnableOrganizationSamlRequest{}))(t)
	same(t, "to create", []string{"GET " + at, "POST " + at}, o.wire.sequence())
	isID(t, made.ID)
	if made.Status != iam.SamlStatusMissingCertificate || made.EntityID != "" || made.SingleSignOnURL != "" || made.Srn != "srn://iam.127.0.0.1/saml/"+made.ID {
		t.Errorf("made: %+v", made)
	}
	if p := made.ServiceProvider; !strings.HasSuffix(p.EntityID, "/saml/"+made.ID) || !strings.HasSuffix(p.AssertionConsumerServiceURL, "/iam/v1/saml/"+made.ID+"/login") {
		t.Errorf("the service provider: %+v", p)
	}
	for range 2 {
		same(t, "the plan", made, must(get())(t))
	}
	same(t, "again", made, must(o.EnableOrganizationSaml(&iam.EnableOrganizationSamlRequest{}))(t))

	changed := must(o.UpdateSaml(&iam.UpdateSamlRequest{SamlID: made.ID, EntityID: new("https://idp.example.test/metadata"),
		SingleSignOnURL: new("https://idp.example.test/login")}))(t)
	same(t, "the plan", changed, must(get())(t))

	text := certificate(t)
	add := &iam.AddSamlCertificateRequest{SamlID: made.ID, Type: iam.SamlCertificateTypeSigning, Content: text}
	added := must(o.AddSamlCertificate(add))(t)
	if added.Type != iam.SamlCertificateTypeSigning || added.Origin != iam.SamlCertificateOriginIdentityProvider || strings.TrimSpace(added.Content) != strings.TrimSpace(text) {
		t.Errorf("added: %+v", added)
	}
	same(t, "got", added, must(o.GetSamlCertificate(&iam.GetSamlCertificateRequest{CertificateID: added.ID}))(t))
	listed := must(o.ListSamlCertificates(&iam.ListSamlCertificatesRequest{SamlID: made.ID}))(t)
	same(t, "listed", []string{added.ID}, values(listed.Certificates, func(c *iam.SamlCertificate) string { return c.ID }))
	same(t, "the status", iam.SamlStatusValid, must(get())(t).Status)
	_, err := o.AddSamlCertificate(&iam.AddSamlCertificateRequest{SamlID: made.ID, Type: iam.SamlCertificateTypeSigning, Content: "none"})
	invalid(t, err, "content", "constraint")
	done(t, o.DeleteSamlCertificate(&iam.DeleteSamlCertificateRequest{CertificateID: added.ID}))
	refused[*scw.ResourceNotFoundError](t, second(o.GetSamlCertificate(&iam.GetSamlCertificateRequest{CertificateID: added.ID})))

	o.wire.calls()
	must(get())(t)
	done(t, o.DeleteSaml(&iam.DeleteSamlRequest{SamlID: made.ID}))
	same(t, "to delete", []string{"GET " + at, "DELETE /saml/" + made.ID}, o.wire.sequence())
	missing(t, second(get()), "organization_saml", o.ID)
	missing(t, o.DeleteSaml(&iam.DeleteSamlRequest{SamlID: made.ID}), "saml", made.ID)
}

func TestSAMLMetadata(t *testing.T) {
	o := newOrganization(t)
	text := certificate(t)
	block, _ := pem.Decode([]byte(text))
	document := `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.test/metadata"><IDPSSODescriptor>
		<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` +
		base64.StdEncoding.EncodeToString(block.Bytes) + `</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
		<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.test/login"/>
		</IDPSSODescriptor></EntityDescriptor>`
	file := func(content string) *iam.ParseSamlMetadataRequest {
		return &iam.ParseSamlMetadataRequest{File: scw.File{Name: "idp.xml", ContentType: "application/xml", Content: bytes.NewReader([]byte(content))}}
	}
	same(t, "read", &iam.ParseSamlMetadataResponse{SingleSignOnURL: "https://idp.example.test/login", EntityID: "https://idp.example.test/metadata",
		SigningCertificates: []string{text}}, must(o.ParseSamlMetadata(file(document)))(t))
	_, err := o.ParseSamlMetadata(file("<xml/>"))
	invalid(t, err, "file.content", "format")
}

// TestTerraformSCIM makes the provider's calls.
func TestTerraformSCIM(t *testing.T) {
	o := newOrganization(t)
	get := func() (*iam.Scim, error) { return o.GetOrganizationScim(&iam.GetOrganizationScimRequest{}) }
	at := "/organizations/" + o.ID + "/scim"
	o.wire.calls()
	missing(t, second(get()), "organization_scim", o.ID)
	made := must(o.EnableOrganizationScim(&iam.EnableOrganizationScimRequest{}))(t)
	same(t, "to create", []string{"GET " + at, "POST " + at}, o.wire.sequence())
	isID(t, made.ID)
	isRecent(t, made.CreatedAt)
	same(t, "the plan", made, must(get())(t))
	same(t, "again", made, must(o.EnableOrganizationScim(&iam.EnableOrganizationScimRequest{}))(t))

	token := must(o.CreateScimToken(&iam.CreateScimTokenRequest{ScimID: made.ID}))(t)
	if token.Token.ScimID != made.ID || len(strings.Split(token.BearerToken, ".")) != 2 {
		t.Errorf("made: %+v", token)
	}
	if life := token.Token.ExpiresAt.Sub(*token.Token.CreatedAt); life < 364*24*time.Hour || life > 367*24*time.Hour {
		t.Errorf("it expires after %v", life)
	}
	same(t, "got", token.Token, must(o.GetScimToken(&iam.GetScimTokenRequest{ScimTokenID: token.Token.ID}))(t))
	more := must(o.CreateScimToken(&iam.CreateScimTokenRequest{ScimID: made.ID}))(t)
	listed := must(o.ListScimTokens(&iam.ListScimTokensRequest{ScimID: made.ID}, scw.WithAllPages()))(t)
	same(t, "listed", []*iam.ScimToken{token.Token, more.Token}, listed.ScimTokens)
	done(t, o.DeleteScimToken(&iam.DeleteScimTokenRequest{TokenID: token.Token.ID}))
	_, err := o.GetScimToken(&iam.GetScimTokenRequest{ScimTokenID: token.Token.ID})
	refused[*scw.ResourceNotFoundError](t, err)

	o.wire.calls()
	must(get())(t)
	done(t, o.DeleteScim(&iam.DeleteScimRequest{ScimID: made.ID}))
	same(t, "to delete", []string{"GET " + at, "DELETE /scim/" + made.ID}, o.wire.sequence())
	missing(t, second(get()), "organization_scim", o.ID)
	refused[*scw.ResourceNotFoundError](t, o.DeleteScim(&iam.DeleteScimRequest{ScimID: made.ID}))
	_, err = o.actor(o.rule("IAMGroupManager")).GetOrganizationScim(&iam.GetOrganizationScimRequest{})
	denied(t, err, "read", "scim")
}
