package route

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a path may have.
const (
	MaxPath     = 4096 // bytes
	MaxSegments = 32
)

// Path is a request's path, cut at its slashes, with the escapes of each segment decoded once.
type Path struct {
	raw      string
	n        int
	segments [MaxSegments]string
}

// NewPath reads the path of a request as it was sent, with its escapes and without its query. It is false for what fits no
// row, because a service behind may read it in another way, or cut it elsewhere:
//
//   - a path that does not begin with a slash, is too long or has too many segments;
//   - an empty segment (two slashes, or one at the end), and "." and "..", however they are escaped, also beside a slash or
//     a backslash that is escaped;
//   - an escape that is broken, and bytes that are no UTF-8, before or after decoding;
//   - control characters and blanks as they are; control characters escaped;
//   - "?" and "#", where the path would end; ";", after which some servers ignore the rest of a segment; and the backslash,
//     which some take for a slash. Escaped, they are characters like others;
//   - "*", which would name all things at once, escaped or not.
func NewPath(path string) (Path, bool) {
	if len(path) > MaxPath || !strings.HasPrefix(path, "/") {
		return Path{}, false
	}
	p := Path{raw: path}
	for rest, more := path[1:], true; more; {
		var segment string
		segment, rest, more = strings.Cut(rest, "/")
		value, ok := decode(segment)
		if !ok || p.n == MaxSegments {
			return Path{}, false
		}
		p.segments[p.n] = value
		p.n++
	}
	return p, true
}

// decode reads a segment; false for what no segment of a row's path can be.
func decode(segment string) (string, bool) {
	simple, escaped := true, false
	for i := range len(segment) {
		switch c := segment[i]; {
		case c <= ' ' || c == 0x7f || strings.IndexByte(`?#;\*`, c) >= 0:
			return "", false
		case c == '%':
			escaped = true
		case c == '.' || c >= utf8.RuneSelf:
			simple = false
		}
	}
	if simple && !escaped {
		return segment, segment != ""
	}
	value := segment
	if escaped {
		var ok bool
		if value, ok = unescape(segment); !ok {
			return "", false
		}
	}
	return value, readable(value)
}

// readable tells whether a decoded segment is one that everybody reads alike.
func readable(value string) bool {
	return isText(value) && !dotted(value) && !strings.Contains("/"+strings.ReplaceAll(value, `\`, "/")+"/", "//")
}

// isText tells whether a text is UTF-8 without characters that names do not have.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, unreadable) }

// dotted tells whether a text holds a dot segment, between slashes of either kind.
func dotted(s string) bool {
	if !strings.Contains(s, ".") {
		return false
	}
	for piece := range strings.SplitSeq(strings.ReplaceAll(s, `\`, "/"), "/") {
		if piece == "." || piece == ".." {
			return true
		}
	}
	return false
}

func unreadable(r rune) bool { return unicode.IsControl(r) || r == '*' || r == utf8.RuneError }

// unescape decodes percent escapes, once; false if one is broken.
func unescape(s string) (string, bool) {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		high, ok1 := hex(s[i+1])
		low, ok2 := hex(s[i+2])
		if !ok1 || !ok2 {
			return "", false
		}
		b.WriteByte(high<<4 | low)
		i += 2
	}
	return b.String(), true
}

func hex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
