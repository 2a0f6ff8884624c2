package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	tapTest = regexp.MustCompile(`^( *)(not )?ok\b *\d* *-? *(.*)$`)
	tapPlan = regexp.MustCompile(`^1\.\.(\d+)`)
	tapSkip = regexp.MustCompile(`(?i) # skip\S*\s*(.*)$`)
)

type tapLine struct {
	indent int
	failed bool
	name   string
	skip   *string // the reason, if the test was skipped
	output string  // what follows it: diagnostics
}

// readTAP counts the Test Anything Protocol as node --test and the shell tests of this repository
// print it. A test with subtests (indented lines before it) is counted through them, and itself only
// if it fails while they pass. The plan must be there and be kept.
func readTAP(report []byte) (counts, error) {
	var c counts
	planned, top := -1, 0
	var below []tapLine // lines whose parent has not come yet
	for line := range strings.Lines(string(report)) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "Bail out!") {
			return c, errors.New(line)
		}
		if plan := tapPlan.FindStringSubmatch(line); plan != nil {
			planned, _ = strconv.Atoi(plan[1])
			continue
		}
		test, ok := parseTAP(line)
		if !ok {
			if len(below) > 0 {
				below[len(below)-1].output += line + "\n"
			}
			continue
		}
		if test.indent == 0 {
			top++
		}
		below = append(below, test)
	}
	countTAP(below, &c)
	if planned != top {
		return c, fmt.Errorf("it ran %d tests of a plan of %s", top, planText(planned))
	}
	return c, nil
}

func parseTAP(line string) (tapLine, bool) {
	match := tapTest.FindStringSubmatch(line)
	if match == nil {
		return tapLine{}, false
	}
	test := tapLine{indent: len(match[1]), failed: match[2] != "", name: match[3]}
	if skip := tapSkip.FindStringSubmatch(test.name); skip != nil {
		test.skip = &skip[1]
		test.name = strings.TrimSuffix(test.name, skip[0])
	}
	return test, true
}

// countTAP goes through the tests in the order they ended: subtests stand before their parent.
func countTAP(tests []tapLine, c *counts) {
	for i, test := range tests {
		parent, failedBelow := false, false
		for j := i - 1; j >= 0 && tests[j].indent > test.indent; j-- {
			parent = true
			failedBelow = failedBelow || tests[j].failed
		}
		switch {
		case test.failed && !failedBelow:
			c.fail(test.name, test.output)
		case parent:
		case test.skip != nil:
			c.skip(test.name, *test.skip)
		default:
			c.pass()
		}
	}
}

func planText(planned int) string {
	if planned < 0 {
		return "unknown length (it broke off)"
	}
	return strconv.Itoa(planned)
}
