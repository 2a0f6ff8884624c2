package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// report prints and writes what the runs came to. Its error names every limit that was missed where it is checked.
func report(out io.Writer, o options, outcomes []outcome) error {
	text := predictions(o, outcomes)
	if o.contest {
		text += contest(outcomes)
	}
	fmt.Fprint(out, "\n", text)
	if err := errors.Join(
		writeJSON(filepath.Join(o.out, o.kind()+".json"), outcomes),
		os.WriteFile(filepath.Join(o.out, o.kind()+".md"), []byte(text), 0o644),
	); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nin %s: %s.md, %[2]s.json; of each scenario NAME.svg (look at it) and the data\n", o.out, o.kind())
	var missed []error
	for _, one := range outcomes {
		if o.checks(one) {
			missed = append(missed, one.verdict())
		}
	}
	return errors.Join(missed...)
}

func (o options) checks(one outcome) bool {
	return !o.contest && slices.Contains(checked, one.Scenario)
}

// predictions are of Evenkeel's side.
func predictions(o options, outcomes []outcome) string {
	var text strings.Builder
	fmt.Fprintf(&text, "# The simulator beside real processes\n\n"+
		"Of the service that Evenkeel scales. Replicas: share of the time in which the real ones are within ±%d of the\n"+
		"simulated median (limit: %.0f %%), and of the simulated range; \"by chance\": how often a simulated episode is within ±%d\n"+
		"of the median of all. Bad time: share of 10 s with more than 1 %% bad requests (limit: ±%.0f points). Without the\n"+
		"warm-up. Of several runs the mean. Processors: how busy the machine was in the real runs; where that is nearly 100 %%,\n"+
		"others ran on it, and they say little. The limits are checked in %s, where Evenkeel is alone; elsewhere a miss is in brackets.\n\n",
		nearReplicas, 100*nearShare, nearReplicas, 100*nearBadTime, strings.Join(checked, ", "))
	fmt.Fprintln(&text, "| scenario | runs | within median | by chance | within range | bad time, real | simulated | replica-seconds, real | simulated | processors | |")
	fmt.Fprintln(&text, "|:--|--:|--:|--:|--:|--:|--:|--:|--:|--:|:--|")
	for _, c := range outcomes {
		fmt.Fprintf(&text, "| %s | %d | %.1f %% | %.1f %% | %.1f %% | %s | %.1f ±%.1f %% | %.0f | %.0f | %.0f %% | %s |\n", c.Scenario, c.Runs,
			100*c.WithinMedian, 100*c.ChanceMedian, 100*c.WithinRange, c.badTimeInWords(), 100*c.BadTimeMean, 100*c.BadTimeSpread,
			c.ReplicaSeconds[0], c.ReplicaSeconds[1], 100*c.Busy, o.verdictInAWord(c))
	}
	return text.String()
}

// badTimeInWords is the mean, and of several runs each, too.
func (c comparison) badTimeInWords() string {
	text := fmt.Sprintf("%.1f %%", 100*c.BadTimeReal)
	if c.Runs < 2 {
		return text
	}
	var each []string
	for _, one := range c.BadTimeRuns {
		each = append(each, fmt.Sprintf("%.1f", 100*one))
	}
	return text + " (" + strings.Join(each, ", ") + ")"
}

func (o options) verdictInAWord(one outcome) string {
	switch {
	case one.verdict() == nil:
		return "ok"
	case o.checks(one):
		return "MISSED"
	default:
		return "(missed)"
	}
}

// contest shows the autoscalers side by side.
func contest(outcomes []outcome) string {
	var text strings.Builder
	fmt.Fprintf(&text, "\n# Evenkeel beside the HPA\n\n"+
		"Two copies of the service on one cluster at the same time, each with its own proxy, database and load of the same\n"+
		"arrivals. The HPA is that of the real kube-controller-manager with its defaults, on the event-loop utilization of each\n"+
		"pod (target %s), which it reads through the custom metrics API. Bad requests: slower than the objective, or failed; what\n"+
		"an error burst fails is bad only where it is slow. Without the warm-up. \"Simulated\": the mean over seeds.\n\n", rivalTarget)
	fmt.Fprintln(&text, "| scenario | autoscaler | bad requests, real | simulated | bad time, real | simulated | replica-seconds, real | simulated | peak, real | simulated | changes, real | simulated |")
	fmt.Fprintln(&text, "|:--|:--|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	for _, o := range outcomes {
		for _, c := range o.Contestants {
			real, simulated := c.Real, c.Simulated
			fmt.Fprintf(&text, "| %s | %s | %.2f %% | %.2f %% | %.1f %% | %.1f %% | %.0f | %.0f | %.0f | %.1f | %.0f | %.1f |\n",
				o.Scenario, c.Autoscaler, 100*real.BadRequests, 100*simulated.BadRequests, 100*real.BadTime, 100*simulated.BadTime,
				real.ReplicaSeconds, simulated.ReplicaSeconds, real.Peak, simulated.Peak, real.Changes, simulated.Changes)
		}
	}
	return text.String()
}
