package main

import "fmt"

// counts is what a report says of the tests it covers.
type counts struct {
	Passed, Failed, Skipped int
	Failures                []failure
	Skips                   []string // one line each: name and reason
}

type failure struct{ Name, Output string }

func (c *counts) pass() { c.Passed++ }

func (c *counts) fail(name, output string) {
	c.Failed++
	c.Failures = append(c.Failures, failure{name, output})
}

func (c *counts) skip(name, reason string) {
	c.Skipped++
	c.Skips = append(c.Skips, fmt.Sprintf("%s: %s", name, reason))
}

func (c *counts) add(other counts) {
	c.Passed += other.Passed
	c.Failed += other.Failed
	c.Skipped += other.Skipped
}

func (c counts) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", c.Passed, c.Failed, c.Skipped)
}

// judge turns a report into counts, given how its runner ended. What the report does not explain (a
// crash, an unreadable or empty report) becomes a failure with the name of the suite: a run is
// never taken for passed because there is nothing to read.
func judge(name string, read reader, report []byte, exit error) counts {
	c, err := read(report)
	switch {
	case err != nil:
		c.fail(name, fmt.Sprintf("its report cannot be counted: %v (it ended with: %s)", err, ending(exit)))
	case exit != nil && c.Failed == 0:
		c.fail(name, fmt.Sprintf("it failed (%v) though its report has no failed test", exit))
	case c.Passed+c.Failed+c.Skipped == 0:
		c.fail(name, "it ran no test")
	}
	return c
}

func ending(exit error) string {
	if exit == nil {
		return "exit status 0"
	}
	return exit.Error()
}

// reader counts one kind of report. An error means that the report breaks off or is no such report;
// the counts then hold what could be read.
type reader func(report []byte) (counts, error)
