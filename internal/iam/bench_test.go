package iam_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/benchdata"
	"github.com/writ-iam/writ/internal/iam"
)

// BenchmarkPage is a page of 100 of 100,000 groups by name prefix: a prefix that few, many and all of them have, from the
// beginning and from the middle.
func BenchmarkPage(b *testing.B) {
	d := iam.NewState(benchdata.Org).BeginAdministration(time.Unix(1_700_000_000, 0), iam.Principal{})
	if err := benchdata.Found(d); err != nil {
		b.Fatal(err)
	}
	var middle iam.UUID
	for i := range 100_000 {
		id := iam.NewUUID(time.Unix(1_700_000_000, 0), [10]byte{3: byte(i >> 16), 4: byte(i >> 8), 5: byte(i)})
		// The order of names is not the order of creation.
		if _, err := d.CreateGroup(iam.Group{ID: iam.GroupID{UUID: id}, Name: fmt.Sprintf("team-%05d", i*7919%100_000)}); err != nil {
			b.Fatal(err)
		}
		if i == 50_000 {
			middle = id
		}
	}
	groups := d.State().Groups()
	for _, prefix := range []string{"team-012*", "team-4*", "team-*"} {
		for name, after := range map[string]iam.UUID{"first": {}, "middle": middle} {
			b.Run(prefix[:len(prefix)-1]+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					page, err := groups.Page(iam.PageQuery[*iam.Group]{Name: prefix, After: after, Limit: 100})
					if err != nil || page.Total == 0 {
						b.Fatal(page.Total, err)
					}
				}
			})
		}
	}
}
