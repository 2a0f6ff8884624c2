package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

type goEvent struct {
	Action, Package, Test, Output string
	ImportPath                    string // of build output and failures
}

// goTest is a test, or with an empty name what go test says of a package as a whole.
type goTest struct{ pkg, name string }

type goRun struct {
	order  []goTest
	end    map[goTest]string
	output map[goTest]string
}

// readGo counts the stream of `go test -json`. A test with subtests is counted through them, and
// itself only if it fails while they pass. A test that began and never ended, and a package that
// failed with no failed test (it did not build, it panicked, it timed out), are failures.
func readGo(report []byte) (counts, error) {
	var c counts
	run, err := parseGo(report)
	for _, test := range run.order {
		if test.name != "" {
			run.count(test, &c)
		}
	}
	for _, test := range run.order {
		if test.name == "" && run.end[test] != "pass" && run.end[test] != "skip" && !run.failedWithin(test) {
			c.fail(test.pkg, run.output[test])
		}
	}
	return c, err
}

func parseGo(report []byte) (goRun, error) {
	run := goRun{end: map[goTest]string{}, output: map[goTest]string{}}
	for number, line := range bytes.Split(report, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var event goEvent
		if err := json.Unmarshal(line, &event); err != nil {
			return run, fmt.Errorf("line %d is no event of go test: %w", number+1, err)
		}
		run.take(event)
	}
	return run, nil
}

func (r *goRun) take(event goEvent) {
	test := goTest{event.Package, event.Test}
	if strings.HasPrefix(event.Action, "build-") {
		test.pkg, _, _ = strings.Cut(event.ImportPath, " ") // "pkg [pkg.test]": the build of its tests
		r.output[test] += event.Output
		if event.Action != "build-fail" {
			return
		}
		event.Action = "fail"
	}
	if _, known := r.end[test]; !known {
		r.end[test] = ""
		r.order = append(r.order, test)
	}
	switch event.Action {
	case "pass", "fail", "skip":
		r.end[test] = event.Action
	case "output":
		r.output[test] += event.Output
	}
}

func (r *goRun) count(test goTest, c *counts) {
	name := test.pkg[strings.LastIndex(test.pkg, "/")+1:] + "." + test.name
	parent := slices.ContainsFunc(r.order, func(other goTest) bool { return other.within(test) })
	switch r.end[test] {
	case "pass":
		if !parent {
			c.pass()
		}
	case "skip":
		c.skip(name, reasonOf(r.output[test]))
	default:
		if !r.failedWithin(test) {
			c.fail(name, r.output[test])
		}
	}
}

// failedWithin: some test below this one failed or never ended.
func (r *goRun) failedWithin(test goTest) bool {
	return slices.ContainsFunc(r.order, func(other goTest) bool {
		return other.within(test) && r.end[other] != "pass" && r.end[other] != "skip"
	})
}

func (t goTest) within(outer goTest) bool {
	if t.pkg != outer.pkg || t.name == outer.name {
		return false
	}
	return outer.name == "" || strings.HasPrefix(t.name, outer.name+"/")
}

// reasonOf is what t.Skip printed: "    file_test.go:12: the reason".
func reasonOf(output string) string {
	for line := range strings.Lines(output) {
		if line = strings.TrimSpace(line); strings.Contains(line, "_test.go:") {
			return line
		}
	}
	return "no reason given"
}
