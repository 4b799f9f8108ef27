package iam

import (
	"fmt"
	"strings"
)

// CRN is a cloud resource name, crn:<region>:<service>:<type>:<id>, the only name of a resource inside writ
// (bycloud.md, section 6). IAM is global: its region is empty. An id of "*" in a request means "none in particular".
type CRN struct {
	Region, Service, Type, ID string
}

// MaxCRN is the longest name that is accepted, in bytes.
const MaxCRN = 2048

// ParseCRN splits a name at its first four colons, so that the id may hold colons and slashes (bycloud.md, 16.7).
func ParseCRN(s string) (CRN, error) {
	if len(s) > MaxCRN {
		return CRN{}, fmt.Errorf("a CRN has at most %d bytes", MaxCRN)
	}
	p := strings.SplitN(s, ":", 5)
	if len(p) != 5 || p[0] != "crn" || p[2] == "" || p[3] == "" || p[4] == "" {
		return CRN{}, fmt.Errorf("%.80q is not a CRN: want crn:<region>:<service>:<type>:<id>", s)
	}
	for _, r := range s {
		if r < 0x20 || r == 0x7f || r == '\uFFFD' {
			return CRN{}, fmt.Errorf("a CRN holds no control characters")
		}
	}
	return CRN{Region: p[1], Service: p[2], Type: p[3], ID: p[4]}, nil
}

// String joins the parts.
func (c CRN) String() string {
	return "crn:" + c.Region + ":" + c.Service + ":" + c.Type + ":" + c.ID
}

// The resource words of IAM in a CRN (bycloud.md, section 6).
const (
	TypeOrganization   = "organization"
	TypePerson         = "person"
	TypeUser           = "user"
	TypeInvitation     = "invitation"
	TypeServiceAccount = "service-account"
	TypeGroup          = "group"
	TypeRole           = "role"
	TypePolicy         = "policy"
	TypeCredential     = "credential"
	TypeAPIToken       = "api-token"
	TypeSession        = "sts-session"
	TypeAuditLog       = "audit-log"
	TypeCatalogFile    = "catalog-file"
	TypeConnector      = "connector"
	TypeResourceGroup  = "resource-group"
	TypePermissionSet  = "permission-set"
	TypeOperation      = "operation"
	TypeProject        = "project"
	TypeSSHKey         = "ssh-key"
	TypeUserSession    = "jwt"
	TypeAuthenticator  = "authenticator"
)

// Name gives the CRN of a thing of IAM.
func Name(typ string, id UUID) CRN { return CRN{Service: "iam", Type: typ, ID: id.String()} }

// AnyOf gives the CRN that stands for no particular thing of a type, as lists and creates are authorized on.
func AnyOf(typ string) CRN { return CRN{Service: "iam", Type: typ, ID: "*"} }
