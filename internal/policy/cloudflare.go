package policy

import (
	"fmt"
	"slices"
	"strings"
)

// What a document of Cloudflare's may hold; the contract sets no bounds.
const (
	maxPermissionGroups = 100
	maxResourceGroups   = 100
	maxScopeObjects     = 1000 // of one scope in the document
)

// accountLevel is what account-level permission groups can be bound to, and how keys of accounts begin.
const accountLevel = "com.cloudflare.api.account"

// cloudflareParser reads Cloudflare's language (contract, sections 5, 6 and 12): permission groups, on the resources of
// resource groups, all of them allowed or all denied.
//
// It is an object {access, permission_groups, resource_groups}. Both lists hold {"id"} alone; what clients send beside (name,
// meta, a policy's id), the dialect takes off, and other members are refused as in statements. Instead of an id, a resource
// group may hold its scope, {"scope": {"key", "objects": [{"key"}]}}: our extension, for programs that embed the engine. In place of
// resource_groups, a policy of an API token has resources, as section 11 writes them.
//
// A permission group works at the level of its scope only (section 12, rule 4): on the object "*", which is everything of
// that level inside the account, or on an object of that level. An account-level group on "*" covers every resource; any other
// on "*" those that the library gives for the key <level>.*, as for "com.cloudflare.api.account.zone.*". An object may be
// such a key itself (section 11). For account-level groups the account's own key, or com.cloudflare.api.account.*, means "*".
// A pair that does not fit is an error, and so is a scope in an account that the library does not let be (section 14).
type cloudflareParser struct {
	*reader
	lib         Library
	b           builder
	access      Effect
	permissions []cloudflarePermission
	places      []cloudflarePlace
	flat        bool              // the places stand in resources
	reached     map[string][]glob // the resources of a level
}

// cloudflarePermission is a permission group as found.
type cloudflarePermission struct {
	id, path string
	group    PermissionGroup
}

// cloudflarePlace is a resource group as found.
type cloudflarePlace struct {
	id      string // "" when the document holds the scope
	account string // the scope's key
	objects []cloudflareObject
	nested  bool // in resources: inside the account's key
}

// cloudflareObject is a key of a scope, and where the document gives it.
type cloudflareObject struct {
	located
	path string
}

func compileCloudflare(source []byte, lib Library) (*Program, error) {
	p := cloudflareParser{reader: newReader(source), lib: lib, reached: map[string][]glob{}}
	start, hasAccess := p.next(), false
	err := p.document(func(name located) (err error) {
		switch name.text {
		case "access":
			hasAccess = true
			p.access, err = p.effect()
		case "permission_groups":
			err = p.some(maxPermissionGroups, "permission_groups", p.permission)
		case "resource_groups":
			if p.flat {
				return p.errorf(name.offset, "stands beside resources; use either")
			}
			err = p.some(maxResourceGroups, "resource_groups", p.place)
		case "resources":
			if p.places != nil {
				return p.errorf(name.offset, "stands beside resource_groups; use either")
			}
			err = p.resources()
		default:
			err = p.unknown(name, "access, permission_groups, and resource_groups or resources")
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case !hasAccess:
		return nil, p.errorAt(start, "access", "is missing; use allow or deny")
	case p.permissions == nil:
		return nil, p.errorAt(start, "permission_groups", "is missing; name at least one")
	case p.places == nil:
		return nil, p.errorAt(start, "resource_groups", "is missing; name at least one")
	}
	if err := p.compile(start); err != nil {
		return nil, err
	}
	p.b.more.printed = slices.Clone(p.print()) // without room to grow
	return p.b.program(Cloudflare), nil
}

// some reads an array that must not be empty.
func (p *cloudflareParser) some(limit int, what string, element func(i int) error) error {
	start, empty := p.next(), true
	err := p.array(limit, what, func(i int) error {
		empty = false
		return element(i)
	})
	if err == nil && empty {
		err = p.errorf(start, "needs at least one of %s", what)
	}
	return err
}

func (p *cloudflareParser) effect() (Effect, error) {
	access, err := p.text()
	switch {
	case err != nil:
		return Deny, err
	case access.text == "allow":
		return Allow, nil
	case access.text == "deny":
		return Deny, nil
	default:
		return Deny, p.errorf(access.offset, "unknown access %s; use allow or deny", show(access.text))
	}
}

func (p *cloudflareParser) permission(int) error {
	start, path := p.next(), string(p.path)
	var found cloudflarePermission
	err := p.object(func(name located) error {
		if name.text != "id" {
			return p.unknown(name, "id")
		}
		id, err := p.id()
		if err != nil {
			return err
		}
		group, ok := p.lib.PermissionGroup(id.text)
		if !ok {
			return p.errorf(id.offset, "there is no permission group %s", id.text)
		}
		found = cloudflarePermission{id.text, path, group}
		return nil
	})
	if err != nil {
		return err
	}
	if found.id == "" {
		return p.errorAt(start, "id", "is missing")
	}
	if slices.ContainsFunc(p.permissions, func(q cloudflarePermission) bool { return q.id == found.id }) {
		p.b.warnLater(path, "repeats %s, which counts once", found.id)
		return nil
	}
	p.permissions = append(p.permissions, found)
	return nil
}

// id reads an id: 32 hexadecimal digits, in lower case because others match nothing (contract, section 14).
func (p *cloudflareParser) id() (located, error) {
	id, err := p.text()
	if err == nil && (len(id.text) != 32 || !lowerHex(id.text)) {
		err = p.errorf(id.offset, "%s is no id; write 32 hexadecimal digits in lower case", show(id.text))
	}
	return id, err
}

// place reads a resource group.
func (p *cloudflareParser) place(int) error {
	start := p.next()
	var byID, inline *cloudflarePlace
	err := p.object(func(name located) (err error) {
		switch name.text {
		case "id":
			byID, err = p.resourceGroup()
		case "scope":
			inline, err = p.scope()
		default:
			err = p.unknown(name, "id and scope")
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case byID == nil && inline == nil:
		return p.errorf(start, "needs an id or a scope")
	case byID != nil && inline != nil:
		return p.errorf(start, "has both an id and a scope; use either")
	case inline != nil:
		p.places = append(p.places, *inline)
		return nil
	}
	if slices.ContainsFunc(p.places, func(q cloudflarePlace) bool { return q.id == byID.id }) {
		p.b.warnLater(string(p.path), "repeats %s, which counts once", byID.id)
		return nil
	}
	p.places = append(p.places, *byID)
	return nil
}

func (p *cloudflareParser) resourceGroup() (*cloudflarePlace, error) {
	id, err := p.id()
	if err != nil {
		return nil, err
	}
	scope, ok := p.lib.ResourceGroup(id.text)
	if !ok {
		return nil, p.errorf(id.offset, "there is no resource group %s", id.text)
	}
	if len(scope.Objects) == 0 {
		return nil, p.errorf(id.offset, "the resource group %s names no objects", id.text)
	}
	out := &cloudflarePlace{id: id.text, account: scope.Key}
	for _, key := range scope.Objects {
		out.objects = append(out.objects, cloudflareObject{located{key, id.offset}, string(p.path)})
	}
	return out, nil
}

func (p *cloudflareParser) scope() (*cloudflarePlace, error) {
	start := p.next()
	out := &cloudflarePlace{}
	err := p.object(func(name located) (err error) {
		switch name.text {
		case "key":
			out.account, err = p.account()
		case "objects":
			err = p.some(maxScopeObjects, "objects", func(int) error {
				key, err := p.objectKey()
				out.objects = append(out.objects, key)
				return err
			})
		default:
			err = p.unknown(name, "key and objects")
		}
		return err
	})
	switch {
	case err != nil:
	case out.account == "":
		err = p.errorAt(start, "key", "is missing; use %s.<account id>", accountLevel)
	case out.objects == nil:
		err = p.errorAt(start, "objects", "is missing; name at least one")
	}
	return out, err
}

func (p *cloudflareParser) account() (string, error) {
	key, err := p.text()
	if err != nil {
		return "", err
	}
	id, ok := strings.CutPrefix(key.text, accountLevel+".")
	if !ok || len(id) != 32 || !lowerHex(id) {
		return "", p.errorf(key.offset, "%s is no account; use %s. and its id, 32 hexadecimal digits in lower case", show(key.text), accountLevel)
	}
	if !p.lib.Account(key.text) {
		return "", p.errorf(key.offset, "%s is another account; a policy applies to its own alone", show(key.text))
	}
	return key.text, nil
}

func (p *cloudflareParser) objectKey() (cloudflareObject, error) {
	start := p.next()
	var out cloudflareObject
	err := p.object(func(name located) (err error) {
		if name.text != "key" {
			return p.unknown(name, "key")
		}
		out.path = string(p.path)
		out.located, err = p.text()
		if problem := checkResource(out.text); err == nil && problem != "" {
			err = p.errorf(out.offset, "%s", problem)
		}
		return err
	})
	if err == nil && out.path == "" {
		err = p.errorAt(start, "key", `is missing; use "*" or a resource key`)
	}
	return out, err
}

// compile makes statements, one for each grant of a permission group and named after the group.
func (p *cloudflareParser) compile(start int) error {
	for i, of := range p.permissions {
		resources, err := p.reach(of)
		if err != nil {
			return err
		}
		like := parts{effect: p.access, sid: fmt.Sprintf("permission_groups[%d]", i), resources: resources}
		for _, g := range of.group.Grants {
			if !p.b.grant(like, g) {
				return p.errorf(start, outgrown)
			}
		}
		p.remark(of, resources)
	}
	return nil
}

// remark warns of what is likely to be a mistake.
func (p *cloudflareParser) remark(of cloudflarePermission, resources []glob) {
	verb := "denies"
	if p.access == Allow {
		verb = "allows"
	}
	switch {
	case !slices.ContainsFunc(of.group.Grants, Grant.something):
		p.b.warnLater(of.path, "%s nothing here", verb)
	case resources[0].kind == patternAny && slices.ContainsFunc(of.group.Grants, Grant.everything):
		p.b.warnLater(of.path, "%s every action on every resource of the account", verb)
	}
}

// CheckScopeObject says what is wrong with the key of an object of a scope that is inside an account; "" if nothing. Which
// permission groups can be bound to it shows when a policy does so.
func CheckScopeObject(account, key string, lib Library) string {
	if problem := checkResource(key); problem != "" {
		return problem
	}
	if key == "*" || key == account || key == accountLevel+".*" {
		return ""
	}
	if strings.ContainsAny(strings.TrimSuffix(key, ".*"), "*?") {
		return show(key) + ` is a pattern; use "*", a resource key, or a level and ".*"`
	}
	if id, ok := strings.CutPrefix(key, accountLevel+"."); ok && len(id) == 32 && lowerHex(id) {
		return show(key) + " is another account"
	}
	if patterns, ok := lib.ResourceKey(account, key); !ok || len(patterns) == 0 {
		return show(key) + " names resources of no known kind"
	}
	return ""
}

// reach gives the patterns of all resources that a permission group is bound to, at least one.
func (p *cloudflareParser) reach(of cloudflarePermission) ([]glob, error) {
	level := of.group.Scope
	if known, ok := p.reached[level]; ok {
		return known, nil
	}
	var out []glob
	seen := map[string]bool{}
	for _, place := range p.places {
		for _, o := range place.objects {
			patterns, problem := p.patterns(of, place.account, o.text)
			if problem != "" {
				return nil, newError(p.source, o.offset, o.path, problem)
			}
			for _, text := range patterns {
				if !seen[text] {
					seen[text] = true
					out = append(out, glob{text, resourceKind(text)})
				}
			}
		}
	}
	if seen["*"] {
		out = []glob{{"*", patternAny}}
	}
	p.reached[level] = out
	return out, nil
}

// patterns gives those of one object, at least one, or says what is wrong.
func (p *cloudflareParser) patterns(of cloudflarePermission, account, key string) ([]string, string) {
	level := of.group.Scope
	asked := key
	switch {
	case level == accountLevel && (key == "*" || key == account || key == accountLevel+".*"):
		return []string{"*"}, ""
	case level == accountLevel:
		return nil, fmt.Sprintf(`the permission group %s is for accounts and cannot be bound to %s; use "*"`, of.id, show(key))
	case key == "*":
		asked = level + ".*"
	case !atLevel(key, level):
		return nil, fmt.Sprintf(`the permission group %s cannot be bound to %s; use "*" or %s.<id>`, of.id, show(key), level)
	}
	patterns, ok := p.lib.ResourceKey(account, asked)
	if !ok || len(patterns) == 0 {
		return nil, show(asked) + " names resources of no known kind"
	}
	return patterns, ""
}

// atLevel tells whether a key names one resource, or all, of a level: a zone's key begins like an account's, but goes on. Keys
// are no globs, so what would make one of the library's patterns is refused.
func atLevel(key, level string) bool {
	id, ok := strings.CutPrefix(key, level+".")
	return ok && id != "" && (id == "*" || !strings.ContainsAny(id, ".*?"))
}

func (p *cloudflareParser) print() []byte {
	out := appendQuoted([]byte(`{"access":`), p.access.String())
	for i, of := range p.permissions {
		out = append(out, separated(i, `,"permission_groups":[`)...)
		out = append(appendQuoted(append(out, `{"id":`...), of.id), '}')
	}
	if p.flat {
		return append(p.printResources(append(out, ']')), '}')
	}
	for i, of := range p.places {
		out = append(out, separated(i, `],"resource_groups":[`)...)
		if of.id != "" {
			out = append(appendQuoted(append(out, `{"id":`...), of.id), '}')
		} else {
			out = of.print(out)
		}
	}
	return append(out, `]}`...)
}

// print appends a scope.
func (of cloudflarePlace) print(out []byte) []byte {
	out = appendQuoted(append(out, `{"scope":{"key":`...), of.account)
	for i, o := range of.objects {
		out = append(out, separated(i, `,"objects":[`)...)
		out = append(appendQuoted(append(out, `{"key":`...), o.text), '}')
	}
	return append(out, `]}}`...)
}

// separated is what stands before element i of a list.
func separated(i int, first string) string {
	if i > 0 {
		return ","
	}
	return first
}

func (p *Program) warnCloudflare() []Warning { return p.keptWarnings() }
