package iam

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Tag is a label of a thing: a key, and a value that may be empty.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// What tags may be.
const (
	MaxTags     = 50  // of one thing
	MaxTagKey   = 128 // characters
	MaxTagValue = 256 // characters
)

// checkTags refuses tags that no dialect can show, and a key that stands twice.
func checkTags(field string, tags []Tag) error {
	if len(tags) > MaxTags {
		return FieldErrorf(Invalid, field, "has at most %d tags", MaxTags)
	}
	for i, t := range tags {
		at := fmt.Sprintf("%s[%d]", field, i)
		if err := checkName(at+".key", t.Key); err != nil {
			return err
		}
		if err := checkText(at+".value", &t.Value); err != nil {
			return err
		}
		switch {
		case utf8.RuneCountInString(t.Key) > MaxTagKey:
			return FieldErrorf(Invalid, at+".key", "has at most %d characters", MaxTagKey)
		case utf8.RuneCountInString(t.Value) > MaxTagValue:
			return FieldErrorf(Invalid, at+".value", "has at most %d characters", MaxTagValue)
		case slices.ContainsFunc(tags[:i], func(u Tag) bool { return u.Key == t.Key }):
			return FieldErrorf(Invalid, at+".key", "stands twice")
		}
	}
	return nil
}
