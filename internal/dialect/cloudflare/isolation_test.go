package cloudflare_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// foreign makes all names in a text those of the other account.
func foreign(text string) string {
	return placeholder.ReplaceAllStringFunc(expand(text), func(name string) string {
		if strings.HasPrefix(name, "{role.") || strings.HasPrefix(name, "{may.") {
			return name // the same in every account
		}
		return "{other." + name[1:]
	})
}

// TestIsolation holds that what belongs to another account is as good as what is nowhere: whatever the owner asks, with any of the
// ids in path and body replaced by those of the other account, is refused in the words for ids that nobody has, and changes nothing.
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
	if n < 120 {
		t.Errorf("only %d comparisons", n)
	}
	if after := e.dump(); after != before {
		t.Errorf("something changed: %s", difference(before, after))
	}
	if got := e.natively(bearer(e.names["other.token"]), "GET", "/v1/audit-logs?limit=1", "").num("meta.total"); got != theirs {
		t.Errorf("the other account's log has %d entries, had %d", got, theirs)
	}
}

var isID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// compareEverySubset replaces every subset of a deed's ids by foreign ones, and by ones that nobody has, and compares the answers. It
// gives the number of comparisons.
func (e *estate) compareEverySubset(d deed) int {
	e.t.Helper()
	d.path, d.body = expand(d.path), expand(d.body)
	ids := placeholder.FindAllString(d.path+d.body, -1)
	ids = slices.DeleteFunc(ids, func(id string) bool { return !isID.MatchString(e.names["other."+strings.Trim(id, "{}")]) })
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for subset := 1; subset < 1<<len(ids); subset++ {
		var theirs, nobodys []string
		for i, id := range ids {
			if subset&(1<<i) != 0 {
				theirs = append(theirs, id, e.names["other."+strings.Trim(id, "{}")])
				nobodys = append(nobodys, id, fmt.Sprintf("019cd278000070008000%012x", subset*16+i))
			}
		}
		as := bearer(e.names[d.as])
		a, b := e.replaced(d, as, theirs), e.replaced(d, as, nobodys)
		switch {
		case slices.Contains(theirs, "{account}") && strings.Contains(d.path, "{account}"):
			a.refused(403, 10000)
		case a.status != 404 && a.status != 400:
			e.t.Errorf("%s with %v: status %d: %s", d.name(), theirs, a.status, a.body)
		}
		if x, y := plain(a, theirs), plain(b, nobodys); x != y {
			e.t.Errorf("%s tells what is foreign from what is nowhere: %s\n%s\n%s", d.name(), difference(x, y), a.body, b.body)
		}
	}
	return 1<<len(ids) - 1
}

func (e *estate) replaced(d deed, as http.Header, with []string) *answer {
	e.t.Helper()
	r := strings.NewReplacer(with...)
	d.path, d.body = r.Replace(d.path), r.Replace(d.body)
	return e.deed(d, as)
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

// TestForeignCallers holds that whoever belongs to another account is told the same of all of this one's things, in every scheme.
func TestForeignCallers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	tail := e.tail()
	for _, d := range everyDeed(t) {
		if d.ofUser() {
			continue // it is about whoever calls
		}
		for _, as := range []http.Header{bearer(e.names["other.token"]), bearer(e.names["other.ci_secret"]), bearer(e.names["other.owner_secret"]),
			bearer(e.names["operator"]), keyed("olga@other.example", e.names["other.owner_key"])} {
			if d.verifies() && as.Get("Authorization") == "" {
				e.deed(d, as).refused(400, 1001)
				continue
			}
			e.deed(d, as).refused(403, 10000)
		}
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
}

// TestOthersTokens holds that a person's tokens are that person's alone: others are told what they are told of ids that nobody has, be it
// the account's owner.
func TestOthersTokens(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	tail := e.tail()
	for _, d := range everyDeed(t) {
		if !strings.Contains(d.path, "{owner_token}") && !strings.Contains(d.path, "{ci}") {
			continue
		}
		ids := []string{"{ada_token}", "{reader_token}", "{other.owner_token}", "{owner_key_id}", "{ada_key_id}", "{nowhere}"}
		if d.ofUser() {
			ids = append(ids, "{ci}")
		} else {
			ids = append(ids, "{owner_token}")
		}
		for _, id := range ids {
			other := d
			other.path = strings.NewReplacer("{owner_token}", id, "{ci}", id).Replace(d.path)
			e.deed(other, e.owner()).refused(404, 1003)
		}
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
}

// TestFilters: an id of the other account finds nothing in lists.
func TestFilters(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for path, id := range map[string]string{"~/iam/user_groups": "group", "~/iam/resource_groups": "zones"} {
		if got := e.ask(e.owner(), "GET", path+"?id={"+id+"}", "").want(200).list("id"); len(got) != 1 {
			t.Errorf("%s finds %v", path, got)
		}
		for _, id := range []string{"{other." + id + "}", "{nowhere}", "{member}", strings.ToUpper(e.names[id]), e.names[id][:31], hyphens(e.names[id])} {
			if got := e.ask(e.owner(), "GET", path+"?id="+id, "").want(200).list("id"); len(got) != 0 {
				t.Errorf("%s?id=%s finds %v", path, id, got)
			}
		}
	}
}
