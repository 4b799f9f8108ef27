package iam

import "slices"

// EffectKind is what an Effect does.
type EffectKind uint8

// The kinds.
const (
	PolicyAttached EffectKind = iota + 1
	PolicyDetached
	GroupJoined
	GroupLeft
	Tagged
	Untagged
	SwitchedOn
	SwitchedOff
	InvitationCancelled
)

// Effect is something that a draft does to a thing and that has a name of its own, whatever the draft was made for.
type Effect struct {
	Kind EffectKind
	On   Holder // a user, invitation, service account, group or role; of tags also a policy
	With CRN    // the policy or group; zero for other kinds
}

// Effects lists what the draft does to users, invitations, service accounts, groups, roles and policies: attachments, memberships,
// tags and switches that it changes, and invitations that it cancels. What else goes with a thing that the draft removes is none, nor is what comes or goes with a policy of
// the thing's own, nor that a new thing is switched on or off.
func (d *Draft) Effects() (out []Effect) {
	for _, t := range d.touched {
		on, ok := holderOf(t)
		if !ok {
			continue
		}
		before, after := d.base.record(t), d.s.record(t)
		if after == nil {
			if on.Type == TypeInvitation && before != nil {
				out = append(out, Effect{InvitationCancelled, on, CRN{}})
			}
			continue
		}
		had, has := bondsOf(before), bondsOf(after)
		add := func(kind EffectKind, with CRN) { out = append(out, Effect{kind, on, with}) }
		between(had.policies, has.policies, func(id PolicyID, made bool) {
			if d.stands(on, id) {
				add(either(made, PolicyAttached, PolicyDetached), Name(TypePolicy, id.UUID))
			}
		})
		between(had.groups, has.groups, func(id GroupID, made bool) {
			if _, err := d.s.Group(id); err == nil {
				add(either(made, GroupJoined, GroupLeft), Name(TypeGroup, id.UUID))
			}
		})
		tagged, untagged := changedTags(had.tags, has.tags)
		if tagged {
			add(Tagged, CRN{})
		}
		if untagged {
			add(Untagged, CRN{})
		}
		if before != nil && had.off != has.off {
			add(either(has.off, SwitchedOff, SwitchedOn), CRN{})
		}
	}
	return out
}

func either(first bool, a, b EffectKind) EffectKind {
	if first {
		return a
	}
	return b
}

// between tells what only one of two lists has, and whether it is the second.
func between[T comparable](had, has []T, tell func(id T, made bool)) {
	for _, id := range has {
		if !slices.Contains(had, id) {
			tell(id, true)
		}
	}
	for _, id := range had {
		if !slices.Contains(has, id) {
			tell(id, false)
		}
	}
}

// stands tells whether a policy is there after the draft, and is not the holder's own.
func (d *Draft) stands(on Holder, id PolicyID) bool {
	p, err := d.s.Policy(id)
	return err == nil && p.Of != on
}

// changedTags tells whether tags were given, or have another value, and whether some were taken away.
func changedTags(had, has []Tag) (given, taken bool) {
	for _, t := range has {
		given = given || !slices.Contains(had, t)
	}
	for _, t := range had {
		taken = taken || !slices.ContainsFunc(has, func(now Tag) bool { return now.Key == t.Key })
	}
	return given, taken
}

// typesWithEffects are the types of what there are effects on, by the kinds of their records.
var typesWithEffects = map[Kind]string{KindUser: TypeUser, KindInvitation: TypeInvitation, KindServiceAccount: TypeServiceAccount,
	KindGroup: TypeGroup, KindRole: TypeRole, KindPolicy: TypePolicy}

// holderOf names the thing that a record is of, if it can have effects.
func holderOf(t touch) (Holder, bool) {
	typ, ok := typesWithEffects[t.kind]
	return Holder{Type: typ, ID: t.id}, ok
}

// bonds are what a thing is tied to, and whether it is switched off.
type bonds struct {
	policies []PolicyID
	groups   []GroupID
	tags     []Tag
	off      bool
}

func bondsOf(entity any) bonds {
	out := bonds{tags: tagsIn(entity)}
	var attached []Attached
	var joined []Joined
	switch v := entity.(type) {
	case *User:
		attached, joined, out.off = v.Policies, v.Groups, v.Disabled
	case *Invitation:
		attached, out.groups = v.Policies, v.Groups
	case *ServiceAccount:
		attached, joined, out.off = v.Policies, v.Groups, !v.Enabled
	case *Group:
		attached = v.Policies
	case *Role:
		attached = v.Policies
	}
	for _, a := range attached {
		out.policies = append(out.policies, a.Policy)
	}
	for _, j := range joined {
		out.groups = append(out.groups, j.Group)
	}
	return out
}
