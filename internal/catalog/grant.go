package catalog

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Grant is some actions: those that a pattern of Allow matches and none of Except does.
type Grant struct {
	Allow  []string `json:"allow"`
	Except []string `json:"except,omitempty"`
}

// Covers tells whether the grant is of an action, known to the catalogue or not.
func (g Grant) Covers(action string) bool {
	return matchAny(g.Allow, action) && !matchAny(g.Except, action)
}

// covers tells whether one of several grants is of an action.
func covers(grants []Grant, action string) bool {
	for _, g := range grants {
		if g.Covers(action) {
			return true
		}
	}
	return false
}

// The scopes of permission sets (scaleway.md, section 7.2).
const (
	ScopeProjects     = "projects"
	ScopeOrganization = "organization"
)

// PermissionSet is one of Scaleway's permission sets (scaleway.md, sections 4.7 and 7.2).
type PermissionSet struct {
	Name        string   `json:"name"`
	Scope       string   `json:"scope"` // ScopeProjects or ScopeOrganization
	Description string   `json:"description,omitempty"`
	Categories  []string `json:"categories,omitempty"`
	Grants      []Grant  `json:"grants"`
}

// ID gives the set's id, a UUID of version 5 made of its name. It is the same in every installation, for ever.
func (s *PermissionSet) ID() string {
	h := sha1.New()
	h.Write(setSpace[:])
	h.Write([]byte(s.Name))
	id := h.Sum(nil)[:16]
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	text := hex.EncodeToString(id)
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// setSpace is the name space of permission sets' ids, chosen once: another would change them all.
var setSpace = [16]byte{0x6f, 0x1d, 0x3a, 0x52, 0x9c, 0x07, 0x4e, 0x8b, 0xb4, 0x21, 0x5a, 0xe0, 0x77, 0xc3, 0x90, 0x1e}

// Covers tells whether the set grants an action.
func (s *PermissionSet) Covers(action string) bool { return covers(s.Grants, action) }

// The scopes of Cloudflare's permission groups: the level that they can be bound to (cloudflare.md, sections 4 and 11).
const (
	ScopeAccount = "com.cloudflare.api.account"
	ScopeZone    = "com.cloudflare.api.account.zone"
	ScopeWorker  = "com.cloudflare.api.account.worker"
	ScopeUser    = "com.cloudflare.api.user"
	ScopeBucket  = "com.cloudflare.edge.r2.bucket"
)

// PermissionGroup is one of Cloudflare's permission groups: a role for members and user groups (cloudflare.md, section 4),
// or a permission of API tokens, which is from a catalogue of its own and has no label (section 11).
type PermissionGroup struct {
	Label       string   `json:"label,omitempty"` // machine name of a role
	Name        string   `json:"name"`            // for people; unique among the permissions of tokens
	Scopes      []string `json:"scopes"`          // of a role exactly one
	Description string   `json:"description,omitempty"`
	Category    string   `json:"category,omitempty"`
	Grants      []Grant  `json:"grants"`
}

// ID gives the group's id, 32 hex digits made of its label or, of a permission of tokens, of its name.
func (g *PermissionGroup) ID() string {
	seed := "permission_group:" + g.Label
	if g.Label == "" {
		seed = "token_permission_group:" + g.Name
	}
	sum := sha256.Sum256([]byte(seed))
	return hex.EncodeToString(sum[:16])
}

// Meta gives what Cloudflare's API shows beside id and name of a role, all of it texts (cloudflare.md, section 4).
func (g *PermissionGroup) Meta() map[string]string {
	meta := map[string]string{"label": g.Label, "scopes": g.Scopes[0], "editable": "false"}
	if g.Description != "" {
		meta["description"] = g.Description
	}
	if g.Category != "" {
		meta["category"] = g.Category
	}
	return meta
}

// Covers tells whether the group grants an action.
func (g *PermissionGroup) Covers(action string) bool { return covers(g.Grants, action) }

func matchAny(patterns []string, action string) bool {
	for _, p := range patterns {
		if MatchAction(p, action) {
			return true
		}
	}
	return false
}

// MatchAction matches an action with a pattern of a grant: "*", or a service and a name with a colon between them, in which
// "*" stands for any run of characters. A "*" of the service does not reach into the name. Letters of ASCII match in both
// cases: whoever asks about an action may spell it so, and an exception must not be escaped that way.
func MatchAction(pattern, action string) bool {
	if pattern == "*" {
		return true
	}
	service, name, ok := strings.Cut(pattern, ":")
	askedService, askedName, asked := strings.Cut(action, ":")
	return ok && asked && matchGlob(service, askedService) && matchGlob(name, askedName)
}

// matchGlob never goes back further than to the last star, so it takes at most as many steps as both lengths multiplied;
// those of patterns are bounded by MaxID.
func matchGlob(glob, text string) bool {
	g, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case g < len(glob) && glob[g] == '*':
			star, mark = g, t
			g++
		case g < len(glob) && lower(glob[g]) == lower(text[t]):
			g++
			t++
		case star >= 0:
			mark++
			g, t = star+1, mark
		default:
			return false
		}
	}
	for g < len(glob) && glob[g] == '*' {
		g++
	}
	return g == len(glob)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
