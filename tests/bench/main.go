// The driver of the benchmarks; tests/bench/run builds what it runs and starts it in the repository.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// benchmark measures something, prints a table to out, and returns what goes into its file and whether
// everything that has a limit keeps it.
type benchmark struct {
	name, about string
	run         func(out io.Writer) (report any, ok bool, err error)
}

var benchmarks = []benchmark{
	{"decide", "a decision, beside the HPA's own code", decide},
	{"signals", "what a round asks of Prometheus, beside a query for each policy and signal", signals},
	{"simulate", "the simulator's speed, and its plant beside queueing theory", simulate},
}

func main() {
	chosen, err := choose(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	code := 0
	for _, b := range chosen {
		ok, err := b.runAndSave(os.Stdout, filepath.Join("build", "bench"))
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s: %v\n", b.name, err)
		}
		if err != nil || !ok {
			code = 1
		}
	}
	os.Exit(code)
}

// choose finds the benchmarks of these names; without names, all.
func choose(names []string) ([]benchmark, error) {
	if len(names) == 0 {
		return benchmarks, nil
	}
	var chosen []benchmark
	for _, name := range names {
		found := false
		for _, b := range benchmarks {
			if b.name == name {
				chosen, found = append(chosen, b), true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no benchmark %q; there are: %s", name, allNames())
		}
	}
	return chosen, nil
}

func allNames() string {
	var names []string
	for _, b := range benchmarks {
		names = append(names, b.name)
	}
	return strings.Join(names, ", ")
}

// runAndSave runs one benchmark and writes its report to NAME.json in that directory.
func (b benchmark) runAndSave(out io.Writer, directory string) (ok bool, err error) {
	fmt.Fprintf(out, "== %s: %s\n", b.name, b.about)
	report, ok, err := b.run(out)
	if err != nil {
		return false, err
	}
	text, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return false, fmt.Errorf("writing the report: %w", err)
	}
	path := filepath.Join(directory, b.name+".json")
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return false, fmt.Errorf("writing the report: %w", err)
	}
	fmt.Fprintf(out, "written to %s\n", path)
	return ok, nil
}

// readOutput runs a program that prints one JSON value, and reads that.
func readOutput(cmd *exec.Cmd, into any) error {
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", cmd.Path, err)
	}
	if err := json.Unmarshal(output, into); err != nil {
		return fmt.Errorf("%s did not print what was expected: %w", cmd.Path, err)
	}
	return nil
}
