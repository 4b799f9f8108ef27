package scaleway_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/dialect/scaleway"
	"github.com/writ-iam/writ/internal/exchangetest"
	"github.com/writ-iam/writ/internal/wire"
)

const recordings = "testdata/exchanges"

// TestExchanges sends every recorded exchange's request, byte for byte, and compares the answer with the recorded one.
// testdata/exchanges/README.md says how the files are made; WRIT_RECORD=1 writes what the server answers into them.
func TestExchanges(t *testing.T) {
	t.Parallel()
	suite := &exchangetest.Suite{Folder: recordings, Least: 47, Kinds: kinds, Serve: func(t *testing.T, settings exchangetest.Settings) *exchangetest.Server {
		e := newEstate(t, func(c *wire.Config) {
			if settings.RatePerMinute > 0 {
				c.Limiter = &wire.Limiter{PerMinute: settings.RatePerMinute}
			}
		})
		e.natively(bearer(e.Operator), "PUT", e.fill("/v1/organizations/{org}/quotas/ssh_keys"), `{"limit":3}`) // of which two are there
		e.names["otp"] = e.fill("{otp}")
		server := httptest.NewServer(e.wire)
		t.Cleanup(server.Close)
		return &exchangetest.Server{Address: server.Listener.Addr().String(), Names: e.names, Advance: e.Clock.Advance}
	}}
	suite.Run(t)
}

// kinds are the placeholders that stand for any value of a kind. Times are the same each time: the clock is a test's.
var kinds = []exchangetest.Kind{
	exchangetest.RequestID,
	exchangetest.UUID,
	{Name: "jwt", Value: regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`)},
	{Name: "renew_token", Value: regexp.MustCompile(`writ_renew_[0-9A-Za-z]+`)},
	{Name: "bearer_token", Value: regexp.MustCompile(`[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}`)},
	{Name: "challenge", Value: regexp.MustCompile(`[A-Za-z0-9+/]{43}=`)},
	{Name: "access_key", Value: regexp.MustCompile(`SCW[0-9A-Z]{17}`)},
	{Name: "otp_secret", Value: regexp.MustCompile(`[A-Z2-7]{32}`)},
	{Name: "recovery_code", Value: regexp.MustCompile(`\b[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}\b`)},
}

// TestRecorded holds that every route is recorded with an answer of success and a refusal, and every type of errors (section 5).
func TestRecorded(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	for _, r := range scaleway.Routes() {
		mux.HandleFunc(r.Method+" "+r.Pattern, func(http.ResponseWriter, *http.Request) {})
	}
	served, refused, types := map[string]int{}, map[string]int{}, map[string]int{}
	for _, x := range exchangetest.Read(t, recordings) {
		method, rest, _ := strings.Cut(x.Request, " ")
		target, _, _ := strings.Cut(rest, " ")
		target = strings.NewReplacer("{", "", "}", "").Replace(target)
		_, route := mux.Handler(httptest.NewRequest(method, target, nil))
		status, _, _ := strings.Cut(strings.TrimPrefix(x.Answer, "HTTP/1.1 "), " ")
		if strings.HasPrefix(status, "2") {
			served[route]++
			continue
		}
		refused[route]++
		typ := ""
		if m := typeOf.FindStringSubmatch(x.Answer); m != nil {
			typ = " " + m[1]
		}
		types[status+typ]++
	}
	for _, r := range scaleway.Routes() {
		switch name := r.Method + " " + r.Pattern; {
		case served[name] == 0:
			t.Errorf("%s is not recorded with success", name)
		case refused[name] == 0 && r.Operation != nil:
			t.Errorf("%s is not recorded with a refusal", name)
		}
	}
	for _, row := range []string{"400 invalid_arguments", "401 denied_authentication", "403 permissions_denied", "403 quotas_exceeded", "404 not_found", "404", "405",
		"409 already_exists", "412 precondition_failed", "429 too_many_requests", "503 unavailable"} {
		if types[row] == 0 {
			t.Errorf("no exchange is recorded that ends with %s", row)
		}
		delete(types, row)
	}
	if len(types) > 0 {
		t.Errorf("recorded, and in no row of the table: %v", types)
	}
}

var typeOf = regexp.MustCompile(`"type":"([a-z_]+)"\}$`)
