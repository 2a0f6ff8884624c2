package main

import (
	"fmt"
	"io"
	"math"
	"os/exec"
	"text/tabwriter"
)

const (
	simulateGoal = 3e6  // requests per second of CPU
	theoryLimit  = 0.02 // of the exact value
)

// simulateReport is what simulate_bench prints.
type simulateReport struct {
	RequestsPerSecondPerCore float64     `json:"requestsPerSecondPerCore"`
	Theory                   []theoryRow `json:"theory"`
}

// theoryRow is a queue whose mean and P99 are known exactly, in seconds.
type theoryRow struct {
	Queue string   `json:"queue"`
	Load  float64  `json:"load"`
	Mean  compared `json:"mean"`
	P99   compared `json:"p99"`
}

type compared struct {
	Simulated float64 `json:"simulated"`
	Exact     float64 `json:"exact"`
}

func (c compared) deviation() float64 { return c.Simulated/c.Exact - 1 }

func (r theoryRow) ok() bool {
	return math.Abs(r.Mean.deviation()) <= theoryLimit && math.Abs(r.P99.deviation()) <= theoryLimit
}

// simulate times the simulator on one core and prints how far its plant is from queueing theory.
func simulate(out io.Writer) (any, bool, error) {
	var report simulateReport
	if err := readOutput(exec.Command("build/bench/simulate_bench"), &report); err != nil {
		return nil, false, err
	}
	return report, printSimulate(out, report), nil
}

// printSimulate prints the report and returns whether everything is within its limit.
func printSimulate(out io.Writer, report simulateReport) bool {
	ok := len(report.Theory) > 0
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "queue\tload\tmean ms\texact\t\tP99 ms\texact\t\tlimit\t\t")
	for _, row := range report.Theory {
		ok = ok && row.ok()
		fmt.Fprintf(table, "%s\t%.2f\t%.2f\t%.2f\t%+.2f%%\t%.2f\t%.2f\t%+.2f%%\t±%.0f%%\t%s\t\n", row.Queue, row.Load,
			1000*row.Mean.Simulated, 1000*row.Mean.Exact, 100*row.Mean.deviation(),
			1000*row.P99.Simulated, 1000*row.P99.Exact, 100*row.P99.deviation(), 100*theoryLimit, verdictOf(row.ok()))
	}
	table.Flush()
	fast := report.RequestsPerSecondPerCore >= simulateGoal
	fmt.Fprintf(out, "%.2f million requests per second and core; goal: %.0f million: %s\n",
		report.RequestsPerSecondPerCore/1e6, simulateGoal/1e6, verdictOf(fast))
	return ok && fast
}

func verdictOf(ok bool) string {
	if ok {
		return "ok"
	}
	return "MISSED"
}
