package cloudflare

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/wire"
)

// tokenRequest is a body of a create or an update. In an update, what is absent stays as it is, and null takes it away.
type tokenRequest struct {
	Name      string               `json:"name"`
	Policies  []tokenPolicyRequest `json:"policies"`
	Condition jsontext.Value       `json:"condition"`
	NotBefore jsontext.Value       `json:"not_before"`
	ExpiresOn jsontext.Value       `json:"expires_on"`
	Status    *string              `json:"status"`
}

type tokenPolicyRequest struct {
	ID               string                    `json:"id"`
	Effect           string                    `json:"effect"`
	PermissionGroups []ref                     `json:"permission_groups"`
	Resources        map[string]jsontext.Value `json:"resources"`
}

// newToken is a tokenRequest as the domain has it.
type newToken struct {
	documents           []string
	notBefore, expires  *time.Time
	allowed, denied     []netip.Prefix
	hasNotBefore, hasIP bool
	hasExpires          bool
	disabled            *bool
}

// maxTokenName is the longest name, in characters.
const maxTokenName = 120

// read checks the form of a body, and that the caller may give what it gives.
func (in *tokenRequest) read(c *call, x tokenAPI) (out newToken, err error) {
	if err := c.body(in); err != nil {
		return out, err
	}
	if n := utf8.RuneCountInString(in.Name); n == 0 || n > maxTokenName {
		return out, &fault{status: http.StatusBadRequest, code: 400, message: fmt.Sprintf("name must have a length between 1 and %d", maxTokenName),
			err: iam.FieldErrorf(iam.Invalid, "name", "must have 1 to %d characters", maxTokenName)}
	}
	if len(in.Policies) == 0 {
		return out, iam.FieldErrorf(iam.Invalid, "policies", "are required")
	}
	if out.notBefore, out.hasNotBefore, err = timeIn("not_before", in.NotBefore); err != nil {
		return out, err
	}
	if out.expires, out.hasExpires, err = timeIn("expires_on", in.ExpiresOn); err != nil {
		return out, err
	}
	if out.hasIP, err = out.condition(in.Condition); err != nil {
		return out, err
	}
	if in.Status != nil {
		if *in.Status != string(iam.CredentialActive) && *in.Status != string(iam.CredentialDisabled) {
			return out, iam.FieldErrorf(iam.Invalid, "status", "must be active or disabled")
		}
		out.disabled = new(*in.Status == string(iam.CredentialDisabled))
	}
	out.documents, err = in.documents(c, x)
	return out, err
}

// timeIn reads a time; given tells whether the member is there at all.
func timeIn(field string, v jsontext.Value) (t *time.Time, given bool, err error) {
	if len(v) == 0 {
		return nil, false, nil
	}
	if v.Kind() == 'n' {
		return nil, true, nil
	}
	t = new(time.Time)
	if err := json.Unmarshal(v, t); err != nil {
		return nil, true, iam.FieldErrorf(iam.Invalid, field, "must be a date and time as RFC 3339 has it")
	}
	return new(t.UTC()), true, nil
}

// condition reads the ranges of addresses, under either name that the vendor has for them (section 11).
func (n *newToken) condition(v jsontext.Value) (given bool, err error) {
	if len(v) == 0 {
		return false, nil
	}
	if v.Kind() == 'n' {
		return true, nil
	}
	var in struct {
		RequestIP *addresses `json:"request_ip"`
		Dotted    *addresses `json:"request.ip"`
	}
	if err := wire.Unmarshal(v, &in, "{"); err != nil {
		return true, iam.FieldErrorf(iam.Invalid, "condition", "must be an object with request_ip")
	}
	ip := in.RequestIP
	switch {
	case ip != nil && in.Dotted != nil:
		return true, iam.FieldErrorf(iam.Invalid, "condition", "has both request_ip and request.ip")
	case ip == nil:
		ip = in.Dotted
	}
	if ip == nil {
		return true, nil
	}
	if n.allowed, err = prefixes("condition.request_ip.in", ip.In); err != nil {
		return true, err
	}
	n.denied, err = prefixes("condition.request_ip.not_in", ip.NotIn)
	return true, err
}

func prefixes(field string, in []string) (out []netip.Prefix, err error) {
	for i, text := range in {
		p, ok := iam.ParseRange(text)
		if !ok {
			return nil, iam.FieldErrorf(iam.Invalid, fmt.Sprintf("%s[%d]", field, i), "%.60q is no range of addresses", text)
		}
		out = append(out, p)
	}
	return out, nil
}

// documents writes the policies in the language. A token has permissions, and not the roles of people.
func (in *tokenRequest) documents(c *call, x tokenAPI) ([]string, error) {
	var out []string
	for i, p := range in.Policies {
		if p.Effect != "allow" && p.Effect != "deny" {
			return nil, iam.FieldErrorf(iam.Invalid, fmt.Sprintf("policies[%d].effect", i), "must be allow or deny")
		}
		doc := tokenDocument{Access: p.Effect, PermissionGroups: p.PermissionGroups, Resources: map[string]jsontext.Value{}}
		for _, r := range p.PermissionGroups {
			if _, ok := c.Control.Catalog().TokenPermissionGroup(r.ID); !ok {
				return nil, iam.FieldErrorf(iam.Invalid, fmt.Sprintf("policies[%d].permission_groups", i), "has %.40q, which is no permission of tokens", r.ID)
			}
		}
		for name, value := range p.Resources {
			key, ok := c.userKey(name, x)
			if !ok {
				return nil, iam.FieldErrorf(iam.Invalid, fmt.Sprintf("policies[%d].resources", i),
					"has %.80q; tokens of people may name those people alone, and others nobody", name)
			}
			doc.Resources[key] = value
		}
		text, err := json.Marshal(doc, json.Deterministic(true))
		if err != nil {
			return nil, err
		}
		out = append(out, string(text))
	}
	return out, nil
}

// mayGive holds the policies of an account's token to what the caller may: a person's own token never exceeds the person.
func (n *newToken) mayGive(c *call) error {
	var programs []*policy.Program
	for i, text := range n.documents {
		program, err := policy.Compile(policy.Cloudflare, []byte(text), c.View().World().Library)
		if e, ok := errors.AsType[*policy.Error](err); ok {
			return iam.FieldErrorf(iam.Invalid, strings.TrimSuffix(fmt.Sprintf("policies[%d].%s", i, e.Path), "."), "%s", e.Message)
		}
		if err != nil {
			return err
		}
		programs = append(programs, program)
	}
	return c.Permit.MayGive(programs)
}

func createToken(c *call, x tokenAPI) (*wire.Answer, error) {
	var in tokenRequest
	n, err := in.read(c, x)
	if err != nil {
		return nil, err
	}
	for _, p := range in.Policies {
		if p.ID != "" {
			return nil, iam.Errorf(iam.Invalid, "reuse of policies is not supported: a policy's id is not to be sent")
		}
	}
	ask := control.NewCredential{Principal: c.Permit.Actor().Principal, Name: in.Name, NotBefore: n.notBefore, ExpiresAt: n.expires,
		Disabled: n.disabled != nil && *n.disabled, AllowedIPs: n.allowed, DeniedIPs: n.denied, Prefix: x.prefix}
	var made *control.Issued
	if x.own {
		ask.Policies = n.own()
		made, err = c.Control.CreateAccessKey(c.Ctx(), c.Permit, ask)
	} else {
		made, err = n.create(c, ask)
	}
	if err != nil {
		return nil, inTokenRequest(err)
	}
	out := c.token(made.Credential, x)
	out.Value = made.Secret
	return result(out, made.Revision), nil
}

// own are the policies of a person's token.
func (n *newToken) own() []iam.CredentialPolicy {
	return shows(n.documents, func(text string) iam.CredentialPolicy {
		return iam.CredentialPolicy{Language: policy.Cloudflare, Document: text}
	})
}

// held are the policies of an account's token.
func (n *newToken) held(c *call) []iam.OwnPolicy {
	return shows(n.documents, func(text string) iam.OwnPolicy {
		return iam.OwnPolicy{ID: iam.PolicyID{UUID: c.Control.NewID()}, Document: text}
	})
}

// create makes a token of the account.
func (n *newToken) create(c *call, ask control.NewCredential) (*control.Issued, error) {
	if err := n.mayGive(c); err != nil {
		return nil, err
	}
	held := n.held(c)
	return c.Control.CreateAccountToken(c.Ctx(), c.Permit, ask, func(d *iam.Draft, a *iam.ServiceAccount) error {
		return replacePolicies(d, iam.Holder{Type: iam.TypeServiceAccount, ID: a.ID.UUID}, held)
	})
}

func updateToken(c *call, x tokenAPI) (*wire.Answer, error) {
	k, err := c.tokenInPath(x)
	if err != nil {
		return nil, err
	}
	var in tokenRequest
	n, err := in.read(c, x)
	if err != nil {
		return nil, err
	}
	edit := func(k *iam.Credential) {
		if k.Name = in.Name; x.own {
			k.Policies = n.own()
		}
		n.apply(k)
	}
	var held []iam.OwnPolicy
	if !x.own {
		if err := n.mayGive(c); err != nil {
			return nil, err
		}
		held = n.held(c)
	}
	_, at, err := c.Control.UpdateCredential(c.Ctx(), c.Permit, k.Principal, k.ID, edit, func(d *iam.Draft) error {
		if x.own {
			return nil
		}
		return replacePolicies(d, iam.Holder{Type: iam.TypeServiceAccount, ID: k.Principal.ID}, held)
	})
	if err != nil {
		return nil, inTokenRequest(err)
	}
	if k, err = c.View().Credential(k.ID); err != nil { // as it is with its policies
		return nil, err
	}
	return result(c.token(k, x), at), nil
}

// requestNames are what a request calls the parts of a credential.
var requestNames = strings.NewReplacer(".document", "", "expires_at", "expires_on", "allowed_ips", "condition.request_ip.in",
	"denied_ips", "condition.request_ip.not_in")

// inTokenRequest gives what is wrong with a credential the names that it has in a request.
func inTokenRequest(err error) error {
	e, ok := errors.AsType[*iam.Error](err)
	if !ok || e.Code != iam.Invalid || e.Field == "" {
		return err
	}
	why := reason(e)
	if e.Field == "not_before" {
		why = requestNames.Replace(why) // it is about the other time, too
	}
	return iam.FieldErrorf(iam.Invalid, requestNames.Replace(e.Field), "%s", why)
}

// apply changes what the body has of limits.
func (n *newToken) apply(k *iam.Credential) {
	if n.hasNotBefore {
		k.NotBefore = n.notBefore
	}
	if n.hasExpires {
		k.ExpiresAt = n.expires
	}
	if n.hasIP {
		k.AllowedIPs, k.DeniedIPs = n.allowed, n.denied
	}
	if n.disabled != nil {
		k.Disabled = *n.disabled
	}
}
