//go:build !v3.1.31 && !v3.1.34

package exoscalego

import (
	"errors"
	"testing"
	"time"

	v3 "github.com/exoscale/egoscale/v3"
)

// TestAssume: this version has rules for who may assume a role, and assumes it.
func TestAssume(t *testing.T) {
	o, owner := newOrganization(t)
	ctx := t.Context()
	rules := func(list ...v3.IAMServicePolicyRule) *v3.IAMAssumeRolePolicy {
		return &v3.IAMAssumeRolePolicy{Rules: list}
	}
	op, err := owner.CreateIAMRole(ctx, v3.CreateIAMRoleRequest{Name: "assumed", AssumeRolePolicy: rules(deny("true")), MaxSessionTtl: 3600,
		Policy: ruled("iam", allow("operation == 'list-iam-roles'"))})
	id := done(t, owner, op, err)
	if _, err := owner.AssumeIAMRole(ctx, id, v3.AssumeIAMRoleRequest{Ttl: 900}); !errors.Is(err, v3.ErrForbidden) {
		t.Errorf("a role that nobody may assume: %v", err)
	}
	op, err = owner.UpdateIAMRole(ctx, id, v3.UpdateIAMRoleRequest{AssumeRolePolicy: rules(allow("identity.key.startsWith('EXO')")), MaxSessionTtl: 1800})
	done(t, owner, op, err)
	if role := must(owner.GetIAMRole(ctx, id))(t); role.AssumeRolePolicy == nil || len(role.AssumeRolePolicy.Rules) != 1 || role.MaxSessionTtl != 1800 {
		t.Errorf("the role is %+v with %+v", role, role.AssumeRolePolicy)
	}
	got := must(owner.AssumeIAMRole(ctx, id, v3.AssumeIAMRoleRequest{Ttl: 900}))(t)
	ends := must(time.Parse(time.RFC3339, got.ExpiresAT))(t)
	if got.OrgID != o.ID || got.RoleID != id.String() || got.Name != "session-assumed" || time.Until(ends) > 15*time.Minute || time.Until(ends) < 14*time.Minute {
		t.Errorf("assumed %+v", got)
	}
	temporary := connect(t, got.Key, got.Secret)
	must(temporary.ListIAMRoles(ctx))(t)
	if _, err := temporary.ListUsers(ctx); !errors.Is(err, v3.ErrForbidden) {
		t.Errorf("what the role may not: %v", err)
	}
	if _, err := owner.GetAPIKey(ctx, got.Key); !errors.Is(err, v3.ErrNotFound) {
		t.Errorf("a temporary key in the list: %v", err)
	}
	if _, err := owner.AssumeIAMRole(ctx, id, v3.AssumeIAMRoleRequest{Ttl: 1801}); !errors.Is(err, v3.ErrBadRequest) {
		t.Errorf("for too long: %v", err)
	}
}

// TestMessages: this version has the message, and what is wrong where, in fields of the error.
func TestMessages(t *testing.T) {
	_, owner := newOrganization(t)
	_, err := owner.CreateIAMRole(t.Context(), v3.CreateIAMRoleRequest{Name: "x", Permissions: []string{"fly"}})
	failed, ok := errors.AsType[*v3.APIError](err)
	if !ok || !errors.Is(err, v3.ErrBadRequest) || failed.Message == "" || failed.Title != "Bad Request" || len(failed.Errors) != 1 || failed.Errors[0].Location != "$['permissions'][0]" {
		t.Errorf("%+v", failed)
	}
	_, err = connect(t, "EXO000000000000000000000000", "x").ListIAMRoles(t.Context())
	if failed, ok := errors.AsType[*v3.APIError](err); !ok || failed.Message != "Invalid request signature" {
		t.Errorf("%v", err)
	}
}
