package main_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// build brings the oracle up to date and returns its path.
func build(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../../build/conformance/oracle")
	if err != nil {
		t.Fatal(err)
	}
	output, err := exec.Command("./go", "build", "-o", path, "./conformance/oracle").CombinedOutput()
	if err != nil {
		t.Fatalf("building the oracle: %v\n%s", err, output)
	}
	return path
}

func run(t *testing.T, oracle, stdin string, args ...string) (stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(oracle, args...)
	var out, complaints bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &complaints
	if err := cmd.Run(); err != nil {
		t.Fatalf("oracle %v: %v\n%s", args, err, complaints.String())
	}
	return out.String(), complaints.String()
}

const (
	notReady = `[{"name":"p0","phase":"Running","startAge":900000,"ready":"False","transitionAge":1000},` +
		`{"name":"p1","phase":"Running","startAge":900000,"ready":"False","transitionAge":1000}]`
	tenPercent = `"tolUp":0.1,"tolDown":0.1`
	rate       = `{"kind":"rate","behavior":true,"min":1,"max":1000,"ups":[],"downs":[],`
	stabilize  = `{"kind":"stabilize","behavior":true,`
)

// What the HPA does where a reader of its documentation would expect something else: that the oracle
// gives these answers shows that it runs the HPA's own code.
var peculiarities = []struct {
	name, vector string
	replicas     int
	reason       string
}{
	{
		name:     "an overload with no ready pod wants no pods at all",
		vector:   `{"kind":"value","fn":"externalValue","cur":3,"status":3,"usages":[450],"target":300,` + tenPercent + `,"pods":` + notReady + `}`,
		replicas: 0,
	},
	{
		name:     "an average over surge pods keeps the surge",
		vector:   `{"kind":"value","fn":"externalAverage","cur":10,"status":11,"usages":[1000],"target":100,` + tenPercent + `,"pods":[]}`,
		replicas: 11,
	},
	{
		name:     "several series are summed",
		vector:   `{"kind":"value","fn":"externalAverage","cur":3,"status":3,"usages":[200,250],"target":100,` + tenPercent + `,"pods":[]}`,
		replicas: 5,
	},
	{
		name:     "a pod without a metric halves the haste of a scale-up",
		vector:   `{"kind":"pods","fn":"pods","cur":2,"target":100,` + tenPercent + `,"pods":` + notReady + `,"metrics":[{"pod":"p0","milli":300}]}`,
		replicas: 3,
	},
	{
		name:     "10 % more than 100 is 111",
		vector:   rate + `"cur":100,"want":500,"up":{"select":"Max","policies":[{"type":"Percent","value":10,"period":60}]}}`,
		replicas: 111, reason: "ScaleUpLimit",
	},
	{
		name: "what went up and came down gives the quota back",
		vector: `{"kind":"rate","behavior":true,"min":1,"max":1000,"ups":[{"age":1000,"change":4}],"downs":[{"age":500,"change":4}],` +
			`"cur":6,"want":20,"up":{"select":"Max","policies":[{"type":"Pods","value":4,"period":60}]}}`,
		replicas: 10, reason: "ScaleUpLimit",
	},
	{
		name: "an event is over at the very end of its period",
		vector: `{"kind":"rate","behavior":true,"min":1,"max":1000,"ups":[{"age":60000,"change":4}],"downs":[],` +
			`"cur":6,"want":20,"up":{"select":"Max","policies":[{"type":"Pods","value":4,"period":60}]}}`,
		replicas: 10, reason: "ScaleUpLimit",
	},
	{
		name: "and counts a millisecond before it",
		vector: `{"kind":"rate","behavior":true,"min":1,"max":1000,"ups":[{"age":59999,"change":4}],"downs":[],` +
			`"cur":6,"want":20,"up":{"select":"Max","policies":[{"type":"Pods","value":4,"period":60}]}}`,
		replicas: 6, reason: "ScaleUpLimit",
	},
	{
		name:     "without behavior a size doubles at most",
		vector:   `{"kind":"rate","behavior":false,"min":1,"max":100,"cur":10,"want":50}`,
		replicas: 20, reason: "ScaleUpLimit",
	},
	{
		name: "the least recommendation of the window bounds a rise",
		vector: stabilize + `"upWindow":300,"downWindow":0,"cur":1,"proposal":7,` +
			`"recs":[{"age":120000,"replicas":4},{"age":60000,"replicas":5}]}`,
		replicas: 4, reason: "ScaleUpStabilized",
	},
	{
		name: "a whole normalization stabilizes first and limits the rate then",
		vector: `{"kind":"whole","behavior":true,"min":1,"max":1000,"ups":[],"downs":[],"cur":10,"proposal":90,` +
			`"upWindow":300,"downWindow":300,"recs":[{"age":60000,"replicas":40}],` +
			`"up":{"select":"Max","policies":[{"type":"Pods","value":4,"period":60}]},` +
			`"down":{"select":"Max","policies":[{"type":"Percent","value":100,"period":15}]}}`,
		replicas: 14, reason: "ScaleUpLimit",
	},
}

func TestTheOracleAnswersAsTheHPADoes(t *testing.T) {
	oracle := build(t)
	for _, p := range peculiarities {
		t.Run(p.name, func(t *testing.T) {
			answer, _ := run(t, oracle, p.vector, "--evaluate")
			var got struct {
				Out struct {
					Replicas int
					Reason   string
					Error    bool
				}
			}
			if err := json.Unmarshal([]byte(answer), &got); err != nil {
				t.Fatalf("%v: %s", err, answer)
			}
			if got.Out.Error || got.Out.Replicas != p.replicas || got.Out.Reason != p.reason {
				t.Errorf("got %+v, want %d %s", got.Out, p.replicas, p.reason)
			}
		})
	}
}

func TestTheSameSeedDrawsTheSameVectors(t *testing.T) {
	oracle := build(t)
	first, summary := run(t, oracle, "", "--seed", "7", "--count", "2000")
	again, _ := run(t, oracle, "", "--seed", "7", "--count", "2000")
	other, _ := run(t, oracle, "", "--seed", "8", "--count", "2000")
	if first != again || first == other {
		t.Error("the vectors depend on something else than the seed")
	}
	if want := "oracle: 2000 vectors: pods 400 ("; !strings.HasPrefix(summary, want) {
		t.Errorf("the summary is %q, want %q…", summary, want)
	}
	if answered, _ := run(t, oracle, first, "--evaluate"); answered != first {
		t.Error("a drawn vector is answered otherwise when it is read")
	}
}

// tests/lint does not see what has the oracle's tag.
func TestTheOraclePassesVet(t *testing.T) {
	if output, err := exec.Command("./go", "vet", "./conformance/oracle").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

func TestTheOracleRefusesWhatIsNoVector(t *testing.T) {
	oracle := build(t)
	cmd := exec.Command(oracle, "--evaluate")
	cmd.Stdin = strings.NewReader(`{"kind":"pod"}`)
	output, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(output), `line 1: unknown kind "pod"`) {
		t.Errorf("%v: %s", err, output)
	}
}
