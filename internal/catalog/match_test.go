package catalog_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/catalog"
)

func TestMatch(t *testing.T) {
	c := catalog.Builtin()
	for _, row := range []struct {
		backend, method, path, action string
		ids                           []string
	}{
		{"policies-api", "GET", "/v1/policies/p1", "iam:GetPolicy", []string{"p1"}},
		{"policies-api", "GET", "/v2/policies/p1//?x=1/2", "iam:GetPolicy", []string{"p1"}},
		{"policies-api", "POST", "/v1/policies/p1/iam-users/u1", "iam:AttachUserPolicy", []string{"p1", "u1"}},
		{"policies-api", "GET", "/v1/policies?name=a&pageSize=3", "iam:ListPolicies", nil},
		{"policies-api", "POST", "/v1/compose-policy", "iam:ComposePolicy", nil},
		{"policies-api", "POST", "/v1/policies/compose-policy/", "iam:ComposePolicy", nil},
		{"policies-api", "GET", "/v1/policies/a%2Fb", "iam:GetPolicy", []string{"a/b"}},
		{"policies-api", "GET", "/v1/policies/%61", "iam:GetPolicy", []string{"a"}},
		{"accounts-api", "POST", "/v1/service-accounts/s1/trusted-roots/777", "iam:AttachTrustedRoot", []string{"s1"}},
		{"vserver-gateway", "PUT", "/v2/proj/volumes/v1/servers/s1/attach", "vserver:AttachVolume", []string{"v1", "s1"}},
		{"vserver-gateway", "GET", "/v2/proj/servers", "vserver:ListServer", nil},
		{"vserver-gateway", "GET", "/v2/proj/networks", "vserver:ListVPCs", []string{"*"}},
		{"vserver-gateway", "GET", "/v2/proj/networks/n1/subnets/s1", "vserver:GetSubnet", []string{"n1", "s1"}},
		{"vstorage-api", "GET", "/v1/projects/p1/containers/c1/objects/a%2Fb/tags", "vstorage:ListObjectTags", []string{"p1/c1/a/b"}},
		{"vmonitor-api", "POST", "/v1/projects/p1/search-logs", "vmonitor:SearchLogs", []string{"p1"}},
	} {
		a, ids, ok := c.Match(catalog.VNGCloud, row.backend, row.method, row.path)
		if !ok || a.String() != row.action || !slices.Equal(ids, row.ids) {
			t.Errorf("%s %s %s is %v on %q, want %s on %q", row.backend, row.method, row.path, a, ids, row.action, row.ids)
		}
	}
	for _, row := range []struct{ dialect, backend, method, path string }{
		{catalog.VNGCloud, "policies-api", "POST", "/v1/policies/p1"}, // known path, other verb
		{catalog.VNGCloud, "policies-api", "get", "/v1/policies"},
		{catalog.VNGCloud, "policies-api", "GET", "/v1/compose-policy"},
		{catalog.VNGCloud, "policies-api", "GET", "/v1/iam-users"}, // another backend's
		{catalog.VNGCloud, "nobody", "GET", "/v1/policies"},
		{catalog.VNGCloud, "policies-api", "GET", "v1/policies"},
		{catalog.VNGCloud, "policies-api", "GET", "/policies"},
		{catalog.VNGCloud, "policies-api", "GET", "/v1/policies/p1/x"},
		{catalog.VNGCloud, "policies-api", "GET", "/x/v1/policies"},
		{catalog.VNGCloud, "policies-api", "GET", "/v1/policies/%zz"},
		{catalog.VNGCloud, "policies-api", "GET", "/v1/policies/" + strings.Repeat("p", catalog.MaxRequestPath)},
		{catalog.VNGCloud, "policies-api", "GET", ""},
		{catalog.Native, "policies-api", "GET", "/v1/policies"},
		{catalog.Exoscale, "policies-api", "GET", "/v1/policies"},
	} {
		if a, _, ok := c.Match(row.dialect, row.backend, row.method, row.path); ok {
			t.Errorf("%s %s %.80s is %v", row.backend, row.method, row.path, a)
		}
	}
}

// TestPattern: the regular expression is spelled as in the vendor's example.
func TestPattern(t *testing.T) {
	c := catalog.Builtin()
	for action, want := range map[string]string{
		"iam:GetPolicy":        `^\/v\d+\/policies\/([^\/\?]+)\/*(?:\?.*)?$`,
		"iam:AttachUserPolicy": `^\/v\d+\/policies\/([^\/\?]+)\/iam-users\/([^\/\?]+)\/*(?:\?.*)?$`,
		"iam:CreateRole":       "",
	} {
		if a, _ := c.Action(action); a.Pattern() != want {
			t.Errorf("%s has the pattern %s, want %s", action, a.Pattern(), want)
		}
	}
}

// TestEveryRouteMatches: no row hides another one, and none is of a path that cannot be made.
func TestEveryRouteMatches(t *testing.T) {
	c := catalog.Builtin()
	param, routes := regexp.MustCompile(`\{\w+\}`), 0
	for _, s := range c.Services() {
		for _, a := range c.Actions(s.ID) {
			if a.Path == "" {
				continue
			}
			routes++
			path := param.ReplaceAllString(a.Path, "x1")
			got, ids, ok := c.Match(catalog.VNGCloud, a.Backend, a.Methods[0], path)
			if !ok || got != a || len(ids) != len(a.Types) {
				t.Errorf("%s %s is %v on %v, want %v", a.Methods[0], path, got, ids, a)
			}
		}
	}
	if routes < 300 {
		t.Errorf("only %d routes", routes)
	}
}

// TestFirstRow: of two rows that fit, the first in catalogue order counts, and an operator's come last.
func TestFirstRow(t *testing.T) {
	c, err := catalog.New([]byte(`{"services": [{"id": "a", "name": "A", "actions": [
		{"name": "First", "label": "Read", "backend": "b", "methods": ["GET"], "path": "/v1/{x}/end"},
		{"name": "Second", "label": "Read", "backend": "b", "methods": ["GET", "PUT"], "path": "/v1/{y}/{z}"},
		{"name": "Third", "label": "Read", "backend": "b", "methods": ["GET"], "path": "/v1/start/end"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, request := range []string{"GET /v1/start/end", "GET /v1/start/other", "PUT /v1/start/end", "DELETE /v1/start/end"} {
		method, path, _ := strings.Cut(request, " ")
		a, _, ok := c.Match(catalog.VNGCloud, "b", method, path)
		if ok {
			got = append(got, a.Name)
		} else {
			got = append(got, "none")
		}
	}
	if diff := cmp.Diff([]string{"First", "Second", "Second", "none"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
