package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"evenkeel.dev/tests/shop"
)

// summary is what a run comes to. Times are since the start of the spike; negative where it never happened.
type summary struct {
	goals                                goals
	firstScaleOut, recovered             time.Duration
	slow, slowInSpike                    float64 // shares of the requests
	requests                             int
	failures                             map[string]int // by kind
	startReplicas, minReplicas           int            // startReplicas: at the start of the spike
	peakReplicas, finalReplicas          int
	replicaSeconds, replicaSecondsAtRest float64
}

// stayUnder is how long P99 must stay under the objective to count as back.
const stayUnder = 15 * time.Second

const never time.Duration = -1

func summarize(t *timeline) summary {
	s := summary{goals: t.goals, requests: len(t.requests), failures: failuresByKind(t.requests)}
	s.firstScaleOut = firstScaleOut(t)
	s.recovered = recovered(t)
	s.slow = slowShare(t.requests, t.goals.latencyP99)
	s.slowInSpike = slowShare(t.sentIn(t.schedule.spikeStart(), t.schedule.spikeEnd()), t.goals.latencyP99)
	s.countReplicas(t)
	return s
}

// firstScaleOut is when the spec first asked for more than at the start of the spike.
func firstScaleOut(t *timeline) time.Duration {
	start := t.schedule.spikeStart()
	before := t.replicasAt(start).Wanted
	for _, sample := range t.replicas {
		if sample.At > start && sample.Wanted > before {
			return sample.At - start
		}
	}
	return never
}

// recovered is when P99 came back under its objective and stayed there for stayUnder, or to the end.
// A spike that P99 did not notice is over at once: 0.
func recovered(t *timeline) time.Duration {
	start := t.schedule.spikeStart()
	var back time.Duration
	wasOver, isOver := false, false
	for _, p := range t.p99Series() {
		if p.At <= start {
			continue
		}
		over := p.Value > t.goals.latencyP99.Seconds()
		if isOver && !over {
			back = p.At
		}
		wasOver, isOver = wasOver || over, over
		if wasOver && !isOver && p.At-back >= stayUnder {
			return back - start
		}
	}
	switch {
	case !wasOver:
		return 0
	case isOver:
		return never
	}
	return back - start
}

func slowShare(requests []shop.Request, objective time.Duration) float64 {
	if len(requests) == 0 {
		return math.NaN()
	}
	slow := 0
	for _, r := range requests {
		if r.Latency > objective {
			slow++
		}
	}
	return float64(slow) / float64(len(requests))
}

func (s *summary) countReplicas(t *timeline) {
	first := t.replicasAt(0)
	s.startReplicas = t.replicasAt(t.schedule.spikeStart()).Wanted
	s.finalReplicas = t.replicasAt(t.end).Wanted
	s.minReplicas, s.peakReplicas = first.Wanted, first.Wanted
	current := shop.ReplicaSample{At: 0, Wanted: first.Wanted}
	for _, next := range slices.Concat(t.replicas, []shop.ReplicaSample{{At: t.end, Wanted: s.finalReplicas}}) {
		if next.At < 0 || next.At > t.end {
			continue
		}
		s.minReplicas, s.peakReplicas = min(s.minReplicas, next.Wanted), max(s.peakReplicas, next.Wanted)
		s.replicaSeconds += float64(current.Wanted) * (next.At - current.At).Seconds()
		current = next
	}
	s.replicaSecondsAtRest = float64(t.goals.minReplicas) * t.end.Seconds()
}

// verdict is nil where the demo showed what it is to show, else all that was missing.
func (s summary) verdict() error {
	var problems []error
	rest := s.goals.minReplicas
	missing := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if s.startReplicas != rest {
		missing("the spike met %d replicas instead of %d", s.startReplicas, rest)
	}
	if s.firstScaleOut == never {
		missing("replicas did not rise in the spike")
	}
	if s.recovered == never {
		missing("P99 did not return under %s", s.goals.latencyP99)
	}
	if s.finalReplicas != rest {
		missing("replicas ended at %d, not back at %d", s.finalReplicas, rest)
	}
	return errors.Join(problems...)
}

func (s summary) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(table, "  %s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	row("spike to first PATCH", "%s", seconds(s.firstScaleOut))
	row("spike to P99 back under "+s.goals.latencyP99.String(), "%s   (client side, sliding windows of %s, staying there for %s)",
		seconds(s.recovered), shop.P99Window, stayUnder)
	row("requests over the objective", "%.2f %% of all, %.2f %% of the spike's", 100*s.slow, 100*s.slowInSpike)
	row("errors", "%s of %d requests", countsOf(s.failures), s.requests)
	row("replicas min / peak / final", "%d / %d / %d", s.minReplicas, s.peakReplicas, s.finalReplicas)
	row("replica-seconds", "%.0f   (%d replicas throughout: %.0f)", s.replicaSeconds, s.goals.minReplicas, s.replicaSecondsAtRest)
	return table.Flush()
}

func failuresByKind(requests []shop.Request) map[string]int {
	kinds := map[string]int{}
	for _, r := range requests {
		if r.Failure != "" {
			kinds[r.Failure]++
		}
	}
	return kinds
}

// countsOf is the sum and, where there is one, its parts, the largest first.
func countsOf(failures map[string]int) string {
	kinds := slices.SortedFunc(maps.Keys(failures), func(a, b string) int {
		return cmp.Or(cmp.Compare(failures[b], failures[a]), cmp.Compare(a, b))
	})
	sum, parts := 0, []string{}
	for _, kind := range kinds {
		sum += failures[kind]
		parts = append(parts, fmt.Sprintf("%d × %s", failures[kind], kind))
	}
	if sum == 0 {
		return "0"
	}
	return fmt.Sprintf("%d (%s)", sum, strings.Join(parts, ", "))
}

func seconds(d time.Duration) string {
	if d == never {
		return "never"
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
