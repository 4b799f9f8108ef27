package exoscale

import (
	"slices"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// keyOperations are those of API keys, which are the lasting credentials of roles. Temporary keys are none (section 14.15).
func keyOperations() []operation {
	const all, each = Prefix + "/api-key", Prefix + "/api-key/{id}"
	return []operation{
		{name: "create-api-key", route: wire.Route{Method: post, Pattern: all, Operation: control.CreateRoleCredential, Target: newKey},
			read: reads[createKey](false), do: doCreateKey},
		{name: "list-api-keys", route: wire.Route{Method: get, Pattern: all, Operation: control.ListRoleCredentials, Target: anyOf(iam.TypeRole)}, do: listKeys},
		{name: "get-api-key", route: wire.Route{Method: get, Pattern: each, Operation: control.GetRoleCredential, Choose: oneKey(control.GetRoleCredential)},
			byKey: true, do: getKey},
		{name: "delete-api-key", route: wire.Route{Method: del, Pattern: each, Operation: control.DeleteRoleCredential, Choose: oneKey(control.DeleteRoleCredential)},
			byKey: true, do: deleteKey},
	}
}

// keyOut is an API key in answers (section 4).
type keyOut struct {
	Name   string `json:"name"`
	Key    string `json:"key"`
	Secret string `json:"secret,omitzero"`
	RoleID string `json:"role-id"`
}

func keyToWire(k *iam.Credential, secret string) keyOut {
	return keyOut{k.Name, k.AccessKey, secret, k.Principal.ID.String()}
}

// createKey is section 6.4.
type createKey struct {
	Name   string `json:"name"`
	RoleID string `json:"role-id"`
	role   iam.RoleID
}

func (in *createKey) check() (err error) {
	if err := within("name", in.Name, maxText); err != nil {
		return err
	}
	in.role.UUID, err = uuid("role-id", in.RoleID)
	return err
}

// newKey is about the role that the body names. To expressions it is a parameter, since the path names nothing (section 10.4).
func newKey(c *wire.Call) control.Target {
	return control.Target{Resources: []iam.CRN{iam.Name(iam.TypeRole, c.State.(*input).body.(*createKey).role.UUID)}, About: []iam.CRN{}}
}

func doCreateKey(c *call) (*wire.Answer, error) {
	in := c.in.(*createKey)
	made, err := c.Control.CreateAccessKey(c.Ctx(), c.Permit, control.NewCredential{
		Principal: iam.Principal{Kind: iam.KindOfRole, ID: in.role.UUID}, Name: in.Name, Form: authn.Exoscale})
	if err != nil {
		return nil, err
	}
	return answer(keyToWire(made.Credential, made.Secret), made.Revision), nil
}

// keys lists the keys of all roles, oldest first.
func (c *call) keys() (out []*iam.Credential) {
	for _, r := range c.roles() {
		out = slices.AppendSeq(out, c.View().CredentialsOf(r.ID.UUID).All())
	}
	slices.SortFunc(out, func(a, b *iam.Credential) int {
		if order := a.CreatedAt.Compare(b.CreatedAt); order != 0 {
			return order
		}
		return a.ID.Compare(b.ID.UUID)
	})
	return out
}

func listKeys(c *call) (*wire.Answer, error) {
	out := struct {
		Keys []keyOut `json:"api-keys"`
	}{[]keyOut{}}
	for _, k := range c.keys() {
		out.Keys = append(out.Keys, keyToWire(k, ""))
	}
	return c.shown(out)
}

// keyInPath finds the key that the path names; NotFound if no role has it.
func keyInPath(c *wire.Call, v *control.View) (*iam.Credential, error) {
	text := c.R.PathValue("id")
	k, ok := v.CredentialByAccessKey(text)
	if !ok || k.Principal.Kind != iam.KindOfRole {
		return nil, iam.Errorf(iam.NotFound, "API key %.40q does not exist", text)
	}
	return k, nil
}

// oneKey is about the role whose key the path names: about any role, if it names none, so that who may do this to no role is told so
// first (section 14.4).
func oneKey(op *control.Operation) func(*wire.Call, *control.View) []control.Asked {
	return func(c *wire.Call, v *control.View) []control.Asked {
		t := control.Target{Resources: []iam.CRN{iam.AnyOf(iam.TypeRole)}, About: []iam.CRN{}}
		if k, err := keyInPath(c, v); err == nil {
			t.Resources = []iam.CRN{k.Principal.CRN()}
			t.About = []iam.CRN{iam.Name(iam.TypeCredential, k.ID.UUID)}
		}
		return []control.Asked{{Operation: op, Target: t}}
	}
}

func getKey(c *call) (*wire.Answer, error) {
	k, err := keyInPath(c.Call, c.View())
	if err != nil {
		return nil, err
	}
	return c.shown(keyToWire(k, ""))
}

func deleteKey(c *call) (*wire.Answer, error) {
	k, err := keyInPath(c.Call, c.View())
	if err != nil {
		return nil, err
	}
	record, o := c.operation(subject{iam.TypeCredential, k.ID.UUID, k.AccessKey})
	at, err := c.Control.DeleteCredential(c.Ctx(), c.Permit, k.Principal, k.ID, record)
	if err != nil {
		return nil, err
	}
	return answer(c.operationToWire(*o), at), nil
}
