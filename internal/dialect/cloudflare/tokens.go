package cloudflare

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/wire"
)

// tokenAPI is section 11, once for the tokens of the account and once for those of the caller. Those of the account act by their
// policies alone, which their service account holds; those of a person are credentials whose policies bound what the person may.
// Credentials without policies are keys, and no tokens.
type tokenAPI struct {
	path   string
	prefix string // of secrets
	own    bool   // of the caller
	ops    tokenOperations
}

type tokenOperations struct{ list, create, get, update, roll, remove *control.Operation }

// ownPath begins the paths about the caller's own things.
const ownPath = Prefix + "/user/"

var (
	accountTokens = tokenAPI{account + "/tokens", "cfat_", false, tokenOperations{control.ListAPITokens, control.CreateAPIToken,
		control.GetAPIToken, control.UpdateAPIToken, control.RollAPIToken, control.DeleteAPIToken}}
	userTokens = tokenAPI{ownPath + "tokens", "cfut_", true, tokenOperations{control.ListUserCredentials, control.CreateUserCredential,
		control.GetUserCredential, control.UpdateUserCredential, control.RollUserCredential, control.DeleteUserCredential}}
)

var tokens = area{kind: "token", codes: codes{
	iam.NotFound: {404, 1003}, iam.Invalid: {400, 1001}, iam.Exists: {400, 1001}, iam.Conflict: {400, 1001}, iam.Quota: {400, 1001},
}}

func (x tokenAPI) routes() []wire.Route {
	all, each := x.path, x.path+"/{token_id}"
	of := func(h func(*call, tokenAPI) (*wire.Answer, error)) handler {
		return func(c *call) (*wire.Answer, error) { return h(c, x) }
	}
	return []wire.Route{
		tokens.route(get, all, x.ops.list, x.anyToken, of(listTokens)),
		tokens.route(post, all, x.ops.create, x.anyToken, of(createToken)),
		tokens.route(get, each, x.ops.get, x.oneToken, of(getToken)),
		tokens.route(put, each, x.ops.update, x.oneToken, of(updateToken)),
		tokens.route(del, each, x.ops.remove, x.oneToken, of(deleteToken)),
		tokens.route(put, each+"/value", x.ops.roll, x.oneToken, of(rollToken)),
		tokens.route(get, all+"/verify", control.VerifyToken, x.anyToken, of(verifyToken)),
		tokens.route(get, all+"/permission_groups", control.ListPermissionSets, anyOf(iam.TypePermissionSet), of(listTokenPermissionGroups)),
	}
}

// anyToken is the target of calls about no particular token: of a person's own, the person.
func (x tokenAPI) anyToken(c *wire.Call) control.Target {
	if x.own {
		return control.On(c.In.Actor.Principal.CRN())
	}
	return control.On(iam.AnyOf(iam.TypeAPIToken))
}

func (x tokenAPI) oneToken(c *wire.Call) control.Target {
	if x.own {
		return control.On(c.In.Actor.Principal.CRN())
	}
	return one(iam.TypeAPIToken, "token_id")(c)
}

type token struct {
	ID           string        `json:"id"`
	Name         string        `json:"name"`
	Status       string        `json:"status"`
	Policies     []tokenPolicy `json:"policies"`
	Condition    *condition    `json:"condition,omitzero"`
	IssuedOn     timestamp     `json:"issued_on"`
	ModifiedOn   timestamp     `json:"modified_on"`
	LastUsedOn   *timestamp    `json:"last_used_on,omitzero"`
	NotBefore    *moment       `json:"not_before,omitzero"`
	ExpiresOn    *moment       `json:"expires_on,omitzero"`
	CreatorEmail string        `json:"creator_email_at_creation,omitzero"`
	Value        string        `json:"value,omitzero"`
}

type tokenPolicy struct {
	ID               string                    `json:"id"`
	Effect           string                    `json:"effect"`
	PermissionGroups []namedRef                `json:"permission_groups"`
	Resources        map[string]jsontext.Value `json:"resources"`
}

type namedRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type condition struct {
	RequestIP *addresses `json:"request_ip,omitzero"`
}

type addresses struct {
	In    []string `json:"in,omitempty"`
	NotIn []string `json:"not_in,omitempty"`
}

// tokenStatus is a credential's state in this API's words. One that is not valid yet is active.
func tokenStatus(k *iam.Credential, now time.Time) string {
	if status := k.StatusAt(now); status != iam.CredentialPending {
		return string(status)
	}
	return string(iam.CredentialActive)
}

func (c *call) token(k *iam.Credential, x tokenAPI) token {
	out := token{ID: hexID(k.ID.UUID), Name: k.Name, Status: tokenStatus(k, c.Permit.Now()), Policies: c.tokenPolicies(k, x),
		IssuedOn: timestamp(k.CreatedAt), ModifiedOn: timestamp(k.UpdatedAt), NotBefore: when(k.NotBefore), ExpiresOn: when(k.ExpiresAt)}
	if at, used := c.View().LastUsed(k.ID.UUID); used {
		out.LastUsedOn = new(timestamp(at))
	}
	if len(k.AllowedIPs)+len(k.DeniedIPs) > 0 {
		out.Condition = &condition{&addresses{shows(k.AllowedIPs, netip.Prefix.String), shows(k.DeniedIPs, netip.Prefix.String)}}
	}
	if !x.own {
		out.CreatorEmail = k.CreatorEmail
	}
	return out
}

func (c *call) tokenPolicies(k *iam.Credential, x tokenAPI) []tokenPolicy {
	out := []tokenPolicy{}
	if x.own {
		for _, p := range k.Policies {
			if p.Language == policy.Cloudflare {
				out = append(out, c.tokenPolicy(p.ID, p.Document))
			}
		}
		return out
	}
	for _, p := range c.accountPolicies(k) {
		out = append(out, c.tokenPolicy(p.ID, p.Document))
	}
	return out
}

// accountPolicies are the policies of an account's token in this language.
func (c *call) accountPolicies(k *iam.Credential) (out []*iam.Policy) {
	a, err := c.View().ServiceAccount(iam.ServiceAccountID{UUID: k.Principal.ID})
	if err != nil {
		return nil
	}
	for _, held := range a.Policies {
		if p, err := c.View().Policy(held.Policy); err == nil && p.Language == policy.Cloudflare {
			out = append(out, p)
		}
	}
	return out
}

// tokenDocument is a token's policy in the language.
type tokenDocument struct {
	Access           string                    `json:"access"`
	PermissionGroups []ref                     `json:"permission_groups"`
	Resources        map[string]jsontext.Value `json:"resources"`
}

func (c *call) tokenPolicy(id iam.PolicyID, text string) tokenPolicy {
	var doc tokenDocument
	_ = wire.Unmarshal([]byte(text), &doc, "{") // it has compiled
	out := tokenPolicy{ID: hexID(id.UUID), Effect: doc.Access, Resources: map[string]jsontext.Value{}}
	for _, r := range doc.PermissionGroups {
		name := ""
		if g, ok := c.Control.Catalog().TokenPermissionGroup(r.ID); ok {
			name = g.Name
		}
		out.PermissionGroups = append(out.PermissionGroups, namedRef{r.ID, name})
	}
	for key, value := range doc.Resources {
		out.Resources[c.personKey(key)] = value
	}
	return out
}

// userLevel begins the keys of people.
const userLevel = catalog.ScopeUser + "."

// personKey and userKey translate the keys of people: this API names the person, and the domain their membership.
func (c *call) personKey(key string) string {
	if id, ok := parseID(strings.TrimPrefix(key, userLevel)); ok && strings.HasPrefix(key, userLevel) {
		if u, err := c.View().User(iam.UserID{UUID: id}); err == nil {
			return userLevel + personOf(u)
		}
	}
	return key
}

// userKey is not ok for the key of somebody else: tokens of people may name those people alone, and others nobody.
func (c *call) userKey(key string, x tokenAPI) (out string, ok bool) {
	text, is := strings.CutPrefix(key, userLevel)
	if !is {
		return key, true
	}
	u, err := c.View().User(iam.UserID{UUID: c.Permit.Actor().Principal.ID})
	if !x.own || err != nil || text != personOf(u) {
		return "", false
	}
	return userLevel + hexID(u.ID.UUID), true
}

// tokensOf lists the tokens, oldest first.
func (c *call) tokensOf(x tokenAPI) []*iam.Credential {
	if !x.own {
		return slices.Collect(c.View().AccountTokens().All())
	}
	return slices.DeleteFunc(slices.Collect(c.View().CredentialsOf(c.Permit.Actor().Principal.ID).All()),
		func(k *iam.Credential) bool { return len(k.Policies) == 0 })
}

func listTokens(c *call, x tokenAPI) (*wire.Answer, error) {
	q, err := c.query()
	if err != nil {
		return nil, err
	}
	if _, err := descending(q); err != nil {
		return nil, err
	}
	list := c.tokensOf(x)
	if q.Get("include_expired") != "true" {
		list = slices.DeleteFunc(list, func(k *iam.Credential) bool { return k.StatusAt(c.Permit.Now()) == iam.CredentialExpired })
	}
	if q.Get("direction") != "asc" {
		slices.Reverse(list)
	}
	return paged(c, q, smallPages, list, func(k *iam.Credential) token { return c.token(k, x) })
}

// tokenInPath finds the token that the path names.
func (c *call) tokenInPath(x tokenAPI) (*iam.Credential, error) {
	id := iam.CredentialID{UUID: c.pathID("token_id")}
	if !x.own {
		return c.View().AccountToken(id)
	}
	k, err := c.View().CredentialOf(c.Permit.Actor().Principal, id)
	if err == nil && len(k.Policies) == 0 {
		return nil, iam.Errorf(iam.NotFound, "token not found")
	}
	return k, err
}

func getToken(c *call, x tokenAPI) (*wire.Answer, error) {
	k, err := c.tokenInPath(x)
	if err != nil {
		return nil, err
	}
	return c.shown(c.token(k, x))
}

func deleteToken(c *call, x tokenAPI) (*wire.Answer, error) {
	k, err := c.tokenInPath(x)
	if err != nil {
		return nil, err
	}
	at, err := c.Control.DeleteCredential(c.Ctx(), c.Permit, k.Principal, k.ID)
	if err != nil {
		return nil, err
	}
	return removed(k.ID.UUID, at), nil
}

// rollToken gives the token a new secret. Whoever does gets what the token may, so they must be able to give it.
func rollToken(c *call, x tokenAPI) (*wire.Answer, error) {
	k, err := c.tokenInPath(x)
	if err != nil {
		return nil, err
	}
	if !x.own {
		var programs []*policy.Program
		for _, p := range c.accountPolicies(k) {
			programs = append(programs, p.Program)
		}
		if err := c.Permit.MayGive(programs); err != nil {
			return nil, err
		}
	}
	issued, err := c.Control.RollCredential(c.Ctx(), c.Permit, k.Principal, k.ID, x.prefix)
	if err != nil {
		return nil, err
	}
	return result(issued.Secret, issued.Revision), nil
}

// verifyToken tells a token what it is, at the path of its kind.
func verifyToken(c *call, x tokenAPI) (*wire.Answer, error) {
	k, err := c.Permit.Bearer()
	if err != nil || x.own != (k.Principal.Kind == iam.KindOfUser) {
		return nil, iam.Errorf(iam.Denied, "the token is not of the kind that this path verifies")
	}
	out := result(struct {
		ID        string  `json:"id"`
		Status    string  `json:"status"`
		NotBefore *moment `json:"not_before,omitzero"`
		ExpiresOn *moment `json:"expires_on,omitzero"`
	}{hexID(k.ID.UUID), tokenStatus(k, c.Permit.Now()), when(k.NotBefore), when(k.ExpiresAt)}, c.View().Revision())
	body := out.Body.(envelope)
	body.Messages = []message{{Code: 10000, Message: "This API Token is valid and active"}}
	out.Body = body
	return out, nil
}

// tokenPermissionGroup is an entry of the catalogue of permissions.
type tokenPermissionGroup struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Scopes   []string `json:"scopes"`
	Category string   `json:"category,omitzero"`
}

// listTokenPermissionGroups gives all at once. Tokens of an account are about nobody, so what is about people is left out.
func listTokenPermissionGroups(c *call, x tokenAPI) (*wire.Answer, error) {
	q, err := c.query()
	if err != nil {
		return nil, err
	}
	name, scope := decodedTwice(q, "name"), decodedTwice(q, "scope")
	list := slices.DeleteFunc(byName(c.Control.Catalog().TokenPermissionGroups()), func(g *catalog.PermissionGroup) bool {
		return name != "" && g.Name != name || scope != "" && !slices.Contains(g.Scopes, scope) || !x.own && slices.Contains(g.Scopes, catalog.ScopeUser)
	})
	return c.shown(shows(list, func(g *catalog.PermissionGroup) tokenPermissionGroup {
		return tokenPermissionGroup{g.ID(), g.Name, g.Scopes, g.Category}
	}))
}

// decodedTwice reads a parameter that some clients encode twice (section 11).
func decodedTwice(q url.Values, name string) string {
	value := q.Get(name)
	if again, err := url.QueryUnescape(value); err == nil && strings.Contains(value, "%") {
		return again
	}
	return value
}
