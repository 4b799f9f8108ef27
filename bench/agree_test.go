package main

import (
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/benchdata"
)

// TestAgreement: every engine gives the right answer to every request.
func TestAgreement(t *testing.T) {
	w := benchdata.New(10, benchdata.Seed)
	names := namesOf(w)
	for _, c := range contenders {
		t.Run(c.name, func(t *testing.T) {
			e := c.make(names)
			if p, ok := e.(preparer); ok {
				if err := p.Prepare(w); err != nil {
					t.Fatal(err)
				}
			}
			if err := e.Load(w); err != nil {
				t.Fatal(err)
			}
			if err := check(e, spread(w, len(w.Requests))); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestRun: the command measures all that is asked for and says so in a line and a row for each.
func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run([]string{"-sizes", "10", "-runs", "1", "-pass", "100ms", "-engines", "writ,casbin"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"BenchmarkDecide/engine=writ/principals=10\t", "BenchmarkDecide/engine=casbin/principals=10\t", "2000|"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}

// TestTeeth: an engine that disagrees is found out, and not measured.
func TestTeeth(t *testing.T) {
	w := benchdata.New(10, benchdata.Seed)
	liar := contender{name: "liar", make: func([]string) Engine { return &liar{w: w} }}
	if _, err := measure(liar, w, nil, options{runs: 1}); err == nil || !strings.Contains(err.Error(), "disagrees") {
		t.Errorf("measuring an engine that forgets about denies: %v", err)
	}
}

// liar forgets about denies.
type liar struct{ w *benchdata.Workload }

func (l *liar) Load(*benchdata.Workload) error { return nil }

func (l *liar) Decide(r *benchdata.Request) (bool, error) {
	allowed, _ := l.w.Scan(r, benchdata.All&^benchdata.Denies)
	return allowed, nil
}

// TestGlob holds glob to what the workload's patterns mean.
func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		patterns, text string
		want           bool
	}{
		{"s3:Get*", "s3:GetObject", true},
		{"s3:Get*", "s3:PutObject", false},
		{"s3:Get", "s3:GetObject", false},
		{"s3:*", "s3:", true},
		{"a*b*c", "abbc", true},
		{"a*b*c", "acb", false},
		{"a*bc", "abcbc", true},
		{"a*a", "a", false},
		{"*", "", true},
		{"a|b*", "bc", true},
		{"a|b*", "ab", false},
	} {
		if got := anyGlob(tt.patterns, tt.text); got != tt.want {
			t.Errorf("anyGlob(%q, %q) = %t, want %t", tt.patterns, tt.text, got, tt.want)
		}
	}
}
