package policy

import "strings"

// source is where a condition's key is found in a Context.
type source uint8

const (
	fromAttributes source = iota
	fromResourceTags
	fromRequestTags
	fromSourceIP
	fromNow
	fromUserAgent
	fromOperation
	fromZone
	fromProjectID
	fromPrincipalCRN
	fromPrincipalType
	fromOrganizationID

	fromEpoch   // the time in milliseconds, as VNG Cloud has it
	fromTagKeys // the keys of the request's tags
)

const (
	resourceTagPrefix = "resource_tag/"
	requestTagPrefix  = "request_tag/"
)

// tagOf is the tag that a key of either language speaks of: all behind its first slash.
func tagOf(key string) string { return key[strings.IndexByte(key, '/')+1:] }

// sourceOf finds the source of a key as statements spell it.
func sourceOf(key string) source {
	switch key {
	case "iam:source_ip":
		return fromSourceIP
	case "iam:current_time":
		return fromNow
	case "iam:user_agent":
		return fromUserAgent
	case "iam:operation":
		return fromOperation
	case "iam:zone":
		return fromZone
	case "iam:project_id":
		return fromProjectID
	case "iam:principal_crn":
		return fromPrincipalCRN
	case "iam:principal_type":
		return fromPrincipalType
	case "iam:organization_id":
		return fromOrganizationID
	}
	switch {
	case strings.HasPrefix(key, resourceTagPrefix):
		return fromResourceTags
	case strings.HasPrefix(key, requestTagPrefix):
		return fromRequestTags
	default:
		return fromAttributes
	}
}

// value looks a key up. Addresses, times and keys of tags are no Values; see Program.positive for those.
func (q *Query) value(from source, key string) Value {
	switch from {
	case fromAttributes:
		return find(q.ctx.Attributes, key)
	case fromResourceTags:
		return find(q.ctx.ResourceTags, tagOf(key))
	case fromRequestTags:
		return find(q.ctx.RequestTags, tagOf(key))
	case fromUserAgent:
		return present(q.ctx.UserAgent)
	case fromOperation:
		if q.ctx.Operation == "" {
			return present(operationOf(q.action))
		}
		return String(q.ctx.Operation)
	case fromZone:
		return present(q.ctx.Zone)
	case fromProjectID:
		return present(q.ctx.ProjectID)
	case fromPrincipalCRN:
		return present(q.ctx.PrincipalCRN)
	case fromPrincipalType:
		return present(q.ctx.PrincipalType)
	case fromOrganizationID:
		return present(q.ctx.OrganizationID)
	default:
		return Value{}
	}
}

func find(attrs []Attr, key string) Value {
	for i := range attrs {
		if attrs[i].Key == key {
			return attrs[i].Value
		}
	}
	return Value{}
}

// present makes a text of a field, in which "" stands for an absent key.
func present(s string) Value {
	if s == "" {
		return Value{}
	}
	return String(s)
}

// operationOf is the name of an action in kebab case: iam:CreateRole is create-role, iam:ListSTSSessions is
// list-sts-sessions. The s of a plural stays with its abbreviation: ListVPCs is list-vpcs.
func operationOf(action string) string {
	name := action[strings.IndexByte(action, ':')+1:]
	out := make([]byte, 0, len(name)+8)
	for i := range len(name) {
		if i > 0 && upper(name[i]) && name[i-1] != '-' && (!upper(name[i-1]) || startsWord(name[i+1:])) {
			out = append(out, '-')
		}
		out = append(out, lowerASCII(name[i]))
	}
	return string(out)
}

// startsWord tells whether a capital after another one begins a word, given what follows: a small letter that is not merely the s
// of a plural.
func startsWord(rest string) bool {
	plural := rest == "s" || len(rest) > 1 && rest[0] == 's' && upper(rest[1])
	return rest != "" && lower(rest[0]) && !plural
}

func upper(c byte) bool { return 'A' <= c && c <= 'Z' }
func lower(c byte) bool { return 'a' <= c && c <= 'z' }
