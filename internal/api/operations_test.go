package api_test

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/api"
)

// coverage notes what was really asked of each route.
type coverage struct {
	mu              sync.Mutex
	served, refused map[string]int
}

// around counts answers by the pattern that served them. A method that a path does not know counts as a refusal of each
// of the path's routes that anybody may call, which have no other.
func (c *coverage) around(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := &statusWriter{ResponseWriter: w}
		h.ServeHTTP(status, r)
		c.mu.Lock()
		defer c.mu.Unlock()
		if status.code < 300 {
			c.served[r.Method+" "+r.Pattern]++
		} else {
			c.refused[r.Method+" "+r.Pattern]++
			c.refused[r.Pattern]++ // by whichever method
		}
	})
}

type statusWriter struct {
	http.ResponseWriter
	code int
}

func (w *statusWriter) WriteHeader(code int) { w.code = code; w.ResponseWriter.WriteHeader(code) }

// check fails for every route that was not asked for with success and with a refusal.
func (c *coverage) check(t *testing.T) {
	for _, r := range api.Routes() {
		pattern := r.Method + " " + r.Pattern
		refused := c.refused[pattern]
		if r.Operation == nil {
			refused = c.refused[r.Pattern]
		}
		if c.served[pattern] == 0 || refused == 0 {
			t.Errorf("%s was served %d times and refused %d times: it needs both", pattern, c.served[pattern], refused)
		}
	}
}

// TestOperations drives every operation over HTTP: one call that succeeds, made by somebody who may do this and nothing
// else, and every call that must fail.
func TestOperations(t *testing.T) {
	t.Parallel()
	seen := &coverage{served: map[string]int{}, refused: map[string]int{}}
	t.Run("each", func(t *testing.T) {
		for _, o := range catalogue() {
			t.Run(o.name, func(t *testing.T) {
				t.Parallel()
				e := newEstate(t)
				e.handler = overHTTP(t, seen.around(api.New(e.config)))
				trial := &trial{estate: e, o: o, statuses: map[int]bool{}}
				trial.refuse()
				trial.succeed()
				for _, status := range o.statuses() {
					if !trial.statuses[status] {
						t.Errorf("%d is documented and was not seen", status)
					}
				}
			})
		}
		t.Run("methods", func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			e.handler = overHTTP(t, seen.around(api.New(e.config)))
			otherMethods(t, e)
		})
	})
	seen.check(t)
}

// trial tries one operation.
type trial struct {
	*estate
	o        *operation
	statuses map[int]bool
	left     int // events that calls that failed have left
}

// made is a call that was made, and what it must leave in the audit log.
type made struct {
	*reply
	at     time.Time
	before uint64 // tail
}

const (
	agent      = "tour/1.0"
	platformID = "00000000-0000-0000-0000-000000000001" // the platform's own organization
)

func (x *trial) call(as *caller, call, body string) made {
	x.t.Helper()
	x.clock.advance(time.Second)
	m := made{at: x.clock.Now(), before: x.tail()}
	method, path, _ := strings.Cut(call, " ")
	var b any
	if body != "" {
		b = x.fill(body)
	}
	m.reply = as.with("User-Agent", agent, "Content-Type", "application/json").do(method, x.fill(path), b)
	x.statuses[m.status] = true
	return m
}

// holder makes a service account with these statements, in the organization in which the operation is authorized.
func (x *trial) holder(name string, statements ...obj) (*caller, string) {
	x.t.Helper()
	home := x.as(x.owner)
	if x.o.platform {
		home = x.as(x.operator)
	}
	x.clock.advance(time.Second)
	return home.worker(name, statements...)
}

// refuse makes every call that must fail.
func (x *trial) refuse() {
	if x.o.name == "jwks" {
		return // anybody may
	}
	if x.o.name == "signIn" { // whoever it is, nobody is known yet
		for _, bad := range x.o.bad {
			x.bad(x.with(), bad)
		}
		return
	}
	nobody, _ := x.holder("nobody")
	allButThis, _ := x.holder("all but this", allow("*", "*"), obj{"effect": "deny", "actions": []string{x.o.action()}, "resources": []string{"*"}})
	onAnother, _ := x.holder("on another", allow(x.o.action(), "crn::iam:group:"+nobodyID))
	var withouts []*caller
	for i := range x.o.also {
		without, _ := x.holder(fmt.Sprintf("without further right %d", i), slices.Delete(x.rights(), i+1, i+2)...)
		withouts = append(withouts, without)
	}
	best := x.as(x.owner)
	if x.o.platform {
		best = x.as(x.operator)
	}
	before, entries := x.dump(), x.entries()

	x.fails("nobody known", x.call(x.with(), x.o.call, x.o.body), 401, "", "")
	x.fails("a token that was tampered with", x.call(x.as(x.owner+"x"), x.o.call, x.o.body), 401, "", "")
	if x.o.name == "verifyToken" {
		return // anybody who is known may
	}
	if x.o.name != "assumeRole" { // a trust policy is enough (section 16.7)
		x.fails("no right", x.call(nobody, x.o.call, x.o.body), 403, "", "")
		x.fails("the right on something else", x.call(onAnother, x.o.call, x.o.body), 403, "", "")
	}
	for _, without := range withouts { // what the body amounts to needs its own right
		x.fails("without a further right", x.call(without, x.o.call, x.o.body), 403, "", "")
	}
	x.fails("all rights but this", x.call(allButThis, x.o.call, x.o.body), 403, "", "")
	if x.o.platform {
		x.fails("an organization's owner", x.call(x.as(x.owner), x.o.call, x.o.body), 403, "", "")
	}
	for _, id := range placeholder.FindAllString(x.o.path(), -1) {
		another := x.names["group"]
		if id == "{group}" {
			another = x.names["policy"]
		}
		for why, other := range map[string]string{"unknown": nobodyID, "no": "not-an-id", "no dashes in the": strings.ReplaceAll(x.org, "-", ""),
			"another kind's": another, "a foreign": x.names["other."+strings.Trim(id, "{}")]} {
			if x.o.platform && why == "a foreign" {
				continue // nothing is foreign to the operator
			}
			m := x.call(best, strings.Replace(x.o.call, id, other, 1), x.o.body)
			x.fails(why+" id for "+id, m, 404, "", "")
		}
	}
	for _, bad := range x.o.bad {
		x.bad(best, bad)
	}
	if slices.ContainsFunc(x.o.bad, func(r refusal) bool { return r.undo != nil }) {
		return // preparing and undoing has changed something
	}
	if after := x.dump(); after != before {
		x.t.Errorf("calls that failed changed something: %s", difference(before, after))
	}
	if got := x.entries() - entries; got != x.left {
		x.t.Errorf("%d events, want %d: reads leave none, and neither does nobody", got, x.left)
	}
}

// entries is how many entries all audit logs have.
func (x *trial) entries() int {
	n := 0
	for _, token := range []string{x.names["token"], x.names["other.token"], x.operator} {
		n += x.as(token).get("/v1/audit-logs?limit=1").want(200).num("meta.total")
	}
	return n
}

// difference shows where two texts begin to differ.
func difference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	from := max(0, i-80)
	return fmt.Sprintf("%q became %q", a[from:min(len(a), i+120)], b[from:min(len(b), i+120)])
}

func (x *trial) bad(as *caller, bad refusal) {
	call, body := bad.call, bad.body
	if call == "" {
		call = x.o.call
	}
	if body == "" {
		body = x.o.body
	}
	if bad.prepare != nil {
		bad.prepare(x.estate)
	}
	m := x.call(as, call, body)
	if bad.undo != nil {
		x.clock.advance(time.Second)
		if tail := x.tail(); tail != m.before {
			x.t.Errorf("%s: something was committed", bad.why)
		}
		bad.undo(x.estate)
		m.before = x.tail()
	}
	x.fails(bad.why, m, bad.status, bad.details, bad.kind)
}

// rights are what is needed, and no more.
func (x *trial) rights() []obj {
	out := []obj{allow(x.o.action(), "crn::iam:"+x.fill(x.o.on))}
	for _, also := range x.o.also {
		action, on, _ := strings.Cut(also, " ")
		out = append(out, allow(action, "crn::iam:"+x.fill(on)))
	}
	return out
}

// fails checks a call that must have failed: its answer, that nothing is changed, and its event.
func (x *trial) fails(why string, m made, status int, details, kind string) {
	x.t.Helper()
	if m.status != status {
		x.t.Errorf("%s: status %d, want %d: %s", why, m.status, status, m.body)
		return
	}
	m.detail(status, details)
	if wrong := anError(m.decode()); wrong != "" {
		x.t.Errorf("%s: %s in %s", why, wrong, m.body)
	}
	if m.header.Get("Content-Type") != "application/json" || m.header.Get("Writ-Revision") != "" ||
		(m.header.Get("WWW-Authenticate") != "") != (status == 401) {
		x.t.Errorf("%s: headers %v", why, m.header)
	}
	if tail := x.tail(); tail != m.before {
		x.t.Errorf("%s: something was committed", why)
	}
	if x.o.event == "" || status == 401 || x.o.name == "signIn" {
		return // that it left no event is seen at the end
	}
	x.left++
	events := x.trail(m.at)
	if len(events) != 1 {
		x.t.Errorf("%s: %d events, want one: %v", why, len(events), events)
		return
	}
	if x.o.event == "iam.user.add" {
		kind = cmp.Or(kind, "user") // nobody is invited yet
	}
	outcome := "failure"
	if status == 403 {
		outcome = "denied"
	}
	x.event(why, events[0], m, outcome, kind)
	if got := events[0]["error_code"]; got != strconv.Itoa(status) {
		x.t.Errorf("%s: error_code %v", why, got)
	}
	if message, _ := events[0]["error_message"].(string); message == "" {
		x.t.Errorf("%s: no error_message", why)
	}
}

// event checks what every event of the operation has.
func (x *trial) event(why string, event obj, m made, outcome, kind string) {
	x.t.Helper()
	if wrong := anEntry(event); wrong != "" {
		x.t.Errorf("%s: %s in %v", why, wrong, event)
	}
	words := strings.Split(x.o.event, ".")
	kind = cmp.Or(kind, x.o.made, words[len(words)-2])
	if kind == "credential" && outcome != "success" || x.o.name == "createJWT" && outcome == "denied" {
		kind = event["resource_type"].(string) // refused before it is a credential, or about whoever asked
	}
	for name, want := range map[string]any{"action": x.o.event, "status": outcome, "resource_type": kind, "timestamp": m.at.Format(time.RFC3339),
		"ip_address": "127.0.0.1", "user_agent": agent, "request_id": m.header.Get("X-Request-Id")} {
		if event[name] != want {
			x.t.Errorf("%s: %s of the event is %v, want %v", why, name, event[name], want)
		}
	}
}

// succeed makes the call that must succeed.
func (x *trial) succeed() {
	worker, id := x.holder("worker", x.rights()...)
	kind, name, email := "service_account", "worker", any(nil)
	if x.o.name == "jwks" || x.o.name == "signIn" {
		worker = x.with()
	}
	if x.o.prepare != nil {
		x.o.prepare(x.estate)
	}
	if x.o.as != "" || x.o.name == "signIn" {
		id, kind, name, email = x.names["owner"], "user", "Olga", x.fill("olga@{domain}")
	}
	if x.o.as != "" {
		worker = x.as(x.names[x.o.as])
	}
	m := x.call(worker, x.o.call, x.o.body)
	if m.status != x.o.statuses()[0] {
		x.t.Fatalf("status %d, want %d: %s", m.status, x.o.statuses()[0], m.body)
	}
	if x.o.undo != nil {
		x.clock.advance(time.Second)
		x.o.undo(x.estate)
	}
	x.answer(m)
	events := x.trail(m.at)
	if x.o.platform && x.o.of != "" && !strings.HasPrefix(x.o.of, ":") && len(events) == 2 {
		// The platform's log has it too, since operators do not read that of the organization.
		if details := events[1]["details"].(obj); events[1]["organization_id"] != platformID || details["organization_id"] != x.org ||
			events[1]["action"] != x.o.event {
			x.t.Errorf("the platform's event is %v", events[1])
		}
		events = events[:1]
	}
	if x.o.event == "" {
		if tail := x.tail(); tail != m.before || len(events) > 0 {
			x.t.Errorf("a read left something behind: %v", events)
		}
		return
	}
	if len(events) != 1 {
		x.t.Fatalf("%d events, want one: %v", len(events), events)
	}
	x.event("success", events[0], m, "success", "")
	for name, want := range map[string]any{"actor_id": id, "actor_type": kind, "actor_name": name, "actor_email": email,
		"resource_id": x.resolve(m, x.o.about), "resource_name": x.fill(x.o.called), "error_code": nil, "error_message": nil} {
		if events[0][name] != want {
			x.t.Errorf("%s of the event is %v, want %v", name, events[0][name], want)
		}
	}
}

// resolve gives what a name stands for: of the estate, or after a colon a place in the answer.
func (x *trial) resolve(m made, name string) string {
	if place, ok := strings.CutPrefix(name, ":"); ok {
		return m.str(place)
	}
	return x.fill(name)
}

// answer checks an answer of success.
func (x *trial) answer(m made) {
	if m.status == 204 {
		if len(m.body) > 0 || m.header.Get("Content-Type") != "" || m.header.Get("Content-Length") != "" {
			x.t.Errorf("a 204 has %v and %q", m.header, m.body)
		}
	} else if m.header.Get("Content-Type") != "application/json" || m.header.Get("Content-Length") != strconv.Itoa(len(m.body)) {
		x.t.Errorf("headers %v of %d bytes", m.header, len(m.body))
	}
	for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"} {
		if _, err := strconv.Atoi(m.header.Get(name)); err != nil {
			x.t.Errorf("%s: %q", name, m.header.Get(name))
		}
	}
	if wrong := aRequestID(m.header.Get("X-Request-Id")); wrong != "" {
		x.t.Error(wrong)
	}
	if (x.o.shape == nil) != (m.status == 204) {
		x.t.Fatalf("status %d: %s", m.status, m.body)
	} else if x.o.shape != nil {
		if wrong := x.o.shape(m.decode()); wrong != "" {
			x.t.Errorf("%s in %s", wrong, m.body)
		}
	}
	if x.o.name == "jwks" {
		return
	}
	of := x.org
	switch {
	case x.o.of != "":
		of = x.resolve(m, x.o.of)
	case x.o.platform:
		of = platformID
	}
	head := x.head(of)
	if x.o.undo != nil {
		head-- // it was undone since
	}
	if m.revision() != head {
		x.t.Errorf("Writ-Revision %d, the head is at %d", m.revision(), head)
	}
	if m.has("revision") && m.num("revision") != head {
		x.t.Errorf("revision %d in the body, the head is at %d", m.num("revision"), head)
	}
	if x.o.event != "" && m.before == x.tail() {
		x.t.Error("nothing was committed")
	}
}

// otherMethods asks every path for the methods that it does not have.
func otherMethods(t *testing.T, e *estate) {
	have := map[string][]string{}
	for _, o := range catalogue() {
		have[o.path()] = append(have[o.path()], o.method())
	}
	// Operations that are tried on another id than their neighbours are on the same path.
	for path := range have {
		for _, other := range []string{"{policy2}", "{expired}", "{catalog_file}", "{awaiting}"} {
			if strings.Contains(path, other) {
				same := strings.NewReplacer("{policy2}", "{policy}", "{expired}", "{invitation}", "{catalog_file}", "reports", "{awaiting}", "{connector}").Replace(path)
				have[same] = append(have[same], have[path]...)
				delete(have, path)
			}
		}
	}
	before := e.tail()
	for _, path := range slices.Sorted(maps.Keys(have)) {
		known := slices.Compact(slices.Sorted(slices.Values(have[path])))
		if slices.Contains(known, "GET") {
			known = slices.Sorted(slices.Values(append(known, "HEAD")))
		}
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
			if slices.Contains(known, method) {
				continue
			}
			e.clock.advance(time.Second)
			r := e.as(e.owner).do(method, e.fill(path), nil)
			if r.status != 405 {
				t.Errorf("%s: status %d, want 405: %s", r.what, r.status, r.body)
				continue
			}
			if r.want(405); r.header.Get("Allow") != strings.Join(known, ", ") {
				t.Errorf("%s: Allow %q, want %q", r.what, r.header.Get("Allow"), known)
			}
			if wrong := anError(r.decode()); wrong != "" {
				t.Errorf("%s: %s", r.what, wrong)
			}
		}
	}
	if e.tail() != before || len(e.trail(e.clock.Now())) > 0 {
		t.Error("a method that is not known did something")
	}
}
