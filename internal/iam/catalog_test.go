package iam

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/policy"
)

func fileID(n int) UUID { return testID('f', n) }

func TestPutCatalogFile(t *testing.T) {
	w := newPlatform(t)
	put := func(n int, name, content string) func(*Draft) error {
		return func(d *Draft) error { return second(d.PutCatalogFile(fileID(n), name, content)) }
	}
	w.accept(put(1, "reports", `{}`))
	w.accept(put(2, "a-file_v2", `{"services":[]}`))
	first, err := w.s.CatalogFile("reports")
	if err != nil || first.ID != fileID(1) || first.Content != `{}` || !first.CreatedAt.Equal(w.now) {
		t.Fatalf("%+v, %v", first, err)
	}
	w.now = w.now.Add(time.Hour)
	w.accept(put(3, "reports", " {}\n"))
	again, _ := w.s.CatalogFile("reports")
	if again.ID != fileID(1) || again.Content != " {}\n" || !again.CreatedAt.Equal(first.CreatedAt) || !again.UpdatedAt.Equal(w.now) {
		t.Errorf("replaced: %+v", again)
	}
	d := w.s.BeginAdministration(w.now, system)
	if f, err := d.PutCatalogFile(fileID(4), "reports", " {}\n"); err != nil || f.ID != fileID(1) || !d.Empty() {
		t.Errorf("the same again: %+v, %v", f, err)
	}
	for _, name := range []string{"", ".", "..", "-x", "_x", "a/b", "a b", "A", "aB", "é", "a*", "a\x00", "a:b", "a.json", strings.Repeat("a", MaxCatalogFileName+1)} {
		w.refuse(NotFound, "", put(5, name, `{}`))
	}
	w.refuse(Invalid, "", put(5, "x", strings.Repeat("x", MaxCatalogFile+1)))
	w.refuse(Invalid, "", put(5, "x", "\xff"))
	w.refuse(Internal, "", put(1, "x", `{}`))
	w.refuse(Internal, "", func(d *Draft) error { return second(d.PutCatalogFile(UUID{}, "x", `{}`)) })
	for _, name := range []string{"", "Reports", "report", "reports*"} {
		if f, err := w.s.CatalogFile(name); CodeOf(err) != NotFound {
			t.Errorf("%q is %+v, %v", name, f, err)
		}
	}
}

// TestCatalogFileOrder: a file that is added later is later, whatever the clock says.
func TestCatalogFileOrder(t *testing.T) {
	w := newPlatform(t)
	var want []string
	for n := range MaxCatalogFiles {
		name := fmt.Sprintf("f%d", 1000-n)
		want = append(want, name)
		w.now = w.now.Add(time.Duration(n%3-1) * time.Minute)
		d := w.s.BeginAdministration(w.now, system)
		if _, err := d.PutCatalogFile(fileID(n+1), name, `{}`); err != nil {
			t.Fatal(err)
		}
		w.s = d.State()
	}
	var got []string
	for f := range w.s.CatalogFiles().All() {
		got = append(got, f.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the order is %v", got)
	}
	w.image = dump(w.s)
	w.refuse(Quota, "", func(d *Draft) error { return second(d.PutCatalogFile(testID('g', 1), "one-more", `{}`)) })
	w.accept(func(d *Draft) error { return second(d.PutCatalogFile(testID('g', 1), "f1000", `{"services":[]}`)) })
}

// TestWithin: another world leaves everything as it was but the programs that may refer to it.
func TestWithin(t *testing.T) {
	w := newWorld(t, 1)
	there := policy.World{Dictionary: &policy.Dictionary{}}
	next, err := w.s.Within(there)
	if err != nil || next.World().Dictionary != there.Dictionary || next.Revision() != w.s.Revision() {
		t.Fatalf("%v", err)
	}
	if diff := diffLines(w.image, dump(next)); diff != "" {
		t.Errorf("the state has changed:\n%s", diff)
	}
	for p := range w.s.Policies().All() {
		if same, err := next.Policy(p.ID); err != nil || same.Program != p.Program {
			t.Errorf("policy %s, which refers to nothing, was compiled anew", p.Name)
		}
	}
	if w.s.World().Dictionary == there.Dictionary {
		t.Error("the state before has moved")
	}
}

// TestWithinFails: an organization whose policy does not compile in the other world is not in it.
func TestWithinFails(t *testing.T) {
	w := newWorld(t, 1)
	d := w.s.BeginAdministration(w.now, system)
	d.putPolicy(&Policy{ID: policyID(9), Name: "lost", Language: policy.Scaleway,
		Document: `{"rules":[{"permission_set_names":["Nowhere"],"organization_id":"x"}]}`, CreatedAt: w.now})
	s := d.State()
	before := dump(s)
	next, err := s.Within(policy.World{})
	if next != nil || CodeOf(err) != Internal {
		t.Errorf("got %v, %v", next, err)
	}
	if diff := diffLines(before, dump(s)); diff != "" {
		t.Errorf("the state has changed:\n%s", diff)
	}
}
