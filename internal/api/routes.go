package api

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// Route is one method on one path.
type Route struct {
	Method  string
	Pattern string // as http.ServeMux has it
	// Operation is what the caller must be allowed to do; nil if everybody may, unauthenticated.
	Operation *control.Operation

	target func(*wire.Call) control.Target
	handle handler
}

// Routes lists everything that the API serves (sections 3 and 16.1, and the platform's own).
func Routes() []Route {
	return slices.Concat(
		groupRoutes(), userRoutes(), invitationRoutes(), serviceAccountRoutes(), apiTokenRoutes(), policyRoutes(), roleRoutes(),
		sessionRoutes(), authorizeRoutes(), auditRoutes(), organizationRoutes(), catalogRoutes(), personRoutes(), keyRoutes(),
		connectorRoutes(), signInRoutes(), factorRoutes(), securityRoutes(),
		resourceGroupRoutes(), organizationPolicyRoutes(),
	)
}

const (
	get   = http.MethodGet
	post  = http.MethodPost
	put   = http.MethodPut
	patch = http.MethodPatch
	del   = http.MethodDelete
)

// thing is a kind of thing as paths and CRNs name it.
type thing struct {
	typ   string // in CRNs
	param string // in patterns
	word  string // for people
}

var (
	aGroup          = thing{iam.TypeGroup, "group_id", "group"}
	aUser           = thing{iam.TypeUser, "user_id", "user"}
	anInvitation    = thing{iam.TypeInvitation, "invitation_id", "invitation"}
	aServiceAccount = thing{iam.TypeServiceAccount, "service_account_id", "service account"}
	aPolicy         = thing{iam.TypePolicy, "policy_id", "policy"}
	aRole           = thing{iam.TypeRole, "role_id", "role"}
	aSession        = thing{iam.TypeSession, "session_id", "session"}
	aCredential     = thing{iam.TypeCredential, "credential_id", "credential"}
	anAPIKey        = thing{iam.TypeCredential, "api_key_id", "API key"}
	anAPIToken      = thing{iam.TypeAPIToken, "token_id", "API token"}
	anAuditLog      = thing{iam.TypeAuditLog, "log_id", "audit log entry"}
	anOrganization  = thing{iam.TypeOrganization, "organization_id", "organization"}
	aPerson         = thing{iam.TypePerson, "person_id", "person"}
	aResourceGroup  = thing{iam.TypeResourceGroup, "resource_group_id", "resource group"}
	aCatalogFile    = thing{iam.TypeCatalogFile, "file_name", "catalogue file"}
)

// any is the target of calls about no particular thing: lists and creates (section 16.3).
func (t thing) any(*wire.Call) control.Target { return control.On(iam.AnyOf(t.typ)) }

// one is the target of calls about the thing that the path names.
func (t thing) one(c *wire.Call) control.Target { return control.On(t.crn(c.R.PathValue(t.param))) }

// crn names the thing with an id as it stands in a path. An id is authorized on in its one canonical form, since
// policies are compared with the text; what is no id at all names nothing, and is kept only for the audit log.
func (t thing) crn(text string) iam.CRN {
	if id, err := iam.ParseUUID(text); err == nil {
		return iam.Name(t.typ, id)
	}
	const most = 100
	if len(text) > most {
		text = text[:most]
	}
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "?")
	}
	return iam.CRN{Service: "iam", Type: t.typ, ID: text}
}

// id reads the thing's id from the path. What is no id is not found (section 16.4).
func (t thing) id(c *call) (iam.UUID, error) {
	text := c.R.PathValue(t.param)
	id, err := iam.ParseUUID(text)
	if err != nil {
		return iam.UUID{}, iam.Errorf(iam.NotFound, "%s %.40q does not exist", t.word, text)
	}
	return id, nil
}
