package main

import "testing"

func TestOnlyDecisionsThatTellSomethingNewAreShown(t *testing.T) {
	var filter decisionFilter
	for _, c := range []struct {
		line, shown string
	}{
		{"2024-06-07T10:00:00Z info decision policy=shop/checkout replicas=2→2 reason=WithinObjectives p99=20ms/250ms",
			"decision policy=shop/checkout replicas=2→2 reason=WithinObjectives p99=20ms/250ms"},
		{"2024-06-07T10:00:05Z info decision policy=shop/checkout replicas=2→2 reason=WithinObjectives p99=21ms/250ms", ""},
		{"2024-06-07T10:00:10Z info watch resumed", ""},
		{"decision policy=shop/other replicas=1→9 reason=LatencyAboveObjective", ""},
		{"decision policy=shop/checkout replicas=2→4 reason=LatencyAboveObjective",
			"decision policy=shop/checkout replicas=2→4 reason=LatencyAboveObjective"},
		{"decision policy=shop/checkout replicas=2→2 reason=WithinObjectives p99=20ms/250ms",
			"decision policy=shop/checkout replicas=2→2 reason=WithinObjectives p99=20ms/250ms"},
	} {
		if shown, isNew := filter.news(c.line); shown != c.shown || isNew != (c.shown != "") {
			t.Errorf("%q shows %q", c.line, shown)
		}
	}
}
