package sitetest

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Find looks for a value in a JSON body: names and indexes, separated by dots, as in "errors.0.code"; "" is the whole. There is none in
// what is no JSON.
func Find(body []byte, path string) (any, bool) {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return nil, false
	}
	if path == "" {
		return v, true
	}
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			next, ok := x[step]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}
