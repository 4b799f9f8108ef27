package api_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/exchangetest"
	"github.com/writ-iam/writ/internal/wire"
)

// TestExchanges sends every recorded exchange's request, byte for byte, and compares the answer with the recorded one.
// testdata/exchanges/README.md says how the files are made; WRIT_RECORD=1 writes what the server answers into them.
func TestExchanges(t *testing.T) {
	t.Parallel()
	suite := &exchangetest.Suite{Folder: "testdata/exchanges", Least: 25, Kinds: kinds, Serve: func(t *testing.T, settings exchangetest.Settings) *exchangetest.Server {
		w := newSocket(t, func(c *wire.Config) {
			if settings.RatePerMinute > 0 {
				c.Limiter = &wire.Limiter{PerMinute: settings.RatePerMinute}
			}
		})
		return &exchangetest.Server{Address: w.address, Names: w.names, Advance: func(d time.Duration) { w.clock.advance(d) }}
	}}
	suite.Run(t)
}

// kinds are the placeholders that stand for any value of a kind. Times are the same each time: the clock is a test's.
var kinds = []exchangetest.Kind{
	exchangetest.RequestID,
	exchangetest.UUID,
	{Name: "token", Value: regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`)},
	{Name: "renew", Value: regexp.MustCompile(`writ_renew_[A-Za-z0-9]{48}`)},
	{Name: "key", Value: regexp.MustCompile(`A[KS]IA[0-9A-F]{16}`)},
	{Name: "point", Value: regexp.MustCompile(`[A-Za-z0-9_-]{43}`)},
	{Name: "secret", Value: regexp.MustCompile(`[A-Za-z0-9+/]{40}`)},
	exchangetest.Digits,
	{Name: "time", Value: regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ`), Same: true},
	{Name: "number", Value: regexp.MustCompile(`[0-9]+`), Same: true},
}
