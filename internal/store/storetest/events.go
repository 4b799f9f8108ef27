package storetest

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

func queryOf(org iam.OrgID) store.Query { return store.Query{Org: org, Limit: 1000} }

// mixed makes events of an organization in which every filter passes some and every two filters part them.
func mixed(org iam.OrgID, from, n int) (list []iam.Event) {
	r := rand.New(rand.NewPCG(1, uint64(from)))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	for i := range n {
		e := event(org, from+i)
		e.Time = epoch.Add(time.Duration(r.IntN(20)) * time.Microsecond) // many at the same time
		e.ActorID = id(70 + r.IntN(3))
		e.ActorKind = iam.PrincipalKind(pick("user", "service_account", "system", "User"))
		e.Action = pick("iam.group.create", "iam.group.delete", "iam.user.create", "iam.group", "IAM.group.create")
		e.ResourceType = pick("group", "user", "", "Group")
		e.ResourceID = pick(id(1).String(), id(2).String(), "", strings.ToUpper(id(2).String()))
		e.Status = iam.Status(pick("success", "failure", "denied"))
		e.IP = pick("192.0.2.1", "192.0.2.2", "2001:db8::1", "", "no address")
		list = append(list, e)
	}
	return list
}

// filter is one filter of a query, and what it means.
type filter struct {
	name   string
	set    func(*store.Query)
	passes func(iam.Event) bool
}

func eventFilters() []filter {
	at := epoch.Add(7 * time.Microsecond)
	return []filter{
		{"actor", func(q *store.Query) { q.ActorID = id(71) }, func(e iam.Event) bool { return e.ActorID == id(71) }},
		{"unknown actor", func(q *store.Query) { q.ActorID = id(7) }, func(iam.Event) bool { return false }},
		{"actor kind", func(q *store.Query) { q.ActorKind = "user" }, func(e iam.Event) bool { return e.ActorKind == "user" }},
		{"action", func(q *store.Query) { q.Action = "iam.group.create" }, func(e iam.Event) bool { return e.Action == "iam.group.create" }},
		{"action that begins others", func(q *store.Query) { q.Action = "iam.group" }, func(e iam.Event) bool { return e.Action == "iam.group" }},
		{"prefix", func(q *store.Query) { q.ActionPrefix = "iam.group." }, func(e iam.Event) bool { return strings.HasPrefix(e.Action, "iam.group.") }},
		{"resource type", func(q *store.Query) { q.ResourceType = "group" }, func(e iam.Event) bool { return e.ResourceType == "group" }},
		{"resource", func(q *store.Query) { q.ResourceID = id(2).String() }, func(e iam.Event) bool { return e.ResourceID == id(2).String() }},
		{"actions", func(q *store.Query) { q.Actions = []string{"iam.user.create", "iam.group", "none"} },
			func(e iam.Event) bool { return e.Action == "iam.user.create" || e.Action == "iam.group" }},
		{"actor or resource", func(q *store.Query) { q.Involved = id(71).String() }, func(e iam.Event) bool { return e.ActorID == id(71) }},
		{"resource or actor", func(q *store.Query) { q.Involved = id(2).String() }, func(e iam.Event) bool { return e.ResourceID == id(2).String() }},
		{"neither actor nor resource", func(q *store.Query) { q.Involved = "nobody" }, func(iam.Event) bool { return false }},
		{"nobody's", func(q *store.Query) { q.Involved = iam.UUID{}.String() }, func(iam.Event) bool { return false }},
		{"status", func(q *store.Query) { q.Status = iam.Refused }, func(e iam.Event) bool { return e.Status == iam.Refused }},
		{"address", func(q *store.Query) { q.IP = netip.MustParseAddr("192.0.2.1") }, func(e iam.Event) bool { return e.IP == "192.0.2.1" }},
		{"other address", func(q *store.Query) { q.IP = netip.MustParseAddr("2001:db8::1") }, func(e iam.Event) bool { return e.IP == "2001:db8::1" }},
		{"from", func(q *store.Query) { q.From = at }, func(e iam.Event) bool { return !e.Time.Before(at) }},
		{"to", func(q *store.Query) { q.To = at }, func(e iam.Event) bool { return e.Time.Before(at) }},
		{"from within a microsecond", func(q *store.Query) { q.From = at.Add(1) }, func(e iam.Event) bool { return e.Time.After(at) }},
		{"to within a microsecond", func(q *store.Query) { q.To = at.Add(1) }, func(e iam.Event) bool { return !e.Time.After(at) }},
		{"an instant", func(q *store.Query) { q.From, q.To = at, at.Add(time.Microsecond) }, func(e iam.Event) bool { return e.Time.Equal(at) }},
		{"no time at all", func(q *store.Query) { q.From, q.To = at, at }, func(iam.Event) bool { return false }},
		{"in another zone", func(q *store.Query) { q.From = at.In(time.FixedZone("", -9000)) }, func(e iam.Event) bool { return !e.Time.Before(at) }},
	}
}

// selected is the oracle: the events of one organization that pass, newest first.
func selected(events []iam.Event, org iam.OrgID, by ...filter) (list []iam.Event) {
	for _, e := range events {
		if e.Org == org && !slices.ContainsFunc(by, func(f filter) bool { return !f.passes(e) }) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b iam.Event) int {
		return cmp.Or(b.Time.Compare(a.Time), b.ID.Compare(a.ID.UUID))
	})
	return list
}

// testEventFilters compares each filter, each two and many random sets of filters with the oracle.
func testEventFilters(t *testing.T, h Harness) {
	s := h.Open(t)
	a, b := newLine(1), newLine(2)
	all := append(mixed(a.org, 0, 120), mixed(b.org, 1000, 30)...)
	if err := s.Append(t.Context(), all[50:]); err != nil {
		t.Fatal(err)
	}
	c := a.draft()
	c.Events = all[:50] // some of a commit, some of none
	a.commit(t, s, c)
	filters := eventFilters()
	sets := [][]filter{nil}
	for i, f := range filters {
		sets = append(sets, []filter{f})
		for _, g := range filters[:i] {
			if f.overrides(g) {
				continue
			}
			sets = append(sets, []filter{g, f})
		}
	}
	r := rand.New(rand.NewPCG(2, 3))
	for range 60 {
		if set := randomSet(r, filters); len(set) > 2 {
			sets = append(sets, set)
		}
	}
	found := 0
	for _, set := range sets {
		for _, org := range []iam.OrgID{a.org, b.org, newLine(3).org} {
			q := queryOf(org)
			names := []string{}
			for _, f := range set {
				f.set(&q)
				names = append(names, f.name)
			}
			want := selected(all, org, set...)
			page, total := query(t, s, q)
			if total != len(want) {
				t.Fatalf("%v: total %d, want %d", names, total, len(want))
			}
			wantSame(t, fmt.Sprint(names), page, want)
			found += total
		}
	}
	if found < 1000 {
		t.Fatalf("only %d events found: the filters test nothing", found)
	}
}

// overrides reports whether two filters set the same field, so that they cannot be combined.
func (f filter) overrides(g filter) bool {
	var one, both store.Query
	g.set(&one)
	g.set(&both)
	f.set(&both)
	var alone store.Query
	f.set(&alone)
	f.set(&one) // one is now both, in whichever order
	g.set(&alone)
	return !reflect.DeepEqual(one, alone)
}

func randomSet(r *rand.Rand, filters []filter) (set []filter) {
	for _, i := range r.Perm(len(filters)) {
		f := filters[i]
		if r.IntN(3) == 0 && !slices.ContainsFunc(set, f.overrides) {
			set = append(set, f)
		}
	}
	return set
}

// testEventPrefix has prefixes with characters that a pattern might take for its own.
func testEventPrefix(t *testing.T, h Harness) {
	s := h.Open(t)
	org := newLine(1).org
	actions := []string{"", "a", "A", "a%b", "aXb", "a_b", "a*b", "a?b", "a[b]", "a\\b", "ab", "é", "e\u0301", "\U0010ffff", "\U0010ffffx", "a\x00b", "a\x00", "b"}
	var events []iam.Event
	for i, action := range actions {
		e := event(org, i)
		e.Action = action
		events = append(events, e)
	}
	if err := s.Append(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	for _, prefix := range append(actions, "a%", "a_", "%", "_", "*", "A%", "e", "\U0010ffffxy", "a\x00bc", "\xff") {
		q := queryOf(org)
		q.ActionPrefix = prefix
		page, total := query(t, s, q)
		want := selected(events, org, filter{passes: func(e iam.Event) bool {
			return strings.HasPrefix(e.Action, prefix)
		}})
		wantSame(t, fmt.Sprintf("prefix %q", prefix), page, want)
		if total != len(want) {
			t.Errorf("prefix %q: total %d, want %d", prefix, total, len(want))
		}
		if prefix == "" {
			continue
		}
		q = queryOf(org)
		q.Action = prefix
		page, _ = query(t, s, q)
		wantSame(t, fmt.Sprintf("action %q", prefix), page, selected(events, org, filter{passes: func(e iam.Event) bool { return e.Action == prefix }}))
	}
}

// testEventPages pages to the end with pages of several sizes: nothing is lost, nothing comes twice.
func testEventPages(t *testing.T, h Harness) {
	s := h.Open(t)
	a, b := newLine(1), newLine(2)
	all := append(mixed(a.org, 0, 40), mixed(b.org, 0, 40)...) // the same ids in both
	for part := range slices.Chunk(all, 13) {
		if err := s.Append(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	filters := []filter{{set: func(*store.Query) {}, passes: func(iam.Event) bool { return true }}}
	for i, by := range append(filters, eventFilters()...) {
		want := selected(all, a.org, by)
		for _, limit := range []int{1 + i%2, 7, max(1, len(want)), math.MaxInt} {
			q := store.Query{Org: a.org, Limit: limit}
			by.set(&q)
			var got []iam.Event
			for {
				page, total := query(t, s, q)
				if total != len(want) {
					t.Fatalf("total %d on the page after %d events, want %d", total, len(got), len(want))
				}
				if len(page) == 0 {
					break
				}
				if len(page) > limit {
					t.Fatalf("a page of %d, limit %d", len(page), limit)
				}
				got = append(got, page...)
				q.After = page[len(page)-1].ID
			}
			wantSame(t, fmt.Sprintf("pages of %d", limit), got, want)
		}
	}
}

// testEventOffsets pages by passing events over, in either order.
func testEventOffsets(t *testing.T, h Harness) {
	s := h.Open(t)
	a, b := newLine(1), newLine(2)
	all := append(mixed(a.org, 0, 40), mixed(b.org, 0, 40)...)
	if err := s.Append(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	for _, by := range eventFilters() {
		for _, oldest := range []bool{false, true} {
			want := selected(all, a.org, by)
			if oldest {
				slices.Reverse(want)
			}
			for offset := 0; offset <= len(want)+7; offset += 7 {
				q := store.Query{Org: a.org, Limit: 7, Offset: offset, OldestFirst: oldest}
				by.set(&q)
				page, total := query(t, s, q)
				if total != len(want) {
					t.Fatalf("%s: total %d from %d on, want %d", by.name, total, offset, len(want))
				}
				wantSame(t, fmt.Sprintf("%s from %d on", by.name, offset), page, want[min(offset, len(want)):min(offset+7, len(want))])
			}
		}
	}
}

// testEventAfter pages after events that are no place in the list.
func testEventAfter(t *testing.T, h Harness) {
	s := h.Open(t)
	a, b := newLine(1), newLine(2)
	all := append(mixed(a.org, 0, 16), mixed(b.org, 100, 16)...)
	if err := s.Append(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	for name, after := range map[string]iam.UUID{"another organization's": id(100), "nobody's": id(5000)} {
		q := queryOf(a.org)
		q.After = iam.EventID{UUID: after}
		page, total, err := s.Events(t.Context(), q)
		wantCode(t, err, iam.NotFound)
		if len(page) > 0 || total > 0 {
			t.Errorf("%s After gave %d events of %d", name, len(page), total)
		}
		q.Org = newLine(3).org
		_, _, err = s.Events(t.Context(), q)
		wantCode(t, err, iam.NotFound)
	}
	// An event that the filter does not pass is still a place.
	for _, by := range eventFilters() {
		want := selected(all, a.org, by)
		for _, e := range selected(all, a.org) {
			q := queryOf(a.org)
			by.set(&q)
			q.After = e.ID
			page, total := query(t, s, q)
			rest := selected(all, a.org, by, filter{passes: func(x iam.Event) bool {
				return cmp.Or(x.Time.Compare(e.Time), x.ID.Compare(e.ID.UUID)) < 0
			}})
			wantSame(t, by.name+" after "+e.ID.String(), page, rest)
			if total != len(want) {
				t.Errorf("%s: total %d, want %d", by.name, total, len(want))
			}
		}
	}
	for _, limit := range []int{0, -1} {
		if _, _, err := s.Events(t.Context(), store.Query{Org: a.org, Limit: limit}); err == nil {
			t.Errorf("a limit of %d was accepted", limit)
		}
	}
}

// testEventByID reads single events, of one's own organization and of others.
func testEventByID(t *testing.T, h Harness) {
	s := h.Open(t)
	a, b := newLine(1), newLine(2)
	mine, theirs, same := event(a.org, 1), event(b.org, 2), event(b.org, 1)
	same.Action = "iam.user.delete"
	c := a.draft()
	c.Events = []iam.Event{mine}
	a.commit(t, s, c)
	if err := s.Append(t.Context(), []iam.Event{theirs, same}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []iam.Event{mine, theirs, same} {
		got, err := s.Event(t.Context(), want.Org, want.ID)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "event", got, want)
	}
	for _, at := range []struct {
		org iam.OrgID
		id  iam.UUID
	}{{a.org, theirs.ID.UUID}, {newLine(3).org, mine.ID.UUID}, {a.org, id(3)}, {a.org, iam.UUID{}}, {iam.OrgID{}, mine.ID.UUID}} {
		got, err := s.Event(t.Context(), at.org, iam.EventID{UUID: at.id})
		wantCode(t, err, iam.NotFound)
		wantSame(t, "event with the error", got, iam.Event{})
	}
}

// testAppend appends events; all of a call or none.
func testAppend(t *testing.T, h Harness) {
	s := h.Open(t)
	a, b := newLine(1), newLine(2)
	appendOK := func(events ...iam.Event) {
		t.Helper()
		if err := s.Append(t.Context(), events); err != nil {
			t.Fatal(err)
		}
	}
	appendOK()
	appendOK(event(a.org, 1), event(b.org, 1), event(a.org, 2))
	before := take(t, s, nil, a.org, b.org)
	changed := event(a.org, 1)
	changed.Status = iam.Failure
	for name, events := range map[string][]iam.Event{
		"there already":         {event(a.org, 1)},
		"there with other data": {changed},
		"after new ones":        {event(a.org, 3), event(b.org, 3), event(b.org, 1)},
		"twice in one call":     {event(a.org, 3), event(a.org, 3)},
	} {
		if e := wantCode(t, s.Append(t.Context(), events), iam.Exists); e.Field != "event" {
			t.Errorf("%s: field %q", name, e.Field)
		}
		wantSame(t, name, take(t, s, nil, a.org, b.org), before)
	}
	bad := event(a.org, 3)
	bad.Details = map[string]any{"f": func() {}}
	wantCode(t, s.Append(t.Context(), []iam.Event{event(a.org, 4), bad}), iam.Internal)
	wantSame(t, "after an event that is no JSON", take(t, s, nil, a.org, b.org), before)
	s = h.Reopen(t, s)
	appendOK(event(a.org, 3))
	page, total := query(t, s, queryOf(a.org))
	wantSame(t, "events", page, []iam.Event{event(a.org, 3), event(a.org, 2), event(a.org, 1)})
	if _, head := load(t, s, a.org); total != 3 || head != (store.Head{}) {
		t.Errorf("total %d, head %v", total, head)
	}
}

// testStrangeEvents appends events with nothing in them, with much in them, and with odd text and addresses.
func testStrangeEvents(t *testing.T, h Harness) {
	s := h.Open(t)
	org := newLine(1).org
	empty := iam.Event{ID: iam.EventID{UUID: id(1)}, Org: org}
	big := event(org, 2)
	big.UserAgent, big.Details = strings.Repeat("\U0001F600", 1<<18), map[string]any{"x": strings.Repeat("\x00", 1<<18)}
	odd := event(org, 3)
	odd.ResourceID, odd.ActorName = "a\x00'\"%_\\; DROP TABLE events --", "\ufeff\u202e\u00e9e\u0301"
	odd.IP = "::ffff:192.0.2.9"
	wide := event(org, 4)
	wide.IP = "2001:0DB8:0:0:0:0:0:0001"
	broken := event(org, 5)
	broken.ResourceID, broken.Action = "a\xffb", "\xc3"
	if err := s.Append(t.Context(), []iam.Event{empty, big, odd, wide, broken}); err != nil {
		t.Fatal(err)
	}
	broken.ResourceID, broken.Action = "a\ufffdb", "\ufffd" // as JSON has it
	for _, want := range []iam.Event{empty, big, odd, wide, broken} {
		got, err := s.Event(t.Context(), org, want.ID)
		if err != nil {
			t.Fatal(err)
		}
		wantSame(t, "event", got, want)
	}
	for _, find := range []struct {
		q    store.Query
		want iam.Event
	}{
		{store.Query{ResourceID: odd.ResourceID}, odd},
		{store.Query{ResourceID: broken.ResourceID}, broken},
		{store.Query{Action: broken.Action}, broken},
		{store.Query{IP: netip.MustParseAddr("192.0.2.9")}, odd}, // one address, however it is written
		{store.Query{IP: netip.MustParseAddr("::ffff:192.0.2.9")}, odd},
		{store.Query{IP: netip.MustParseAddr("2001:db8::1")}, wide},
	} {
		find.q.Org, find.q.Limit = org, 10
		page, total := query(t, s, find.q)
		wantSame(t, "found", page, []iam.Event{find.want})
		if total != 1 {
			t.Errorf("total %d", total)
		}
	}
	for _, none := range []store.Query{
		{ResourceID: "a"}, {ResourceID: "a\x00"}, {ResourceID: "a%"}, {ResourceID: "a\xffb"}, {Status: "SUCCESS"},
		{IP: netip.MustParseAddr("192.0.2.8")}, {IP: netip.MustParseAddr("::")}, {Action: "' OR 1=1 --"},
	} {
		none.Org, none.Limit = org, 10
		if page, total := query(t, s, none); len(page) > 0 || total > 0 {
			t.Errorf("query %+v found %d events", none, total)
		}
	}
}
