package main

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func namesOf(t *testing.T, args ...string) []string {
	t.Helper()
	o, err := parseOptions(append([]string{"-scenarios", "scenarios"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	files, err := o.files()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".json"))
	}
	return names
}

func TestTheCheckedScenariosAreChosenAndAllInAContest(t *testing.T) {
	if names := namesOf(t); !slices.Equal(names, checked) {
		t.Error(names)
	}
	if names := namesOf(t, "-contest"); !slices.Equal(names, []string{"badpod", "dbslow", "err", "ramp", "step"}) {
		t.Error(names)
	}
	if names := namesOf(t, "-contest", "ramp"); !slices.Equal(names, []string{"ramp"}) {
		t.Error(names)
	}
}

func TestAContestHasItsOwnDirectory(t *testing.T) {
	for expected, args := range map[string][]string{
		"build/reality": nil, "build/contest": {"-contest"}, "x": {"-contest", "-out", "x"},
	} {
		if o, err := parseOptions(args); err != nil || o.out != expected {
			t.Errorf("%s, %v", o.out, err)
		}
	}
}

func TestANumberOfRunsThatCannotBeIsRefused(t *testing.T) {
	for _, runs := range []string{"0", "21"} {
		if _, err := parseOptions([]string{"-runs", runs}); err == nil || err.Error() != "-runs "+runs+": must be from 1 to 20" {
			t.Error(err)
		}
	}
}

func TestTheRunsOfAScenarioAreReadTogether(t *testing.T) {
	p := pathsOf(t.TempDir(), "step")
	for number := 1; number <= 3; number++ {
		run := p.ofRun(number)
		err := errors.Join(writeJSON(run.evenkeel.real, synthetic(0.1, number)), writeJSON(run.rival.real, synthetic(0.1, 10*number)))
		if err != nil {
			t.Fatal(err)
		}
	}
	real, err := readSides(p, true)
	if err != nil || len(real) != 2 || len(real[0]) != 3 || real[0][2].scoredReplicas()[0] != 3 || real[1][1].scoredReplicas()[0] != 20 {
		t.Errorf("%v, %v", real, err)
	}
	if err := p.removeRuns(); err != nil {
		t.Fatal(err)
	}
	if _, err := readSides(p, false); err == nil {
		t.Error("runs that were removed are read")
	}
}

func TestAScenarioThatIsNotThereIsNamed(t *testing.T) {
	o := options{scenarios: "scenarios", names: []string{"flash"}}
	if _, err := o.files(); err == nil || !strings.Contains(err.Error(), `no scenario "flash"; there are: badpod`) {
		t.Error(err)
	}
}
