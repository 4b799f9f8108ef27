package catalog

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/writ-iam/writ/internal/catalog/route"
)

// This file checks what can be checked of one file by itself: that members are there, and well formed. What refers to
// something else is checked by build, against the whole catalogue.

func (f *File) check() *problem {
	actions := 0
	for i := range f.Services {
		if actions += len(f.Services[i].Actions); actions > MaxActions {
			return problemf("the file has more than %d actions; split it", MaxActions).at("services")
		}
	}
	return firstOf(
		each("services", f.Services, MaxServices, (*Service).check),
		each("permission_sets", f.PermissionSets, MaxSets, (*PermissionSet).check),
		each("permission_groups", f.PermissionGroups, MaxSets, (*PermissionGroup).checkRole),
		each("token_permission_groups", f.TokenPermissionGroups, MaxSets, (*PermissionGroup).checkToken),
		each("managed_policies", f.ManagedPolicies, MaxSets, (*ManagedPolicy).check),
		each("operations", f.Operations, MaxActions, (*Operation).check),
	)
}

func (s *Service) check() *problem {
	return firstOf(
		checkID("id", s.ID),
		checkText("name", s.Name, MaxName, true),
		checkText("description", s.Description, MaxText, false),
		optional(checkID, "class", s.Class),
		checkDialects(s.Dialects),
		each("types", s.Types, MaxTypes, (*ResourceType).check),
		each("actions", s.Actions, MaxActions, (*Action).check),
	)
}

func (t *ResourceType) check() *problem {
	return firstOf(
		checkWith(typeName, "name", t.Name),
		checkText("label", t.Label, MaxName, false),
		checkText("id", t.ID, MaxTemplate, false),
		checkSpellings(t.Spellings, checkTypeSpelling),
		eachOf("names", t.Names, func(_, name string) *problem { return checkText("", name, MaxTemplate, true) }),
		checkDialects(t.Dialects),
	)
}

func checkTypeSpelling(dialect, spelling string) *problem {
	if dialect == Exoscale || dialect == Scaleway {
		return checkWith(snakeName, "", spelling)
	}
	return checkWith(typeName, "", spelling)
}

func (a *Action) check() *problem {
	return firstOf(
		checkWith(actionName, "name", a.Name),
		oneOf("label", a.Label, List, Read, Write, Tagging),
		checkText("description", a.Description, MaxText, false),
		checkText("doc_url", a.DocURL, MaxText, false),
		eachText("types", a.Types, MaxList, func(s string) *problem { return checkWith(typeReference, "", s) }),
		eachText("condition_keys", a.ConditionKeys, MaxList, func(s string) *problem { return checkText("", s, MaxName, true) }),
		a.checkRoute(),
		eachText("user_types", a.UserTypes, len(userTypes), func(s string) *problem { return oneOf("", s, userTypes...) }),
		checkSpellings(a.Spellings, checkActionSpelling),
		eachOf("aliases", a.Aliases, checkAliases),
		checkDialects(a.Dialects),
	)
}

func (a *Action) checkRoute() *problem {
	routed := a.Path != "" || a.PathRegex != ""
	switch {
	case a.Path != "" && a.PathRegex != "":
		return problemf("stands beside path; give one of them").at("path_regex")
	case routed && a.Backend == "":
		return problemf("is missing; a path belongs to a backend").at("backend")
	case routed && len(a.Methods) == 0:
		return problemf("is missing; a path needs at least one method").at("methods")
	case !routed && a.Backend != "":
		return problemf("is missing; a backend needs a path or path_regex").at("path")
	case !routed && len(a.Methods) > 0:
		return problemf("is missing; methods need a path or path_regex").at("path")
	case len(a.IDs) > 0 && !routed:
		return problemf("is missing; ids are made of its parameters").at("path")
	case len(a.Requests) > 0 && !routed:
		return problemf("is missing; requests are those beside it").at("path")
	}
	return firstOf(
		optional(checkID, "backend", a.Backend),
		a.checkRequest(&Request{a.Methods, a.Path, a.IDs}),
		checkText("path_regex", a.PathRegex, MaxRegex, false),
		each("requests", a.Requests, MaxList, func(r *Request) *problem {
			if len(r.Methods) == 0 {
				return problemf("is missing; a path needs at least one method").at("methods")
			}
			return firstOf(checkText("path", r.Path, MaxTemplate, true), a.checkRequest(r))
		}),
	)
}

func (a *Action) checkRequest(r *Request) *problem {
	if len(r.IDs) > 0 && len(r.IDs) != len(a.Types) {
		return problemf("has %d elements; one for each of the %d types is needed", len(r.IDs), len(a.Types)).at("ids")
	}
	return firstOf(
		eachText("methods", r.Methods, len(methods), func(s string) *problem { return oneOf("", s, methods...) }),
		checkText("path", r.Path, MaxTemplate, false),
		each("ids", r.IDs, MaxList, func(s *string) *problem { return checkText("", *s, MaxTemplate, true) }),
	)
}

var methods = route.Methods

func checkActionSpelling(dialect, spelling string) *problem {
	if dialect == Exoscale {
		return checkWith(kebabName, "", spelling)
	}
	return checkWith(wholeAction, "", spelling)
}

func checkAliases(dialect string, aliases []string) *problem {
	return eachText("", aliases, MaxList, func(s string) *problem { return checkActionSpelling(dialect, s) })
}

func (s *PermissionSet) check() *problem {
	return firstOf(
		checkWith(setName, "name", s.Name),
		oneOf("scope", s.Scope, ScopeProjects, ScopeOrganization),
		checkText("description", s.Description, MaxText, false),
		eachText("categories", s.Categories, MaxList, func(c string) *problem { return checkWith(snakeName, "", c) }),
		checkGrants(s.Grants),
	)
}

func (g *PermissionGroup) checkRole() *problem {
	if len(g.Scopes) > 1 {
		return problemf("has %d elements; a role is bound to one", len(g.Scopes)).at("scopes")
	}
	return firstOf(checkWith(snakeName, "label", g.Label), g.check())
}

func (g *PermissionGroup) checkToken() *problem {
	if g.Label != "" {
		return problemf("is for permission_groups; a permission of tokens is known by its name").at("label")
	}
	return g.check()
}

func (g *PermissionGroup) check() *problem {
	if len(g.Scopes) == 0 {
		return problemf("is missing; name at least one").at("scopes")
	}
	scopes := []string{ScopeAccount, ScopeZone, ScopeWorker, ScopeUser, ScopeBucket}
	return firstOf(
		checkText("name", g.Name, MaxName, true),
		eachText("scopes", g.Scopes, len(scopes), func(s string) *problem { return oneOf("", s, scopes...) }),
		checkText("description", g.Description, MaxText, false),
		optional(func(member, s string) *problem { return checkWith(snakeName, member, s) }, "category", g.Category),
		checkGrants(g.Grants),
	)
}

func checkGrants(grants []Grant) *problem {
	if len(grants) == 0 {
		return problemf("is missing; give at least one").at("grants")
	}
	return each("grants", grants, MaxGrants, func(g *Grant) *problem {
		if len(g.Allow) == 0 {
			return problemf("is missing; name at least one").at("allow")
		}
		return firstOf(checkPatterns("allow", g.Allow), checkPatterns("except", g.Except))
	})
}

func checkPatterns(member string, patterns []string) *problem {
	return eachText(member, patterns, MaxPatterns, func(p string) *problem { return checkWith(pattern, "", p) })
}

func (p *ManagedPolicy) check() *problem {
	if len(p.Actions) == 0 {
		return problemf("is missing; name at least one").at("actions")
	}
	return firstOf(
		checkWith(uuid, "id", p.ID),
		checkText("name", p.Name, MaxName, true),
		checkPatterns("actions", p.Actions),
	)
}

func (o *Operation) check() *problem {
	if len(o.Actions) == 0 {
		return problemf("is missing; name at least one").at("actions")
	}
	return firstOf(
		oneOf("dialect", o.Dialect, dialects[:]...),
		checkText("name", o.Name, MaxName, true),
		oneOf("method", o.Method, methods...),
		checkText("path", o.Path, MaxTemplate, true),
		eachText("actions", o.Actions, MaxList, func(s string) *problem { return checkWith(wholeAction, "", s) }),
	)
}

// form is a way that a text may look.
type form struct {
	fits func(string) bool
	want string
}

var (
	actionName    = form{isAction, "letters and digits that begin with a letter, like GetGroup"}
	typeName      = form{isType, "letters, digits and single dashes that begin with a small letter, like service-account"}
	typeReference = form{isTypeReference, "a type, like group, or a type of another service, like iam:group"}
	serviceID     = form{isService, "small letters, digits and single dashes that begin with a letter, like object-storage"}
	snakeName     = form{isSnake, "small letters, digits and single underscores, like iam_role"}
	kebabName     = form{isKebab, "small letters, digits and single dashes, like create-iam-role"}
	wholeAction   = form{isWholeAction, "a service and an action, like iam:GetGroup"}
	pattern       = form{isPattern, "* or a service and an action in which * may stand, like iam:Get*"}
	setName       = form{isAction, "letters and digits that begin with a letter, like InstancesReadOnly"}
	uuid          = form{isUUID, "a UUID in small letters"}
)

func checkWith(f form, member, s string) *problem {
	switch {
	case s == "":
		return problemf("is missing; use %s", f.want).at(member)
	case !f.fits(s):
		return problemf("%s cannot stand here; use %s", show(s), f.want).at(member)
	}
	return nil
}

func checkID(member, s string) *problem { return checkWith(serviceID, member, s) }

func isAction(s string) bool {
	return s != "" && len(s) <= MaxID && isLetter(s[0]) && !strings.ContainsFunc(s, func(r rune) bool { return !isASCII(r) })
}

func isType(s string) bool {
	return s != "" && len(s) <= MaxID && 'a' <= s[0] && s[0] <= 'z' && words(s, '-', isASCII)
}

func isTypeReference(s string) bool {
	service, typ, other := strings.Cut(s, ":")
	return isType(s) || other && isService(service) && isType(typ)
}

func isService(s string) bool {
	return s != "" && len(s) <= MaxID && 'a' <= s[0] && s[0] <= 'z' && words(s, '-', isSmall)
}

func isKebab(s string) bool { return len(s) <= 2*MaxID && words(s, '-', isSmall) }
func isSnake(s string) bool { return len(s) <= 2*MaxID && words(s, '_', isSmall) }

func isWholeAction(s string) bool {
	service, name, ok := strings.Cut(s, ":")
	return ok && isService(service) && isAction(name)
}

func isPattern(s string) bool {
	service, name, ok := strings.Cut(s, ":")
	glob := func(s string, more func(rune) bool) bool {
		return s != "" && len(s) <= MaxID && !strings.ContainsFunc(s, func(r rune) bool { return r != '*' && !more(r) })
	}
	return s == "*" || ok && glob(service, func(r rune) bool { return r == '-' || isSmall(r) }) && glob(name, isASCII)
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !isHex(s[i]) {
			return false
		}
	}
	return true
}

func isHex(c byte) bool    { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }
func isLetter(c byte) bool { return 'a' <= lower(c) && lower(c) <= 'z' }
func isASCII(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
func isSmall(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' }

// words tells whether s is made of words of some characters with a separator between each two.
func words(s string, separator byte, more func(rune) bool) bool {
	for word := range strings.SplitSeq(s, string(separator)) {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return !more(r) }) {
			return false
		}
	}
	return true
}

func oneOf(member, s string, allowed ...string) *problem {
	switch {
	case slices.Contains(allowed, s):
		return nil
	case s == "":
		return problemf("is missing; use one of %s", strings.Join(allowed, ", ")).at(member)
	default:
		return problemf("%s is none of %s", show(s), strings.Join(allowed, ", ")).at(member)
	}
}

// checkText refuses a text that is missing, too long, or holds control characters.
func checkText(member, s string, limit int, needed bool) *problem {
	switch {
	case s == "" && needed:
		return problemf("is missing").at(member)
	case len(s) > limit:
		return problemf("has %d bytes; at most %d are allowed", len(s), limit).at(member)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return problemf("holds a control character").at(member)
	}
	return nil
}

func checkDialects(list []string) *problem {
	return eachText("dialects", list, len(dialects), func(s string) *problem { return oneOf("", s, dialects[:]...) })
}

func checkSpellings(m map[string]string, check func(dialect, spelling string) *problem) *problem {
	return eachOf("spellings", m, func(dialect, spelling string) *problem {
		if dialect == Native {
			return problemf("the native spelling is the name")
		}
		return check(dialect, spelling)
	})
}

// eachOf checks a member that has something for each of some dialects.
func eachOf[T any](member string, m map[string]T, check func(dialect string, v T) *problem) *problem {
	for _, dialect := range slices.Sorted(maps.Keys(m)) {
		if p := oneOf("", dialect, dialects[:]...); p != nil {
			return p.at(member)
		}
		if p := check(dialect, m[dialect]); p != nil {
			return p.at(dialect).at(member)
		}
	}
	return nil
}

// each checks the elements of a list.
func each[T any](member string, list []T, limit int, check func(*T) *problem) *problem {
	if len(list) > limit {
		return problemf("has %d elements; at most %d are allowed", len(list), limit).at(member)
	}
	for i := range list {
		if p := check(&list[i]); p != nil {
			return p.element(i).at(member)
		}
	}
	return nil
}

// eachText checks a list of texts, none of which may stand there twice.
func eachText(member string, list []string, limit int, check func(string) *problem) *problem {
	seen := make(map[string]bool, len(list))
	return each(member, list, limit, func(s *string) *problem {
		if seen[*s] {
			return problemf("%s is given twice", show(*s))
		}
		seen[*s] = true
		return check(*s)
	})
}

func optional(check func(member, s string) *problem, member, s string) *problem {
	if s == "" {
		return nil
	}
	return check(member, s)
}

func firstOf(problems ...*problem) *problem {
	for _, p := range problems {
		if p != nil {
			return p
		}
	}
	return nil
}
