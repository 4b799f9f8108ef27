// Command bench compares writ with other engines in Go: on the same organizations and requests, with the same, checked
// decisions, in one run. README.md says what the figures mean and how each engine is set up.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/benchdata"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	sizes := flags.String("sizes", "10,1000,100000", "numbers of principals")
	engines := flags.String("engines", allNames(), "engines to measure")
	var o options
	flags.IntVar(&o.runs, "runs", 5, "runs of which to take the median")
	flags.DurationVar(&o.atMost, "pass", 5*time.Second, "longest pass over the requests; an engine that needs longer is timed on fewer")
	flags.DurationVar(&o.slow, "slow", 100*time.Millisecond, "a decision beyond it makes an engine slow: it is asked a sample only")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen, err := choose(*engines)
	if err != nil {
		return err
	}
	numbers, err := parseSizes(*sizes)
	if err != nil {
		return err
	}
	if o.runs < 1 {
		return fmt.Errorf("-runs %d: at least one", o.runs)
	}
	printHeader(out)
	return compareSizes(out, numbers, chosen, o)
}

// compareSizes goes through the sizes, and fails after the last if an engine could not be measured.
func compareSizes(out io.Writer, sizes []int, chosen []contender, o options) error {
	failed := 0
	for _, n := range sizes {
		missing, err := compare(out, n, chosen, o)
		if err != nil {
			return err
		}
		failed += missing
	}
	if failed > 0 {
		return fmt.Errorf("%d not measured", failed)
	}
	return nil
}

// compare measures the chosen engines at one size, one after the other, so that none bears the heap of another.
func compare(out io.Writer, principals int, chosen []contender, o options) (int, error) {
	w := benchdata.New(principals, benchdata.Seed)
	names := namesOf(w)
	var rows []figures
	var failed []error
	for _, c := range chosen {
		f, err := measure(c, w, names, o)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s at %d principals: %w", c.name, principals, err))
			continue
		}
		rows = append(rows, f)
		printLine(out, f)
	}
	return len(failed), printTable(out, w, rows, failed)
}

func allNames() string {
	var names []string
	for _, c := range contenders {
		names = append(names, c.name)
	}
	return strings.Join(names, ",")
}

// choose finds contenders by their names.
func choose(names string) ([]contender, error) {
	var chosen []contender
	for name := range strings.SplitSeq(names, ",") {
		at := slices.IndexFunc(contenders, func(c contender) bool { return c.name == name })
		if at < 0 {
			return nil, fmt.Errorf("no engine %q; there are %s", name, allNames())
		}
		chosen = append(chosen, contenders[at])
	}
	return chosen, nil
}

// parseSizes reads numbers of principals. A principal is in three groups and there are never fewer than five, so that
// every number from one on will do.
func parseSizes(text string) ([]int, error) {
	var sizes []int
	for s := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-sizes %s: %q is no number of principals", text, s)
		}
		sizes = append(sizes, n)
	}
	return sizes, nil
}
