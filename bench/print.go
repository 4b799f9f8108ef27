package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/writ-iam/writ/internal/benchdata"
)

// printHeader says on what the figures are taken, in the form that benchstat reads.
func printHeader(out io.Writer) {
	fmt.Fprintf(out, "goos: %s\ngoarch: %s\ncpu: %s\ngo: %s\ngomaxprocs: %d\n",
		runtime.GOOS, runtime.GOARCH, processor(), runtime.Version(), runtime.GOMAXPROCS(0))
	for _, module := range peers() {
		fmt.Fprintln(out, "peer:", module)
	}
}

// peers are the modules of the contenders, with the versions that were linked.
func peers() []string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	var versions []string
	for _, m := range info.Deps {
		for _, c := range contenders {
			if c.of == m.Path && m.Replace == nil {
				versions = append(versions, m.Path+"@"+m.Version)
				break
			}
		}
	}
	return versions
}

// processor names the processor, where the system tells.
func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// printLine writes figures as one line, in the form of Go's benchmarks.
func printLine(out io.Writer, f figures) {
	fmt.Fprintf(out, "BenchmarkDecide/engine=%s/principals=%d\t%d\t%.1f ns/op\t%.1f cpu-ns/op\t%.1f B/op\t%.2f allocs/op\t"+
		"%.2f heap-MiB\t%.3f load-ms\t%.3f load-cpu-ms\t%d agreed\t%d timed\t%d runs\t%d loads\n",
		f.engine, f.principals, f.ops, f.decision.wall, f.decision.cpu, f.decision.bytes, f.decision.allocs,
		mebibytes(f.heap), f.load.wall/1e6, f.load.cpu/1e6, f.agreed, f.timed, f.runs, f.loads)
}

// printTable writes the figures of one size. An engine that failed has its reason below the table.
func printTable(out io.Writer, w *benchdata.Workload, rows []figures, failed []error) error {
	fmt.Fprintf(out, "\n%d principals, %d statements\n\n", len(w.Members), statements(w))
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(t, "engine\twall\tCPU\tallocs\tbytes\theap kept\tload\tload CPU\tagreed on\ttimed on\truns\t")
	for _, f := range rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%.0f\t%.0f\t%.2f MiB\t%s\t%s\t%d\t%d\t%d\t\n", f.engine, span(f.decision.wall),
			span(f.decision.cpu), f.decision.allocs, f.decision.bytes, mebibytes(f.heap), span(f.load.wall), span(f.load.cpu),
			f.agreed, f.timed, f.runs)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, err := range failed {
		fmt.Fprintln(out, "NOT MEASURED:", err)
	}
	for _, f := range rows {
		if f.timed < len(w.Requests) {
			fmt.Fprintf(out, "%s is slow here: of %d requests, %d were checked and %d timed, evenly spread\n",
				f.engine, len(w.Requests), f.agreed, f.timed)
		}
	}
	fmt.Fprintln(out)
	return nil
}

func statements(w *benchdata.Workload) (n int) {
	for _, g := range w.Groups {
		for _, p := range g.Policies {
			n += len(p.Statements)
		}
	}
	return n
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }

// span writes nanoseconds with three digits and a fitting unit.
func span(ns float64) string {
	for _, unit := range []string{"ns", "µs", "ms"} {
		if ns < 999.5 {
			return fmt.Sprintf("%.3g %s", ns, unit)
		}
		ns /= 1000
	}
	return fmt.Sprintf("%.3g s", ns)
}
