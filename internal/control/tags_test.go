package control_test

import (
	"testing"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// holding gives a service account a policy of these statements.
func (w *world) holding(name, statements string) iam.Actor {
	w.t.Helper()
	a, _ := w.account(name)
	w.write(w.owner, control.AttachServiceAccountPolicy, control.On(a.Principal.CRN()), func(d *iam.Draft) error {
		id := iam.PolicyID{UUID: w.NewID()}
		if _, err := d.CreatePolicy(iam.Policy{ID: id, Name: "of " + name, Language: policy.Statements, Document: `{"statements":[` + statements + `]}`}); err != nil {
			return err
		}
		return d.Attach(id, iam.Holder{Type: iam.TypeServiceAccount, ID: a.Principal.ID})
	})
	return a
}

// TestGivenTags: what a call gives is decided on, whether its dialect has announced it or not; unannounced it can be denied, and
// allows nothing.
func TestGivenTags(t *testing.T) {
	w := newWorld(t)
	denied := w.holding("denied", `{"effect":"allow","actions":["iam:*"],"resources":["*"]},{"effect":"deny","actions":["iam:CreateGroup"],"resources":["*"],
		"conditions":[{"operator":"equals","key":"request_tag/env","values":["prod"]}]}`)
	allowed := w.holding("allowed", `{"effect":"allow","actions":["iam:CreateGroup"],"resources":["*"],
		"conditions":[{"operator":"equals","key":"request_tag/env","values":["dev"]}]}`)
	tag := func(value string) []iam.Tag { return []iam.Tag{{Key: "env", Value: value}} }
	create := func(a iam.Actor, announced, given []iam.Tag) error {
		target := control.On(iam.AnyOf(iam.TypeGroup))
		target.Tags = announced
		p, err := w.Enter(t.Context(), w.call(a), control.CreateGroup, target)
		if err != nil {
			return err
		}
		_, err = p.Write(t.Context(), func(d *iam.Draft) error {
			_, err := d.CreateGroup(iam.Group{ID: iam.GroupID{UUID: w.NewID()}, Name: w.NewID().String(), Tags: given})
			return err
		})
		return err
	}
	for _, tc := range []struct {
		name             string
		who              iam.Actor
		announced, given []iam.Tag
		want             iam.Code
	}{
		{"none", denied, nil, nil, ""},
		{"another, unannounced", denied, nil, tag("dev"), ""},
		{"denied, unannounced", denied, nil, tag("prod"), iam.Denied},
		{"denied, announced", denied, tag("prod"), tag("prod"), iam.Denied},
		{"denied, and another was announced", denied, tag("dev"), tag("prod"), iam.Denied},
		{"allowed, announced", allowed, tag("dev"), tag("dev"), ""},
		{"allowed, unannounced", allowed, nil, tag("dev"), iam.Denied},
		{"announced, and another is given beside it", allowed, tag("dev"), append(tag("dev"), iam.Tag{Key: "more", Value: "x"}), ""},
	} {
		if err := create(tc.who, tc.announced, tc.given); iam.CodeOf(err) != tc.want {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
}
