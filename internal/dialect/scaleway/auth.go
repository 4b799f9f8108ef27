package scaleway

import (
	"errors"
	"strings"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// authenticate finds out who calls (sections 1 and 9), and then holds the form of the path and the query, before anything else is told.
// The organization that they name must be the caller's: of all others the answer is the same, whether they exist or not.
func authenticate(c *wire.Call) (iam.Actor, error) {
	actor, err := caller(c)
	if err != nil {
		return iam.Actor{}, err
	}
	c.In.Zone = "global" // the locality of everything here (section 7.1)
	if err := checkPath(c); err != nil {
		return iam.Actor{}, err
	}
	q := readQuery(c)
	for name := range q.values {
		if strings.HasSuffix(name, "[]") {
			q.wrong(shortened(name), unknown, "write a list as the same parameter several times, without brackets")
		}
	}
	named, given := q.id(organizationID)
	if q.err != nil {
		return iam.Actor{}, q.err
	}
	if c.R.PathValue(organizationID) != "" && pathID(c, organizationID) != actor.Org.UUID || given && named != actor.Org.UUID {
		return iam.Actor{}, errForeign
	}
	return actor, nil
}

// organizationID is the parameter that names the organization.
const organizationID = "organization_id"

// errForeign refuses what names another organization (section 9).
var errForeign = iam.FieldErrorf(iam.Denied, organizationID, "is not the caller's organization")

// caller authenticates by the secret of a credential, or else by a token.
func caller(c *wire.Call) (iam.Actor, error) {
	keys, tokens := c.R.Header["X-Auth-Token"], c.R.Header["X-Session-Token"]
	values, method := keys, "api_key"
	if len(keys) == 0 && len(tokens) > 0 {
		values, method = tokens, "jwt"
	}
	if len(values) != 1 || values[0] == "" {
		return iam.Actor{}, unauthenticated(method, invalidArgument, nil)
	}
	actor, err := c.Control.Authenticate(c.Ctx(), control.Presented{Bearer: values[0]})
	if iam.CodeOf(err) != iam.Unauthenticated {
		return actor, err
	}
	reason := invalidArgument
	switch {
	case errors.Is(err, control.ErrExpired):
		reason = "expired"
	case method == "jwt" && strings.Count(values[0], ".") == 2, method == "api_key" && isUUID(values[0]):
		reason = "not_found"
	}
	return iam.Actor{}, unauthenticated(method, reason, err)
}

// invalidArgument is the reason for credentials that are none.
const invalidArgument = "invalid_argument"

func unauthenticated(method, reason string, cause error) error {
	if cause == nil {
		cause = iam.Errorf(iam.Unauthenticated, "the credentials are missing")
	}
	return &fault{kind: deniedAuthentication, more: fields{"method": method, "reason": reason}, err: cause}
}

// checkPath holds the form of ids in the path (section 9). Access keys and names of quotas are no ids.
func checkPath(c *wire.Call) error {
	for _, segment := range strings.Split(c.R.Pattern, "/") {
		name, is := strings.CutPrefix(segment, "{")
		if name = strings.TrimSuffix(name, "}"); !is || name == "access_key" || name == "quotum_name" {
			continue
		}
		if !isUUID(c.R.PathValue(name)) {
			return invalid(name, format, "must be a UUID")
		}
	}
	return nil
}

func isUUID(s string) bool {
	_, err := iam.ParseUUID(s)
	return err == nil
}

// pathID is the id of a thing in the path, whose form checkPath has seen to; zero if the path names none.
func pathID(c *wire.Call, param string) iam.UUID {
	id, _ := iam.ParseUUID(c.R.PathValue(param))
	return id
}
