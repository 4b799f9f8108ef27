package control

import (
	"slices"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// pendingState is an organization with pending connectors, numbered from 1.
func pendingState(t *testing.T, org byte, n int, now time.Time) *iam.State {
	t.Helper()
	d := iam.NewState(iam.OrgID{UUID: iam.UUID{15: org}}).BeginAdministration(now, system)
	owner := &iam.Person{ID: iam.PersonID{UUID: iam.UUID{15: 1}}, Email: "a@b.example", Name: "A", Enabled: true}
	if err := d.Found(&iam.DirectoryEntry{Name: "o", Owner: iam.UserID{UUID: iam.UUID{15: 2}}, CreatedAt: now}, owner); err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= n; i++ {
		k := iam.Connector{ID: connectorID(i), Domain: string(rune('a'+i)) + ".example", Code: iam.ConnectorCodePrefix + "123456789"}
		if _, err := d.CreateConnector(k, true); err != nil {
			t.Fatal(err)
		}
	}
	return d.State()
}

func connectorID(i int) iam.ConnectorID { return iam.ConnectorID{UUID: iam.UUID{14: 1, 15: byte(i)}} }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// TestSchedule: a connector is looked up at once, then after 1 s, 2 s, 4 s … up to every 5 minutes, and once more when its two days
// are over, for the failure to be recorded.
func TestSchedule(t *testing.T) {
	v := newVerifier()
	s := pendingState(t, 7, 1, noon)
	w := watch{s.ID(), connectorID(1)}
	v.notice(s, noon)
	now := noon
	var pauses []time.Duration
	for now.Before(noon.Add(iam.VerificationLasts)) {
		due, _ := v.take(now)
		if !slices.Equal(due, []watch{w}) {
			t.Fatalf("at %s due is %v", now, due)
		}
		if again, _ := v.take(now.Add(time.Hour)); len(again) != 0 {
			t.Fatalf("%v is looked up twice at once", again)
		}
		v.notice(s, now) // a commit that is about something else does not hurry it
		v.again(w, now)
		next := v.watched[w].next
		early, nap := v.take(next.Add(-time.Nanosecond))
		if len(early) != 0 || nap != time.Nanosecond {
			t.Fatalf("%v is looked up too early, or after a nap of %s", early, nap)
		}
		pauses, now = append(pauses, next.Sub(now)), next
	}
	want := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300}
	for i := range want {
		if pauses[i] != want[i]*time.Second {
			t.Fatalf("pauses are %v, want %v seconds", pauses[:len(want)], want)
		}
	}
	if most := int(iam.VerificationLasts/longestPause) + 10; len(pauses) > most {
		t.Errorf("%d lookups in two days, want at most %d", len(pauses), most)
	}
	if !now.Equal(noon.Add(iam.VerificationLasts)) {
		t.Errorf("the failure is recorded at %s", now)
	}
}

// TestScheduleBegunAnew: a search that is begun anew starts over, whatever the pause was.
func TestScheduleBegunAnew(t *testing.T) {
	v := newVerifier()
	first := pendingState(t, 7, 1, noon)
	w := watch{first.ID(), connectorID(1)}
	v.notice(first, noon)
	for range 12 {
		v.take(v.watched[w].next)
		v.again(w, v.watched[w].next)
	}
	later := v.watched[w].next.Add(-time.Minute)
	if due, _ := v.take(later); len(due) != 0 {
		t.Fatalf("%v is due", due)
	}
	v.notice(pendingState(t, 7, 1, later), later)
	if due, _ := v.take(later); !slices.Equal(due, []watch{w}) {
		t.Errorf("due is %v", due)
	}
	v.again(w, later)
	if got := v.watched[w].next.Sub(later); got != firstPause {
		t.Errorf("the pause after it is %s", got)
	}
}

// TestRoom: only so many lookups are made at once, and who waits longest is next.
func TestRoom(t *testing.T) {
	v := newVerifier()
	v.notice(pendingState(t, 8, 3, noon), noon.Add(time.Second))
	old := pendingState(t, 7, maxLookups-1, noon)
	v.notice(old, noon)
	now := noon.Add(time.Minute)
	due, _ := v.take(now)
	if len(due) != maxLookups {
		t.Fatalf("%d are due at once, want %d", len(due), maxLookups)
	}
	for _, w := range due[:maxLookups-1] {
		if w.org != old.ID() {
			t.Errorf("%v comes before those that wait longer", w)
		}
	}
	if more, nap := v.take(now); len(more) != 0 || nap <= 0 {
		t.Errorf("%v are due beyond the limit, after a nap of %s", more, nap)
	}
	v.forget(due[0])
	if more, _ := v.take(now); len(more) != 1 {
		t.Errorf("%v are due when there is room for one", more)
	}
}

// TestWatched: what is not pending, or of a suspended organization, is not looked for.
func TestWatched(t *testing.T) {
	for why, change := range map[string]func(*iam.Draft) error{
		"verified":  func(d *iam.Draft) error { _, err := d.ConfirmConnector(connectorID(1)); return err },
		"deleted":   func(d *iam.Draft) error { return d.DeleteConnector(connectorID(1)) },
		"suspended": func(d *iam.Draft) error { return d.SetSuspended(true) },
	} {
		v := newVerifier()
		d := pendingState(t, 7, 1, noon).BeginAdministration(noon, system)
		if err := change(d); err != nil {
			t.Fatal(err)
		}
		v.notice(d.State(), noon)
		if due, nap := v.take(noon); len(due) != 0 || nap != longestNap || len(v.orgs()) != 0 {
			t.Errorf("%s: %v is looked for", why, due)
		}
	}
}
