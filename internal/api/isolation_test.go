package api_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/api"
)

var isUUID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// TestIsolation holds that what belongs to another organization is as good as what exists nowhere: whatever an owner asks,
// with any of the ids replaced by those of the other organization, the answer is the one for ids that nobody has. Both
// organizations have the same names.
func TestIsolation(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	theirs := e.as(e.names["other.token"])
	before, tail := e.dump(), e.tail()
	events := theirs.get("/v1/audit-logs").want(200).num("meta.total")
	n := 0
	// Queries first: what fails leaves events of the caller's own, with the ids in them.
	for _, query := range []string{"/v1/audit-logs?actor_id={user}", "/v1/audit-logs?resource_id={group}", "/v1/audit-logs?marker={log}", sessions + "?role_id={role}",
		sessions + "?principal_id={account}", groups + "?marker={group}", users + "?marker={user}", accounts + "?marker={account}",
		policies + "?marker={policy}", roles + "?marker={role}", invitations + "?marker={invitation}", sessions + "?marker={session}&active_only=false",
		groups + "/{group}/users?marker={user}", policies + "/{policy}/groups?marker={group}"} {
		n += e.compareEverySubset(t, query, "GET", query, "")
	}
	for _, r := range api.Routes() {
		o := operationOf(t, r)
		n += e.compareEverySubset(t, o.name, o.method(), o.path(), o.body)
	}
	if n < 110 {
		t.Errorf("only %d comparisons", n)
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
	if after := e.dump(); after != before {
		t.Errorf("something changed: %s", difference(before, after))
	}
	if got := theirs.get("/v1/audit-logs").want(200).num("meta.total"); got != events {
		t.Errorf("the other organization's log has %d entries, had %d", got, events)
	}
}

// compareEverySubset replaces every subset of the ids in a call by foreign ones, and by ones that nobody has, and compares
// the answers. It gives the number of comparisons.
func (e *estate) compareEverySubset(t *testing.T, name, method, path, body string) int {
	t.Helper()
	ids := placeholder.FindAllString(path+body, -1)
	ids = slices.DeleteFunc(ids, func(id string) bool { return !isUUID.MatchString(e.names[strings.Trim(id, "{}")]) })
	slices.Sort(ids)
	ids = slices.Compact(ids)
	n := 0
	for subset := 1; subset < 1<<len(ids); subset++ {
		var foreign, nowhere []string
		for i, id := range ids {
			if subset&(1<<i) != 0 {
				other := strings.Replace(id, "{", "{other.", 1)
				foreign = append(foreign, id, e.fill(other))
				nowhere = append(nowhere, id, fmt.Sprintf("019cd278-0000-7000-8000-%012x", n*16+i))
			}
		}
		a, b := e.askAs(method, path, body, foreign), e.askAs(method, path, body, nowhere)
		if a.status >= 200 && a.status < 300 && method != "GET" && name != "authorize" && name != "authorizeHTTP" {
			t.Errorf("%s with %v: status %d", name, foreign, a.status)
		}
		if x, y := plain(a, foreign), plain(b, nowhere); x != y {
			t.Errorf("%s tells what is foreign from what is nowhere: %s\n%s\n%s", name, difference(x, y), a.body, b.body)
		}
		n++
	}
	return n
}

func (e *estate) askAs(method, path, body string, with []string) *reply {
	e.clock.advance(time.Second)
	fill := func(s string) string { return e.fill(strings.NewReplacer(with...).Replace(s)) }
	if body == "" {
		return e.as(e.owner).do(method, fill(path), nil)
	}
	return e.as(e.owner).do(method, fill(path), fill(body))
}

var someRequest = regexp.MustCompile(`req-[0-9a-f-]{36}`)

// plain is an answer without what tells one request from another.
func plain(r *reply, ids []string) string {
	header := maps.Clone(r.header)
	for _, name := range []string{"Date", "X-Request-Id", "X-Ratelimit-Reset", "X-Ratelimit-Remaining"} {
		delete(header, name)
	}
	text := fmt.Sprint(r.status, header, string(r.body))
	for i := 1; i < len(ids); i += 2 {
		text = strings.ReplaceAll(text, ids[i], ids[i-1])
	}
	return someRequest.ReplaceAllString(text, "req")
}

// TestForeignCredentials holds that credentials of one organization are nobody in the other, whatever is mixed.
func TestForeignCredentials(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	n := e.names
	before := e.tail()
	for why, c := range map[string]*caller{
		"another's token with a key":     e.as(n["other.token"]).with("X-Api-Key", n["key"]+":"+n["secret"]),
		"another's secret":               e.asKey(n["key"], n["other.secret"]),
		"another's session":              e.asKey(n["session_key"], n["session_secret"]).with("X-Session-Token", n["other.session_token"]),
		"another's session and its key":  e.asKey(n["other.session_key"], n["other.session_secret"]).with("X-Session-Token", n["session_token"]),
		"another's session with a token": e.as(n["token"]).with("X-Api-Key", n["other.session_key"]+":"+n["other.session_secret"], "X-Session-Token", n["other.session_token"]),
	} {
		if r := c.post(groups, obj{"name": "x"}); r.status != 401 {
			t.Errorf("%s: status %d: %s", why, r.status, r.body)
		}
	}
	// A role that trusts everybody trusts everybody of its own organization.
	open := e.as(n["token"]).role("open", "*", "crn::iam:service-account:*", "crn::iam:service-account:"+n["other.account"])
	before2 := e.tail()
	if before2 == before {
		t.Fatal("the role was not made")
	}
	e.asKey(n["other.key"], n["other.secret"]).post("/v1/iam/assume-role", obj{"role_id": open}).want(403)
	e.as(n["other.token"]).post("/v1/iam/assume-role", obj{"role_id": open}).want(404)
	e.as(n["other.token"]).post("/v1/iam/workload-credentials", obj{"principal": "crn::iam:user:" + n["user"], "role_name": "open"}).want(404)
	if e.tail() != before2 {
		t.Error("something was committed")
	}
	e.asKey(n["key"], n["secret"]).post("/v1/iam/assume-role", obj{"role_id": open}).want(200)
}
