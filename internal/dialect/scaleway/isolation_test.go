package scaleway_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestIsolation holds that what belongs to another organization is as good as what is nowhere: whatever the owner asks, with any of the
// ids replaced by those of the other organization, is answered in the words for ids that nobody has, and changes nothing.
func TestIsolation(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	before, tail := e.dump(), e.tail()
	theirs := e.natively(bearer(e.names["other.token"]), "GET", "/v1/audit-logs?limit=1", "").num("meta.total")
	n := 0
	for _, d := range everyDeed(t) {
		n += e.compareEverySubset(d)
		if e.tail() != tail {
			t.Fatalf("%s: something was committed", d.name())
		}
	}
	if n < 100 {
		t.Errorf("only %d comparisons", n)
	}
	if after := e.dump(); after != before {
		t.Errorf("something changed: %s", difference(before, after))
	}
	if got := e.natively(bearer(e.names["other.token"]), "GET", "/v1/audit-logs?limit=1", "").num("meta.total"); got != theirs {
		t.Errorf("the other organization's log has %d entries, had %d", got, theirs)
	}
}

var isID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// compareEverySubset replaces every subset of a deed's ids by foreign ones, and by ones that nobody has, and compares the answers. It
// gives the number of comparisons.
func (e *estate) compareEverySubset(d deed) int {
	e.t.Helper()
	d.path += d.query
	ids := placeholder.FindAllString(d.path+d.body, -1)
	ids = slices.DeleteFunc(ids, func(id string) bool { return !isID.MatchString(e.names["other."+strings.Trim(id, "{}")]) })
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for subset := 1; subset < 1<<len(ids); subset++ {
		var theirs, nobodys []string
		for i, id := range ids {
			if subset&(1<<i) != 0 {
				theirs = append(theirs, id, e.names["other."+strings.Trim(id, "{}")])
				nobodys = append(nobodys, id, fmt.Sprintf("019cd278-0000-7000-8000-%012x", subset*16+i))
			}
		}
		a, b := e.replaced(d, theirs), e.replaced(d, nobodys)
		if d.writes() && a.status < 300 {
			e.t.Errorf("%s with %v: status %d: %s", d.name(), theirs, a.status, a.body)
		}
		if x, y := plain(a, theirs), plain(b, nobodys); x != y {
			e.t.Errorf("%s tells what is foreign from what is nowhere: %s\n%s\n%s", d.name(), difference(x, y), a.body, b.body)
		}
	}
	return 1<<len(ids) - 1
}

func (e *estate) replaced(d deed, with []string) *answer {
	e.t.Helper()
	r := strings.NewReplacer(with...)
	return e.ask(e.owner(), d.Method, r.Replace(d.path), r.Replace(d.body))
}

// plain is an answer without what tells one request from another.
func plain(a *answer, ids []string) string {
	header := maps.Clone(a.header)
	delete(header, "X-Request-Id")
	text := fmt.Sprint(a.status, header, string(a.body))
	for i := 1; i < len(ids); i += 2 {
		text = strings.ReplaceAll(text, ids[i], ids[i-1])
	}
	return text
}

// TestForeignCallers holds that whoever belongs to another organization finds nothing of this one, whatever they may do at home. Where an
// organization is named, it is not theirs.
func TestForeignCallers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	tail := e.tail()
	for _, d := range everyDeed(t) {
		own := placeholder.FindString(d.path+d.query+d.body) == "" // it is about whoever calls
		if own && d.writes() {
			continue
		}
		named := strings.Contains(d.path+d.query, "{org}") || strings.Contains(d.body, `"organization_id":"{org}"`)
		for _, as := range []http.Header{key(e.names["other.token"]), key(e.names["other.owner_secret"]), key(e.names["operator"])} {
			a := e.deed(d, as)
			switch {
			case d.public():
				a.want(200)
			case named:
				a.refused(403, "permissions_denied")
			case d.session:
				a.denied("list", "self_jwt")
			case own:
				a.want(200)
			case d.query != "" && a.status == 200:
				a.want(200).is("total_count", "0")
			default:
				a.refused(404, "not_found")
			}
		}
		if a := e.deed(d, key(e.names["other.idle_secret"])); !d.public() && (!d.open() || named) {
			a.refused(403, "permissions_denied")
		}
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
}
