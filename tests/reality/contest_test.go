package main

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func near(a, b score) bool {
	for _, pair := range [][2]float64{{a.BadRequests, b.BadRequests}, {a.BadTime, b.BadTime},
		{a.ReplicaSeconds, b.ReplicaSeconds}, {a.Peak, b.Peak}, {a.Changes, b.Changes}} {
		if math.Abs(pair[0]-pair[1]) > 1e-9 {
			return false
		}
	}
	return true
}

func TestAScoreIsWithoutTheWarmUp(t *testing.T) {
	e := &episode{Warmup: 12}
	e.Seconds.Replicas = []int{9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 1, 3, 3, 5, 4}
	// The second window begins in the warm-up, the third does not.
	e.Windows = windows{Length: 10, Requests: []int{100, 100, 100, 300}, Bad: []int{100, 100, 8, 0}}
	expected := score{BadRequests: 0.02, BadTime: 0.5, ReplicaSeconds: 15, Peak: 5, Changes: 2}
	if s := scoreOf(e); !near(s, expected) {
		t.Errorf("%+v", s)
	}
}

func TestAContestantIsHeldAgainstTheMeanOfItsSimulations(t *testing.T) {
	c := contestantOf(rival, []*episode{synthetic(0, 3, 3), synthetic(0, 3, 5)}, []*episode{synthetic(0, 4, 4), synthetic(0, 4, 8)})
	if c.Real.ReplicaSeconds != 28 || c.Real.Changes != 0.5 || c.Simulated.ReplicaSeconds != 40 || c.Simulated.Peak != 6 || c.Simulated.Changes != 0.5 {
		t.Errorf("%+v", c)
	}
}

func TestTheReportHasALineForEachAutoscaler(t *testing.T) {
	ours := contestant{Autoscaler: evenkeel, Real: score{BadRequests: 0.0123, BadTime: 0.05, ReplicaSeconds: 4000, Peak: 9, Changes: 4}}
	theirs := contestant{Autoscaler: rival, Simulated: score{BadRequests: 0.5, BadTime: 0.25, ReplicaSeconds: 3000, Peak: 8.5, Changes: 1.5}}
	text := contest([]outcome{{comparison{Scenario: "step"}, []contestant{ours, theirs}}})
	for _, line := range []string{
		"| step | Evenkeel | 1.23 % | 0.00 % | 5.0 % | 0.0 % | 4000 | 0 | 9 | 0.0 | 4 | 0.0 |\n",
		"| step | HPA | 0.00 % | 50.00 % | 0.0 % | 25.0 % | 0 | 3000 | 0 | 8.5 | 0 | 1.5 |\n",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("%q is not in %s", line, text)
		}
	}
}

func TestTheHPAHasTheScenariosBoundsAndTheAdaptersMetric(t *testing.T) {
	s, err := readScenario("scenarios/step.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(hpaOf(s))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"minReplicas":2`, `"maxReplicas":20`, `"namespace":"shop-hpa"`, `"name":"` + rivalMetric + `"`, `"averageValue":"600m"`} {
		if !strings.Contains(string(text), part) {
			t.Errorf("%s is not in %s", part, text)
		}
	}
}
