package scaleway

import (
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"slices"
	"strings"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// aSAML is what an organization says of its identity provider. The domain authorizes it as a connector.
var aSAML = thing{"saml", iam.TypeConnector, "saml_id"}

func samlRoutes() []route {
	const ofOrganization, each, certificate = "/organizations/{organization_id}/saml", "/saml/{saml_id}", "/saml-certificates/{certificate_id}"
	return []route{
		aSAML.ofOrganization(reads, get, ofOrganization, control.GetConnector, getSAML),
		aSAML.does(creates, post, ofOrganization, control.CreateConnector, aSAML.any, enableSAML),
		aSAML.does(writes, patch, each, control.UpdateConnector, aSAML.one, updateSAML),
		aSAML.does(deletes, del, each, control.DeleteConnector, aSAML.one, deleteSAML),
		aSAML.does(reads, post, "/parse-saml-metadata", control.ParseConnectorMetadata, aSAML.any, parseSAMLMetadata),
		aSAML.does(lists, get, each+"/certificates", control.ListConnectorCertificates, aSAML.one, listSAMLCertificates),
		aSAML.does(writes, post, each+"/certificates", control.AddConnectorCertificate, aSAML.one, addSAMLCertificate),
		aSAML.ofOrganization(reads, get, certificate, control.GetConnectorCertificate, getSAMLCertificate),
		aSAML.ofOrganization(deletes, del, certificate, control.DeleteConnectorCertificate, deleteSAMLCertificate),
	}
}

// ofOrganization makes a route about the organization's SAML, whose id the path does not have: there is one at most, and all certificates
// are of that.
func (t thing) ofOrganization(action, method, pattern string, op *control.Operation, h handler) route {
	return t.chooses(action, method, pattern, op, func(c *call, v *control.View) []control.Asked {
		target := t.any(c.Call)
		if s, err := v.SAML(); err == nil {
			target = control.On(iam.Name(t.typ, s.ID.UUID))
		}
		return []control.Asked{{Operation: op, Target: target}}
	}, h)
}

// samlOut is Saml of section 4.10.
type samlOut struct {
	ID              string          `json:"id"`
	Status          string          `json:"status"`
	ServiceProvider serviceProvider `json:"service_provider"`
	EntityID        string          `json:"entity_id"`
	SingleSignOnURL string          `json:"single_sign_on_url"`
}

// serviceProvider is what the identity provider must know of this side.
type serviceProvider struct {
	EntityID                    string `json:"entity_id"`
	AssertionConsumerServiceURL string `json:"assertion_consumer_service_url"`
}

func (c *call) saml(s *iam.SAML) samlOut {
	base, id := c.Base(), s.ID.String()
	return samlOut{id, string(s.Status()), serviceProvider{base + "/saml/" + id, base + "/iam/v1/saml/" + id + "/login"}, s.EntityID, s.SingleSignOnURL}
}

// samlHere finds the organization's SAML, if the call is about it: it may have come after that was found out.
func (c *call) samlHere() (*iam.SAML, error) {
	s, err := c.View().SAML()
	if err == nil && !slices.Contains(c.Permit.Target.Resources, iam.Name(aSAML.typ, s.ID.UUID)) {
		return nil, iam.Errorf(iam.NotFound, "the organization's SAML is being enabled")
	}
	return s, err
}

func getSAML(c *call) (*wire.Answer, error) {
	s, err := c.samlHere()
	if err != nil {
		return nil, missing("organization_saml", c.View().ID().String())
	}
	return c.shown(c.saml(s))
}

// enableSAML gives the organization one to fill in, or shows the one that it has (section 9).
func enableSAML(c *call) (*wire.Answer, error) {
	id := iam.SAMLID{UUID: c.Control.NewID()}
	return write(c, c.saml, func(d *iam.Draft) (*iam.SAML, error) { return d.EnableSAML(id) })
}

func (c *call) samlID() iam.SAMLID { return iam.SAMLID{UUID: pathID(c.Call, aSAML.param)} }

// samlInPath finds the SAML that the path names.
func (c *call) samlInPath() (*iam.SAML, error) {
	s, err := c.View().SAML()
	if err != nil || s.ID != c.samlID() {
		return nil, missing(aSAML.word, c.samlID().String())
	}
	return s, nil
}

func updateSAML(c *call) (*wire.Answer, error) {
	if _, err := c.samlInPath(); err != nil {
		return nil, err
	}
	var in struct {
		EntityID        *string `json:"entity_id"`
		SingleSignOnURL *string `json:"single_sign_on_url"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	return write(c, c.saml, func(d *iam.Draft) (*iam.SAML, error) {
		return d.UpdateSAML(c.samlID(), func(s *iam.SAML) {
			if in.EntityID != nil {
				s.EntityID = *in.EntityID
			}
			if in.SingleSignOnURL != nil {
				s.SingleSignOnURL = *in.SingleSignOnURL
			}
		})
	})
}

func deleteSAML(c *call) (*wire.Answer, error) {
	return removed(c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return d.DeleteSAML(c.samlID()) }))
}

// samlCertificate is section 4.10. All are the identity provider's.
type samlCertificate struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	Origin    string `json:"origin"`
	Content   string `json:"content"`
	ExpiresAt moment `json:"expires_at"`
}

func samlCertificateOut(k iam.SAMLCertificate) samlCertificate {
	return samlCertificate{k.ID.String(), string(k.Use), "identity_provider", k.PEM, moment(k.ExpiresAt)}
}

func listSAMLCertificates(c *call) (*wire.Answer, error) {
	s, err := c.samlInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(fields{"certificates": shows(s.Certificates, samlCertificateOut)})
}

func addSAMLCertificate(c *call) (*wire.Answer, error) {
	if _, err := c.samlInPath(); err != nil {
		return nil, err
	}
	var in struct {
		Type    string `json:"type"`
		Content string `json:"content"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var f form
	if in.Type == "" {
		f.wrong("type", required, "is required")
	} else if !slices.Contains([]string{string(iam.CertificateSigning), string(iam.CertificateEncryption)}, in.Type) {
		f.wrong("type", format, "must be signing or encryption")
	}
	if in.Content == "" {
		f.wrong("content", required, "is required")
	}
	if f.err != nil {
		return nil, f.err
	}
	k := iam.SAMLCertificate{ID: iam.SAMLCertificateID{UUID: c.Control.NewID()}, Use: iam.CertificateUse(in.Type), PEM: in.Content}
	return write(c, samlCertificateOut, func(d *iam.Draft) (iam.SAMLCertificate, error) { return d.AddSAMLCertificate(c.samlID(), k) })
}

func (c *call) certificateInPath() (iam.SAMLCertificate, error) {
	id := iam.SAMLCertificateID{UUID: pathID(c.Call, "certificate_id")}
	_, err := c.samlHere()
	k, none := c.View().SAMLCertificate(id)
	if err != nil || none != nil {
		return k, missing("saml_certificate", id.String())
	}
	return k, nil
}

func getSAMLCertificate(c *call) (*wire.Answer, error) {
	k, err := c.certificateInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(samlCertificateOut(k))
}

func deleteSAMLCertificate(c *call) (*wire.Answer, error) {
	k, err := c.certificateInPath()
	if err != nil {
		return nil, err
	}
	return removed(c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return d.DeleteSAMLCertificate(k.ID) }))
}

// samlMetadata is of a document of SAML metadata what an organization needs of its identity provider (SAML 2.0 metadata, section 2).
type samlMetadata struct {
	XMLName  xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
	EntityID string   `xml:"entityID,attr"`
	Provider struct {
		Keys []struct {
			Use          string   `xml:"use,attr"`
			Certificates []string `xml:"http://www.w3.org/2000/09/xmldsig# KeyInfo>X509Data>X509Certificate"`
		} `xml:"KeyDescriptor"`
		SignOn []struct {
			Binding  string `xml:"Binding,attr"`
			Location string `xml:"Location,attr"`
		} `xml:"SingleSignOnService"`
	} `xml:"IDPSSODescriptor"`
}

// parseSAMLMetadata reads a document, of which nothing is kept. Some clients send it in base64 (section 4.10).
func parseSAMLMetadata(c *call) (*wire.Answer, error) {
	var in struct {
		File struct {
			Content string `json:"content"`
		} `json:"file"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	if in.File.Content == "" {
		return nil, invalid("file.content", required, "is required")
	}
	text := []byte(in.File.Content)
	if decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(in.File.Content)); err == nil {
		text = decoded
	}
	var m samlMetadata
	if err := xml.Unmarshal(text, &m); err != nil || m.EntityID == "" {
		return nil, invalid("file.content", format, "must be the SAML 2.0 metadata of an identity provider")
	}
	return c.shown(fields{"entity_id": m.EntityID, "single_sign_on_url": m.signOn(), "signing_certificates": m.signing()})
}

// signOn is where browsers are sent: by a redirect, if the identity provider takes that.
func (m *samlMetadata) signOn() string {
	url := ""
	for _, s := range m.Provider.SignOn {
		if url == "" || strings.HasSuffix(s.Binding, ":HTTP-Redirect") {
			url = s.Location
		}
	}
	return url
}

// signing are the certificates for signatures, in PEM. A key without a use is for everything.
func (m *samlMetadata) signing() []string {
	out := []string{}
	for _, k := range m.Provider.Keys {
		if k.Use != "" && k.Use != string(iam.CertificateSigning) {
			continue
		}
		for _, text := range k.Certificates {
			if der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), "")); err == nil {
				out = append(out, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
			}
		}
	}
	return out
}
