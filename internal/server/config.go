package server

import (
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/config"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/store"
)

// Config is what a server is made of: the settings and what is no setting. All are required.
type Config struct {
	config.Config
	Log     *slog.Logger
	Version string
}

// control gives the configuration of the one door.
func (c *Config) control(s store.Store, master authn.MasterKey, issuer string) control.Config {
	return control.Config{
		Store: s, Master: master, Now: time.Now, Random: rand.Reader, Log: c.Log, Issuer: issuer,
		InvitationLifetime: c.InvitationLifetime, RefuseUnknown: !c.InviteUnknown,
		LookupTXT: lookupTXT(c.DNSResolver),
	}
}
