package vngcloud

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// authenticator finds out who calls: the bearer of a token or of a secret everywhere (section 1, "Auth"), and at the token endpoint a
// client with its id and secret (section 10.1).
type authenticator struct {
	mu     sync.Mutex // protects the fields below
	minute int64      // since the Unix epoch
	failed map[client]int
}

// client is whoever tries to get a token: an id, known or not, from a network. However an id is encoded, it is one.
type client struct {
	id   string
	from netip.Prefix
}

// forTokens tells whether a request is to the token endpoint.
func forTokens(r *http.Request) bool { return strings.HasSuffix(r.Pattern, tokenPath) }

func (a *authenticator) authenticate(c *wire.Call) (iam.Actor, error) {
	if !forTokens(c.R) {
		return c.Control.Authenticate(c.Ctx(), wire.Bearer(c.R.Header["Authorization"]))
	}
	id, secret, ok := c.R.BasicAuth()
	if !ok || len(c.R.Header["Authorization"]) != 1 || len(id) > maxClientID {
		return iam.Actor{}, iam.Errorf(iam.Unauthenticated, "the credentials of the client belong into a Basic header")
	}
	who := client{decoded(id), c.Network()}
	if !a.mayTry(c, who) {
		return iam.Actor{}, tooManyFailures()
	}
	actor, err := byKey(c, id, secret)
	if iam.CodeOf(err) == iam.Unauthenticated {
		a.note(who)
	}
	return actor, err
}

// byKey authenticates a client by its access key. Some clients encode both parts first, as RFC 6749, section 2.3.1, has it.
func byKey(c *wire.Call, id, secret string) (iam.Actor, error) {
	actor, err := c.Control.Authenticate(c.Ctx(), control.Presented{AccessKey: id, Secret: secret})
	if iam.CodeOf(err) != iam.Unauthenticated {
		return actor, err
	}
	plainID, plain := decoded(id), decoded(secret)
	if plainID == id && plain == secret {
		return actor, err
	}
	return c.Control.Authenticate(c.Ctx(), control.Presented{AccessKey: plainID, Secret: plain})
}

// decoded is a text without its encoding as of a form; the text itself if it has none.
func decoded(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// What keeps somebody from trying secrets, and this from costing memory.
const (
	maxFailures  = 10 // of one client, from one network, in a minute
	maxClients   = 10_000
	maxClientID  = 256
	tooManyTries = "TOO_MANY_FAILED_LOGINS"
)

func tooManyFailures() error {
	err := iam.Errorf(iam.Unauthenticated, "too many attempts with wrong credentials: try again in a minute")
	return &fault{http.StatusUnauthorized, tooManyTries, err.Message, err}
}

// mayTry tells whether a client has not failed too often in this minute. After that, the right secret is not looked at either.
func (a *authenticator) mayTry(c *wire.Call, who client) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if minute := c.Started.Unix() / 60; minute != a.minute {
		a.minute = minute
		clear(a.failed)
	}
	return a.failed[who] < maxFailures
}

func (a *authenticator) note(who client) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.failed) >= maxClients { // which no honest clients are
		clear(a.failed)
	}
	a.failed[who]++
}
