package control

import (
	"cmp"
	"time"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/iam"
)

// facts answers the expressions of policies about a call (exoscale.md, sections 10.3 and 10.4), whichever door it came through. Each
// answer is worked out when an expression first asks for it.
type facts struct {
	permit *Permit
	on     *snapshot // that the decision is made on

	parameters, resources, identity map[string]any
}

// about makes the facts ready for a decision on a snapshot.
func (f *facts) about(p *Permit, s *snapshot) {
	if f.on != s {
		*f = facts{permit: p, on: s, parameters: f.parameters}
	}
}

// APIKey is the access key of the caller.
func (f *facts) APIKey() string {
	key, _ := f.proof()
	return key
}

// proof is the access key that proves the caller, "" if it is none, and when it was made.
func (f *facts) proof() (key string, created time.Time) {
	actor := f.permit.call.Actor
	if x, err := f.on.state.Session(actor.Session); err == nil {
		return x.AccessKey, x.CreatedAt
	}
	if k, err := f.on.state.Credential(actor.Credential); err == nil {
		return k.AccessKey, k.CreatedAt
	}
	return "", time.Time{}
}

// Identity is the caller's key and since when there is it; the key of a caller without one is null.
func (f *facts) Identity() map[string]any {
	if f.identity == nil {
		f.identity = map[string]any{"key": nil}
		key, created := f.proof()
		if key != "" {
			f.identity["key"] = key
		}
		if !created.IsZero() {
			f.identity["created"] = created.Format(time.RFC3339)
		}
	}
	return f.identity
}

// Parameters are what the request says.
func (f *facts) Parameters() map[string]any {
	if f.parameters == nil {
		f.parameters = map[string]any{}
		if ask := f.permit.call.Parameters; ask != nil {
			f.parameters = ask()
		}
	}
	return f.parameters
}

// Resources are the things that the call names, by their kinds.
func (f *facts) Resources() map[string]any {
	if f.resources == nil {
		f.resources = map[string]any{}
		t := &f.permit.Target
		about := t.About
		if about == nil {
			about = t.Resources
		}
		for _, r := range about {
			if kind, v := f.resource(r); v != nil {
				f.resources[kind] = v
			}
		}
	}
	return f.resources
}

// NameOf is what a thing of IAM is called.
func (f *facts) NameOf(typ, id string) string {
	return f.on.state.NameOf(iam.CRN{Service: "iam", Type: typ, ID: id})
}

// resource is a thing of IAM as expressions see it, under the word of its kind; nil if it is not there.
func (f *facts) resource(r iam.CRN) (kind string, out map[string]any) {
	id, err := iam.ParseUUID(r.ID)
	if err != nil || r.Service != "iam" {
		return "", nil
	}
	s := f.on.state
	switch r.Type {
	case iam.TypeRole:
		if role, err := s.Role(iam.RoleID{UUID: id}); err == nil {
			return "iam_role", roleFact(role)
		}
	case iam.TypeCredential:
		if k, err := s.Credential(iam.CredentialID{UUID: id}); err == nil {
			return "iam_api_key", keyFact(k)
		}
	case iam.TypeUser:
		if u, err := s.User(iam.UserID{UUID: id}); err == nil {
			return "user", map[string]any{"id": r.ID, "email": cmp.Or(u.Email, u.Login())}
		}
		if v, err := s.Invitation(iam.InvitationID{UUID: id}); err == nil {
			return "user", map[string]any{"id": r.ID, "email": v.Email}
		}
	default:
		if name := s.NameOf(r); name != "" {
			return f.on.words.catalog.TypeSpelling(catalog.Exoscale, r.Service, r.Type), map[string]any{"id": r.ID, "name": name}
		}
	}
	return "", nil
}

// roleFact has what the role has; what it has not is absent, so that what asks for it fails.
func roleFact(r *iam.Role) map[string]any {
	out := map[string]any{"id": r.ID.String(), "name": r.Name, "editable": !r.Frozen}
	if r.Description != nil {
		out["description"] = *r.Description
	}
	if r.MaxSession > 0 {
		out["max_session_ttl"] = r.MaxSession
	}
	if len(r.Tags) > 0 {
		labels := make(map[string]any, len(r.Tags))
		for _, t := range r.Tags {
			labels[t.Key] = t.Value
		}
		out["labels"] = labels
	}
	if len(r.Permissions) > 0 {
		permissions := make([]any, len(r.Permissions))
		for i, p := range r.Permissions {
			permissions[i] = p
		}
		out["permissions"] = permissions
	}
	return out
}

func keyFact(k *iam.Credential) map[string]any {
	out := map[string]any{"key": k.AccessKey, "name": k.Name}
	if k.Principal.Kind == iam.KindOfRole {
		out["role_id"] = k.Principal.ID.String()
	}
	return out
}
