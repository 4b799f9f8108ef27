package policy

import (
	"fmt"
	"slices"
)

// Language names the language in which a policy document is written.
type Language string

// The languages (design, section 5).
const (
	// Statements is the native one: {version, statements: [{sid, effect, actions, resources, conditions}]}. A deny that applies
	// wins over every allow.
	Statements Language = "statements"
	// VNGCloud: [{effect, actions, resources, condition: {operator: {key: [values]}}}], with the same meaning, its own
	// operators, and names that are compared segment by segment.
	VNGCloud Language = "vngcloud"
	// Cloudflare: {access, permission_groups, resource_groups}, one allow or deny of sets on scopes.
	Cloudflare Language = "cloudflare"
	// Scaleway: {rules: [{permission_set_names, project_ids | organization_id, condition}]}. Rules only allow; conditions are CEL.
	Scaleway Language = "scaleway"
	// Exoscale: {default-service-strategy, services: {name: {type, rules: [{action, expression}]}}}. For each service the first
	// rule whose expression holds decides.
	Exoscale Language = "exoscale"
)

// languageIndex names a language in one byte.
type languageIndex uint8

var languages = [...]Language{Statements, VNGCloud, Cloudflare, Scaleway, Exoscale}

func (l Language) index() languageIndex { return languageIndex(slices.Index(languages[:], l)) }

// Effect is what a statement does when it applies. The zero value denies.
type Effect uint8

// The effects.
const (
	Deny Effect = iota
	Allow
)

// String gives the effect as documents spell it.
func (e Effect) String() string {
	if e == Allow {
		return "allow"
	}
	return "deny"
}

// Languages are all languages.
func Languages() []Language { return slices.Clone(languages[:]) }

// Compile parses, checks and compiles a document. Names in it are found in lib; nil knows none. Every error is an *Error that
// tells the place and what would be right. The program keeps nothing of source.
func Compile(lang Language, source []byte, lib Library) (*Program, error) {
	if lib == nil {
		lib = NoNames
	}
	switch lang {
	case Statements:
		return compileStatements(source)
	case VNGCloud:
		return compileVNGCloud(source, lib)
	case Cloudflare:
		return compileCloudflare(source, lib)
	case Scaleway:
		return compileScaleway(source, lib)
	case Exoscale:
		return compileExoscale(source)
	default:
		return nil, newError(source, 0, "", fmt.Sprintf("unknown policy language %.40q; use one of %q", lang, languages))
	}
}
