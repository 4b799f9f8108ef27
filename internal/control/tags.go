package control

import (
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
