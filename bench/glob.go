package main

import "strings"

// joined makes one text of patterns for anyGlob. It is always a copy, so that what an engine keeps does not hide in the
// workload's own texts when its heap is measured.
func joined(patterns []string) string { return strings.Clone(strings.Join(patterns, "|")) }

// anyGlob reports whether one of the patterns, which are separated by "|", matches s. It allocates nothing.
func anyGlob(patterns, s string) bool {
	for more := true; more; {
		var pattern string
		if pattern, patterns, more = strings.Cut(patterns, "|"); glob(pattern, s) {
			return true
		}
	}
	return false
}

// glob matches "*" against any run of characters: each part of the pattern is looked for behind the one before. It is
// for engines that have no such function of their own, or a slower one.
func glob(pattern, s string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == s
	}
	s, ok := strings.CutPrefix(s, first)
	for ok {
		var part string
		if part, rest, star = strings.Cut(rest, "*"); !star {
			return strings.HasSuffix(s, part)
		}
		_, s, ok = strings.Cut(s, part)
	}
	return false
}
