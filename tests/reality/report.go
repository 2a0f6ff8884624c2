package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// report prints and writes what the comparisons came to. Its error names every limit that was missed.
func report(out io.Writer, o options, comparisons []comparison) error {
	text := markdown(comparisons)
	fmt.Fprint(out, "\n", text)
	if err := errors.Join(
		writeJSON(filepath.Join(o.out, "reality.json"), comparisons),
		os.WriteFile(filepath.Join(o.out, "reality.md"), []byte(text), 0o644),
	); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nin %s: reality.md, reality.json; of each scenario NAME.svg (look at it) and the data\n", o.out)
	var missed []error
	for _, c := range comparisons {
		missed = append(missed, c.verdict())
	}
	return errors.Join(missed...)
}

func markdown(comparisons []comparison) string {
	var text strings.Builder
	fmt.Fprintf(&text, "# The simulator beside real processes\n\n"+
		"Replicas: share of the time in which the real ones are within ±%d of the simulated median (limit: %.0f %%), and of\n"+
		"the simulated range; \"by chance\": how often a simulated episode is within ±%d of the median of all. Bad time: share\n"+
		"of 10 s with more than 1 %% bad requests (limit: ±%.0f points). Without the warm-up. Processors: how busy the machine\n"+
		"was in the real run; where that is nearly 100 %%, others ran on it, and the run says little.\n\n", nearReplicas, 100*nearShare, nearReplicas, 100*nearBadTime)
	fmt.Fprintln(&text, "| scenario | within median | by chance | within range | bad time, real | simulated | replica-seconds, real | simulated | processors | |")
	fmt.Fprintln(&text, "|:--|--:|--:|--:|--:|--:|--:|--:|--:|:--|")
	for _, c := range comparisons {
		verdict := "ok"
		if c.verdict() != nil {
			verdict = "MISSED"
		}
		fmt.Fprintf(&text, "| %s | %.1f %% | %.1f %% | %.1f %% | %.1f %% | %.1f ±%.1f %% | %.0f | %.0f | %.0f %% | %s |\n", c.Scenario,
			100*c.WithinMedian, 100*c.ChanceMedian, 100*c.WithinRange, 100*c.BadTimeReal, 100*c.BadTimeMean, 100*c.BadTimeSpread,
			c.ReplicaSeconds[0], c.ReplicaSeconds[1], 100*c.Busy, verdict)
	}
	return text.String()
}
