package main

import (
	"encoding/xml"
	"fmt"
	"strings"
)

type junitSuite struct {
	XMLName xml.Name    `xml:"testsuite"`
	Tests   int         `xml:"tests,attr"`
	Cases   []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string `xml:"name,attr"`
	Status  string `xml:"status,attr"`
	Skipped struct {
		Message string `xml:"message,attr"`
	} `xml:"skipped"`
	Output string `xml:"system-out"`
}

// readCtest counts the file of `ctest --output-junit`. Of its statuses only "run" is a pass; a
// "notrun" is a skip when the test asked for it, and else (a program that is missing, a fixture that
// failed) a failure.
func readCtest(report []byte) (counts, error) {
	var c counts
	var s junitSuite
	if err := xml.Unmarshal(report, &s); err != nil {
		return c, fmt.Errorf("JUnit report of ctest: %w", err)
	}
	for _, test := range s.Cases {
		switch {
		case test.Status == "run":
			c.pass()
		case test.Status == "disabled",
			test.Status == "notrun" && strings.HasPrefix(test.Skipped.Message, "SKIP_"):
			c.skip(test.Name, strings.TrimSpace(test.Status+" "+test.Skipped.Message))
		default:
			c.fail(test.Name, strings.TrimSpace(test.Skipped.Message+"\n"+test.Output))
		}
	}
	if len(s.Cases) != s.Tests {
		return c, fmt.Errorf("it announces %d tests and holds %d", s.Tests, len(s.Cases))
	}
	return c, nil
}
