package control

import (
	"slices"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// tagsOf are the tags that things have, as conditions see them; nil if none has any, which costs a decision nothing.
func tagsOf(s *iam.State, resources []iam.CRN) (out [][]policy.Attr) {
	for i, name := range resources {
		tags := s.TagsOf(name)
		if len(tags) == 0 {
			continue
		}
		if out == nil {
			out = make([][]policy.Attr, len(resources))
		}
		out[i] = attributes(tags)
	}
	return out
}

// attributes are tags as conditions see them.
func attributes(tags []iam.Tag) []policy.Attr {
	if len(tags) == 0 {
		return nil
	}
	out := make([]policy.Attr, len(tags))
	for i, t := range tags {
		out[i] = policy.Attr{Key: t.Key, Value: policy.String(t.Value)}
	}
	return out
}

// tagsNamed is tagsOf of things by the texts of their names.
func tagsNamed(s *iam.State, names []string) [][]policy.Attr {
	resources := make([]iam.CRN, len(names))
	for i, name := range names {
		resources[i], _ = iam.ParseCRN(name) // what is no name is of nothing that has tags
	}
	return tagsOf(s, resources)
}

// decideGiven decides again on a call that gives tags which its dialect has not announced in Target.Tags. So what denies a tag binds in
// every dialect; what allows a call for the sake of a tag needs the tag to be announced.
func (p *Permit) decideGiven(tags []iam.Tag) error {
	news := slices.DeleteFunc(tags, func(t iam.Tag) bool { return slices.Contains(p.Target.Tags, t) })
	if len(news) == 0 || p.Target.Org != p.call.Actor.Org {
		return nil
	}
	p.Target.Tags = slices.Concat(news, p.Target.Tags) // of one key, what is given counts
	return p.authorize(p.from.now.Load())
}
