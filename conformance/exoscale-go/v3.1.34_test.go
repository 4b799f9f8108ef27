//go:build v3.1.34

package exoscalego

import (
	"errors"
	"reflect"
	"testing"

	v3 "github.com/exoscale/egoscale/v3"
)

// TestAssumeRolePolicy: this version has a whole policy for who may assume a role, and a call of its own that replaces it.
func TestAssumeRolePolicy(t *testing.T) {
	_, owner := newOrganization(t)
	ctx := t.Context()
	policy := ruled("iam", allow("identity.key != null"))
	op, err := owner.CreateIAMRole(ctx, v3.CreateIAMRoleRequest{Name: "assumed", AssumeRolePolicy: policy, MaxSessionTtl: 3600})
	id := done(t, owner, op, err)
	if role := must(owner.GetIAMRole(ctx, id))(t); !reflect.DeepEqual(role.AssumeRolePolicy, policy) || role.MaxSessionTtl != 3600 {
		t.Errorf("the role is %+v with %+v", role, role.AssumeRolePolicy)
	}
	policy = &v3.IAMPolicy{DefaultServiceStrategy: v3.IAMPolicyDefaultServiceStrategyDeny, Services: map[string]v3.IAMServicePolicy{"iam": {Type: v3.IAMServicePolicyTypeAllow}}}
	op, err = owner.UpdateIAMAssumeRolePolicy(ctx, id, *policy)
	done(t, owner, op, err)
	op, err = owner.UpdateIAMRole(ctx, id, v3.UpdateIAMRoleRequest{MaxSessionTtl: 900})
	done(t, owner, op, err)
	if role := must(owner.GetIAMRole(ctx, id))(t); !reflect.DeepEqual(role.AssumeRolePolicy, policy) || role.MaxSessionTtl != 900 {
		t.Errorf("the role is %+v with %+v", role, role.AssumeRolePolicy)
	}
	op, err = owner.UpdateIAMAssumeRolePolicy(ctx, id, v3.IAMPolicy{DefaultServiceStrategy: v3.IAMPolicyDefaultServiceStrategyAllow}) // "services":null
	done(t, owner, op, err)
	if role := must(owner.GetIAMRole(ctx, id))(t); role.AssumeRolePolicy.DefaultServiceStrategy != v3.IAMPolicyDefaultServiceStrategyAllow || len(role.AssumeRolePolicy.Services) != 0 {
		t.Errorf("the assume-role policy is %+v", role.AssumeRolePolicy)
	}
	op, err = owner.CreateIAMRole(ctx, v3.CreateIAMRoleRequest{Name: "fixed", Editable: v3.Bool(false)})
	fixed := done(t, owner, op, err)
	if _, err := owner.UpdateIAMAssumeRolePolicy(ctx, fixed, *policy); !errors.Is(err, v3.ErrForbidden) {
		t.Errorf("of a role that is not editable: %v", err)
	}
}
