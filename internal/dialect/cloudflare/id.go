package cloudflare

import (
	"encoding/hex"
	"strings"

	"github.com/writ-iam/writ/internal/iam"
)

// idLength is how many digits an id has (section 1).
const idLength = 32

// hexID is an id as this API writes it: the digits of the same id elsewhere, without hyphens.
func hexID(id iam.UUID) string { return hex.EncodeToString(id[:]) }

// parseID reads an id. Digits of the other case match nothing (section 14).
func parseID(s string) (id iam.UUID, ok bool) {
	if len(s) != idLength || strings.Trim(s, "0123456789abcdef") != "" {
		return iam.UUID{}, false
	}
	_, err := hex.Decode(id[:], []byte(s))
	return id, err == nil
}

// pathID is the id of a thing in the path, whose form checkPath has seen to.
func (c *call) pathID(param string) iam.UUID {
	id, _ := parseID(c.R.PathValue(param))
	return id
}
