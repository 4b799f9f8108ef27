package control_test

import (
	"context"
	"errors"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// zone answers lookups of TXT records as a test says.
type zone struct {
	mu      sync.Mutex
	records map[string][]string
	err     error
	asked   int
	running int
	most    int           // lookups at once
	hold    chan struct{} // answers wait until it is closed, or the lookup's context ends; nil: they do not
	left    time.Duration // how long the last lookup had at its beginning
}

func (z *zone) lookup(ctx context.Context, domain string) ([]string, error) {
	z.mu.Lock()
	z.asked++
	z.running++
	z.most = max(z.most, z.running)
	if end, ok := ctx.Deadline(); ok {
		z.left = time.Until(end)
	}
	hold := z.hold
	z.mu.Unlock()
	defer func() { z.mu.Lock(); z.running--; z.mu.Unlock() }()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.err != nil {
		return nil, z.err
	}
	if r, ok := z.records[domain]; ok {
		return r, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: domain, IsNotFound: true}
}

func (z *zone) set(domain string, records ...string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.records == nil {
		z.records = map[string][]string{}
	}
	z.records[domain] = records
}

func (z *zone) count() int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.asked
}

// newDomains is a world whose nodes look records up in a zone.
func newDomains(t *testing.T) (*world, *zone) {
	t.Helper()
	w, z := newWorld(t), &zone{}
	w.cfg.LookupTXT = z.lookup
	w.Control = w.node()
	return w, z
}

// until waits for something to become true.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// later moves the clock once no lookup is under way, for one that ends afterwards would put the next off, and makes the verifier heed it.
func (w *world) later(d time.Duration) {
	w.t.Helper()
	until(w.t, "the end of all lookups", func() bool { return !w.Looking() })
	w.clock.advance(d)
	w.LookAgain()
}

func onConnector(id iam.ConnectorID) control.Target {
	return control.On(iam.Name(iam.TypeConnector, id.UUID))
}

// connector makes a connector as an owner.
func (w *world) connector(a iam.Actor, domain string, begin bool) *iam.Connector {
	w.t.Helper()
	var k *iam.Connector
	id, code := iam.ConnectorID{UUID: w.NewID()}, w.NewConnectorCode()
	w.write(a, control.CreateConnector, control.On(iam.AnyOf(iam.TypeConnector)), func(d *iam.Draft) (err error) {
		k, err = d.CreateConnector(iam.Connector{ID: id, Domain: domain, Code: code}, begin)
		return err
	})
	return k
}

// status is a connector's status as a node sees it.
func (w *world) status(c *control.Control, a iam.Actor, id iam.ConnectorID) iam.ConnectorStatus {
	w.t.Helper()
	p, err := c.Enter(w.t.Context(), w.call(a), control.GetConnector, onConnector(id))
	if err != nil {
		w.t.Fatal(err)
	}
	k, err := p.View().Connector(id)
	if err != nil {
		w.t.Fatal(err)
	}
	return k.StatusAt(p.Now())
}

func (w *world) untilStatus(id iam.ConnectorID, want iam.ConnectorStatus) {
	w.t.Helper()
	until(w.t, string(want), func() bool { return w.status(w.Control, w.owner, id) == want })
}

// enable switches a connector through a node.
func (w *world) enable(c *control.Control, a iam.Actor, id iam.ConnectorID, on bool) error {
	p, err := c.Enter(w.t.Context(), w.call(a), control.UpdateConnector, onConnector(id))
	if err != nil {
		return err
	}
	_, err = p.Write(w.t.Context(), func(d *iam.Draft) error {
		_, err := d.UpdateConnector(id, func(k *iam.Connector) { k.Enabled = on })
		return err
	})
	return err
}

// verified makes a connector and confirms it without a lookup.
func (w *world) verified(a iam.Actor, domain string) iam.ConnectorID {
	w.t.Helper()
	k := w.connector(a, domain, true)
	w.write(a, control.VerifyConnector, onConnector(k.ID), func(d *iam.Draft) error {
		_, err := d.ConfirmConnector(k.ID)
		return err
	})
	return k.ID
}

// TestConnectorCodes: codes have the form that DNS records of their owners expect, and are all different.
func TestConnectorCodes(t *testing.T) {
	w := newWorld(t)
	form := regexp.MustCompile(`^cloudflare_dashboard_sso=[0-9]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		code := w.NewConnectorCode()
		if !form.MatchString(code) || seen[code] {
			t.Fatalf("%q", code)
		}
		seen[code] = true
	}
}

// TestConnectorIsVerified: the code among other records verifies the domain, at once, and an event of writ's own says so.
func TestConnectorIsVerified(t *testing.T) {
	w, z := newDomains(t)
	run(t, w.Control)
	idle := w.connector(w.owner, "idle.example", false)
	k := w.connector(w.owner, "corp.example", true)
	until(t, "the first lookup", func() bool { return z.count() > 0 })
	if err := w.enable(w.Control, w.owner, k.ID, true); iam.CodeOf(err) != iam.Conflict {
		t.Errorf("enabled before it was verified: %v", err)
	}
	z.set("corp.example", "v=spf1 -all", k.Code, "google-site-verification=x")
	z.set("idle.example", idle.Code)
	w.later(time.Hour)
	w.untilStatus(k.ID, iam.ConnectorVerified)
	if got := w.status(w.Control, w.owner, idle.ID); got != iam.ConnectorAwaiting {
		t.Errorf("one that nobody asked for is %s", got)
	}
	if err := w.enable(w.Control, w.owner, k.ID, true); err != nil {
		t.Error(err)
	}
	got := w.events(store.Query{Action: "iam.connector.confirm"})
	if len(got) != 1 {
		t.Fatalf("%d events", len(got))
	}
	e := got[0]
	if e.ActorKind != iam.KindOfSystem || e.ActorName != "writ" || e.Status != iam.Success || e.ResourceType != "connector" ||
		e.ResourceID != k.ID.String() || e.ResourceName != "corp.example" || e.Revision == 0 || !e.ActorID.IsZero() {
		t.Errorf("the event says %+v", e)
	}
	if _, err := store.Verify(t.Context(), w.db, w.org); err != nil {
		t.Error(err)
	}
	at := z.count()
	w.later(time.Hour)
	time.Sleep(50 * time.Millisecond)
	if z.count() != at {
		t.Error("what is verified is still looked for")
	}
}

// TestConnectorIsNotVerified: nothing but one record that is exactly the code verifies a domain.
func TestConnectorIsNotVerified(t *testing.T) {
	for why, answer := range map[string]func(z *zone, code, other string){
		"no records":     func(z *zone, code, _ string) { z.set("corp.example") },
		"no such domain": func(*zone, string, string) {},
		"another's code": func(z *zone, _, other string) { z.set("corp.example", other) },
		"digits alone": func(z *zone, code, _ string) {
			z.set("corp.example", strings.TrimPrefix(code, iam.ConnectorCodePrefix))
		},
		"the prefix alone": func(z *zone, _, _ string) { z.set("corp.example", iam.ConnectorCodePrefix) },
		"more than it": func(z *zone, code, _ string) {
			z.set("corp.example", code+"0", " "+code, code+" ", code+";x", "x"+code)
		},
		"less than it":   func(z *zone, code, _ string) { z.set("corp.example", code[:len(code)-1], code[1:]) },
		"in two records": func(z *zone, code, _ string) { z.set("corp.example", code[:20], code[20:]) },
		"in capitals":    func(z *zone, code, _ string) { z.set("corp.example", strings.ToUpper(code)) },
		"in quotes":      func(z *zone, code, _ string) { z.set("corp.example", `"`+code+`"`) },
		"elsewhere":      func(z *zone, code, _ string) { z.set("www.corp.example", code); z.set("example", code) },
		"a failure with an answer": func(z *zone, code, _ string) {
			z.set("corp.example", code)
			z.err = errors.New("server misbehaving")
		},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			w, z := newDomains(t)
			other := w.connector(w.owner, "other.example", false)
			k := w.connector(w.owner, "corp.example", true)
			answer(z, k.Code, other.Code)
			run(t, w.Control)
			for n := range 4 {
				until(t, "a lookup", func() bool { return z.count() > n })
				w.later(time.Hour)
			}
			if got := w.status(w.Control, w.owner, k.ID); got != iam.ConnectorPending {
				t.Errorf("it is %s", got)
			}
		})
	}
}

// TestNoResolver: without a way to look records up nothing is verified, and time runs out all the same.
func TestNoResolver(t *testing.T) {
	w := newWorld(t)
	run(t, w.Control)
	k := w.connector(w.owner, "corp.example", true)
	w.later(iam.VerificationLasts)
	until(t, "the failure", func() bool { return len(w.events(store.Query{Action: "iam.connector.fail"})) == 1 })
	if got := w.status(w.Control, w.owner, k.ID); got != iam.ConnectorFailed {
		t.Errorf("it is %s", got)
	}
}

// TestLookupFails: an error is logged at debug, and the record is found when DNS is back.
func TestLookupFails(t *testing.T) {
	w, z := newDomains(t)
	z.err = errors.New("i/o timeout")
	run(t, w.Control)
	k := w.connector(w.owner, "corp.example", true)
	z.set("corp.example", k.Code)
	until(t, "a lookup", func() bool { return z.count() > 0 })
	until(t, "a line in the log", func() bool {
		w.log.mu.Lock()
		defer w.log.mu.Unlock()
		return strings.Contains(w.log.Buffer.String(), "level=DEBUG msg=\"looking for the TXT record")
	})
	z.mu.Lock()
	z.err = nil
	z.mu.Unlock()
	w.later(time.Second)
	w.untilStatus(k.ID, iam.ConnectorVerified)
}

// TestLookupHangs: a lookup that does not end has a deadline, stops nobody's writes, and does not outlive the node.
func TestLookupHangs(t *testing.T) {
	w, z := newDomains(t)
	z.hold = make(chan struct{})
	stop := run(t, w.Control)
	for i := range 20 {
		w.connector(w.owner, string(rune('a'+i))+".example", true)
	}
	until(t, "lookups under way", func() bool { return z.count() >= 8 })
	if _, err := w.group(w.Control, "made meanwhile"); err != nil {
		t.Fatal(err)
	}
	z.mu.Lock()
	if z.left <= 0 || z.left > 5*time.Second {
		t.Errorf("a lookup may take %s", z.left)
	}
	z.mu.Unlock()
	began := time.Now()
	stop()
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("the node took %s to end", took)
	}
	if z.most > 8 || z.running != 0 {
		t.Errorf("%d lookups at once, %d left behind", z.most, z.running)
	}
}

// TestDeletedMeanwhile: what is deleted while its record is looked for leaves nothing behind.
func TestDeletedMeanwhile(t *testing.T) {
	w, z := newDomains(t)
	z.hold = make(chan struct{})
	stop := run(t, w.Control)
	k := w.connector(w.owner, "corp.example", true)
	z.set("corp.example", k.Code)
	until(t, "a lookup", func() bool { return z.count() > 0 })
	w.write(w.owner, control.DeleteConnector, onConnector(k.ID), func(d *iam.Draft) error { return d.DeleteConnector(k.ID) })
	before := w.revision()
	close(z.hold)
	until(t, "the end of the lookup", func() bool { z.mu.Lock(); defer z.mu.Unlock(); return z.running == 0 })
	again := w.connector(w.owner, "corp.example", true)
	if again.Code == k.Code {
		t.Error("the new connector has the old code")
	}
	until(t, "another lookup", func() bool { return z.count() > 1 })
	stop()
	if got := w.status(w.Control, w.owner, again.ID); got != iam.ConnectorPending {
		t.Errorf("the new one is %s by the old one's record", got)
	}
	if after := w.revision(); after != before+1 {
		t.Errorf("revision %d became %d", before, after)
	}
}

// TestTwoDaysOver: what is not found in two days has failed, once, and can be begun anew.
func TestTwoDaysOver(t *testing.T) {
	w, z := newDomains(t)
	run(t, w.Control)
	k := w.connector(w.owner, "corp.example", true)
	until(t, "a lookup", func() bool { return z.count() > 0 })
	until(t, "the end of the lookup", func() bool { return !w.Looking() })
	w.clock.advance(iam.VerificationLasts)
	if got := w.status(w.Control, w.owner, k.ID); got != iam.ConnectorFailed {
		t.Errorf("before it is recorded it is %s", got)
	}
	z.set("corp.example", k.Code) // too late
	w.LookAgain()
	until(t, "the event", func() bool { return len(w.events(store.Query{Action: "iam.connector.fail"})) == 1 })
	if err := w.enable(w.Control, w.owner, k.ID, true); iam.CodeOf(err) != iam.Conflict {
		t.Errorf("enabled after it failed: %v", err)
	}
	w.write(w.owner, control.VerifyConnector, onConnector(k.ID), func(d *iam.Draft) error {
		begun, err := d.BeginVerification(k.ID)
		if err == nil && begun.Code != k.Code {
			t.Error("it has another code")
		}
		return err
	})
	w.untilStatus(k.ID, iam.ConnectorVerified)
}

// TestVerificationOfSuspended: a suspended organization's domains wait.
func TestVerificationOfSuspended(t *testing.T) {
	w, z := newDomains(t)
	run(t, w.Control)
	k := w.connector(w.owner, "corp.example", true)
	until(t, "a lookup", func() bool { return z.count() > 0 })
	suspend := func(op *control.Operation, on bool) {
		target := control.On(iam.CRN{Service: "platform", Type: iam.TypeOrganization, ID: w.org.String()})
		target.Org = w.org
		w.write(w.operator, op, target, func(d *iam.Draft) error { return d.SetSuspended(on) })
	}
	suspend(control.SuspendOrganization, true)
	z.set("corp.example", k.Code)
	at := z.count()
	w.later(time.Hour)
	time.Sleep(100 * time.Millisecond)
	if z.count() != at {
		t.Error("it is looked for")
	}
	suspend(control.ResumeOrganization, false)
	w.untilStatus(k.ID, iam.ConnectorVerified)
}

// TestVerificationGoesOn: nobody needs to ask about an organization for its domains to be verified, but after a restart somebody must
// touch it once.
func TestVerificationGoesOn(t *testing.T) {
	w, z := newDomains(t)
	stop := run(t, w.Control)
	k := w.connector(w.owner, "corp.example", true)
	until(t, "a lookup", func() bool { return z.count() > 0 })
	w.clock.advance(24 * time.Hour)
	w.Evict()
	if n := w.Resident(); n != 2 { // with the platform
		t.Fatalf("%d organizations are in memory", n)
	}
	stop()

	at := z.count()
	z.set("corp.example", k.Code)
	w.Control = w.node()
	stop = run(t, w.Control)
	time.Sleep(100 * time.Millisecond)
	if z.count() != at {
		t.Error("it is looked for before anybody has touched it")
	}
	w.untilStatus(k.ID, iam.ConnectorVerified) // asking touches it
	w.clock.advance(24 * time.Hour)
	stop() // last use is recorded, which touches it too
	w.clock.advance(24 * time.Hour)
	w.Evict()
	if n := w.Resident(); n != 1 {
		t.Errorf("%d organizations are in memory", n)
	}
}

// TestTwoNodesVerify: two nodes find the record at once; it is recorded once, and both see it.
func TestTwoNodesVerify(t *testing.T) {
	w, z := newDomains(t)
	z.hold = make(chan struct{})
	second := w.node()
	run(t, w.Control)
	run(t, second)
	w.status(second, w.owner, w.connector(w.owner, "idle.example", false).ID) // the second has the organization
	k := w.connector(w.owner, "corp.example", true)
	z.set("corp.example", k.Code)
	until(t, "both looking", func() bool { z.mu.Lock(); defer z.mu.Unlock(); return z.running == 2 })
	close(z.hold)
	for _, c := range []*control.Control{w.Control, second} {
		until(t, "verified", func() bool { return w.status(c, w.owner, k.ID) == iam.ConnectorVerified })
	}
	if got := w.events(store.Query{Action: "iam.connector.confirm"}); len(got) != 1 {
		t.Errorf("%d events", len(got))
	}
}

// TestOneDomainOneOrganization: two organizations may claim a domain, and only one can have it enabled, on whatever node each is.
func TestOneDomainOneOrganization(t *testing.T) {
	w := newWorld(t)
	second := w.node()
	run(t, w.Control)
	run(t, second)
	_, rival := w.organization("Rival", "rita@rival.example")
	for name, nodes := range map[string][2]*control.Control{"one node": {w.Control, w.Control}, "two nodes": {w.Control, second}} {
		domain := strings.ReplaceAll(name, " ", "-") + ".example"
		ids := [2]iam.ConnectorID{w.verified(w.owner, domain), w.verified(rival, domain)}
		owners := [2]iam.Actor{w.owner, rival}
		see(w, second, rival, ids[1])
		see(w, second, w.owner, ids[0])
		var errs [2]error
		var group sync.WaitGroup
		for i := range 2 {
			group.Go(func() { errs[i] = w.enable(nodes[i], owners[i], ids[i], true) })
		}
		group.Wait()
		won, lost := 0, 1
		if errs[0] != nil {
			won, lost = 1, 0
		}
		if errs[won] != nil {
			t.Fatalf("%s: nobody won: %v", name, errs)
		}
		wantTaken(t, errs[lost])
		wantTaken(t, w.enable(nodes[lost], owners[lost], ids[lost], true))

		// Who has it gives it up; then the other may have it.
		if err := w.enable(nodes[won], owners[won], ids[won], false); err != nil {
			t.Fatal(err)
		}
		if err := w.enable(nodes[lost], owners[lost], ids[lost], true); err != nil {
			t.Errorf("%s: it is free: %v", name, err)
		}
		wantTaken(t, w.enable(nodes[won], owners[won], ids[won], true))
		if got, err := w.db.Lookup(t.Context(), iam.Key{Space: iam.SpaceDomain, Value: domain}); err != nil || got != owners[lost].Org {
			t.Errorf("%s: it is held by %s, %v", name, got, err)
		}
	}
	for _, org := range []iam.OrgID{w.org, rival.Org} {
		if _, err := store.Verify(t.Context(), w.db, org); err != nil {
			t.Error(err)
		}
	}
}

// see waits until a node sees that a connector is verified.
func see(w *world, c *control.Control, a iam.Actor, id iam.ConnectorID) {
	w.t.Helper()
	until(w.t, "seen by the second node", func() bool {
		p, err := c.Enter(w.t.Context(), w.call(a), control.GetConnector, onConnector(id))
		if err != nil {
			w.t.Fatal(err)
		}
		k, err := p.View().Connector(id)
		return err == nil && k.Status == iam.ConnectorVerified
	})
}

func wantTaken(t *testing.T, err error) {
	t.Helper()
	if e, ok := errors.AsType[*iam.Error](err); !ok || e.Code != iam.Exists || e.Field != "domain" {
		t.Errorf("got %v, want that the domain is taken", err)
	}
}

// TestConnectorsOfOthers: nobody reaches another organization's connectors.
func TestConnectorsOfOthers(t *testing.T) {
	w := newWorld(t)
	id := w.verified(w.owner, "corp.example")
	_, rival := w.organization("Rival", "rita@rival.example")
	wantCode(t, w.enable(w.Control, rival, id, true), iam.NotFound)
	a, _ := w.account("nobody")
	wantCode(t, w.enable(w.Control, a, id, true), iam.Denied)
	w.grant(a, "allow", "iam:VerifyConnector")
	wantCode(t, w.enable(w.Control, a, id, true), iam.Denied)
	w.grant(a, "allow", "iam:UpdateConnector")
	if err := w.enable(w.Control, a, id, true); err != nil {
		t.Error(err)
	}
	w.grant(a, "deny", "iam:*")
	wantCode(t, w.enable(w.Control, a, id, false), iam.Denied)
}
