package iam

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Tag is a label that clients keep with a thing. The keys of one thing's tags differ; case counts.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value,omitempty"`
}

// Tags gives the tags of a user, invitation, service account, group, policy or role, in the order in which they were given.
// NotFound if it is not there.
func (s *State) Tags(of Holder) ([]Tag, error) {
	var tags []Tag
	var err error
	switch of.Type {
	case TypeUser:
		var u *User
		if u, err = s.User(UserID{of.ID}); err == nil {
			tags = u.Tags
		}
	case TypeInvitation:
		var v *Invitation
		if v, err = s.Invitation(InvitationID{of.ID}); err == nil {
			tags = v.Tags
		}
	case TypeServiceAccount:
		var a *ServiceAccount
		if a, err = s.ServiceAccount(ServiceAccountID{of.ID}); err == nil {
			tags = a.Tags
		}
	case TypeGroup:
		var g *Group
		if g, err = s.Group(GroupID{of.ID}); err == nil {
			tags = g.Tags
		}
	case TypePolicy:
		var p *Policy
		if p, err = s.Policy(PolicyID{of.ID}); err == nil {
			tags = p.Tags
		}
	case TypeRole:
		var r *Role
		if r, err = s.Role(RoleID{of.ID}); err == nil {
			tags = r.Tags
		}
	default:
		err = Errorf(Internal, "a %q has no tags", of.Type)
	}
	return tags, err
}

// TagsOf gives the tags of a thing that a name is of; nil if it has none, or cannot have any.
func (s *State) TagsOf(name CRN) []Tag {
	if name.Service != "iam" || name.Region != "" || name.ID == "*" {
		return nil
	}
	switch name.Type {
	case TypeUser, TypeInvitation, TypeServiceAccount, TypeGroup, TypePolicy, TypeRole:
	default:
		return nil
	}
	id, err := ParseUUID(name.ID)
	if err != nil {
		return nil
	}
	tags, err := s.Tags(Holder{name.Type, id})
	if err != nil {
		return nil
	}
	return tags
}

// SetTags replaces the tags of a user, invitation, service account, group, policy or role. It counts as an update; nothing is
// touched when nothing changes. What is wrong with a tag is Invalid, with its place in Field.
func (d *Draft) SetTags(of Holder, tags []Tag) (err error) {
	switch of.Type {
	case TypeUser:
		_, err = d.UpdateUser(UserID{of.ID}, func(u *User) { u.Tags = tags })
	case TypeInvitation:
		err = d.tagInvitation(InvitationID{of.ID}, tags)
	case TypeServiceAccount:
		_, err = d.UpdateServiceAccount(ServiceAccountID{of.ID}, func(a *ServiceAccount) { a.Tags = tags })
	case TypeGroup:
		_, err = d.UpdateGroup(GroupID{of.ID}, func(g *Group) { g.Tags = tags })
	case TypePolicy:
		_, err = d.UpdatePolicy(PolicyID{of.ID}, func(p *Policy) { p.Tags = tags })
	case TypeRole:
		_, err = d.UpdateRole(RoleID{of.ID}, func(r *Role) { r.Tags = tags })
	default:
		err = Errorf(Internal, "a %q has no tags", of.Type)
	}
	return err
}

func (d *Draft) tagInvitation(id InvitationID, tags []Tag) error {
	old, err := d.s.Invitation(id)
	if err != nil {
		return err
	}
	v := *old
	if v.Tags, err = goodTags(tags); err != nil {
		return err
	}
	if !slices.Equal(v.Tags, old.Tags) {
		d.putInvitation(&v)
	}
	return nil
}

// GivenTags are the tags that the draft gives to users, invitations, service accounts, groups, policies and roles: those with a key or
// value that the thing did not have.
func (d *Draft) GivenTags() (out []Tag) {
	for _, t := range d.touched {
		before := tagsIn(d.base.record(t))
		for _, tag := range tagsIn(d.s.record(t)) {
			if !slices.Contains(before, tag) && !slices.Contains(out, tag) {
				out = append(out, tag)
			}
		}
	}
	return out
}

// tagsIn are the tags of an entity; nil for one that has none.
func tagsIn(entity any) []Tag {
	switch v := entity.(type) {
	case *User:
		return v.Tags
	case *Invitation:
		return v.Tags
	case *ServiceAccount:
		return v.Tags
	case *Group:
		return v.Tags
	case *Policy:
		return v.Tags
	case *Role:
		return v.Tags
	}
	return nil
}

// CheckTags refuses tags that nothing could have.
func CheckTags(tags []Tag) error {
	_, err := goodTags(tags)
	return err
}

// goodTags checks tags, and gives them as entities have them: nobody else's, and nil if there are none.
func goodTags(in []Tag) ([]Tag, error) {
	if len(in) > MaxTags {
		return nil, FieldErrorf(Invalid, "tags", "has at most %d tags", MaxTags)
	}
	var out []Tag
	for i, t := range in {
		at := fmt.Sprintf("tags[%d]", i)
		if t.Key == "" {
			return nil, FieldErrorf(Invalid, at+".key", "is required")
		}
		if err := checkTagText(at+".key", t.Key, MaxTagKey); err != nil {
			return nil, err
		}
		if err := checkTagText(at+".value", t.Value, MaxTagValue); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(have Tag) bool { return have.Key == t.Key }) {
			return nil, FieldErrorf(Invalid, at+".key", "%q is there twice", t.Key)
		}
		out = append(out, t)
	}
	return out, nil
}

func checkTagText(field, text string, limit int) error {
	switch {
	case !utf8.ValidString(text):
		return FieldErrorf(Invalid, field, "is not valid UTF-8")
	case utf8.RuneCountInString(text) > limit:
		return FieldErrorf(Invalid, field, "has at most %d characters", limit)
	case strings.ContainsFunc(text, unicode.IsControl):
		return FieldErrorf(Invalid, field, "holds a control character")
	}
	return nil
}
