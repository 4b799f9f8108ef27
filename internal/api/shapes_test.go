package api_test

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
)

// check says what is wrong with a value of an answer, "" if nothing is.
type check func(v any) string

// matching checks a string.
func matching(what, pattern string) check {
	re := regexp.MustCompile("^(?:" + pattern + ")$")
	return func(v any) string {
		if s, ok := v.(string); !ok || !re.MatchString(s) {
			return fmt.Sprintf("%v is not %s", v, what)
		}
		return ""
	}
}

// Values of answers (sections 1 and 16.4).
var (
	anID        = matching("a lower-case UUID", `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	aTime       = matching("a time in whole seconds of UTC", `20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
	aText       = matching("a text", `(?s).+`)
	aLastingKey = matching("a lasting key's id", `AKIA[0-9A-F]{16}`)
	aTempKey    = matching("a temporary key's id", `ASIA[0-9A-F]{16}`)
	aSecret     = matching("a secret of 40 characters", `[A-Za-z0-9+/]{40}`)
	aToken      = matching("a token", `[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`)
	aRequestID  = matching("a request id", `req-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	aLink       = matching("an absolute URL", `http://example\.com/v1/.*`)
	aStatus     = matching("a status of an audit log", `success|denied|failure`)
)

func aNumber(v any) string {
	if n, ok := v.(float64); !ok || n != math.Trunc(n) || n < 0 {
		return fmt.Sprintf("%v is no whole number", v)
	}
	return ""
}

func aBool(v any) string {
	if _, ok := v.(bool); !ok {
		return fmt.Sprintf("%v is neither true nor false", v)
	}
	return ""
}

func anObject(v any) string {
	if _, ok := v.(obj); !ok {
		return fmt.Sprintf("%v is no object", v)
	}
	return ""
}

// is checks for exactly this value.
func is(want any) check {
	return func(v any) string {
		if v != want {
			return fmt.Sprintf("%v, want %v", v, want)
		}
		return ""
	}
}

func oneOf(words ...string) check {
	return matching("one of "+strings.Join(words, ", "), strings.Join(words, "|"))
}

// orNull also takes null.
func orNull(c check) check {
	return func(v any) string {
		if v == nil {
			return ""
		}
		return c(v)
	}
}

// list checks every item; null is none (section 16.4: arrays are []).
func list(item check) check {
	return func(v any) string {
		items, ok := v.([]any)
		if !ok {
			return fmt.Sprintf("%v is no array", v)
		}
		for i, x := range items {
			if wrong := item(x); wrong != "" {
				return fmt.Sprintf("[%d]: %s", i, wrong)
			}
		}
		return ""
	}
}

// some is a list that has items, so that their shape is looked at.
func some(item check) check {
	return func(v any) string {
		if items, ok := v.([]any); ok && len(items) == 0 {
			return "the list is empty"
		}
		return list(item)(v)
	}
}

// fields are the members of an object: all that it has, and no more.
type fields map[string]check

// object checks an object.
func object(want fields) check {
	names := slices.Sorted(maps.Keys(want))
	return func(v any) string {
		o, ok := v.(obj)
		if !ok {
			return fmt.Sprintf("%v is no object", v)
		}
		for _, name := range names {
			value, ok := o[name]
			if !ok {
				return name + " is left out"
			}
			if wrong := want[name](value); wrong != "" {
				return name + ": " + wrong
			}
		}
		for _, name := range slices.Sorted(maps.Keys(o)) {
			if want[name] == nil {
				return fmt.Sprintf("%s: %v is in no contract", name, o[name])
			}
		}
		return ""
	}
}

// named is an object that has an id and the CRN that goes with it (section 6).
func named(word string, rest fields) check {
	rest["id"], rest["crn"] = anID, aText
	whole := object(rest)
	return func(v any) string {
		if wrong := whole(v); wrong != "" {
			return wrong
		}
		if o := v.(obj); o["crn"] != "crn::iam:"+word+":"+o["id"].(string) {
			return fmt.Sprintf("crn: %v", o["crn"])
		}
		return ""
	}
}

// with adds members to those that are given.
func with(base fields, more fields) fields {
	out := maps.Clone(base)
	maps.Copy(out, more)
	return out
}

// one is the answer with one thing; many that with all of a list that has no pages.
func one(key string, item check) check  { return object(fields{key: item}) }
func many(key string, item check) check { return object(fields{key: some(item)}) }

// wrote is the answer of a write: writ adds the revision.
func wrote(key string, item check) check { return object(fields{key: item, "revision": aNumber}) }

// The shapes of section 4.
var (
	aMeta  = object(fields{"total": aNumber, "limit": aNumber, "marker": orNull(anID), "has_more": aBool})
	aPage  = object(fields{"self": aLink})
	dates  = fields{"created_at": aTime, "updated_at": aTime}
	aRef   = object(fields{"id": anID, "name": aText})
	linked = func(key string, item check) check {
		return object(fields{key: some(item), "meta": aMeta, "links": aPage})
	}
	unlinked = func(key string, item check) check { return object(fields{key: some(item), "meta": aMeta}) }
)

// The shapes of sections 7 to 14, and the platform's own.
var (
	aGroup = named("group", with(dates, fields{"name": aText, "description": orNull(aText), "member_count": aNumber}))

	aGroupAccount = named("service-account", fields{"name": aText, "display_name": orNull(aText), "added_at": aTime})
	aGroupUser    = named("user", fields{"email": aText, "name": aText, "added_at": aTime})

	aUser = named("user", fields{"email": aText, "name": aText, "groups": list(aRef), "added_at": aTime})

	anInvitation = object(fields{"id": anID, "email": aText, "groups": list(aRef), "status": oneOf("pending", "expired"),
		"invited_by": object(fields{"id": orNull(anID), "name": aText, "email": orNull(aText)}), "expires_at": aTime, "created_at": aTime})

	anAccount = named("service-account", with(dates, fields{"name": aText, "display_name": orNull(aText), "description": orNull(aText),
		"enabled": aBool, "groups": list(aRef)}))

	aCredential = credentialCalled("credential")
	anAPIKey    = credentialCalled("api-key")

	aLimitedCredential = named("credential", with(aCredentialHas, limits))
	aRenamedCredential = named("credential", with(aCredentialHas, fields{"updated_at": aTime}))
	anAPIToken         = named("api-token", with(aCredentialHas, anAPITokenHas))
	aLimitedAPIToken   = named("api-token", with(aCredentialHas, with(limits, anAPITokenHas)))
	aRenamedAPIToken   = named("api-token", with(aCredentialHas, with(anAPITokenHas, fields{"updated_at": aTime})))
	aTokenStatus       = object(fields{"status": is("active"), "credential_id": orNull(anID), "session_id": orNull(anID), "expires_at": orNull(aTime)})

	aDocument = object(fields{"version": is("2024-01-01"), "statements": some(anObject)})
	aPolicy   = named("policy", with(dates, fields{"name": aText, "description": orNull(aText), "language": is("statements"), "document": aDocument}))

	aScope         = object(fields{"key": aText, "objects": some(object(fields{"key": aText}))})
	aResourceGroup = named("resource-group", with(dates, fields{"name": aText, "scope": aScope, "meta": anObject, "predefined": aBool,
		"policy_id": orNull(anID)}))

	aTrust = object(fields{"principals": list(aText)})
	aRole  = named("role", with(dates, fields{"name": aText, "description": orNull(aText), "trust_policy": orNull(aTrust)}))

	temporary = fields{"access_key_id": aTempKey, "secret_access_key": aSecret, "session_token": aToken, "expiration": aTime, "revision": aNumber}

	aSession = object(fields{"id": anID, "organization_id": anID, "role_id": anID, "role_name": aText, "principal_id": orNull(anID),
		"principal_type": oneOf("user", "service_account"), "principal_name": aText, "session_name": aText, "created_at": aTime,
		"expires_at": aTime, "last_used_at": orNull(aTime), "revoked": aBool, "revoked_at": orNull(aTime), "revoked_reason": orNull(aText),
		"source_ip": orNull(aText), "is_active": aBool})

	aMatch    = object(fields{"policy_id": anID, "policy_name": aText, "statement_id": aText, "effect": oneOf("allow", "deny")})
	aDecision = object(fields{"allowed": aBool, "reason": oneOf("explicit_allow", "explicit_deny", "implicit_deny"),
		"matched_statements": list(aMatch), "revision": aNumber})

	anHTTPDecision = object(fields{"allowed": aBool, "reason": aText, "action": orNull(aText), "resources": list(aText), "parameters": anObject,
		"matched_statements": list(aMatch), "revision": aNumber})

	anEntry = object(fields{"id": anID, "timestamp": aTime, "actor_id": orNull(anID), "actor_type": oneOf("user", "service_account", "system"),
		"actor_name": orNull(aText), "actor_email": orNull(aText), "organization_id": anID, "action": aText, "status": aStatus,
		"resource_type": orNull(aText), "resource_id": orNull(aText), "resource_name": orNull(aText), "ip_address": orNull(aText),
		"user_agent": orNull(aText), "request_id": orNull(aRequestID), "details": anObject, "error_code": orNull(aText), "error_message": orNull(aText)})

	anOrganization = object(with(dates, fields{"id": anID, "name": aText, "account_number": matching("twelve digits", `\d{12}`),
		"suspended": aBool, "owner_id": orNull(anID)}))
	aQuota  = object(fields{"name": aText, "limit": aNumber, "used": orNull(aNumber)})
	aPerson = object(with(dates, fields{"id": anID, "email": aText, "name": aText, "enabled": aBool}))

	aConnector = named("connector", with(dates, fields{"email_domain": aText, "enabled": aBool, "use_fedramp_language": aBool,
		"verification": object(fields{"code": matching("a code", `cloudflare_dashboard_sso=[0-9]{12}`),
			"status": oneOf("awaiting", "pending", "failed", "verified")})}))

	aKeySet = object(fields{"keys": some(anObject)})

	anError = object(fields{"error": object(fields{"code": aNumber, "message": aText, "details": orNull(aText), "request_id": aRequestID})})
)

var (
	aCredentialHas = fields{"name": aText, "access_key_id": orNull(aLastingKey), "last_used_at": orNull(aTime), "expires_at": orNull(aTime),
		"created_at": aTime}
	// limits are the members of a credential that are there when they say something.
	limits = fields{"updated_at": aTime, "not_before": aTime, "disabled": is(true), "allowed_ips": some(aText), "denied_ips": some(aText),
		"policies": some(object(fields{"id": anID, "language": is("statements"), "document": anObject}))}
	anAPITokenHas = fields{"service_account_id": anID, "status": oneOf("active", "disabled", "expired", "pending"), "creator_email": orNull(aText)}
)

func credentialCalled(word string) check { return named(word, aCredentialHas) }
