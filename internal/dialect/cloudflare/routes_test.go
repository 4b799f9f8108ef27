package cloudflare_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/dialect/cloudflare"
)

// TestRoutes holds that the routes and the catalogue's operations are the same, each with the same action of its own.
func TestRoutes(t *testing.T) {
	t.Parallel()
	var want, got []string
	for _, o := range catalog.Builtin().Operations(catalog.Cloudflare) {
		if o.Name != "accounts.tokens.permissionGroups.get" { // which is the list by another name
			want = append(want, o.Method+" "+cloudflare.Prefix+o.Path+" "+o.Actions[0])
		}
	}
	for _, r := range cloudflare.Routes() {
		got = append(got, r.Method+" "+r.Pattern+" "+r.Operation.Action)
		if !slices.Contains(control.Operations(), r.Operation) {
			t.Errorf("%s %s does %s, which is not among the operations", r.Method, r.Pattern, r.Operation.Action)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the routes are not the catalogue's operations (-catalogue +routes):\n%s", diff)
	}
}
