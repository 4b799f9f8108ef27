package iam

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const testCode = ConnectorCodePrefix + "480217365"

// withConnector is an organization with connector 1 in a status, which it came to by the rules.
func withConnector(t *testing.T, status ConnectorStatus, enabled bool) *world {
	t.Helper()
	w := newWorld(t, 1)
	id := connectorID(1)
	w.accept(func(d *Draft) error {
		return second(d.CreateConnector(Connector{ID: id, Domain: "corp.example", Code: testCode}, status != ConnectorAwaiting))
	})
	switch status {
	case ConnectorFailed:
		w.now = w.now.Add(VerificationLasts)
		w.accept(func(d *Draft) error { return second(d.FailConnector(id)) })
	case ConnectorVerified:
		w.accept(func(d *Draft) error { return second(d.ConfirmConnector(id)) })
	}
	if enabled {
		w.accept(func(d *Draft) error { return second(d.UpdateConnector(id, enable(true))) })
	}
	return w
}

func enable(on bool) func(*Connector) { return func(k *Connector) { k.Enabled = on } }

// connectorEvents are all that can happen to connector 1.
var connectorEvents = map[string]func(*Draft) error{
	"begin":   func(d *Draft) error { return second(d.BeginVerification(connectorID(1))) },
	"confirm": func(d *Draft) error { return second(d.ConfirmConnector(connectorID(1))) },
	"fail":    func(d *Draft) error { return second(d.FailConnector(connectorID(1))) },
	"enable":  func(d *Draft) error { return second(d.UpdateConnector(connectorID(1), enable(true))) },
	"disable": func(d *Draft) error { return second(d.UpdateConnector(connectorID(1), enable(false))) },
	"delete":  func(d *Draft) error { return d.DeleteConnector(connectorID(1)) },
}

// TestConnectorStates: every event in every state of a connector leads where it must, or is refused and changes nothing.
func TestConnectorStates(t *testing.T) {
	const (
		awaiting, pending, failed, verified = "awaiting", "pending", "failed", "verified"
		overdue                             = "overdue" // pending, and nobody has recorded that it failed
		enabled                             = "enabled" // verified
		gone                                = "gone"
		refused                             = "refused"
	)
	start := func(t *testing.T, state string) *world {
		if state == enabled {
			return withConnector(t, ConnectorVerified, true)
		}
		if state == overdue {
			w := withConnector(t, ConnectorPending, false)
			w.now = w.now.Add(VerificationLasts)
			return w
		}
		return withConnector(t, ConnectorStatus(state), false)
	}
	for state, arrows := range map[string]map[string]string{
		awaiting: {"begin": pending, "confirm": refused, "fail": refused, "enable": refused, "disable": awaiting, "delete": gone},
		pending:  {"begin": pending, "confirm": verified, "fail": refused, "enable": refused, "disable": pending, "delete": gone},
		overdue:  {"begin": pending, "confirm": refused, "fail": failed, "enable": refused, "disable": overdue, "delete": gone},
		failed:   {"begin": pending, "confirm": refused, "fail": failed, "enable": refused, "disable": failed, "delete": gone},
		verified: {"begin": verified, "confirm": verified, "fail": refused, "enable": enabled, "disable": verified, "delete": gone},
		enabled:  {"begin": enabled, "confirm": enabled, "fail": refused, "enable": enabled, "disable": verified, "delete": refused},
	} {
		for event, run := range connectorEvents {
			t.Run(state+" "+event, func(t *testing.T) {
				want, ok := arrows[event]
				if !ok {
					t.Fatal("the table does not say where this leads")
				}
				w := start(t, state)
				w.now = w.now.Add(time.Second)
				before, _ := w.s.Connector(connectorID(1))
				if want == refused {
					field := ""
					if event == "enable" {
						field = "enabled"
					}
					w.refuse(Conflict, field, run)
					return
				}
				d, err := w.s.Begin(w.now, system)
				if err != nil {
					t.Fatal(err)
				}
				if err := run(d); err != nil {
					t.Fatal(err)
				}
				if (want == state) != d.Empty() {
					t.Errorf("something is changed: %v", !d.Empty())
				}
				if want != state {
					w.accept(run)
				}
				after, err := w.s.Connector(connectorID(1))
				if want == gone {
					if CodeOf(err) != NotFound {
						t.Fatalf("it is still there: %v", err)
					}
					return
				}
				if got := stateOf(after, w.now); got != want {
					t.Errorf("it is %s, want %s", got, want)
				}
				if after.Code != before.Code || after.Domain != before.Domain || !after.CreatedAt.Equal(before.CreatedAt) {
					t.Errorf("%+v became %+v", before, after)
				}
				if moved := !after.UpdatedAt.Equal(before.UpdatedAt); moved != (want != state) {
					t.Errorf("updated at %s, was %s", after.UpdatedAt, before.UpdatedAt)
				}
			})
		}
	}
}

func stateOf(k *Connector, now time.Time) string {
	switch {
	case k.Enabled:
		return "enabled"
	case k.StatusAt(now) != k.Status:
		return "overdue"
	}
	return string(k.Status)
}

// TestTwoDays: pending lasts two days to the microsecond, whether or not anybody records its end, and a new start has as long.
func TestTwoDays(t *testing.T) {
	w := withConnector(t, ConnectorPending, false)
	began := w.now
	at := func(after time.Duration, want ConnectorStatus) {
		t.Helper()
		k, err := w.s.Connector(connectorID(1))
		if err != nil {
			t.Fatal(err)
		}
		if got := k.StatusAt(began.Add(after)); got != want {
			t.Errorf("after %s it is %s, want %s", after, got, want)
		}
	}
	const day = 24 * time.Hour
	at(0, ConnectorPending)
	at(day, ConnectorPending)
	at(2*day-time.Microsecond, ConnectorPending)
	at(2*day, ConnectorFailed)
	at(1000*day, ConnectorFailed)

	w.now = began.Add(2*day - time.Microsecond)
	w.refuse(Conflict, "", connectorEvents["fail"])
	w.now = began.Add(2 * day)
	w.refuse(Conflict, "", connectorEvents["confirm"])
	w.accept(connectorEvents["begin"])
	at(4*day-time.Microsecond, ConnectorPending)
	at(4*day, ConnectorFailed)
	w.accept(connectorEvents["confirm"])
	at(4*day, ConnectorVerified)
	at(1000*day, ConnectorVerified)
}

// TestConnectorAsItWasMade: what a connector begins as, and what its maker cannot choose.
func TestConnectorAsItWasMade(t *testing.T) {
	for _, begin := range []bool{false, true} {
		w := newWorld(t, 1)
		chosen := Connector{ID: connectorID(1), Domain: "Corp.EXAMPLE", Code: testCode, FedRAMP: true,
			Enabled: true, Status: ConnectorVerified, PendingSince: epoch, CreatedAt: epoch, UpdatedAt: epoch}
		w.accept(func(d *Draft) error { return second(d.CreateConnector(chosen, begin)) })
		want := Connector{ID: connectorID(1), Domain: "corp.example", Code: testCode, FedRAMP: true, Status: ConnectorAwaiting,
			CreatedAt: w.now, UpdatedAt: w.now}
		if begin {
			want.Status, want.PendingSince = ConnectorPending, w.now
		}
		if got, err := w.s.Connector(connectorID(1)); err != nil || *got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		if n := w.s.Connectors().Len(); n != 1 {
			t.Errorf("%d connectors are listed", n)
		}
	}
}

// TestUpdateConnector: only two things can be changed.
func TestUpdateConnector(t *testing.T) {
	w := withConnector(t, ConnectorAwaiting, false)
	w.now = w.now.Add(time.Second)
	w.accept(func(d *Draft) error {
		return second(d.UpdateConnector(connectorID(1), func(k *Connector) {
			*k = Connector{ID: connectorID(2), Domain: "x.example", Code: "x", Status: ConnectorVerified, PendingSince: w.now, FedRAMP: true}
		}))
	})
	k, err := w.s.Connector(connectorID(1))
	if err != nil || !k.FedRAMP || k.Domain != "corp.example" || k.Code != testCode || k.Status != ConnectorAwaiting ||
		!k.PendingSince.IsZero() || k.UpdatedAt != w.now {
		t.Errorf("%+v, %v", k, err)
	}
}

// TestConnectorNowhere: nothing can be done to a connector that is not there, or is another organization's.
func TestConnectorNowhere(t *testing.T) {
	w := newWorld(t, 2)
	for event, run := range connectorEvents {
		t.Run(event, func(t *testing.T) {
			mine := *w
			mine.t = t
			mine.refuse(NotFound, "", run)
		})
	}
}

// TestDomainOnce: an organization has one connector of a domain, whatever case it is written in.
func TestDomainOnce(t *testing.T) {
	w := withConnector(t, ConnectorAwaiting, false)
	create := func(n int, domain string) func(*Draft) error {
		return func(d *Draft) error {
			return second(d.CreateConnector(Connector{ID: connectorID(n), Domain: domain, Code: testCode}, true))
		}
	}
	w.refuse(Exists, "email_domain", create(2, "corp.example"))
	w.refuse(Exists, "email_domain", create(2, "CORP.example"))
	w.refuse(Internal, "", create(1, "other.example")) // an id that is in use is our own fault
	w.accept(create(2, "sub.corp.example"))
	w.accept(connectorEvents["delete"])
	w.accept(create(3, "corp.example"))
	if name := w.s.NameOf(Name(TypeConnector, connectorID(3).UUID)); name != "corp.example" {
		t.Errorf("it is named %q", name)
	}
}

// TestDomainIsClaimed: enabling claims the domain in the installation; disabling releases it, and nothing else does either.
func TestDomainIsClaimed(t *testing.T) {
	key := Key{SpaceDomain, "corp.example"}
	w := withConnector(t, ConnectorVerified, false)
	step := func(what string, run func(*Draft) error, claims, releases int) {
		t.Helper()
		d, err := w.s.Begin(w.now, system)
		if err != nil {
			t.Fatal(err)
		}
		if err := run(d); err != nil {
			t.Fatal(err)
		}
		_, claimed, released, err := d.Changes()
		if err != nil || len(claimed) != claims || len(released) != releases ||
			claims == 1 && claimed[0] != key || releases == 1 && released[0] != key {
			t.Errorf("%s claims %v and releases %v, %v", what, claimed, released, err)
		}
		w.accept(run)
	}
	step("enabling", connectorEvents["enable"], 1, 0)
	step("a change of the wording", func(d *Draft) error {
		return second(d.UpdateConnector(connectorID(1), func(k *Connector) { k.FedRAMP = true }))
	}, 0, 0)
	step("disabling", connectorEvents["disable"], 0, 1)
	step("enabling again", connectorEvents["enable"], 1, 0)
	step("disabling and deleting", func(d *Draft) error {
		if err := connectorEvents["disable"](d); err != nil {
			return err
		}
		return connectorEvents["delete"](d)
	}, 0, 1)
}

// TestDomains: what can be an email domain of an organization, and what cannot.
func TestDomains(t *testing.T) {
	label63 := strings.Repeat("a", 63)
	long := strings.Repeat(label63+".", 3) + strings.Repeat("b", 61) // 253 bytes
	w := newWorld(t, 1)
	n := 0
	create := func(domain string) func(*Draft) error {
		return func(d *Draft) error {
			return second(d.CreateConnector(Connector{ID: connectorID(1), Domain: domain, Code: testCode}, false))
		}
	}
	for domain, want := range map[string]string{
		"a.b": "a.b", "Corp.Example": "corp.example", "x-1.2.corp.example": "x-1.2.corp.example", "1.example": "1.example",
		"xn--bcher-kva.example": "xn--bcher-kva.example", "a--b.example": "a--b.example", label63 + ".example": label63 + ".example", long: long,
		"notgmail.com": "notgmail.com", "gmail.com.example": "gmail.com.example", "gmail.example": "gmail.example",
		"education.example": "education.example", "edu.example": "edu.example", "ac.example": "ac.example", "corp.ac": "corp.ac",
		"mit.edu.com": "mit.edu.com", "academy.uk": "academy.uk",
	} {
		w := newWorld(t, 1)
		w.accept(create(domain))
		if k, err := w.s.Connector(connectorID(1)); err != nil || k.Domain != want {
			t.Errorf("%q: %+v, %v", domain, k, err)
		}
	}
	for _, domain := range []string{
		"", " ", ".", "..", "corp", "corp.", ".corp", "corp..example", "corp.example.", "a@corp.example", "@corp.example", "corp.example@",
		" corp.example", "corp.example ", "corp .example", "corp.\texample", "corp.exam\nple", "corp.example\x00", "-corp.example", "corp-.example",
		"corp.-example", "corp.example-", "co_rp.example", "corp.example:80", "corp.example/x", "*.corp.example", "corp,example", "[127.0.0.1]",
		"127.0.0.1", "corp.123", label63 + "a.example", long + "b", strings.Repeat("a.", 100_000) + "b", "bücher.example", "corp.example\u3002", "\u212aorp.example",
		"corp\uff0eexample", "corp.example\xff", "\"corp\".example",
		"gmail.com", "GMail.com", "x.gmail.com", "outlook.com", "yahoo.co.uk", "proton.me", "GMX.de",
		"mit.edu", "cs.MIT.edu", "unimelb.edu.au", "ox.ac.uk", "cs.ox.ac.uk", "u-tokyo.ac.jp", "x.edu.br",
	} {
		n++
		t.Run(fmt.Sprintf("%d %.30q", n, domain), func(t *testing.T) {
			mine := *w
			mine.t = t
			mine.refuse(Invalid, "email_domain", create(domain))
		})
	}
	for _, p := range PublicMailDomains() {
		if folded, err := CheckDomain("x", p); err == nil || folded != p {
			t.Errorf("%s is listed as %q and taken: %v", p, folded, err)
		}
	}
}

// TestCodes: a code that is none is a fault of whoever made it.
func TestCodes(t *testing.T) {
	const digits = "123456789012"
	w := newWorld(t, 1)
	for _, code := range []string{"", ConnectorCodePrefix, digits, ConnectorCodePrefix + digits[:8], ConnectorCodePrefix + digits + "3",
		ConnectorCodePrefix + "12345678a", " " + testCode, testCode + " ", strings.ToUpper(testCode), ConnectorCodePrefix + "١٢٣٤٥٦٧٨٩"} {
		w.refuse(Internal, "", func(d *Draft) error {
			return second(d.CreateConnector(Connector{ID: connectorID(1), Domain: "corp.example", Code: code}, true))
		})
	}
	for n := 9; n <= 12; n++ {
		w.accept(func(d *Draft) error {
			return second(d.CreateConnector(Connector{ID: connectorID(n), Domain: digits[:n] + ".example", Code: ConnectorCodePrefix + digits[:n]}, true))
		})
	}
}

// TestSuspendedConnector: a suspended organization's connectors stay as they are, and go on to fail by themselves.
func TestSuspendedConnector(t *testing.T) {
	w := withConnector(t, ConnectorPending, false)
	w.accept(func(d *Draft) error { return d.SetSuspended(true) })
	if _, err := w.s.Begin(w.now, system); CodeOf(err) != Denied {
		t.Errorf("a draft was begun: %v", err)
	}
	if k, _ := w.s.Connector(connectorID(1)); k.StatusAt(w.now.Add(VerificationLasts)) != ConnectorFailed {
		t.Errorf("it is %s", k.StatusAt(w.now.Add(VerificationLasts)))
	}
}
