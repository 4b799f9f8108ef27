package scalewaygo

import (
	"os"
	"strings"
	"testing"

	"github.com/writ-iam/writ/conformance/harness"
)

var server *harness.Server

func TestMain(m *testing.M) {
	for _, v := range os.Environ() { // which the SDK would read
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "SCW_") {
			os.Unsetenv(name)
		}
	}
	os.Exit(harness.Main(m, &server, "SCW_API_URL", "SCW_ACCESS_KEY", "SCW_SECRET_KEY", "SCW_DEFAULT_ORGANIZATION_ID", "SCW_DEFAULT_PROJECT_ID"))
}
