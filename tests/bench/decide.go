package main

import (
	"fmt"
	"io"
	"math"
	"os/exec"
	"slices"
	"text/tabwriter"
)

const (
	decideLimit  = 0.5 // of the HPA's time
	decideRounds = 9
)

// decideRow is one length of history. Times are medians, in nanoseconds a decision.
type decideRow struct {
	History    int     `json:"history"`    // recommendations within the window
	Ns         float64 `json:"ns"`         // ours: prune and remember, stabilize, rate limit, bounds
	UpstreamNs float64 `json:"upstreamNs"` // the HPA's, for the same
	Ratio      float64 `json:"ratio"`      // of the two
	DecideNs   float64 `json:"decideNs"`   // ours, with a module, holds, steps and reasons
}

// decideTiming is what each of the two programs prints for a length of history.
type decideTiming struct {
	History      int
	Ns, DecideNs float64
	Decided      []int // the same from both, or they do not time the same
}

// decide times our code and the HPA's by turns, so that whatever else the machine does meets both.
func decide(out io.Writer) (any, bool, error) {
	var ours, upstreams [][]decideTiming
	for range decideRounds {
		our, err := runTimings("build/bench/decide_bench")
		if err != nil {
			return nil, false, err
		}
		upstream, err := runTimings("build/conformance/oracle", "--bench")
		if err != nil {
			return nil, false, err
		}
		ours, upstreams = append(ours, our), append(upstreams, upstream)
	}
	rows, err := decideRows(ours, upstreams)
	if err != nil {
		return nil, false, err
	}
	printDecide(out, rows)
	ok := !slices.ContainsFunc(rows, func(r decideRow) bool { return r.Ratio > decideLimit })
	return rows, ok, nil
}

func runTimings(program string, args ...string) (timings []decideTiming, err error) {
	err = readOutput(exec.Command(program, args...), &timings)
	return timings, err
}

// decideRows takes the medians over the rounds of both.
func decideRows(ours, upstreams [][]decideTiming) ([]decideRow, error) {
	for _, round := range slices.Concat(ours, upstreams) {
		if !slices.EqualFunc(round, ours[0], decideTiming.same) {
			return nil, fmt.Errorf("the two programs do not decide the same: %+v, %+v", round, ours[0])
		}
	}
	var rows []decideRow
	for i, first := range ours[0] {
		row := decideRow{
			History:    first.History,
			Ns:         medianOf(ours, func(r []decideTiming) float64 { return r[i].Ns }),
			UpstreamNs: medianOf(upstreams, func(r []decideTiming) float64 { return r[i].Ns }),
			DecideNs:   medianOf(ours, func(r []decideTiming) float64 { return r[i].DecideNs }),
		}
		row.Ratio = row.Ns / row.UpstreamNs
		rows = append(rows, row.rounded())
	}
	return rows, nil
}

func (t decideTiming) same(other decideTiming) bool {
	return t.History == other.History && slices.Equal(t.Decided, other.Decided)
}

func (r decideRow) rounded() decideRow {
	r.Ns, r.UpstreamNs, r.DecideNs = math.Round(r.Ns), math.Round(r.UpstreamNs), math.Round(r.DecideNs)
	r.Ratio = math.Round(r.Ratio*1000) / 1000
	return r
}

func medianOf(rounds [][]decideTiming, value func([]decideTiming) float64) float64 {
	var values []float64
	for _, round := range rounds {
		values = append(values, value(round))
	}
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

func printDecide(out io.Writer, rows []decideRow) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "history\tours ns\tHPA ns\tratio\tlimit\t\twhole Decide ns\t")
	for _, row := range rows {
		verdict := "ok"
		if row.Ratio > decideLimit {
			verdict = "ABOVE"
		}
		fmt.Fprintf(table, "%d\t%.0f\t%.0f\t%.2f\t%.2f\t%s\t%.0f\t\n",
			row.History, row.Ns, row.UpstreamNs, row.Ratio, decideLimit, verdict, row.DecideNs)
	}
	table.Flush()
}
