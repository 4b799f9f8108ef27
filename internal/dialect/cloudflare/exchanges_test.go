package cloudflare_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/dialect/cloudflare"
	"github.com/writ-iam/writ/internal/exchangetest"
	"github.com/writ-iam/writ/internal/wire"
)

const recordings = "testdata/exchanges"

// TestExchanges sends every recorded exchange's request, byte for byte, and compares the answer with the recorded one.
// testdata/exchanges/README.md says how the files are made; WRIT_RECORD=1 writes what the server answers into them.
func TestExchanges(t *testing.T) {
	t.Parallel()
	suite := &exchangetest.Suite{Folder: recordings, Least: 45, Kinds: kinds, Serve: func(t *testing.T, settings exchangetest.Settings) *exchangetest.Server {
		e := newEstate(t, func(c *wire.Config) {
			if settings.RatePerMinute > 0 {
				c.Limiter = &wire.Limiter{PerMinute: settings.RatePerMinute}
			}
		})
		server := httptest.NewServer(e.wire)
		t.Cleanup(server.Close)
		return &exchangetest.Server{Address: server.Listener.Addr().String(), Names: e.names, Advance: e.Clock.Advance}
	}}
	suite.Run(t)
}

// kinds are the placeholders that stand for any value of a kind. Times are the same each time: the clock is a test's.
var kinds = []exchangetest.Kind{
	exchangetest.RequestID,
	{Name: "secret", Value: regexp.MustCompile(`cf[au]t_[A-Za-z0-9_-]{48}`)},
	{Name: "id", Value: regexp.MustCompile(`[0-9a-f]{32}`)},
	exchangetest.Digits,
}

// TestRecorded holds that every route is recorded with an answer of success and a refusal, and every row of section 3.3's table.
func TestRecorded(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	for _, r := range cloudflare.Routes() {
		mux.HandleFunc(r.Method+" "+r.Pattern, func(http.ResponseWriter, *http.Request) {})
	}
	served, refused, codes := map[string]int{}, map[string]int{}, map[string]int{}
	for _, x := range exchangetest.Read(t, recordings) {
		method, rest, _ := strings.Cut(x.Request, " ")
		target, _, _ := strings.Cut(rest, " ")
		target = strings.NewReplacer("{", "", "}", "").Replace(target)
		_, route := mux.Handler(httptest.NewRequest(method, target, nil))
		status, _, _ := strings.Cut(strings.TrimPrefix(x.Answer, "HTTP/1.1 "), " ")
		if status == "200" {
			served[route]++
			continue
		}
		refused[route]++
		code := ""
		for _, m := range firstCodes.FindAllStringSubmatch(x.Answer, -1) {
			code += " " + m[1]
		}
		codes[status+code]++
	}
	for _, r := range cloudflare.Routes() {
		if name := r.Method + " " + r.Pattern; served[name] == 0 || refused[name] == 0 {
			t.Errorf("%s is recorded %d times with success and %d times with a refusal: it needs both", name, served[name], refused[name])
		}
	}
	for _, row := range []string{"400 9106", "400 6003 6111", "400 6003 6102", "400 6003 6103", "403 9103", "401 10000", "403 10000", "403 9109", "401 1000", "400 1001", "404 7003 7000",
		"405 7001", "400 1198", "404 404", "400 400", "409 409", "422 422", "404 1003", "400 1002", "413 413", "429 10429", "503 10001"} {
		if codes[row] == 0 {
			t.Errorf("no exchange is recorded that ends with %s", row)
		}
		delete(codes, row)
	}
	delete(codes, "405") // HEAD, whose answer has no body
	if len(codes) > 0 {
		t.Errorf("recorded, and in no row of the table: %v", codes)
	}
}

var firstCodes = regexp.MustCompile(`"code":(\d+)`)
