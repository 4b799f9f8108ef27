package policy

import (
	"fmt"
	"strings"
)

// Trust is a role's trust policy: the principals that may assume the role (ByCloud contract, sections 12 and 16.7). A nil or
// empty Trust trusts nobody.
type Trust struct {
	Principals []string `json:"principals"`
}

// crnParts is how many parts a CRN has; the last may hold colons (ByCloud contract, section 6).
const crnParts = 5

// ParseTrust reads a trust policy. Every error is an *Error. Members other than principals are refused: ignoring a mistyped
// restriction would trust more than its author meant. An absent or empty list is valid and trusts nobody.
func ParseTrust(source []byte) (*Trust, error) {
	r := newReader(source)
	trust := &Trust{}
	err := r.document(func(name located) error {
		if name.text != "principals" {
			return r.unknown(name, "principals")
		}
		return r.array(MaxPrincipals, "principals", func(int) error {
			pattern, err := r.text()
			if err != nil {
				return err
			}
			if problem := checkPrincipal(pattern.text); problem != "" {
				return r.errorf(pattern.offset, "%s", problem)
			}
			trust.Principals = append(trust.Principals, pattern.text)
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return trust, nil
}

func checkPrincipal(pattern string) string {
	switch {
	case len(pattern) > MaxPrincipalPattern:
		return fmt.Sprintf("has %d bytes; at most %d are allowed", len(pattern), MaxPrincipalPattern)
	case hasControl(pattern):
		return "must not hold control characters"
	case pattern == "*":
		return ""
	}
	if _, ok := splitCRN(pattern); !ok {
		return show(pattern) + ` is no pattern for principals; write "*" or crn:region:service:type:id, where * stands for any run of characters of one part`
	}
	return ""
}

// Covers tells whether the principal of that CRN may assume the role. Patterns match part by part; a "*" stays within its
// part, and only the last part may hold colons and slashes. "?" is an ordinary character. A lone "*" covers every principal
// of the organization that has authenticated; for the CRN of a workload, which a platform vouches for, authenticated is
// false. A text that is no CRN is covered by nothing.
func (t *Trust) Covers(crn string, authenticated bool) bool {
	parts, ok := splitCRN(crn)
	if t == nil || !ok {
		return false
	}
	for _, pattern := range t.Principals {
		if pattern == "*" && authenticated || coversParts(pattern, parts) {
			return true
		}
	}
	return false
}

func coversParts(pattern string, parts [crnParts]string) bool {
	globs, ok := splitCRN(pattern)
	if !ok {
		return false
	}
	for i, glob := range globs {
		if !matchStars(glob, parts[i]) {
			return false
		}
	}
	return true
}

// splitCRN cuts at the first four colons; ok is false when there are fewer or the first part is not "crn".
func splitCRN(s string) (parts [crnParts]string, ok bool) {
	for i := range parts[:crnParts-1] {
		if parts[i], s, ok = strings.Cut(s, ":"); !ok {
			return parts, false
		}
	}
	parts[crnParts-1] = s
	return parts, parts[0] == "crn"
}
