package cloudflarego

import (
	"os"
	"strings"
	"testing"

	"github.com/writ-iam/writ/conformance/harness"
)

var server *harness.Server

func TestMain(m *testing.M) {
	for _, v := range os.Environ() { // which the SDK would read
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "CLOUDFLARE_") {
			os.Unsetenv(name)
		}
	}
	os.Exit(harness.Main(m, &server, "CLOUDFLARE_BASE_URL", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "WRIT_API_KEY"))
}
