package main

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
)

func TestAFleetHasAllItsSamplesAndThatIsTheSameEveryTime(t *testing.T) {
	f := fleet{services: 2, routes: 2}
	text := func() string {
		var out bytes.Buffer
		buffered := bufio.NewWriter(&out)
		f.write(buffered)
		buffered.Flush()
		return out.String()
	}
	lines := strings.Split(strings.TrimSpace(text()), "\n")
	if got, want := len(lines), f.series()*samplesOfSeries+1; got != want || lines[got-1] != "# EOF" {
		t.Errorf("%d lines that end in %q; want %d", got, lines[got-1], want)
	}
	seen := map[string]bool{}
	for _, line := range lines[:len(lines)-1] {
		seen[line[:strings.Index(line, "}")]] = true
	}
	if len(seen) != f.series() {
		t.Errorf("%d different series; want %d", len(seen), f.series())
	}
	if text() != text() {
		t.Error("it differs from one time to the next")
	}
}

func TestCostsOfSignalsAddUpToAMinute(t *testing.T) {
	row := signalsRow{fleet: fleet{services: 500, routes: 1}}
	row.fill(roundCosts{
		Planned: map[string]partCost{"whole": {Queries: 3, PrometheusCPU: 1}, "histograms": {PrometheusCPU: 0.75}, "others": {PrometheusCPU: 0.25},
			"census": {Queries: 20}},
		PerPolicy: map[string]partCost{"latencyP99": {Queries: 500, PrometheusCPU: 2, Bytes: 10}, "errorRate": {Queries: 500, PrometheusCPU: 1, Bytes: 5},
			"requestRate": {Queries: 500, PrometheusCPU: 3, Bytes: 5}},
	})
	if row.Planned.Queries != 12 || row.Planned.PrometheusCPU != 4 || row.Planned.Others.PrometheusCPU != 1 || row.Planned.Census.Queries != 2 {
		t.Errorf("planned: %+v", row.Planned)
	}
	if row.PerPolicy.Queries != 6000 || row.PerPolicy.PrometheusCPU != 24 || row.PerPolicy.Bytes != 80 ||
		row.PerPolicy.Histograms.PrometheusCPU != 8 || row.PerPolicy.Others.PrometheusCPU != 16 {
		t.Errorf("per policy: %+v", row.PerPolicy)
	}
}

func TestGoalsGoByThePopulation(t *testing.T) {
	way := func(queries, histograms, others float64) wayCost {
		return wayCost{minuteCost: minuteCost{Queries: queries, PrometheusCPU: histograms + others},
			Histograms: minuteCost{PrometheusCPU: histograms}, Others: minuteCost{PrometheusCPU: others}}
	}
	for _, c := range []struct {
		name string
		row  signalsRow
		met  []bool
	}{
		{"most of 500", signalsRow{Services: 500, Covered: 500, Planned: way(16, 1, 1), PerPolicy: way(8000, 2, 9), Parse: 100}, []bool{true, true, false, true}},
		{"with rules", signalsRow{Services: 500, Covered: 500, Rules: true, Planned: way(16, 1, 1), PerPolicy: way(8000, 20, 0), Parse: 100}, []bool{true, true, true}},
		{"few of 500", signalsRow{Services: 500, Covered: 120, Planned: way(33, 1, 1), PerPolicy: way(480, 1, 1), Parse: 99}, []bool{false, true, false}},
		{"most of 5000", signalsRow{Services: 5000, Covered: 5000, Planned: way(17, 1, 1.5), Grouped: way(16, 1, 1), Parse: 200}, []bool{false, false, true}},
	} {
		var met []bool
		for _, verdict := range c.row.judge() {
			met = append(met, verdict.Met)
		}
		if len(met) != len(c.met) {
			t.Errorf("%s: %+v", c.name, c.row.judge())
			continue
		}
		for i := range met {
			if met[i] != c.met[i] {
				t.Errorf("%s: %+v", c.name, c.row.judge()[i])
			}
		}
	}
}
