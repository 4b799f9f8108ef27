package exoscalego

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	v3 "github.com/exoscale/egoscale/v3"

	"github.com/writ-iam/writ/conformance/harness"
)

// TestRoles is the life of a role.
func TestRoles(t *testing.T) {
	_, owner := newOrganization(t)
	ctx := t.Context()
	policy := ruled("sos", allow(`operation == 'get-object' && parameters.bucket == "a<b>&c"`), deny("true"))
	op, err := owner.CreateIAMRole(ctx, v3.CreateIAMRoleRequest{Name: "backup", Description: "nightly", Editable: v3.Bool(true), Labels: v3.Labels{"team": "zeta"},
		Permissions: []string{"bypass-governance-retention"}, Policy: policy})
	id := done(t, owner, op, err)
	role := must(owner.GetIAMRole(ctx, id))(t)
	if role.ID != id || role.Name != "backup" || role.Description != "nightly" || !*role.Editable || role.Labels["team"] != "zeta" ||
		!reflect.DeepEqual(role.Permissions, []string{"bypass-governance-retention"}) || !reflect.DeepEqual(role.Policy, policy) {
		t.Errorf("the role is %+v with the policy %+v", role, role.Policy)
	}
	list := must(owner.ListIAMRoles(ctx))(t)
	for _, nameOrID := range []string{"backup", id.String()} {
		found := must(list.FindIAMRole(nameOrID))(t)
		if !reflect.DeepEqual(&found, role) {
			t.Errorf("listed as %+v, and is %+v", found, role)
		}
	}
	for _, name := range []string{"Owner", "Billing"} {
		if found := must(list.FindIAMRole(name))(t); *found.Editable {
			t.Errorf("%s is editable", name)
		}
	}

	op, err = owner.UpdateIAMRole(ctx, id, v3.UpdateIAMRoleRequest{Description: "nightly2"})
	done(t, owner, op, err)
	op, err = owner.UpdateIAMRole(ctx, id, v3.UpdateIAMRoleRequest{}) // {}, as exo sends before a policy
	done(t, owner, op, err)
	if role := must(owner.GetIAMRole(ctx, id))(t); role.Description != "nightly2" || role.Labels["team"] != "zeta" {
		t.Errorf("the role is %+v", role)
	}
	op, err = owner.UpdateIAMRolePolicy(ctx, id, v3.IAMPolicy{DefaultServiceStrategy: v3.IAMPolicyDefaultServiceStrategyAllow}) // "services":null
	done(t, owner, op, err)
	if role := must(owner.GetIAMRole(ctx, id))(t); role.Policy.DefaultServiceStrategy != v3.IAMPolicyDefaultServiceStrategyAllow || role.Policy.Services == nil || len(role.Policy.Services) != 0 {
		t.Errorf("the policy is %+v", role.Policy)
	}

	_, err = owner.CreateIAMRole(ctx, v3.CreateIAMRoleRequest{Name: "backup"})
	if !errors.Is(err, v3.ErrConflict) {
		t.Errorf("a second role of the name: %v", err)
	}
	op, err = owner.CreateIAMRole(ctx, v3.CreateIAMRoleRequest{Name: "fixed", Editable: v3.Bool(false), Policy: policy})
	fixed := done(t, owner, op, err)
	if _, err := owner.UpdateIAMRolePolicy(ctx, fixed, *policy); !errors.Is(err, v3.ErrForbidden) {
		t.Errorf("the policy of a role that is not editable: %v", err)
	}

	op, err = owner.DeleteIAMRole(ctx, id)
	if gone := done(t, owner, op, err); gone != id {
		t.Errorf("deleted %s", gone)
	}
	if _, err := owner.GetIAMRole(ctx, id); !errors.Is(err, v3.ErrNotFound) {
		t.Errorf("a role that was deleted: %v", err)
	}
}

// TestKeys is the life of a key, which its role's policy decides about.
func TestKeys(t *testing.T) {
	_, owner := newOrganization(t)
	ctx := t.Context()
	op, err := owner.CreateIAMRole(ctx, v3.CreateIAMRoleRequest{Name: "reader", Policy: ruled("iam", deny("operation == 'list-api-keys'"), allow("operation.startsWith('list-')"))})
	role := done(t, owner, op, err)
	made := must(owner.CreateAPIKey(ctx, v3.CreateAPIKeyRequest{Name: "ci", RoleID: role}))(t)
	if made.Name != "ci" || made.RoleID != role || len(made.Key) != 27 || len(made.Secret) != 43 {
		t.Errorf("made %+v", made)
	}
	if got := must(owner.GetAPIKey(ctx, made.Key))(t); *got != (v3.IAMAPIKey{Key: made.Key, Name: "ci", RoleID: role}) {
		t.Errorf("the key is %+v", got)
	}
	if keys := must(owner.ListAPIKeys(ctx))(t); len(keys.APIKeys) != 2 || keys.APIKeys[1].Key != made.Key {
		t.Errorf("keys: %+v", keys.APIKeys)
	}

	reader := connect(t, made.Key, made.Secret) // it can be used at once
	must(reader.ListIAMRoles(ctx))(t)
	for what, try := range map[string]func() error{
		"a rule that denies": func() error { _, err := reader.ListAPIKeys(ctx); return err },
		"no rule":            func() error { _, err := reader.GetIAMRole(ctx, role); return err },
		"a wrong secret":     func() error { _, err := connect(t, made.Key, made.Secret+"x").ListIAMRoles(ctx); return err },
		"an unknown key": func() error {
			_, err := connect(t, "EXO000000000000000000000000", made.Secret).ListIAMRoles(ctx)
			return err
		},
	} {
		if err := try(); !errors.Is(err, v3.ErrForbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := owner.DeleteIAMRole(ctx, role); !errors.Is(err, v3.ErrConflict) {
		t.Errorf("a role that a key has: %v", err)
	}
	op, err = owner.DeleteAPIKey(ctx, made.Key)
	done(t, owner, op, err)
	if _, err := reader.ListIAMRoles(ctx); !errors.Is(err, v3.ErrForbidden) {
		t.Errorf("a key that was deleted: %v", err)
	}
	if _, err := owner.GetAPIKey(ctx, made.Key); !errors.Is(err, v3.ErrNotFound) {
		t.Errorf("a key that was deleted: %v", err)
	}
}

// TestOrganizationPolicy: the organization's policy binds its owner too, who can always lift it.
func TestOrganizationPolicy(t *testing.T) {
	o, owner := newOrganization(t)
	ctx := t.Context()
	if p := must(owner.GetIAMOrganizationPolicy(ctx))(t); p.DefaultServiceStrategy != v3.IAMPolicyDefaultServiceStrategyAllow || len(p.Services) != 0 {
		t.Errorf("the policy is %+v", p)
	}
	policy := ruled("iam", deny("true"))
	op, err := owner.UpdateIAMOrganizationPolicy(ctx, *policy)
	if id := done(t, owner, op, err); id.String() != o.ID {
		t.Errorf("the policy is of %s", id)
	}
	if _, err := owner.ListIAMRoles(ctx); !errors.Is(err, v3.ErrForbidden) {
		t.Errorf("what the organization forbids: %v", err)
	}
	op, err = owner.ResetIAMOrganizationPolicy(ctx)
	done(t, owner, op, err)
	must(owner.ListIAMRoles(ctx))(t)
}

// TestUsers invites somebody, gives them another role, and removes them.
func TestUsers(t *testing.T) {
	o, owner := newOrganization(t)
	ctx := t.Context()
	list := must(owner.ListIAMRoles(ctx))(t)
	billing := must(list.FindIAMRole("Billing"))(t)
	email := harness.Unique("iris") + "@people.example"
	op, err := owner.CreateUser(ctx, v3.CreateUserRequest{Email: email, Role: &v3.IAMRole{ID: billing.ID}})
	id := done(t, owner, op, err)
	users := must(owner.ListUsers(ctx))(t)
	if len(users.Users) != 2 || users.Users[0].Email != o.OwnerEmail || users.Users[0].Role.Name != "Owner" || *users.Users[0].Pending {
		t.Fatalf("users: %+v", users.Users)
	}
	if u := must(users.FindUser(id.String()))(t); u.Email != email || u.Role.Name != "Billing" || !*u.Pending || *u.Sso || *u.TwoFactorAuthentication {
		t.Errorf("invited %+v", u)
	}
	op, err = owner.CreateIAMRole(ctx, v3.CreateIAMRoleRequest{Name: "staff"})
	staff := done(t, owner, op, err)
	op, err = owner.UpdateUserRole(ctx, id, v3.UpdateUserRoleRequest{Role: &v3.IAMRole{ID: staff}})
	done(t, owner, op, err)
	users = must(owner.ListUsers(ctx))(t)
	if u := must(users.FindUser(id.String()))(t); u.Role.ID != staff {
		t.Errorf("the user is %+v", u)
	}
	if _, err := owner.CreateUser(ctx, v3.CreateUserRequest{Email: email, Role: &v3.IAMRole{ID: staff}}); !errors.Is(err, v3.ErrConflict) {
		t.Errorf("somebody who was invited: %v", err)
	}
	if _, err := owner.CreateUser(ctx, v3.CreateUserRequest{Email: "x" + email}); !errors.Is(err, v3.ErrBadRequest) {
		t.Errorf("nobody's role: %v", err)
	}
	op, err = owner.DeleteUser(ctx, id)
	done(t, owner, op, err)
	if _, err := owner.DeleteUser(ctx, users.Users[0].ID); !errors.Is(err, v3.ErrConflict) {
		t.Errorf("the last Owner: %v", err)
	}
}

// TestEvents: what happened is told, by times that are signed.
func TestEvents(t *testing.T) {
	_, owner := newOrganization(t)
	ctx := t.Context()
	op, err := owner.CreateIAMRole(ctx, v3.CreateIAMRoleRequest{Name: "seen"})
	done(t, owner, op, err)
	key := must(owner.CreateAPIKey(ctx, v3.CreateAPIKeyRequest{Name: "ci", RoleID: op.Reference.ID}))(t)
	events := must(owner.ListEvents(ctx, v3.ListEventsWithFrom(time.Now().Add(-time.Hour)), v3.ListEventsWithTo(time.Now().Add(time.Minute))))(t)
	handlers := map[string]v3.Event{}
	for _, x := range slices.Backward(events) { // the newest first
		handlers[x.Handler] = x
	}
	made := handlers["create-iam-role"]
	if made.Status != 200 || made.BodyParams["name"] != "seen" || made.IAMRole == nil || made.IAMRole.Name != "Owner" || made.IAMAPIKey == nil || time.Since(made.Timestamp).Abs() > time.Minute {
		t.Errorf("the event is %+v", made)
	}
	if x := handlers["create-api-key"]; x.BodyParams["name"] != "ci" || x.BodyParams["secret"] != nil {
		t.Errorf("the event of %s is %+v", key.Key, x)
	}
	if old := must(owner.ListEvents(ctx, v3.ListEventsWithTo(time.Now().Add(-2*time.Hour)), v3.ListEventsWithFrom(time.Now().Add(-3*time.Hour))))(t); len(old) != 0 {
		t.Errorf("long ago: %+v", old)
	}
	must(owner.ListEvents(ctx))(t)
}

// TestZones: every zone is this server, so clients that choose one stay here.
func TestZones(t *testing.T) {
	_, owner := newOrganization(t)
	for _, zone := range []v3.ZoneName{"ch-gva-2", "at-vie-1"} {
		endpoint := must(owner.GetZoneAPIEndpoint(t.Context(), zone))(t)
		if string(endpoint) != server.Env["EXOSCALE_API_ENDPOINT"] {
			t.Errorf("%s is at %s", zone, endpoint)
		}
		must(owner.WithEndpoint(endpoint).ListIAMRoles(t.Context()))(t)
	}
}

// TestEnvironment: the key of the env file is one of the first organization's Owner.
func TestEnvironment(t *testing.T) {
	client := connect(t, server.Env["EXOSCALE_API_KEY"], server.Env["EXOSCALE_API_SECRET"])
	if o := must(client.GetOrganization(t.Context()))(t); o.Name != "Conformance" {
		t.Errorf("the organization is %+v", o)
	}
}

// TestIsolation: what another organization has is not there.
func TestIsolation(t *testing.T) {
	_, owner := newOrganization(t)
	_, other := newOrganization(t)
	ctx := t.Context()
	op, err := other.CreateIAMRole(ctx, v3.CreateIAMRoleRequest{Name: "theirs"})
	theirs := done(t, other, op, err)
	if _, err := owner.GetIAMRole(ctx, theirs); !errors.Is(err, v3.ErrNotFound) {
		t.Errorf("another organization's role: %v", err)
	}
	if _, err := owner.GetOperation(ctx, op.ID); !errors.Is(err, v3.ErrNotFound) {
		t.Errorf("another organization's operation: %v", err)
	}
	if _, err := owner.CreateAPIKey(ctx, v3.CreateAPIKeyRequest{Name: "x", RoleID: theirs}); !errors.Is(err, v3.ErrNotFound) {
		t.Errorf("a key of another organization's role: %v", err)
	}
}
