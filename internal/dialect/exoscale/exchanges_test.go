package exoscale_test

import (
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/dialect/exoscale"
	"github.com/writ-iam/writ/internal/exchangetest"
	"github.com/writ-iam/writ/internal/wire"
)

const recordings = "testdata/exchanges"

// TestExchanges sends every recorded exchange's request, byte for byte, and compares the answer with the recorded one.
// testdata/exchanges/README.md says how the files are made; WRIT_RECORD=1 writes what the server answers into them.
func TestExchanges(t *testing.T) {
	t.Parallel()
	suite := &exchangetest.Suite{Folder: recordings, Least: 25, Kinds: kinds, Serve: func(t *testing.T, settings exchangetest.Settings) *exchangetest.Server {
		e := newEstate(t)
		if settings.RatePerMinute > 0 {
			e.Config.Limiter = &wire.Limiter{PerMinute: settings.RatePerMinute}
		}
		server := httptest.NewServer(exoscale.New(e.Config, 0))
		t.Cleanup(server.Close)
		return &exchangetest.Server{Address: server.Listener.Addr().String(), Names: e.names, Advance: e.Clock.Advance,
			Sign: func(id, secret, method, target, body string) string {
				return sign(key{id, secret}, method, target, body, farAway)
			}}
	}}
	suite.Run(t)
}

// kinds are the placeholders that stand for any value of a kind. Times are the same each time: the clock is a test's.
var kinds = []exchangetest.Kind{
	exchangetest.RequestID,
	exchangetest.UUID,
	{Name: "key", Value: regexp.MustCompile(`EXO[0-9a-f]{24}`)},
	{Name: "secret", Value: regexp.MustCompile(`[A-Za-z0-9_-]{43}`)},
}

// TestRecorded holds that every operation is recorded with success and with a refusal, and every row of section 8's table.
func TestRecorded(t *testing.T) {
	t.Parallel()
	served, refused, said := map[string]int{}, map[string]int{}, map[string]int{}
	for _, x := range exchangetest.Read(t, recordings) {
		method, rest, _ := strings.Cut(x.Request, " ")
		target, _, _ := strings.Cut(rest, " ")
		name := operationOf(method, target)
		status, _, _ := strings.Cut(strings.TrimPrefix(x.Answer, "HTTP/1.1 "), " ")
		if status == "200" {
			served[name]++
			continue
		}
		refused[name]++
		_, body, _ := strings.Cut(x.Answer, "\n\n")
		var failure struct{ Message string }
		if body != "" && json.Unmarshal([]byte(body), &failure) != nil {
			t.Errorf("%s: no JSON: %s", x.File, body)
		}
		said[status+" "+freeText.ReplaceAllString(failure.Message, "$1")]++
	}
	for _, o := range catalog.Builtin().Operations(catalog.Exoscale) {
		if served[o.Name] == 0 || refused[o.Name] == 0 && o.Name != "list-zones" { // which is anybody's
			t.Errorf("%s is recorded %d times with success and %d times with a refusal: it needs both", o.Name, served[o.Name], refused[o.Name])
		}
	}
	for _, row := range []string{
		"403 Forbidden by role policy for iam - A deny rule matched. Rule index: 0", "403 Forbidden by role policy for iam",
		"403 Forbidden by org policy for iam - A deny rule matched. Rule index: 0", "403 Forbidden by org policy for iam", "403 Forbidden: ",
		"403 Invalid request signature", "403 Role is not editable", "404 Not Found", "400 Invalid request: ", "405 Method Not Allowed", "409 ",
		"413 ", "429 ", "503 ",
	} {
		if said[row] == 0 {
			t.Errorf("no exchange is recorded that ends with %s", row)
		}
		delete(said, row)
	}
	delete(said, "405 ") // HEAD, whose answer has no body
	if len(said) > 0 {
		t.Errorf("recorded, and in no row of the table: %v", said)
	}
}

// freeText is what the table says nothing of.
var freeText = regexp.MustCompile(`^(Forbidden by .*|Forbidden: |Invalid request: |Invalid request signature|Role is not editable|Not Found|Method Not Allowed|).*$`)

// operand is where a path of the catalogue has an id.
var operand = regexp.MustCompile(`\{[a-z-]+\}`)

// operationOf is the catalogue's operation that a request is for; "" if there is none.
func operationOf(method, target string) string {
	path, _, _ := strings.Cut(strings.NewReplacer("{{", "", "}}", "").Replace(target), "?")
	path, ok := strings.CutPrefix(path, exoscale.Prefix)
	for _, o := range catalog.Builtin().Operations(catalog.Exoscale) {
		pattern := regexp.MustCompile("^" + operand.ReplaceAllString(o.Path, "[^/:]+") + "$")
		if ok && o.Method == method && pattern.MatchString(path) {
			return o.Name
		}
	}
	return ""
}
