package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheScenariosOfTheRepositoryCanBePlayed(t *testing.T) {
	files, err := filepath.Glob("scenarios/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		s, err := readScenario(file)
		if err != nil {
			t.Error(err)
			continue
		}
		if s.Name+".json" != filepath.Base(file) {
			t.Errorf("%s holds the scenario %s", file, s.Name)
		}
	}
}

func TestWhatAScenarioLeavesOutIsAsInTheSimulator(t *testing.T) {
	s, err := parseScenario([]byte(`{"name": "x", "arrivals": {"rate": [["0s", 1]]}, "replicas": {"min": 3, "max": 9},
		"pod": {"coldFactor": 1}, "metrics": {"inFlight": true}}`))
	if err != nil {
		t.Fatal(err)
	}
	if s.Pod.Work.Duration != 10*time.Millisecond || s.Pod.Startup[1].Duration != 40*time.Second {
		t.Errorf("pod %+v", s.Pod)
	}
	if s.Database.Servers != 60 || s.Database.PoolPerPod != 10 || s.Database.PerConnection != 0.002 {
		t.Errorf("database %+v", s.Database)
	}
	if s.Replicas.Initial != 3 || s.Metrics.Scrape.Duration != 15*time.Second {
		t.Errorf("%d replicas, %+v", s.Replicas.Initial, s.Metrics)
	}
}

func TestWhatCannotBePlayedIsRefusedByName(t *testing.T) {
	for given, expected := range map[string]string{
		`"balancer": "sticky"`:                            "balancer",
		`"arrivals": {"rate": [["0s", 1]], "retries": 2}`: "retries",
		`"arrivals": {"rate": [[0, 1]]}`:                  "no rate",
		`"arrivals": {"rate": []}`:                        "arrivals.rate",
		`"duration": 60`:                                  "no duration",
		`"warmup": "3h"`:                                  "warmup",
		`"pod": {}`:                                       "pod.coldFactor",
		`"metrics": {}`:                                   "metrics.inFlight",
		`"events": [{"at": "1m", "for": "1m", "kind": "podsLost"}]`:              `events[0].kind: "podsLost"`,
		`"events": [{"at": "1m", "for": "1m", "kind": "errors"}]`:                "events[0].fraction: 0;",
		`"events": [{"at": "1m", "for": "1m", "kind": "errors", "fraction": 2}]`: "events[0].fraction: 2;",
		`"events": [{"at": "1m", "kind": "podSlow", "factor": 4, "pods": 1}]`:    "events[0].for",
		`"events": [{"at": "1m", "for": "1m", "kind": "podSlow", "speed": 2}]`:   "speed",
	} {
		fields := []string{given}
		for name, value := range map[string]string{
			"name": `"x"`, "arrivals": `{"rate": [["0s", 1]]}`, "pod": `{"coldFactor": 1}`, "metrics": `{"inFlight": true}`,
		} {
			if !strings.HasPrefix(given, `"`+name+`"`) {
				fields = append(fields, `"`+name+`": `+value)
			}
		}
		_, err := parseScenario([]byte("{" + strings.Join(fields, ", ") + "}"))
		if err == nil || !strings.Contains(err.Error(), expected) {
			t.Errorf("%s: %v", given, err)
		}
	}
}

func TestScenariosAreChosenByName(t *testing.T) {
	o := options{scenarios: "scenarios", names: []string{"step"}}
	if files, err := o.files(); err != nil || len(files) != 1 || filepath.Base(files[0]) != "step.json" {
		t.Errorf("%v, %v", files, err)
	}
	o.names = checked
	if _, err := o.files(); err != nil {
		t.Error(err)
	}
	o.names = []string{"stair"}
	if _, err := o.files(); err == nil || !strings.Contains(err.Error(), `no scenario "stair"; there are: badpod, dbslow, err, ramp, step`) {
		t.Error(err)
	}
}
