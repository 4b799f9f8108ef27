package api_test

import (
	"slices"
	"testing"

	"github.com/writ-iam/writ/internal/api"
	"github.com/writ-iam/writ/internal/control"
)

// TestRoutes holds that every operation has a route, and that no route does what is no operation.
func TestRoutes(t *testing.T) {
	routed := map[*control.Operation]bool{}
	seen := map[string]bool{}
	for _, r := range api.Routes() {
		if key := r.Method + " " + r.Pattern; seen[key] {
			t.Errorf("%s stands twice", key)
		} else {
			seen[key] = true
		}
		switch {
		case r.Operation == nil && (r.Pattern == "/.well-known/jwks.json" || r.Pattern == "/v1/auth/sign-in"):
		case r.Operation == nil:
			t.Errorf("%s %s has no operation", r.Method, r.Pattern)
		case !slices.Contains(control.Operations(), r.Operation):
			t.Errorf("%s %s does %s, which is not among the operations", r.Method, r.Pattern, r.Operation.Action)
		default:
			routed[r.Operation] = true
		}
	}
	for _, op := range control.Operations() {
		if byDialects := slices.Contains(control.DialectOperations(), op); routed[op] == byDialects {
			t.Errorf("%s: has a route is %v, and is for dialects alone is %v", op.Action, routed[op], byDialects)
		}
	}
}

func TestUnknownPaths(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	for _, path := range []string{"/", "/v1", "/v1/iam", "/v1/iam/groups/", "/v1/iam//groups", "/v1/iam/./groups", "/v1/iam/x/../groups",
		"/v1/iam/groups/%2e%2e", "/v1/iam/Groups", "/v2/iam/groups", "/v1/iam/groups/a/b", "/.well-known/"} {
		r := owner.get(path)
		if r.status != 404 || r.header.Get("Location") != "" {
			t.Errorf("GET %s: status %d, Location %q, want 404 without redirect", path, r.status, r.header.Get("Location"))
			continue
		}
		r.want(404)
	}
	w.with().get("/nothing").want(404) // before authentication: there is nothing to hide
}

func TestWrongMethods(t *testing.T) {
	w := newWorld(t)
	for path, allow := range map[string]string{
		"/v1/iam/groups":                               "GET, HEAD, POST",
		"/v1/iam/groups/" + w.org:                      "DELETE, GET, HEAD, PATCH",
		"/v1/iam/authorize":                            "POST",
		"/v1/iam/authorize-http":                       "POST",
		"/v1/organizations/" + w.org + "/quotas/users": "PUT",
		"/.well-known/jwks.json":                       "GET, HEAD",
	} {
		r := w.with().do("OPTIONS", path, nil).want(405)
		if got := r.header.Get("Allow"); got != allow {
			t.Errorf("OPTIONS %s: Allow %q, want %q", path, got, allow)
		}
	}
	w.as(w.owner).do("HEAD", "/v1/iam/groups", nil).want(200)
}

func TestJWKS(t *testing.T) {
	r := newWorld(t).with().get("/.well-known/jwks.json").want(200)
	if r.len("keys") == 0 || r.str("keys.0.kty") == "" {
		t.Errorf("no keys: %s", r.body)
	}
	if got := r.header.Get("Cache-Control"); got != "public, max-age=300" {
		t.Errorf("Cache-Control %q", got)
	}
}
