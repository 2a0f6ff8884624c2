package main

import (
	"strings"

	"evenkeel.dev/tests/shop"
)

// decisionFilter picks the decision lines that tell something new. The controller decides every few
// seconds; a line whose replicas and reason are those of the line before would only hide the others.
type decisionFilter struct{ last string }

// news is the decision in a line of the controller's log, without what its logger put before it; false
// where there is none, or nothing new.
func (f *decisionFilter) news(line string) (string, bool) {
	start := strings.Index(line, "decision policy="+shop.Namespace+"/"+shop.ServiceName+" ")
	if start < 0 {
		return "", false
	}
	decision := line[start:]
	outcome := field(decision, "replicas") + " " + field(decision, "reason")
	if outcome == f.last {
		return "", false
	}
	f.last = outcome
	return decision, true
}

// field is the value of `key=value`, which has no spaces; empty where absent.
func field(line, key string) string {
	_, rest, _ := strings.Cut(line, " "+key+"=")
	value, _, _ := strings.Cut(rest, " ")
	return value
}
