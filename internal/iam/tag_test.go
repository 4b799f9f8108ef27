package iam

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// tagged are one of each of what has tags, with the time of its last update; those of an invitation are no update.
var tagged = map[string]struct {
	of      Holder
	updated func(*State) time.Time
}{
	"user":            {toUser(1), func(s *State) time.Time { u, _ := s.User(userID(1)); return u.UpdatedAt }},
	"invitation":      {toInvitation(1), nil},
	"service account": {toAccount(1), func(s *State) time.Time { a, _ := s.ServiceAccount(accountID(1)); return a.UpdatedAt }},
	"group":           {toGroup(1), func(s *State) time.Time { g, _ := s.Group(groupID(1)); return g.UpdatedAt }},
	"policy":          {Holder{TypePolicy, testID('p', 1)}, func(s *State) time.Time { p, _ := s.Policy(policyID(1)); return p.UpdatedAt }},
	"role":            {toRole(1), func(s *State) time.Time { r, _ := s.Role(roleID(1)); return r.UpdatedAt }},
}

func TestSetTags(t *testing.T) {
	widest := []Tag{{strings.Repeat("é", MaxTagKey), strings.Repeat("é", MaxTagValue)}, {"a", ""}, {"A", "x y=z"}}
	for what, c := range tagged {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, 1)
			want := func(tags []Tag) {
				t.Helper()
				got, err := w.s.Tags(c.of)
				if err != nil || !slices.Equal(got, tags) || c.updated != nil && !c.updated(w.s).Equal(w.now) {
					t.Errorf("got %v, %v; want %v", got, err, tags)
				}
			}
			given := slices.Clone(widest)
			w.accept(func(d *Draft) error { return d.SetTags(c.of, given) })
			given[0].Key = "changed by its owner"
			want(widest)
			w.accept(func(d *Draft) error {
				err := d.SetTags(c.of, widest)
				if !d.Empty() {
					t.Error("they are the same, and something is touched")
				}
				return err
			})
			w.now = w.now.Add(time.Hour)
			w.accept(func(d *Draft) error { return d.SetTags(c.of, []Tag{widest[2], widest[1]}) })
			want([]Tag{widest[2], widest[1]})
			w.accept(func(d *Draft) error { return d.SetTags(c.of, nil) })
			want(nil)
		})
	}
}

func TestTagsRefused(t *testing.T) {
	many := make([]Tag, MaxTags+1)
	for i := range many {
		many[i].Key = fmt.Sprint(i)
	}
	for what, c := range tagged {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, 1)
			w.accept(func(d *Draft) error { return d.SetTags(c.of, many[1:]) })
			for _, bad := range []struct {
				why, field string
				tags       []Tag
			}{
				{"too many", "tags", many},
				{"no key", "tags[0].key", []Tag{{"", "x"}}},
				{"twice", "tags[1].key", []Tag{{"a", "x"}, {"a", "y"}}},
				{"a long key", "tags[0].key", []Tag{{strings.Repeat("é", MaxTagKey+1), ""}}},
				{"a long value", "tags[1].value", []Tag{{"a", ""}, {"b", strings.Repeat("é", MaxTagValue+1)}}},
				{"a line feed", "tags[0].key", []Tag{{"a\n", ""}}},
				{"a line feed in the value", "tags[0].value", []Tag{{"a", "b\n"}}},
				{"no UTF-8", "tags[0].key", []Tag{{"\xff", ""}}},
				{"no UTF-8 in the value", "tags[0].value", []Tag{{"a", "\xff"}}},
			} {
				w.refuse(Invalid, bad.field, func(d *Draft) error { return d.SetTags(c.of, bad.tags) })
			}
			w.refuse(NotFound, "", func(d *Draft) error { return d.SetTags(Holder{c.of.Type, testID('?', 1)}, nil) })
			if _, err := w.s.Tags(Holder{c.of.Type, testID('?', 1)}); CodeOf(err) != NotFound {
				t.Errorf("tags of nothing: %v", err)
			}
		})
	}
	w := newWorld(t, 1)
	w.refuse(Internal, "", func(d *Draft) error { return d.SetTags(Holder{TypeSession, testID('x', 1)}, nil) })
	if _, err := w.s.Tags(Holder{TypeSession, testID('x', 1)}); CodeOf(err) != Internal {
		t.Errorf("tags of a session: %v", err)
	}
}

// TestMadeWithTags: what is made may have tags from the beginning, which are checked as any.
func TestMadeWithTags(t *testing.T) {
	making := func(tags []Tag) map[Holder]func(*Draft) error {
		return map[Holder]func(*Draft) error{
			toAccount(9): func(d *Draft) error {
				return second(d.CreateServiceAccount(ServiceAccount{ID: accountID(9), Name: "n", Tags: tags}))
			},
			toGroup(9): func(d *Draft) error { return second(d.CreateGroup(Group{ID: groupID(9), Name: "n", Tags: tags})) },
			toRole(9):  func(d *Draft) error { return second(d.CreateRole(Role{ID: roleID(9), Name: "n", Tags: tags}, nil)) },
			{TypePolicy, testID('p', 9)}: func(d *Draft) error {
				return second(d.CreatePolicy(Policy{ID: policyID(9), Name: "n", Language: "statements", Document: allowAll, Tags: tags}))
			},
		}
	}
	tags := []Tag{{"b", "1"}, {"a", ""}}
	for of, draft := range making(tags) {
		w := newWorld(t, 1)
		w.accept(draft)
		if got, err := w.s.Tags(of); err != nil || !slices.Equal(got, tags) {
			t.Errorf("%s has %v, %v", of.Type, got, err)
		}
	}
	for _, draft := range making([]Tag{{"a", ""}, {"a", ""}}) {
		newWorld(t, 1).refuse(Invalid, "tags[1].key", draft)
	}
	// An account token's service account has tags as others do.
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		a, _, err := d.CreateAccountToken(ServiceAccount{ID: accountID(9)}, accessKey(9, Principal{}))
		return errors.Join(err, d.SetTags(Holder{TypeServiceAccount, a.ID.UUID}, tags))
	})
}
