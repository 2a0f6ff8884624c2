package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestSimulateSaysWhatIsBeyondItsLimit(t *testing.T) {
	good := theoryRow{Queue: "M/M/1", Load: 0.3, Mean: compared{1.019, 1}, P99: compared{0.981, 1}}
	far := theoryRow{Queue: "M/D/1", Load: 0.6, Mean: compared{1, 1}, P99: compared{0.97, 1}}
	for _, c := range []struct {
		name   string
		report simulateReport
		ok     bool
		missed int
	}{
		{"all within", simulateReport{3.1e6, []theoryRow{good}}, true, 0},
		{"one row too far", simulateReport{3.1e6, []theoryRow{good, far}}, false, 1},
		{"too slow", simulateReport{2.9e6, []theoryRow{good}}, false, 1},
		{"no theory", simulateReport{3.1e6, nil}, false, 0},
	} {
		var out bytes.Buffer
		if ok := printSimulate(&out, c.report); ok != c.ok || strings.Count(out.String(), "MISSED") != c.missed {
			t.Errorf("%s: %v\n%s", c.name, ok, out.String())
		}
	}
}
