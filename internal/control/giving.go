package control

import (
	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// maxGiven bounds how many decisions it may take to find out whether somebody may give policies.
const maxGiven = 100_000

// MayGive refuses to let the caller give somebody or something rights that the caller does not have: Denied names the
// first action. It asks, for every action that an allowing statement covers, whether the caller may do it: on each resource
// that the statement names, and where it names a pattern, on the pattern's own text, which the caller's pattern must cover.
// Write asks again if the state has moved.
//
// It is a guard against evident escalation and no proof: conditions are answered as they are for this call, and what
// denies the caller single resources within a pattern is not seen.
func (p *Permit) MayGive(programs []*policy.Program) error {
	p.gives = append(p.gives, programs...)
	return p.decideGives(p.home)
}

// decideGives decides on all that the call gives.
func (p *Permit) decideGives(s *snapshot) error {
	if len(p.gives) == 0 {
		return nil
	}
	actions := actionsOf(s.words)
	setting := policy.Setting{World: s.state.World(), Account: s.state.AccountText()}
	asked := map[[2]string]bool{}
	for _, program := range p.gives {
		for i := range program.Len() {
			if program.Effect(i) != policy.Allow {
				continue
			}
			for action, resource := range program.Reach(i, setting, actions) {
				about := [2]string{action, resource}
				if asked[about] {
					continue
				}
				if asked[about] = true; len(asked) > maxGiven {
					return iam.FieldErrorf(iam.Invalid, "policies", "name too many actions on too many resources to find out whether you may give them: use fewer, wider patterns")
				}
				if !p.ask(s, &authz.Request{Action: action, Resources: []string{resource}}).Allowed() {
					return iam.Errorf(iam.Denied, "you cannot give what you are not allowed to do yourself: %.128s on %.256s", action, resource)
				}
			}
		}
	}
	return nil
}

// actionsOf are all actions of a catalogue.
func actionsOf(words *vocabulary) (out []string) {
	for _, service := range words.catalog.Services() {
		for _, a := range words.catalog.Actions(service.ID) {
			out = append(out, a.String())
		}
	}
	return out
}
