package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// paths of what is left of a scenario.
type paths struct {
	policy      string // given to controller and simulator
	rivalObject string // the HPA
	simulated   string // the simulated episodes of both autoscalers
	picture     string
	runs        string // what the names of all files of runs begin with
}

// runPaths of what is left of one real run.
type runPaths struct {
	rivalStatus string // what the HPA said in the end
	machine     string // the databases and the processors in each second
	controller  string // the controller's log

	evenkeel, rival sidePaths
}

// sidePaths are of one of the two copies of the service.
type sidePaths struct {
	real       string // the real episode, a line as the simulator writes it
	requests   string // every request of the real run
	prometheus string // what Prometheus had seen of the real run
}

func pathsOf(out, name string) paths {
	runs := filepath.Join(out, name)
	return paths{policy: runs + ".policy.json", rivalObject: runs + ".hpa.json", simulated: runs + ".simulated.jsonl",
		picture: runs + ".svg", runs: runs}
}

func (p paths) ofRun(number int) runPaths {
	file := func(suffix string) string { return fmt.Sprintf("%s.%d.%s", p.runs, number, suffix) }
	side := func(prefix string) sidePaths {
		return sidePaths{
			real: file(prefix + "real.jsonl"), requests: file(prefix + "requests.csv"), prometheus: file(prefix + "prometheus.jsonl")}
	}
	return runPaths{rivalStatus: file("hpa.txt"), machine: file("machine.jsonl"), controller: file("controller.log"),
		evenkeel: side(""), rival: side("hpa.")}
}

// removeRuns removes what earlier runs have left.
func (p paths) removeRuns() error {
	old, err := filepath.Glob(p.runs + ".[0-9]*")
	for _, file := range old {
		err = errors.Join(err, os.Remove(file))
	}
	if err != nil {
		return fmt.Errorf("removing earlier runs: %w", err)
	}
	return nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
