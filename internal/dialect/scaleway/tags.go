package scaleway

import (
	"slices"
	"strings"

	"github.com/writ-iam/writ/internal/iam"
)

// tagText is a tag as this API shows it: one text.
func tagText(t iam.Tag) string {
	if t.Value == "" {
		return t.Key
	}
	return t.Key + "=" + t.Value
}

// tagTexts are the tags of a thing.
func tagTexts(tags []iam.Tag) []string { return shows(tags, tagText) }

// tags are the tags that a client asks for. What one of those that are there is shown as is that one; everything else is a key.
func tags(texts []string, have []iam.Tag) []iam.Tag {
	return shows(texts, func(text string) iam.Tag {
		if i := slices.IndexFunc(have, func(t iam.Tag) bool { return tagText(t) == text }); i >= 0 {
			return have[i]
		}
		return iam.Tag{Key: text}
	})
}

// keepTag keeps the items of which some tag contains the text that is asked for, if one is (section 3.2).
func keepTag[E any](q *query, items []E, of func(E) []iam.Tag) []E {
	want := q.text("tag")
	if want == "" {
		return items
	}
	return keep(items, func(e E) bool {
		return slices.ContainsFunc(of(e), func(t iam.Tag) bool { return strings.Contains(tagText(t), want) })
	})
}
