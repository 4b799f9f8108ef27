package catalog_test

import (
	"fmt"
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
		resources                     []string
	}{
		{"policies-api", "GET", "/v1/policies/p1", "iam:GetPolicy", []string{"crn::iam:policy:p1"}},
		{"policies-api", "POST", "/v1/policies/p1/iam-users/u1", "iam:AttachUserPolicy", []string{"crn::iam:policy:p1", "crn::iam:user:u1"}},
		{"policies-api", "GET", "/v1/policies", "iam:ListPolicies", []string{"crn::iam:*:*"}},
		{"policies-api", "POST", "/v1/compose-policy", "iam:ComposePolicy", []string{"crn::iam:*:*"}},
		{"policies-api", "POST", "/v1/policies/compose-policy", "iam:ComposePolicy", []string{"crn::iam:*:*"}},
		{"policies-api", "GET", "/v1/policies/a%2Fb", "iam:GetPolicy", []string{"crn::iam:policy:a/b"}},
		{"policies-api", "GET", "/v1/policies/%61", "iam:GetPolicy", []string{"crn::iam:policy:a"}},
		{"policies-api", "GET", "/v1/policies/%2561", "iam:GetPolicy", []string{"crn::iam:policy:%61"}},
		{"policies-api", "GET", "/v1/%70olicies/a", "iam:GetPolicy", []string{"crn::iam:policy:a"}},
		{"accounts-api", "POST", "/v1/service-accounts/s1/trusted-roots/777", "iam:AttachTrustedRoot", []string{"crn::iam:service-account:s1"}},
		{"vserver-gateway", "PUT", "/v2/proj/volumes/v1/servers/s1/attach", "vserver:AttachVolume", []string{"crn::vserver:volume:v1", "crn::vserver:server:s1"}},
		{"vserver-gateway", "GET", "/v2/proj/servers", "vserver:ListServer", []string{"crn::vserver:*:*"}},
		{"vserver-gateway", "GET", "/v2/proj/networks", "vserver:ListVPCs", []string{"crn::vserver:vpc:*"}},
		{"vserver-gateway", "GET", "/v2/proj/networks/n1/subnets/s1", "vserver:GetSubnet", []string{"crn::vserver:vpc:n1", "crn::vserver:subnet:s1"}},
		{"vstorage-api", "GET", "/v1/projects/p1/containers/c1/objects/a%2Fb/tags", "vstorage:ListObjectTags", []string{"crn::vstorage:object:p1/c1/a/b"}},
		{"vmonitor-api", "POST", "/v1/projects/p1/search-logs", "vmonitor:SearchLogs", []string{"crn::vmonitor:log-project:p1"}},
		{"", "POST", "/v1/projects/p1/search-logs", "vmonitor:SearchLogs", []string{"crn::vmonitor:log-project:p1"}},
	} {
		m, ok := c.Match(row.backend, row.method, row.path)
		if !ok || m.Action.String() != row.action || !slices.Equal(m.Resources, row.resources) {
			t.Errorf("%s %s %s is %v on %q, want %s on %q", row.backend, row.method, row.path, m.Action, m.Resources, row.action, row.resources)
		}
	}
	for _, row := range []struct{ backend, method, path string }{
		{"policies-api", "POST", "/v1/policies/p1"}, // known path, other verb
		{"policies-api", "get", "/v1/policies"},
		{"policies-api", "TRACE", "/v1/policies"},
		{"policies-api", "", "/v1/policies"},
		{"policies-api", "GET", "/v1/compose-policy"},
		{"policies-api", "GET", "/v1/iam-users"}, // another backend's
		{"nobody", "GET", "/v1/policies"},
		{"policies-api", "GET", "v1/policies"},
		{"policies-api", "GET", "/policies"},
		{"policies-api", "GET", "/v2/policies"},
		{"policies-api", "GET", "/V1/policies"},
		{"policies-api", "GET", "/v1/Policies"},
		{"policies-api", "GET", "/v1/policies/"},
		{"policies-api", "GET", "/v1//policies"},
		{"policies-api", "GET", "//v1/policies"},
		{"policies-api", "GET", "/v1/policies/p1//"},
		{"policies-api", "GET", "/v1/policies/p1/x"},
		{"policies-api", "GET", "/v1/policies?name=a"},
		{"policies-api", "GET", "/x/v1/policies"},
		{"policies-api", "GET", "/v1%2Fpolicies"},
		{"policies-api", "GET", "/v1/policies/%zz"},
		{"policies-api", "GET", "/v1/policies/%"},
		{"policies-api", "GET", "/v1/policies/*"},
		{"policies-api", "GET", "/v1/policies/%2A"},
		{"policies-api", "GET", "/v1/policies/" + strings.Repeat("p", 3000)},
		{"policies-api", "GET", ""},
		{"vstorage-api", "GET", "/v1/projects/p%2F1/containers/c1/objects/a/tags"}, // p/1/c1 would be container 1 of p
		{"", "GET", "/v1/projects/p1"},                                             // of two backends
		{"", "GET", "/v1/nothing"},
	} {
		if m, ok := c.Match(row.backend, row.method, row.path); ok {
			t.Errorf("%s %s %.80s is %v", row.backend, row.method, row.path, m.Action)
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
			got, ok := c.Match(a.Backend, a.Methods[0], path)
			if !ok || got.Action != a || len(got.Resources) != max(1, len(a.Types)) {
				t.Errorf("%s %s is %v on %v, want %v", a.Methods[0], path, got.Action, got.Resources, a)
			}
		}
	}
	if routes < 300 {
		t.Errorf("only %d routes", routes)
	}
}

// TestPrecedence: what is written out goes before a variable, whatever the order of rows.
func TestPrecedence(t *testing.T) {
	c, err := catalog.New([]byte(`{"services": [{"id": "a", "name": "A", "actions": [
		{"name": "First", "label": "Read", "backend": "b", "methods": ["GET"], "path": "/v1/{x}/end"},
		{"name": "Second", "label": "Read", "backend": "b", "methods": ["GET", "PUT"], "path": "/v1/{y}/{z}"},
		{"name": "Third", "label": "Read", "backend": "b", "methods": ["GET"], "path": "/v1/start/end"},
		{"name": "Fourth", "label": "Read", "backend": "b", "methods": ["GET", "HEAD"], "path_regex": "^/v1/.*$"},
		{"name": "Fifth", "label": "Read", "backend": "b", "methods": ["HEAD"], "path": "/v1/last", "requests": [
			{"methods": ["PATCH"], "path": "/v1/start/end"}, {"methods": ["GET"], "path": "/v2/{x}/end"}]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for request, want := range map[string]string{
		"GET /v1/start/end": "Third", "GET /v1/other/end": "First", "GET /v1/start/other": "Second", "PUT /v1/start/end": "Second",
		"GET /v1/a/b/c": "Fourth", "HEAD /v1/last": "Fifth", "HEAD /v1/first": "Fourth", "PATCH /v1/start/end": "Fifth", "GET /v2/x/end": "Fifth",
		"DELETE /v1/start/end": "none", "PATCH /v1/last": "none", "GET /v2/x/y": "none", "GET /v1/a//b": "none", "GET /v1/a/": "none",
	} {
		method, path, _ := strings.Cut(request, " ")
		got := "none"
		if m, ok := c.Match("b", method, path); ok {
			got = m.Action.Name
		}
		if got != want {
			t.Errorf("%s is %s, want %s", request, got, want)
		}
	}
}

// TestOnlyBackend: without a backend, a row of another one makes a request doubtful, even if that row's names cannot be made.
func TestOnlyBackend(t *testing.T) {
	c, err := catalog.New([]byte(`{"services": [
		{"id": "a", "name": "A", "types": [{"name": "t"}], "actions": [
		{"name": "Get", "label": "Read", "types": ["t"], "backend": "a", "methods": ["GET"], "path": "/{x}/{y}", "ids": ["{x}/{y}"]},
		{"name": "Find", "label": "Read", "types": ["t"], "backend": "a", "methods": ["PUT"], "path_regex": "^/(.+)$"}]},
		{"id": "b", "name": "B", "actions": [{"name": "Get", "label": "Read", "backend": "b", "methods": ["GET", "PUT"], "path": "/{z}/end"}]},
		{"id": "c", "name": "C", "actions": [{"name": "Get", "label": "Read", "backend": "c1", "methods": ["GET"], "path": "/c", "requests": [{"methods": ["PUT"], "path": "/c/{x}/{y}"}]},
		{"name": "Put", "label": "Read", "backend": "c2", "methods": ["GET"], "path": "/c"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for request, want := range map[string]string{
		"GET /x/y": "a:Get", "GET /x/end": "", "GET /x%2Fy/end": "", "GET /x%2Fy/z": "", "PUT /x/y": "a:Find", "PUT /x/end": "", "PUT /x%2Fy/end": "",
		"GET /c": "", "PUT /c": "a:Find", "PUT /c/x/y": "", "DELETE /x/y": "",
	} {
		method, path, _ := strings.Cut(request, " ")
		got := ""
		if m, ok := c.Match("", method, path); ok {
			got = m.Action.String()
		}
		if got != want {
			t.Errorf("%s is %q, want %q", request, got, want)
		}
	}
}

// TestResources: ids are made so that no two requests about different things are about one.
func TestResources(t *testing.T) {
	c, err := catalog.New([]byte(`{"services": [{"id": "a", "name": "A",
		"types": [{"name": "report", "id": "{folder}/{name}"}, {"name": "pair", "id": "{x}--{y}"}, {"name": "zone"}],
		"actions": [
		{"name": "Report", "label": "Read", "types": ["report"], "backend": "b", "methods": ["GET"], "path": "/folders/{folder}/reports/{name}", "ids": ["{folder}/{name}"]},
		{"name": "Pair", "label": "Read", "types": ["pair", "zone"], "backend": "b", "methods": ["GET"], "path": "/pairs/{x}/{y}", "ids": ["{x}--{y}", "*"]},
		{"name": "Zone", "label": "Read", "types": ["zone"], "backend": "b", "methods": ["GET"], "path": "/zones/{id}", "ids": ["{id:hex}"]},
		{"name": "Files", "label": "Read", "types": ["zone"], "backend": "b", "methods": ["GET"], "path_regex": "^/files/(.+?)(?:@([0-9]+))?$", "ids": ["{1}"]},
		{"name": "Version", "label": "Read", "types": ["zone"], "backend": "b", "methods": ["HEAD"], "path_regex": "^/files/(.+?)(?:@([0-9]+))?$", "ids": ["{2}"]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for request, want := range map[string][]string{
		"GET /folders/a/reports/b":                            {"crn::a:report:a/b"},
		"GET /folders/a/reports/b%2Fc":                        {"crn::a:report:a/b/c"},
		"GET /folders/a/reports/b:c%3F%20":                    {"crn::a:report:a/b:c? "},
		"GET /folders/a%2Fb/reports/c":                        nil, // which is not report b/c in a
		"GET /pairs/x/y":                                      {"crn::a:pair:x--y", "crn::a:zone:*"},
		"GET /pairs/x-/y":                                     nil, // x---y, where -y would be the second
		"GET /pairs/x/-y":                                     {"crn::a:pair:x---y", "crn::a:zone:*"},
		"GET /pairs/x--a/y":                                   nil,
		"GET /pairs/a%2Fb/y":                                  {"crn::a:pair:a/b--y", "crn::a:zone:*"},
		"GET /zones/3cd82403-be4a-44e9-bde1-9205d66f38d9":     {"crn::a:zone:3cd82403be4a44e9bde19205d66f38d9"},
		"GET /zones/3cd82403be4a44e9bde19205d66f38d9":         nil,
		"GET /files/a/b":                                      {"crn::a:zone:a/b"},
		"GET /files/a%2Fb":                                    {"crn::a:zone:a/b"},
		"GET /files/a/b%2Fc":                                  nil, // two readings
		"GET /files/a/..%2Fc":                                 nil,
		"GET /files/a/":                                       nil,
		"GET /f%69les/a":                                      nil, // expressions see the path as it was sent
		"HEAD /files/a@7":                                     {"crn::a:zone:7"},
		"HEAD /files/a":                                       nil, // the group has no part in it
		"GET /folders/a/reports/" + strings.Repeat("x", 2100): nil,
	} {
		method, path, _ := strings.Cut(request, " ")
		m, ok := c.Match("b", method, path)
		if diff := cmp.Diff(want, m.Resources); diff != "" || ok != (want != nil) {
			t.Errorf("%.80s: (-want +got):\n%s", request, diff)
		}
	}
	m, _ := c.Match("b", "GET", "/folders/a/reports/b")
	if diff := cmp.Diff([][]string{{"folder", "name"}, {"a", "b"}}, [][]string{m.Params, m.Values}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// thousands adds five services of 2,000 rows each to the built-in catalogue.
func thousands(tb testing.TB) *catalog.Catalog {
	tb.Helper()
	c := catalog.Builtin()
	for s := range 5 {
		var actions []string
		for i := range 400 {
			for _, row := range []string{
				`{"name": "ListK%[1]d", "label": "List", "types": ["thing"], "backend": "b%[2]d", "methods": ["GET"], "path": "/v1/kind%[1]d", "ids": ["*"]}`,
				`{"name": "GetK%[1]d", "label": "Read", "types": ["thing"], "backend": "b%[2]d", "methods": ["GET"], "path": "/v1/kind%[1]d/{id}"}`,
				`{"name": "DropK%[1]d", "label": "Write", "types": ["thing"], "backend": "b%[2]d", "methods": ["DELETE"], "path": "/v1/kind%[1]d/{id}"}`,
				`{"name": "PartK%[1]d", "label": "Read", "types": ["part"], "backend": "b%[2]d", "methods": ["GET"], "path": "/v1/kind%[1]d/{id}/parts/{part}", "ids": ["{id}/{part}"]}`,
				`{"name": "TagK%[1]d", "label": "Tagging", "types": ["thing", "part"], "backend": "b%[2]d", "methods": ["PUT"], "path": "/v1/tenants/{tenant}/kind%[1]d/{id}/parts/{part}", "ids": ["{tenant}/{id}", "{id}/{part}"]}`,
			} {
				actions = append(actions, fmt.Sprintf(row, i, s))
			}
		}
		next, err := c.With(fmt.Appendf(nil, `{"services": [{"id": "s%d", "name": "S", "types": [{"name": "thing"}, {"name": "part"}], "actions": [%s]}]}`, s, strings.Join(actions, ",")))
		if err != nil {
			tb.Fatal(err)
		}
		c = next
	}
	return c
}

func BenchmarkMatch(b *testing.B) {
	c := thousands(b)
	for name, request := range map[string][3]string{
		"list":    {"b3", "GET", "/v1/kind399"},
		"one":     {"b3", "GET", "/v1/kind200/4711"},
		"part":    {"b3", "GET", "/v1/kind200/4711/parts/7"},
		"two":     {"b3", "PUT", "/v1/tenants/acme/kind200/4711/parts/7"},
		"escaped": {"b3", "GET", "/v1/kind200/47%2F11"},
		"none":    {"b3", "GET", "/v1/kind200/4711/parts/7/more"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := c.Match(request[0], request[1], request[2]); ok == (name == "none") {
					b.Fatal(ok)
				}
			}
		})
	}
}
