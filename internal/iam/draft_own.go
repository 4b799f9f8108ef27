package iam

import (
	"fmt"
	"slices"
	"strings"

	"github.com/writ-iam/writ/internal/policy"
)

// OwnPolicy is a policy in the making that is to belong to one holder.
type OwnPolicy struct {
	ID       PolicyID
	Document string
	// Scopes are resource groups for scopes that were written out where the policy was. They become anonymous ones of the
	// policy; Document names each of them by its id.
	Scopes []ResourceGroup
}

// ReplaceOwn makes the policies of a holder in one language exactly these, new, in this order, and its own; those in other
// languages stay as they are, before them. What it had in the language goes: own policies are deleted, others detached. The
// quotas hold for the result. A group counts as updated, and so do a role and a token of the organization. A document that does not
// compile is Invalid, with its place and number in Field, as in "policies[1].document.access".
func (d *Draft) ReplaceOwn(of Holder, language policy.Language, next []OwnPolicy) ([]*Policy, error) {
	have, err := d.attachments(of)
	if err != nil {
		return nil, err
	}
	keep := slices.DeleteFunc(slices.Clone(have), func(a Attached) bool {
		p, _ := d.s.Policy(a.Policy)
		return p.Language == language
	})
	d.replaceAttachments(of, have, keep)
	out := make([]*Policy, 0, len(next))
	for i, own := range next {
		p, err := d.createOwn(of, language, own)
		if err != nil {
			return nil, within(err, fmt.Sprintf("policies[%d].", i))
		}
		if keep, err = d.attachOne(of, keep, p.ID); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	if len(next) > 0 {
		d.setAttachments(of, keep)
	}
	if len(next) > 0 || len(keep) != len(have) {
		d.renew(of)
	}
	return out, nil
}

// renew notes that a group, a role, or a token of the organization, was changed with what is its own.
func (d *Draft) renew(of Holder) {
	switch of.Type {
	case TypeGroup:
		old, _ := d.s.groups.get(of.ID)
		g := *old
		g.UpdatedAt = d.now
		d.putGroup(&g)
	case TypeRole:
		old, _ := d.s.roles.get(of.ID)
		r := *old
		r.UpdatedAt = d.now
		d.putRole(&r)
	case TypeServiceAccount:
		a, _ := d.s.accounts.get(of.ID)
		if old, ok := d.s.credentials.get(a.Token.UUID); ok {
			k := *old
			k.UpdatedAt = d.now
			d.putCredential(&k)
		}
	}
}

// within puts the place of the part that is wrong before an error's field.
func within(err error, part string) error {
	e, ok := err.(*Error)
	if !ok || e.Code != Invalid || e.Field == "" {
		return err
	}
	out := *e
	out.Field = part + e.Field
	return &out
}

func (d *Draft) createOwn(of Holder, language policy.Language, own OwnPolicy) (*Policy, error) {
	for i, g := range own.Scopes {
		g.Of = own.ID
		if _, err := d.createResourceGroup(g); err != nil {
			return nil, within(err, fmt.Sprintf("scopes[%d].", i))
		}
	}
	p, err := d.createPolicy(Policy{ID: own.ID, Name: fmt.Sprintf("%s policy %s", of.word(), own.ID), Language: language,
		Document: own.Document, Of: of})
	if err != nil {
		return nil, err
	}
	for i, g := range own.Scopes {
		if !slices.Contains(p.Scopes, g.ID) {
			return nil, FieldErrorf(Invalid, fmt.Sprintf("scopes[%d]", i), "is not named by the document")
		}
	}
	return p, nil
}

// word is the type of a holder for people.
func (h Holder) word() string { return strings.ReplaceAll(h.Type, "-", " ") }

// replaceAttachments stores what a holder has now, and deletes the own policies that it had and has no more.
func (d *Draft) replaceAttachments(of Holder, had, has []Attached) {
	if slices.Equal(had, has) {
		return
	}
	d.setAttachments(of, has)
	d.dropOwn(slices.DeleteFunc(slices.Clone(had), func(a Attached) bool { return attached(has, a.Policy) }))
}

// dropOwn deletes the own policies among the attachments of a holder that lets go of them.
func (d *Draft) dropOwn(policies []Attached) {
	for _, a := range policies {
		if p, _ := d.s.Policy(a.Policy); p.Of != (Holder{}) {
			d.dropPolicy(p)
		}
	}
}

// dropPolicy deletes a policy with its anonymous resource groups.
func (d *Draft) dropPolicy(p *Policy) {
	d.touch(KindPolicy, p.ID.UUID)
	d.s.putPolicy(d.edit, p.ID.UUID, nil)
	d.dropAnonymous(p, nil)
}

// dropAnonymous deletes the anonymous resource groups that a policy named and names no more.
func (d *Draft) dropAnonymous(p *Policy, named []ResourceGroupID) {
	for _, id := range p.Scopes {
		if _, own := d.s.anonymous.get(id.UUID); own && !slices.Contains(named, id) {
			d.dropResourceGroup(id)
		}
	}
}

// inherit gives the tags, role and policies of an invitation to the user that it has become.
func (d *Draft) inherit(u *User, v *Invitation) *User {
	for _, a := range v.Policies {
		old, _ := d.s.Policy(a.Policy)
		if old.Of == (Holder{}) {
			continue
		}
		p := *old
		p.Of = Holder{TypeUser, u.ID.UUID}
		d.putPolicy(&p)
	}
	next := *u
	next.Policies, next.Tags, next.Role = v.Policies, v.Tags, v.Role
	d.putUser(&next)
	return &next
}
