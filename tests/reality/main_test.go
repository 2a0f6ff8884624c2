package main

import (
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

func TestAScenarioThatIsNotThereIsNamed(t *testing.T) {
	o := options{scenarios: "scenarios", names: []string{"flash"}}
	if _, err := o.files(); err == nil || !strings.Contains(err.Error(), `no scenario "flash"; there are: badpod`) {
		t.Error(err)
	}
}
