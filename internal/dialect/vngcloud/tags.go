package vngcloud

import (
	"net/http"
	"slices"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// tag is a label of something.
type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// tagged are the tags in a body. They are conditions' to see before the body counts: see tagging.
type tagged struct {
	Tags []tag `json:"tags"`
}

// domain gives the tags, each key once: what stands last counts.
func (t tagged) domain() []iam.Tag { return with(nil, t.Tags) }

// with puts tags in place of those with their keys, and the others behind.
func with(have []iam.Tag, more []tag) []iam.Tag {
	out := slices.Clone(have)
	for _, t := range more {
		if i := slices.IndexFunc(out, func(old iam.Tag) bool { return old.Key == t.Key }); i >= 0 {
			out[i].Value = t.Value
		} else {
			out = append(out, iam.Tag{Key: t.Key, Value: t.Value})
		}
	}
	return out
}

// tagging is the target of a call that gives tags to what it makes, or to the things that the path names. Conditions see the tags. What is
// wrong with the body is told later, to those who may know.
func tagging(typ string, things ...thing) func(*wire.Call) control.Target {
	return func(c *wire.Call) control.Target {
		t := control.On(iam.AnyOf(typ))
		if len(things) > 0 {
			t = on(things...)(c)
		}
		var in tagged
		c.Peek(&in)
		t.Tags = in.domain()
		return t
	}
}

// requireTagging authorizes tags in the body of a create, as if they were given later to what is made, and checks them.
func (c *call) requireTagging(op *control.Operation, on iam.CRN, in tagged) error {
	if len(in.Tags) == 0 {
		return nil
	}
	if err := c.Permit.Require(op, on); err != nil {
		return err
	}
	return iam.CheckTags(in.domain())
}

// tagRoutes is in sections 10.5 and 12.
func tagRoutes() []wire.Route {
	const ofGroup, ofPolicy = policiesV1 + "/groups/{groupId}/tags", policiesV1 + "/policies/{policyId}/tags"
	const ofUser, ofAccount = accountsV1 + "/iam-users/{id}/tags", accountsV1 + "/service-accounts/{id}/tags"
	inGroup := labelled{aGroup, groups, func(c *call) error { _, err := c.groupInPath(); return err }}
	inPolicy := labelled{aHeldPolicy, policies, func(c *call) error { _, err := c.policy(c.pathID(aHeldPolicy.param)); return err }}
	inUser := labelled{anIAMUser, users, func(c *call) error { _, err := c.user(c.pathID(anIAMUser.param)); return err }}
	inAccount := labelled{aClient, accounts, func(c *call) error { _, err := c.clientInPath(); return err }}
	return []wire.Route{
		inGroup.list(ofGroup, control.ListGroupTags),
		inGroup.add(ofGroup, control.TagGroup),
		inPolicy.list(ofPolicy, control.ListPolicyTags),
		inPolicy.add(ofPolicy, control.TagPolicy),
		inPolicy.remove(ofPolicy, control.UntagPolicy),
		inUser.list(ofUser, control.ListUserTags),
		inUser.add(ofUser, control.TagUser),
		inUser.remove(ofUser, control.UntagUser),
		inAccount.list(ofAccount, control.ListServiceAccountTags),
		inAccount.add(ofAccount, control.TagServiceAccount),
		inAccount.remove(ofAccount, control.UntagServiceAccount),
	}
}

// labelled is a kind of thing that has tags.
type labelled struct {
	thing
	area
	find func(*call) error // tells whether what the path names is there
}

func (x labelled) holder(c *call) iam.Holder {
	return iam.Holder{Type: x.typ, ID: c.pathID(x.param)}
}

func (x labelled) list(pattern string, op *control.Operation) wire.Route {
	return x.route(get, pattern, op, on(x.thing), func(c *call) (*wire.Answer, error) {
		if err := x.find(c); err != nil {
			return nil, err
		}
		return x.tags(c, http.StatusOK)
	})
}

// tags answers with what the thing has.
func (x labelled) tags(c *call, status int) (*wire.Answer, error) {
	have, err := c.View().Tags(x.holder(c))
	if err != nil {
		return nil, err
	}
	out := tagged{shows(have, func(t iam.Tag) tag { return tag{t.Key, t.Value} })}
	return &wire.Answer{Status: status, Body: out, Revision: c.View().Revision()}, nil
}

// add puts tags in; one with a key that is there takes its place.
func (x labelled) add(pattern string, op *control.Operation) wire.Route {
	return x.route(post, pattern, op, tagging(x.typ, x.thing), func(c *call) (*wire.Answer, error) {
		var in tagged
		if err := c.body(&in); err != nil {
			return nil, err
		}
		if len(in.Tags) == 0 {
			return nil, invalid("tags", "is required: at least one tag")
		}
		if err := iam.CheckTags(in.domain()); err != nil {
			return nil, err
		}
		if err := x.find(c); err != nil {
			return nil, err
		}
		_, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) error {
			have, err := d.State().Tags(x.holder(c))
			if err != nil {
				return err
			}
			return d.SetTags(x.holder(c), with(have, in.Tags))
		})
		if err != nil {
			return nil, err
		}
		return x.tags(c, http.StatusCreated)
	})
}

// remove takes tags away, by their keys. A key that is not there is passed over.
func (x labelled) remove(pattern string, op *control.Operation) wire.Route {
	return x.route(del, pattern, op, on(x.thing), func(c *call) (*wire.Answer, error) {
		var in struct {
			Keys []string `json:"keys"`
		}
		if err := c.body(&in); err != nil {
			return nil, err
		}
		if len(in.Keys) == 0 {
			return nil, invalid("keys", "is required: at least one key")
		}
		if err := x.find(c); err != nil {
			return nil, err
		}
		return c.write(func(d *iam.Draft) error {
			have, err := d.State().Tags(x.holder(c))
			if err != nil {
				return err
			}
			return d.SetTags(x.holder(c), slices.DeleteFunc(slices.Clone(have), func(t iam.Tag) bool { return slices.Contains(in.Keys, t.Key) }))
		})
	})
}
