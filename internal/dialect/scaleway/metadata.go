package scaleway

import (
	"net/http"
	"net/url"

	"github.com/writ-iam/writ/internal/wire"
)

func metadataRoutes() []route {
	return []route{{wire.Route{Method: get, Pattern: Metadata, Handle: handler(metadata).wire}, "metadata", reads}}
}

// metadata tells clients which installation they talk to, of which they make names of resources (section 1.2).
func metadata(c *call) (*wire.Answer, error) {
	domain := c.R.Host
	if u, err := url.Parse(c.Self()); err == nil && u.Hostname() != "" {
		domain = u.Hostname()
	}
	return &wire.Answer{Status: http.StatusOK, Public: true, Body: struct {
		Platform  string `json:"platform"`
		Partition string `json:"partition"`
		Domain    string `json:"domain"`
	}{"writ", "default", domain}}, nil
}
