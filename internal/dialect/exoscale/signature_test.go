package exoscale_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/wire"
)

// TestTampered changes each part of a signed request, and everything about who signs: the refusal is the same each time, and nothing
// happens (section 14.1).
func TestTampered(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.owner()
	e.names["lapsed"] = ""
	lapsed := e.natively(e.names["token"], "POST", "/v1/iam/roles/{owner_role}/credentials", `{"name":"ends","expires_at":"`+e.Clock.Now().Add(time.Hour).Format(time.RFC3339)+`"}`)
	disabledYet := e.natively(e.names["token"], "POST", "/v1/iam/roles/{owner_role}/credentials", `{"name":"begins","not_before":"`+e.Clock.Now().Add(72*time.Hour).Format(time.RFC3339)+`"}`)
	deleted := e.ask(owner, "POST", "/api-key", `{"name":"gone","role-id":"{owner_role}"}`).want(200)
	e.names["gone"] = deleted.str("key")
	e.ask(owner, "DELETE", "/api-key/{gone}", "").want(200)
	unsigned := e.natively(e.names["token"], "POST", "/v1/iam/users/{owner}/credentials", `{"name":"bears only"}`)
	e.Clock.Advance(2 * time.Hour)
	native := func(a *answer) key {
		return key{a.str("credential.access_key_id"), a.str("secret_access_key")}
	}

	const body = `{"name":"x","role-id":"3f0c2f3a-5d1e-4a57-9a10-0d5c1e8b7a11"}`
	authorization := func(change func(string) string) func(*request) {
		return func(r *request) { r.header.Set("Authorization", change(r.header.Get("Authorization"))) }
	}
	by := func(k key) func(*request) {
		return func(r *request) { r.header = as(k, r.method, r.target, r.body).header }
	}
	for what, change := range map[string]func(*request){
		"no header":         func(r *request) { r.header.Del("Authorization") },
		"two headers":       func(r *request) { r.header.Add("Authorization", r.header.Get("Authorization")) },
		"another method":    func(r *request) { r.method = "PUT"; r.target = "/v2/iam-role/3f0c2f3a-5d1e-4a57-9a10-0d5c1e8b7a11" },
		"another path":      func(r *request) { r.target = "/v2/user" },
		"an escape":         func(r *request) { r.target = "/v2/api%2Dkey" },
		"another body":      func(r *request) { r.body = strings.Replace(r.body, "x", "y", 1) },
		"a space":           func(r *request) { r.body += " " },
		"rewritten JSON":    func(r *request) { r.body = strings.Replace(r.body, `"x"`, `"\u0078"`, 1) },
		"no body":           func(r *request) { r.body = "" },
		"another expiry":    authorization(func(s string) string { return strings.Replace(s, "4102444800", "4102444801", 1) }),
		"another signature": authorization(func(s string) string { return strings.Replace(s, "signature=", "signature=AAAA", 1) }),
		"another scheme":    authorization(func(s string) string { return strings.Replace(s, "EXO2", "EXO1", 1) }),
		"a bearer token":    authorization(func(string) string { return "Bearer " + owner.secret }),
		"expired": func(r *request) {
			r.header.Set("Authorization", sign(owner, r.method, r.target, r.body, e.Clock.Now().Unix()))
		},
		"expired long ago":  func(r *request) { r.header.Set("Authorization", sign(owner, r.method, r.target, r.body, 0)) },
		"before the epoch":  func(r *request) { r.header.Set("Authorization", sign(owner, r.method, r.target, r.body, -1)) },
		"an unknown key":    by(key{"EXO000000000000000000000000", owner.secret}),
		"another's secret":  by(key{owner.id, e.names["media_secret"]}),
		"another's key":     by(key{e.names["other.owner_key"], owner.secret}),
		"an empty secret":   by(key{owner.id, ""}),
		"a deleted key":     by(key{deleted.str("key"), deleted.str("secret")}),
		"an expired key":    by(native(lapsed)),
		"a key not yet":     by(native(disabledYet)),
		"a key that cannot": by(native(unsigned)),
	} {
		t.Run(what, func(t *testing.T) {
			e.t = t
			r := as(owner, "POST", "/v2/api-key", body)
			change(r)
			before := e.tail()
			a := e.send(r).says(403, "Invalid request signature")
			if got := string(a.body); got != `{"message":"Invalid request signature"}` || a.header.Get("Www-Authenticate") != "" {
				t.Errorf("%s, %v", got, a.header)
			}
			if e.tail() != before {
				t.Error("something was committed")
			}
		})
	}
	e.t = t
	e.ask(owner, "POST", "/api-key", body).says(404, "Not Found") // untouched, it gets as far as the role that there is not
}

// TestUnheard: of a request without a signature nothing is read, and who has called too often is not read either: to compile a policy is
// work (sections 2.3 and 14.5).
func TestUnheard(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.send(as(key{}, "POST", "/v2/iam-role", strings.Repeat(" ", 2<<20))).says(403, "Invalid request signature")
	for what, header := range map[string]string{"nothing": "", "another scheme": "Bearer x", "no proof": "EXO2-HMAC-SHA256 credential=" + e.names["owner_key"] + ",expires=4102444800"} {
		in := httptest.NewRequest("POST", "/v2/iam-role", unread{t, what})
		in.Header.Set("Authorization", header)
		rec := httptest.NewRecorder()
		if e.wire.ServeHTTP(rec, in); rec.Code != 403 {
			t.Errorf("%s: status %d", what, rec.Code)
		}
	}
	e.Config.Limiter = &wire.Limiter{PerMinute: 3}
	names := e.names
	e = on(t, e.Site, 0)
	e.names = names
	e.Clock.Advance(time.Minute - e.Clock.Now().Sub(e.Clock.Now().Truncate(time.Minute)))
	for i := range 6 {
		status := 400 // which counts
		if i >= 3 {
			status = 429
		}
		e.ask(e.key("idle"), "PUT", "/iam-role/{spare_role}:policy", `{"default-service-strategy":"maybe","services":{}}`).want(status)
	}
}

// unread is a body that is not to be read.
type unread struct {
	t    *testing.T
	what string
}

func (u unread) Read([]byte) (int, error) {
	u.t.Errorf("with %s, the body is read", u.what)
	return 0, io.EOF
}

// TestSignedQuery: parameters are signed by their decoded values, in whatever order they stand, and others may stand beside them
// (sections 2.1, 2.3 and 14.3).
func TestSignedQuery(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	const path = "/v2/event?from=2026-01-02T03%3A04%3A05Z&to=2026-12-03T03%3A04%3A05Z"
	signed := func(target string) *request { return as(e.owner(), "GET", target, "") }
	e.send(signed(path)).want(200)
	e.send(signed("/v2/event?to=2026-12-03T03%3A04%3A05Z&from=2026-01-02T03%3A04%3A05Z")).want(200)
	sentAs := func(target string) *request {
		r := signed(path)
		r.target = target
		return r
	}
	for target, status := range map[string]int{
		path + "&unsigned=1": 200, // the Python client leaves out blank ones, and we cannot tell
		"/v2/event?to=2026-12-03T03:04:05Z&from=2026-01-02T03%3a04%3a05Z":     200, // the same values, written otherwise
		"/v2/event?from=2026-01-02T03%3A04%3A05Z&to=2026-12-04T03%3A04%3A05Z": 403,
		"/v2/event?from=2026-01-02T03%3A04%3A05Z":                             403,
		path + "&to=2026-12-03T03%3A04%3A05Z":                                 403,
	} {
		e.send(sentAs(target)).want(status)
	}
}

// TestPaths: what is no route is 404 or 405 in this API's words, without a redirect, which would break every signature (section 14.20).
func TestPaths(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for target, status := range map[string]int{
		"GET /v2": 404, "GET /v2/": 404, "GET /v2/iam-role/": 404, "GET /v2//iam-role": 404, "GET /v2/./iam-role": 404, "GET /v2/iam-role/x/../y": 404,
		"GET /v2/iam-role/{role}/policy": 404, "PUT /v2/iam-role/{role}/:policy": 404, "PUT /v2/iam-role/:policy": 404, "PUT /v2/iam-role:policy": 404,
		"PUT /v2/iam-role/{role}:": 404, "PUT /v2/iam-role/{role}:policy:policy": 404, "PUT /v2/iam-role/{role}:/policy": 404, "POST /v2/iam-role:assume": 404, "PUT /v2/iam-role/{role}:Policy": 404, "POST /v2/iam-organization-policy:": 404,
		"POST /v2/iam-organization-policy:resets": 404, "GET /v2/nothing": 404, "GET /v2/IAM-role": 404, "GET /v1/iam-role": 404,
		"HEAD /v2/iam-role": 405, "OPTIONS /v2/iam-role": 405, "PATCH /v2/iam-role/{role}": 405, "DELETE /v2/iam-role": 405, "GET /v2/iam-role/{role}:policy": 405,
		"POST /v2/iam-role/{role}:policy": 405, "GET /v2/iam-role/{role}/assume": 405, "GET /v2/iam-organization-policy:reset": 405, "PUT /v2/api-key/{media_key}": 405,
		"GET /v2/user/{user}": 405, "HEAD /v2/zone": 405, "POST /v2/zone": 405, "DELETE /v2/operation/{operation}": 405,
	} {
		method, path, _ := strings.Cut(e.fill(target), " ")
		a := e.send(as(e.owner(), method, path, ""))
		if a.status != status || a.header.Get("Location") != "" || a.header.Get("Content-Type") != "application/json" ||
			!strings.Contains(string(a.body), `{"message":"`+http.StatusText(status)+`"}`) || (a.header.Get("Allow") != "") != (status == 405) {
			t.Errorf("%s: status %d, %v: %s", target, a.status, a.header, a.body)
		}
	}
	// The colon is a colon, and not its escape.
	e.ask(e.owner(), "PUT", "/iam-role/{role}%3Apolicy", `{"default-service-strategy":"allow","services":{}}`).invalid("$['id']")
	if p := e.ask(e.owner(), "GET", "/iam-role/{role}", "").want(200); p.str("policy.default-service-strategy") != "deny" {
		t.Error("the policy has changed")
	}
}

// TestZones: anybody is told the zones, signed or not, and all of them are here (sections 1 and 2.3).
func TestZones(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for what, k := range map[string]key{"unsigned": {}, "signed": e.owner(), "badly signed": {"EXOx", "y"}} {
		a := e.send(as(k, "GET", "/v2/zone", "")).want(200)
		if len(a.list("zones")) != 8 || a.str("zones.0.name") != "ch-gva-2" {
			t.Errorf("%s: %s", what, a.body)
		}
		for i := range a.list("zones") {
			if got := a.str("zones." + string(rune('0'+i)) + ".api-endpoint"); got != "http://example.com/v2" {
				t.Errorf("%s: %s", what, got)
			}
		}
	}
	e.Config.PublicURL = "https://iam.example/"
	e = on(t, e.Site, 0)
	if a := e.send(as(key{}, "GET", "/v2/zone", "")).want(200); a.str("zones.7.api-endpoint") != "https://iam.example/v2" {
		t.Errorf("%s", a.body)
	}
}
