package control

import (
	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
)

// operationsOf are the operations that do an effect and nothing else, by what it is done to. Of what is not here, no operation does it
// alone.
var operationsOf = map[iam.EffectKind]map[string]*Operation{
	iam.PolicyAttached: {iam.TypeUser: AttachUserPolicy, iam.TypeInvitation: AttachUserPolicy, iam.TypeServiceAccount: AttachServiceAccountPolicy,
		iam.TypeGroup: AttachGroupPolicy, iam.TypeRole: AttachRolePolicy},
	iam.PolicyDetached: {iam.TypeUser: DetachUserPolicy, iam.TypeInvitation: DetachUserPolicy, iam.TypeServiceAccount: DetachServiceAccountPolicy,
		iam.TypeGroup: DetachGroupPolicy, iam.TypeRole: DetachRolePolicy},
	iam.GroupJoined: {iam.TypeUser: AddUserToGroup, iam.TypeInvitation: AddUserToGroup, iam.TypeServiceAccount: AddServiceAccountToGroup},
	iam.GroupLeft: {iam.TypeUser: RemoveUserFromGroup, iam.TypeInvitation: RemoveUserFromGroup,
		iam.TypeServiceAccount: RemoveServiceAccountFromGroup},
	iam.Tagged: {iam.TypeUser: TagUser, iam.TypeInvitation: TagUser, iam.TypeServiceAccount: TagServiceAccount, iam.TypeGroup: TagGroup,
		iam.TypePolicy: TagPolicy},
	iam.Untagged: {iam.TypeUser: UntagUser, iam.TypeInvitation: UntagUser, iam.TypeServiceAccount: UntagServiceAccount, iam.TypeGroup: TagGroup,
		iam.TypePolicy: UntagPolicy},
	iam.SwitchedOn:          {iam.TypeUser: UnlockUser, iam.TypeServiceAccount: ActivateServiceAccount},
	iam.SwitchedOff:         {iam.TypeUser: LockUser, iam.TypeServiceAccount: DeactivateServiceAccount},
	iam.InvitationCancelled: {iam.TypeInvitation: CancelInvitation},
}

// decideEffects refuses a change that an explicit deny forbids under the name of one of its effects: what denies attaching a policy, or to a
// group, denies it in whatever call it is done, of whatever dialect, and on both of what it ties. What allows a call is its own action, so that
// nothing allows an effect is no refusal; that it could not be found out whether something denies it is one.
func (p *Permit) decideEffects(s *snapshot, effects []iam.Effect) error {
	if p.Target.Org != p.call.Actor.Org {
		return nil // another organization's things are nothing that policies here are about
	}
	for _, e := range effects {
		op := operationsOf[e.Kind][e.On.Type]
		if op == nil {
			continue
		}
		on := []iam.CRN{iam.Name(e.On.Type, e.On.ID)}
		if e.On.Type == iam.TypeInvitation { // which dialects show as a user
			on = append(on, iam.Name(iam.TypeUser, e.On.ID))
		}
		if e.With != (iam.CRN{}) {
			on = append(on, e.With)
		}
		switch p.decide(s, op, on).Reason {
		case authz.Allowed, authz.NoMatch, authz.OutsideBoundary:
		default:
			return p.refused(s, op, on)
		}
	}
	return nil
}
