package catalog

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// Keeps compares an operator's file with the one that is to take its place, and says what of the old one the new one drops or
// changes; "" if nothing. Policies are compiled with what files define, so what they may refer to stays: services, types,
// actions, permission sets and groups, managed policies, how they are spelled and named, and what they grant. What people
// read and how requests are matched may change, condition keys may be added, and so may everything that is new.
func (old *File) Keeps(next *File) string {
	return firstText(
		lost("service", old.Services, next.Services, func(s *Service) string { return s.ID }, sameService),
		lost("permission set", old.PermissionSets, next.PermissionSets, func(s *PermissionSet) string { return s.Name }, sameSet),
		lost("permission group", old.PermissionGroups, next.PermissionGroups, func(g *PermissionGroup) string { return g.Label }, sameGroup),
		lost("token permission group", old.TokenPermissionGroups, next.TokenPermissionGroups,
			func(g *PermissionGroup) string { return g.Name }, sameGroup),
		lost("managed policy", old.ManagedPolicies, next.ManagedPolicies, func(m *ManagedPolicy) string { return m.ID }, samePolicy),
	)
}

func firstText(texts ...string) string {
	if i := slices.IndexFunc(texts, func(s string) bool { return s != "" }); i >= 0 {
		return texts[i]
	}
	return ""
}

// lost finds the first element of a list that the next one does not have, or has otherwise.
func lost[T any](what string, old, next []T, name func(*T) string, same func(old, next *T) string) string {
	for i := range old {
		id := name(&old[i])
		j := slices.IndexFunc(next, func(v T) bool { return name(&v) == id })
		if j < 0 {
			return what + " " + show(id) + " would be gone"
		}
		if changed := same(&old[i], &next[j]); changed != "" {
			return what + " " + show(id) + ": " + changed
		}
	}
	return ""
}

// same compares two values as the file has them.
func same(member string, old, next any) string {
	if bytes.Equal(plain(old), plain(next)) {
		return ""
	}
	return member + " would change"
}

func plain(v any) []byte {
	text, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		panic(err) // the members of a file can always be written
	}
	return text
}

func sameService(old, next *Service) string {
	return firstText(
		same("class", old.Class, next.Class),
		same("dialects", old.Dialects, next.Dialects),
		lost("type", old.Types, next.Types, func(t *ResourceType) string { return t.Name }, sameType),
		lost("action", old.Actions, next.Actions, func(a *Action) string { return a.Name }, sameAction),
	)
}

func sameType(old, next *ResourceType) string {
	return firstText(
		same("id", old.ID, next.ID),
		same("spellings", old.Spellings, next.Spellings),
		same("names", old.Names, next.Names),
		same("dialects", old.Dialects, next.Dialects),
	)
}

func sameAction(old, next *Action) string {
	for _, key := range old.ConditionKeys {
		if !slices.Contains(next.ConditionKeys, key) {
			return "condition key " + show(key) + " would be gone"
		}
	}
	return firstText(
		same("types", old.Types, next.Types),
		same("spellings", old.Spellings, next.Spellings),
		same("aliases", old.Aliases, next.Aliases),
		same("dialects", old.Dialects, next.Dialects),
	)
}

func sameSet(old, next *PermissionSet) string {
	return firstText(same("scope", old.Scope, next.Scope), same("grants", old.Grants, next.Grants))
}

func sameGroup(old, next *PermissionGroup) string {
	return firstText(same("scopes", old.Scopes, next.Scopes), same("grants", old.Grants, next.Grants))
}

func samePolicy(old, next *ManagedPolicy) string {
	return firstText(same("name", old.Name, next.Name), same("actions", old.Actions, next.Actions))
}

// Clash finds a type that the file would add and whose names could be taken for those of a type that is there already: one
// begins as the other does. A new file's names come after all others and take nothing away, but a file that takes another's
// place stands where that stood. "" if there is none. The receiver is the file in place, others are all that operators added.
func (old *File) Clash(next *File, others []*File) string {
	have := old.types()
	for _, f := range others {
		for id, t := range f.types() {
			have[id] = t
		}
	}
	added := next.types()
	for _, id := range slices.Sorted(maps.Keys(added)) {
		if have[id] != nil {
			continue
		}
		for _, other := range slices.Sorted(maps.Keys(have)) {
			if dialect, may := mayBeTaken(added[id], have[other]); may {
				return "names of type " + show(id) + " in " + dialect + " could be taken for those of type " + show(other)
			}
		}
	}
	return ""
}

// types are the types of a file by service:name.
func (f *File) types() map[string]*ResourceType {
	out := map[string]*ResourceType{}
	for i := range f.Services {
		s := &f.Services[i]
		for j := range s.Types {
			out[s.ID+":"+s.Types[j].Name] = &s.Types[j]
		}
	}
	return out
}

// mayBeTaken finds a dialect in which names of two types could be one text. Templates begin with a text of their own; if
// neither begins as the other does, no text matches both.
func mayBeTaken(a, b *ResourceType) (dialect string, may bool) {
	for _, dialect := range dialects {
		x, _, _ := strings.Cut(a.Names[dialect], "{")
		y, _, _ := strings.Cut(b.Names[dialect], "{")
		if x != "" && y != "" && (strings.HasPrefix(x, y) || strings.HasPrefix(y, x)) {
			return dialect, true
		}
	}
	return "", false
}
