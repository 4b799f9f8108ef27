package policy

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// benchDocument writes a policy of four statements in the proportions of the project's workload: one or two actions and
// resources each, a deny in ten, a condition in five.
func benchDocument(rng *rand.Rand, team int) []byte {
	pick := func(from ...string) string { return from[rng.IntN(len(from))] }
	var b strings.Builder
	b.WriteString(`{"version":"2024-01-01","statements":[`)
	for i := range 4 {
		if i > 0 {
			b.WriteByte(',')
		}
		effect := "allow"
		if rng.IntN(10) == 0 {
			effect = "deny"
		}
		action := func() string {
			return pick("s3:Get*", "s3:Get*", "s3:Put*", "s3:List*", "s3:Delete*", "s3:*", "s3:GetObject*", "s3:PutObjectTagging", "s3:ListBucketVersions")
		}
		resource := func() string {
			n := team
			if rng.IntN(5) > 2 {
				n = rng.IntN(10_000)
			}
			return pick(
				fmt.Sprintf("crn:*:s3:bucket/team-%d/*", n), fmt.Sprintf("crn:*:s3:bucket/team-%d/*", n), fmt.Sprintf("crn:*:s3:bucket/team-%d/*", n),
				fmt.Sprintf("crn:acct-%d:s3:bucket/team-%d/*", rng.IntN(10), n),
				fmt.Sprintf("crn:*:s3:bucket/team-%d/logs/*", n),
				fmt.Sprintf("crn:*:s3:bucket/team-%d/*.csv", n))
		}
		fmt.Fprintf(&b, `{"effect":%q,"actions":[%q`, effect, action())
		if rng.IntN(10) < 4 {
			fmt.Fprintf(&b, `,%q`, action())
		}
		fmt.Fprintf(&b, `],"resources":[%q`, resource())
		if rng.IntN(10) < 3 {
			fmt.Fprintf(&b, `,%q`, resource())
		}
		b.WriteByte(']')
		if rng.IntN(5) == 0 {
			b.WriteString(`,"conditions":[` + pick(
				fmt.Sprintf(`{"operator":"ip_address","key":"iam:source_ip","values":["10.%d.0.0/14"]}`, rng.IntN(64)*4),
				`{"operator":"equals","key":"env","values":["prod","staging","test"]}`,
				fmt.Sprintf(`{"operator":"date_before","key":"iam:current_time","values":["2026-0%d-01T00:00:00Z"]}`, 1+rng.IntN(9))) + `]`)
		}
		b.WriteByte('}')
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

const benchResource = "crn:acct-7:s3:bucket/team-17/reports/2025.csv"

var benchContext = Context{
	SourceIP:   netip.MustParseAddr("10.4.1.2"),
	Now:        time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	Attributes: []Attr{{"env", String("prod")}},
}

func BenchmarkNewQuery(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		q := NewQuery("s3:GetObject", benchResource, &benchContext)
		if q.Features() == 0 {
			b.Fatal("a query without features")
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	const statement = `{"effect":"allow","actions":[%q],"resources":[%q]%s}`
	condition := func(operator, key, value string) string {
		return fmt.Sprintf(`,"conditions":[{"operator":%q,"key":%q,"values":[%q]}]`, operator, key, value)
	}
	for _, c := range []struct{ name, action, resource, conditions string }{
		{"plain", "s3:Get*", "crn:*:s3:bucket/team-17/*", ""},
		{"otherTeam", "s3:Get*", "crn:*:s3:bucket/team-18/*", ""},
		{"otherAction", "s3:Put*", "crn:*:s3:bucket/team-17/*", ""},
		{"otherCase", "S3:GET*", "crn:*:s3:bucket/team-17/*", ""},
		{"prefix", "s3:Get*", "crn:acct-7:s3:bucket/team-17/*", ""},
		{"extension", "s3:Get*", "crn:*:s3:bucket/team-17/*.csv", ""},
		{"question", "s3:Get*", "crn:*:s3:bucket/team-1?/*", ""},
		{"ip", "s3:Get*", "crn:*:s3:bucket/team-17/*", condition("ip_address", "iam:source_ip", "10.4.0.0/14")},
		{"equals", "s3:Get*", "crn:*:s3:bucket/team-17/*", condition("equals", "env", "prod")},
		{"date", "s3:Get*", "crn:*:s3:bucket/team-17/*", condition("date_before", "iam:current_time", "2026-05-01T00:00:00Z")},
	} {
		b.Run(c.name, func(b *testing.B) {
			p, err := Compile(Statements, fmt.Appendf(nil, `{"statements":[`+statement+`]}`, c.action, c.resource, c.conditions), nil)
			if err != nil {
				b.Fatal(err)
			}
			q := NewQuery("s3:GetObject", benchResource, &benchContext)
			b.ReportAllocs()
			for b.Loop() {
				p.Match(0, &q)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	doc := benchDocument(rand.New(rand.NewPCG(42, 1)), 17)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile(Statements, doc, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// adversarialGlobs are patterns that make backtracking matchers explode, each with a text on which it fails late.
func adversarialGlobs(size int) map[string][2]string {
	as := strings.Repeat("a", size)
	return map[string][2]string{
		"stars":         {strings.Repeat("*a", 511), as[:500]},
		"starsLong":     {strings.Repeat("*a", 511) + "b", as},
		"starsQuestion": {strings.Repeat("*a?", 340) + "*b*", as},
		"questions":     {"*" + strings.Repeat("?", 1000) + "b*", as},
		"questionStars": {strings.Repeat("?*", 512), as},
		"longSegment":   {"*" + strings.Repeat("a", 500) + "?" + strings.Repeat("a", 500) + "b*", as},
		"literal":       {"*" + strings.Repeat("a", 1000) + "b*", as},
		"multibyte":     {"*" + strings.Repeat("é?", 300) + "b*", strings.Repeat("é", size/2)},
	}
}

func BenchmarkGlobAdversarial(b *testing.B) {
	for name, c := range adversarialGlobs(4096) {
		b.Run(name, func(b *testing.B) {
			kind := globKind(c[0])
			b.SetBytes(int64(len(c[1])))
			b.ReportAllocs()
			for b.Loop() {
				matchText(kind, globExtra(kind, c[0]), c[0], c[1])
			}
		})
	}
}
