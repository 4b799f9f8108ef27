package cloudflare_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
)

// TestAuthenticate shows credentials of every sort (sections 1 and 3.3).
func TestAuthenticate(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	n := e.names
	// What was good once.
	rolled := e.ask(e.owner(), "PUT", "~/tokens/{ci}/value", "").want(200).str("result")
	rolled, n["ci_secret"] = n["ci_secret"], rolled
	ended := e.session()
	e.natively(e.owner(), "POST", "/v1/iam/sts-sessions/"+e.natively(e.owner(), "GET", "/v1/iam/sts-sessions", "").str("sts_sessions.0.id")+"/revoke", `{}`)
	session := e.session()
	e.ask(e.owner(), "DELETE", "~/members/{member}", "").want(200)
	e.natively(e.owner(), "PATCH", "/v1/iam/service-accounts/"+hyphens(n["robot"]), `{"enabled":false}`)
	e.natively(bearer(n["operator"]), "PATCH", "/v1/people/"+hyphens(n["ada_person"]), `{"enabled":false}`)
	reader := iam.UserID{UUID: uuid(t, n["reader"])}
	e.write(control.UpdateUser, iam.Name(iam.TypeUser, reader.UUID), func(d *iam.Draft) error {
		_, err := d.SetUserDisabled(reader, true)
		return err
	})
	tail := e.tail()

	const address = "olga@acme.example"
	unknown := strings.Repeat("x", 40)
	both := func(a, b http.Header) http.Header {
		out := a.Clone()
		maps.Copy(out, b)
		return out
	}
	header := func(pairs ...string) http.Header {
		out := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = append(out[pairs[i]], pairs[i+1])
		}
		return out
	}
	for _, c := range []struct {
		why    string
		header http.Header
		status int
		code   int // of the first error
		chain  int // in its error_chain
	}{
		{"the owner's token", bearer(n["token"]), 200, 0, 0},
		{"a key's secret as a token", bearer(n["owner_key"]), 200, 0, 0},
		{"an account token", bearer(n["ci_secret"]), 200, 0, 0},
		{"a token of one's own", bearer(n["owner_secret"]), 200, 0, 0},
		{"a role session", bearer(session), 200, 0, 0},
		{"a scheme in small letters", header("Authorization", "bearer "+n["token"]), 200, 0, 0},
		{"address and key", keyed(address, n["owner_key"]), 200, 0, 0},
		{"an address in other case", keyed("OLGA@Acme.Example", n["owner_key"]), 200, 0, 0},
		{"a token of one's own as a key", keyed(address, n["owner_secret"]), 200, 0, 0},
		{"a token before a wrong key", both(bearer(n["token"]), keyed(address, unknown)), 200, 0, 0},
		{"a token before half a key", both(bearer(n["token"]), header("X-Auth-Key", "x")), 200, 0, 0},

		{"nothing", http.Header{}, 400, 9106, 0},
		{"an address alone", header("X-Auth-Email", address), 400, 9106, 0},
		{"a key alone", header("X-Auth-Key", n["owner_key"]), 400, 9106, 0},
		{"an empty address", keyed("", n["owner_key"]), 400, 9106, 0},
		{"an empty key", keyed(address, ""), 400, 9106, 0},
		{"the Origin CA's key", header("X-Auth-User-Service-Key", "v1.0-"+unknown), 400, 9106, 0},
		{"the native API's key", header("X-Api-Key", "AKIA0000000000000000:"+n["owner_key"]), 400, 9106, 0},

		{"another scheme", header("Authorization", "Basic b2xnYTpzZWNyZXQ="), 400, 6003, 6111},
		{"no scheme", header("Authorization", n["token"]), 400, 6003, 6111},
		{"an empty header", header("Authorization", ""), 400, 6003, 6111},
		{"no token", header("Authorization", "Bearer"), 400, 6003, 6111},
		{"an empty token", header("Authorization", "Bearer "), 400, 6003, 6111},
		{"two spaces", header("Authorization", "Bearer  "+n["token"]), 400, 6003, 6111},
		{"two words", header("Authorization", "Bearer "+n["ci_secret"]+" "+n["ci_secret"]), 400, 6003, 6111},
		{"two headers", header("Authorization", "Bearer "+n["token"], "Authorization", "Bearer "+n["token"]), 400, 6003, 6111},
		{"fifteen characters", bearer(unknown[:15]), 400, 6003, 6111},
		{"4097 characters", bearer(strings.Repeat("x", 4097)), 400, 6003, 6111},
		{"characters of no token", bearer(unknown + "!"), 400, 6003, 6111},
		{"letters of no token", bearer(unknown + "ä"), 400, 6003, 6111},
		{"a malformed token before a good key", both(bearer("x"), keyed(address, n["owner_key"])), 400, 6003, 6111},
		{"no address", keyed("olga", n["owner_key"]), 400, 6003, 6102},
		{"two addresses", header("X-Auth-Email", address, "X-Auth-Email", address, "X-Auth-Key", n["owner_key"]), 400, 6003, 6102},
		{"a short key", keyed(address, "x"), 400, 6003, 6103},
		{"characters of no key", keyed(address, unknown+"?"), 400, 6003, 6103},
		{"two keys", header("X-Auth-Email", address, "X-Auth-Key", n["owner_key"], "X-Auth-Key", n["owner_key"]), 400, 6003, 6103},

		{"sixteen characters that are no token", bearer(unknown[:16]), 401, 10000, 0},
		{"4096 characters that are no token", bearer(strings.Repeat("x", 4096)), 401, 10000, 0},
		{"an account token of nobody", bearer("cfat_" + strings.Repeat("x", 48)), 401, 10000, 0},
		{"a token cut short", bearer(n["ci_secret"][:len(n["ci_secret"])-1]), 401, 10000, 0},
		{"a token without its prefix", bearer(strings.TrimPrefix(n["ci_secret"], "cfat_")), 401, 10000, 0},
		{"a token in small letters", bearer(strings.ToLower(n["ci_secret"])), 401, 10000, 0},
		{"a signed token that was altered", bearer(n["token"][:len(n["token"])-4] + "AAAA"), 401, 10000, 0},
		{"an expired token", bearer(n["ended_secret"]), 401, 10000, 0},
		{"a token before its time", bearer(n["early_secret"]), 401, 10000, 0},
		{"a disabled token", bearer(n["disabled_secret"]), 401, 10000, 0},
		{"a deleted token", bearer(n["gone_secret"]), 401, 10000, 0},
		{"a rolled token's old secret", bearer(rolled), 401, 10000, 0},
		{"a revoked session", bearer(ended), 401, 10000, 0},
		{"a removed member's key", bearer(n["member_key"]), 401, 10000, 0},
		{"a disabled service account's key", bearer(n["robot_key"]), 401, 10000, 0},
		{"a disabled person's key", bearer(n["ada_key"]), 401, 10000, 0},
		{"a disabled user's key", bearer(n["reader_key"]), 401, 10000, 0},
		{"a disabled person's token", bearer(n["ada_secret"]), 401, 10000, 0},
		{"an unknown token before a good key", both(bearer(unknown), keyed(address, n["owner_key"])), 401, 10000, 0},

		{"an unknown key", keyed(address, unknown), 403, 9103, 0},
		{"an old key's form", keyed(address, "0123456789abcdef0123456789abcdef01234"), 403, 9103, 0},
		{"another's key", keyed(address, n["idle_key"]), 403, 9103, 0},
		{"another's address", keyed("ida@acme.example", n["owner_key"]), 403, 9103, 0},
		{"nobody's address", keyed("nobody@acme.example", n["owner_key"]), 403, 9103, 0},
		{"an account token as a key", keyed(address, n["ci_secret"]), 403, 9103, 0},
		{"a service account's key", keyed("robot@acme.example", n["robot_key"]), 403, 9103, 0},
		{"a removed member's address and key", keyed("mia@acme.example", n["member_key"]), 403, 9103, 0},
		{"a disabled person's address and key", keyed("ada@acme.example", n["ada_key"]), 403, 9103, 0},
		{"a disabled user's address and key", keyed("ray@acme.example", n["reader_key"]), 403, 9103, 0},
		{"a role session as a key", keyed(address, session), 403, 9103, 0},
	} {
		for _, call := range []string{"GET ~/iam/user_groups", "DELETE ~/iam/user_groups/{nowhere}"} {
			method, path, _ := strings.Cut(call, " ")
			a := e.ask(c.header, method, path, "")
			switch {
			case c.status != 200:
				if a.status != c.status || a.num("errors.0.code") != c.code {
					t.Errorf("%s: status %d, want %d with %d: %s", c.why, a.status, c.status, c.code, a.body)
				}
				if _, has := a.find("errors.0.error_chain"); has != (c.chain > 0) || has && a.num("errors.0.error_chain.0.code") != c.chain {
					t.Errorf("%s: the chain is not %d: %s", c.why, c.chain, a.body)
				}
				if wrong := a.malformed(); wrong != "" {
					t.Errorf("%s: %s: %s", c.why, wrong, a.body)
				}
			case method == "GET":
				if a.status != 200 {
					t.Errorf("%s: status %d: %s", c.why, a.status, a.body)
				}
			}
		}
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
}

// session opens a role session that may read, and gives its token.
func (e *estate) session() string {
	e.t.Helper()
	if e.names["visitor"] == "" {
		e.keep("visitor", "role.id", e.natively(e.owner(), "POST", "/v1/iam/roles", `{"name":"visitor","trust_policy":{"principals":["*"]}}`))
		read := e.natively(e.owner(), "POST", "/v1/iam/policies",
			`{"name":"read","document":{"statements":[{"effect":"allow","actions":["iam:List*"],"resources":["*"]}]}}`).str("policy.id")
		e.natively(e.owner(), "POST", "/v1/iam/roles/"+hyphens(e.names["visitor"])+"/policies", `{"policy_id":"`+read+`"}`)
	}
	return e.natively(bearer(e.names["owner_key"]), "POST", "/v1/iam/assume-role", `{"role_id":"`+hyphens(e.names["visitor"])+`"}`).str("session_token")
}

// TestVerify asks tokens what they are (sections 2 and 3.3).
func TestVerify(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	n := e.names
	const of, own = "~/tokens/verify", "/user/tokens/verify"
	for _, c := range []struct {
		why, path string
		header    http.Header
		status    int
		code      int
		id        string
	}{
		{"an account token", of, bearer(n["ci_secret"]), 200, 0, n["ci"]},
		{"a token of one's own", own, bearer(n["owner_secret"]), 200, 0, n["owner_token"]},
		{"a person's key", own, bearer(n["idle_key"]), 200, 0, n["idle_key_id"]},
		{"an account token as a person's", own, bearer(n["ci_secret"]), 403, 10000, ""},
		{"a person's as an account token", of, bearer(n["owner_secret"]), 403, 10000, ""},
		{"a foreign account token", of, bearer(n["other.ci_secret"]), 403, 10000, ""},
		{"from another address", of, bearer(n["far_secret"]), 403, 9109, ""},
		{"nothing", of, http.Header{}, 400, 1001, ""},
		{"nothing of one's own", own, http.Header{}, 400, 1001, ""},
		{"address and key", own, keyed("olga@acme.example", n["owner_key"]), 400, 1001, ""},
		{"no bearer", own, http.Header{"Authorization": {"Basic x"}}, 400, 6003, ""},
		{"an unknown token", of, bearer(strings.Repeat("x", 40)), 401, 1000, ""},
		{"an unknown token of one's own", own, bearer(strings.Repeat("x", 40)), 401, 1000, ""},
		{"an expired token", of, bearer(n["ended_secret"]), 401, 1000, ""},
		{"a token before its time", of, bearer(n["early_secret"]), 401, 1000, ""},
		{"a disabled token", of, bearer(n["disabled_secret"]), 401, 1000, ""},
		{"a deleted token", of, bearer(n["gone_secret"]), 401, 1000, ""},
	} {
		a := e.ask(c.header, "GET", c.path, "").want(c.status)
		if c.status != 200 {
			a.refused(c.status, c.code)
		} else if a.str("result.id") != c.id || a.str("result.status") != "active" || a.num("messages.0.code") != 10000 {
			t.Errorf("%s: %s", c.why, a.body)
		}
	}
}

// TestAddresses uses a token that may be used from some addresses alone.
func TestAddresses(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	tail := e.tail()
	for remote, code := range map[string]int{"203.0.113.1:5": 0, "203.0.113.255:5": 0, "[::ffff:203.0.113.1]:5": 0,
		"203.0.113.7:5": 9109, "203.0.114.1:5": 9109, "192.0.2.1:5": 9109, "[2001:db8::1]:5": 9109, "nowhere": 9109} {
		e.remote = remote
		a := e.ask(bearer(e.names["far_secret"]), "GET", "~/iam/user_groups", "")
		if code == 0 {
			a.want(200)
			e.ask(bearer(e.names["far_secret"]), "POST", "~/iam/user_groups", `{"name":"x"}`).refused(403, 10000)
			continue
		}
		a.refused(403, code)
		e.ask(bearer(e.names["far_secret"]), "POST", "~/iam/user_groups", `{"name":"x"}`).refused(403, code) // whatever it may
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
}

// TestLifetimes holds tokens to their times, to the moment (section 12: from not_before on, until before expires_on).
func TestLifetimes(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	now := e.Clock.Now().Add(time.Second) // of the create
	at := func(d time.Duration) string { return now.Add(d).UTC().Format(time.RFC3339) }
	e.token("brief", `"not_before":"`+at(2*time.Second)+`","expires_on":"`+at(4*time.Second)+`"`)
	for _, status := range []int{401, 200, 200, 401, 401} { // a second later each
		if a := e.ask(bearer(e.names["brief_secret"]), "GET", "~/iam/user_groups", ""); a.status != status {
			t.Errorf("at %s: status %d, want %d: %s", at(e.Clock.Now().Sub(now)), a.status, status, a.body)
		}
	}
}

// TestSuspended: in an account that is suspended, everybody may do nothing.
func TestSuspended(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.natively(bearer(e.names["operator"]), "POST", "/v1/organizations/"+hyphens(e.names["account"])+"/suspend", "")
	tail := e.tail()
	for _, d := range everyDeed(t) {
		e.deed(d, bearer(e.names[d.as])).refused(403, 10000)
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
	e.ask(bearer(e.names["other.token"]), "GET", "/accounts/{other.account}/iam/user_groups", "").want(200)
}

// TestPathsFirst: what can be no id is refused before anybody is asked who they are.
func TestPathsFirst(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	tail := e.tail()
	for _, d := range everyDeed(t) {
		for _, id := range placeholder.FindAllString(d.path, -1) {
			value := e.names[strings.Trim(id, "{}")]
			for _, wrong := range []string{value[:31], value + "0", strings.ToUpper("abcdef" + value[6:]), "g" + value[1:], hyphens(value), "%20" + value[1:], "*"} {
				for _, as := range []http.Header{{}, e.owner()} {
					e.ask(as, d.Method, strings.Replace(d.path, id, wrong, 1), d.body).refused(404, 7003, 7000)
				}
			}
		}
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
}
