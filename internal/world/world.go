// Package world makes of a catalogue what policies are read against: the names that documents refer to, and the spellings that
// other languages have for what queries name natively. It is pure, and what it makes never changes.
package world

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/policy"
)

// Of is the world of a catalogue. Resource groups are no part of a catalogue: there are none in
// it; iam adds an organization's own.
func Of(c *catalog.Catalog) policy.World {
	l := &library{c}
	return policy.World{Library: l, Dictionary: dictionary(c), Managed: managed(c, l)}
}

// managed are VNG Cloud's managed policies, which allow their actions on everything. What a catalogue accepts compiles; an entry that
// did not would grant nothing, and is left out.
func managed(c *catalog.Catalog, l policy.Library) (out []policy.Managed) {
	type statement struct {
		Effect    string   `json:"effect"`
		Actions   []string `json:"actions"`
		Resources []string `json:"resources"`
	}
	for _, m := range c.ManagedPolicies() {
		document, err := json.Marshal([]statement{{"allow", m.Actions, []string{"*"}}})
		if err != nil {
			continue
		}
		program, err := policy.Compile(policy.VNGCloud, document, l)
		if err != nil {
			continue
		}
		out = append(out, policy.Managed{ID: m.ID, Name: m.Name, Language: policy.VNGCloud, Document: string(document), Program: program})
	}
	return out
}

// library answers what documents ask of a catalogue.
type library struct{ catalog *catalog.Catalog }

func (l *library) PermissionSet(name string) (policy.PermissionSet, bool) {
	s, ok := l.catalog.PermissionSet(name)
	if !ok {
		return policy.PermissionSet{}, false
	}
	return policy.PermissionSet{Grants: grantsOf(s.Grants), Organization: s.Scope == catalog.ScopeOrganization}, true
}

// PermissionGroup finds the roles of accounts and the permissions of tokens: their ids are of one space. A permission that can be
// bound at several levels is taken at the highest, the first that it lists.
func (l *library) PermissionGroup(id string) (policy.PermissionGroup, bool) {
	g, ok := l.catalog.PermissionGroup(id)
	if !ok {
		g, ok = l.catalog.TokenPermissionGroup(id)
	}
	if !ok || len(g.Scopes) == 0 {
		return policy.PermissionGroup{}, false
	}
	return policy.PermissionGroup{Grants: grantsOf(g.Grants), Scope: g.Scopes[0]}, true
}

func grantsOf(in []catalog.Grant) []policy.Grant {
	out := make([]policy.Grant, len(in))
	for i, g := range in {
		out[i] = policy.Grant{Actions: g.Allow, Except: g.Except}
	}
	return out
}

func (l *library) ResourceGroup(string) (policy.ResourceScope, bool) {
	return policy.ResourceScope{}, false
}

// anyID stands for the id in a key that asks for all of a kind, while the key is made a CRN. It is what no id is.
const anyID = "0000any0000"

// ResourceKey gives the CRN that a key names. Everything inside an account is every resource.
func (l *library) ResourceKey(account, key string) ([]string, bool) {
	all := strings.HasSuffix(key, ".*")
	if all {
		key = strings.TrimSuffix(key, "*") + anyID
	}
	crn, ok := l.catalog.Parse(catalog.Cloudflare, key, catalog.Vars{Account: strings.TrimPrefix(account, catalog.ScopeAccount+".")})
	if !ok {
		return nil, false
	}
	if all {
		crn = strings.TrimSuffix(crn, anyID) + "*"
	}
	return []string{"crn:*" + strings.TrimPrefix(crn, "crn:")}, true
}

// Account lets every account be: a catalogue is of all organizations.
func (l *library) Account(string) bool { return true }

func (l *library) Product(id string) bool {
	s, ok := l.catalog.Service(id)
	return ok && s.In(catalog.VNGCloud)
}

func (l *library) ConditionKey(pattern, key string) bool {
	for _, s := range l.catalog.Products(catalog.VNGCloud) {
		for _, a := range l.catalog.Actions(s.ID) {
			if slices.Contains(a.ConditionKeys, key) && covers(l.catalog, pattern, a.String()) {
				return true
			}
		}
	}
	return false
}

// covers tells whether a pattern in VNG Cloud's spelling is of an action.
func covers(c *catalog.Catalog, pattern, action string) bool {
	spellings := append([]string{c.Spelling(catalog.VNGCloud, action)}, c.Aliases(catalog.VNGCloud, action)...)
	return pattern == "*" || slices.ContainsFunc(spellings, func(s string) bool { return policy.Covers(pattern, s) })
}

// dictionary writes down the spellings of all actions and types.
func dictionary(c *catalog.Catalog) *policy.Dictionary {
	actions, types, classes := map[string]policy.Spellings{}, map[[2]string]string{}, map[string]string{}
	for _, s := range c.Services() {
		classes[s.ID] = c.Class(s.ID)
		for _, a := range c.Actions(s.ID) {
			name := a.String()
			actions[name] = policy.Spellings{
				VNGCloud: c.Spelling(catalog.VNGCloud, name), Aliases: c.Aliases(catalog.VNGCloud, name), Exoscale: c.Spelling(catalog.Exoscale, name)}
		}
		for _, t := range c.ResourceTypes(s.ID) {
			types[[2]string{s.ID, t.Name}] = c.TypeSpelling(catalog.VNGCloud, s.ID, t.Name)
		}
	}
	return policy.NewDictionary(actions, types, classes)
}
