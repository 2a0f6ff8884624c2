package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"evenkeel.dev/tests/shop"
)

func TestWindowsCountByArrivalWhatWasSlowOrFailed(t *testing.T) {
	s := &scenario{Duration: duration{40 * time.Second}}
	s.Objectives.LatencyP99.Duration = 500 * time.Millisecond
	w := windowsOf([]shop.Request{
		{Sent: 0, Latency: 100 * time.Millisecond},
		{Sent: 9 * time.Second, Latency: 20 * time.Second}, // of the first window, though it ends in the third
		{Sent: 10 * time.Second, Latency: time.Millisecond, Failure: "502 Bad Gateway"},
		{Sent: 25 * time.Second, Latency: 500 * time.Millisecond}, // as slow as it may be
	}, s)
	for i, expected := range []struct{ requests, bad, failed int }{{2, 1, 0}, {1, 1, 1}, {1, 0, 0}, {0, 0, 0}} {
		if w.Requests[i] != expected.requests || w.Bad[i] != expected.bad || w.Failed[i] != expected.failed {
			t.Errorf("window %d: %d requests, %d bad, %d failed", i, w.Requests[i], w.Bad[i], w.Failed[i])
		}
	}
	if *w.P99[0] != 20 || w.P99[3] != nil {
		t.Errorf("P99 %v, %v", *w.P99[0], w.P99[3])
	}
}

func TestBadTimeIsTheShareOfScoredWindowsWithMoreThanOneInAHundredBad(t *testing.T) {
	e := &episode{Warmup: 15}
	e.Windows = windows{Length: 10, Requests: []int{100, 100, 100, 200, 0, 100}, Bad: []int{100, 100, 1, 3, 0, 50}}
	// The first two begin in the warm-up; exactly 1 % is good; none is good where nobody asked.
	if badTime := e.badTime(); badTime != 0.5 {
		t.Error(badTime)
	}
}

// synthetic has these replicas for four seconds each, after a second of warm-up, and bad windows of this share.
func synthetic(badTime float64, replicas ...int) *episode {
	e := &episode{Scenario: "x", Warmup: 1}
	e.Seconds.Replicas = []int{99}
	for _, n := range replicas {
		e.Seconds.Replicas = append(e.Seconds.Replicas, n, n, n, n)
	}
	e.Windows.Length = 10
	for i := range 101 {
		bad := 0
		if float64(i) <= 100*badTime {
			bad = 5
		}
		e.Windows.Requests, e.Windows.Bad = append(e.Windows.Requests, 100), append(e.Windows.Bad, bad)
		e.Windows.Failed, e.Windows.P99 = append(e.Windows.Failed, 0), append(e.Windows.P99, nil)
	}
	return e
}

func TestAComparisonIsWithTheMedianOfTheSimulatedEpisodes(t *testing.T) {
	simulated := []*episode{synthetic(0.10, 4, 8, 8, 8), synthetic(0.12, 4, 8, 9, 8), synthetic(0.14, 4, 12, 12, 8)}
	c := compare([]*episode{synthetic(0.13, 5, 9, 13, 6)}, simulated)
	// Of four parts the first and second are within 1 of the median 4, 8, 9, 8; the third is within 1 of the range.
	if c.WithinMedian != 0.5 || c.WithinRange != 0.75 {
		t.Errorf("within the median %g, within the range %g", c.WithinMedian, c.WithinRange)
	}
	if expected := 10.0 / 12; math.Abs(c.ChanceMedian-expected) > 1e-9 {
		t.Errorf("by chance %g", c.ChanceMedian)
	}
	if math.Abs(c.BadTimeReal-0.13) > 1e-9 || math.Abs(c.BadTimeMean-0.12) > 1e-9 || math.Abs(c.BadTimeSpread-0.02) > 1e-9 {
		t.Errorf("bad time %g, simulated %g ± %g", c.BadTimeReal, c.BadTimeMean, c.BadTimeSpread)
	}
	if c.ReplicaSeconds != [2]float64{4 * (5 + 9 + 13 + 6), 4 * (28 + 29 + 36) / 3.0} {
		t.Errorf("replica-seconds %v", c.ReplicaSeconds)
	}
}

func TestSeveralRunsAreComparedByTheirMean(t *testing.T) {
	first, second := synthetic(0.10, 4, 8), synthetic(0.20, 4, 12)
	first.Busy, second.Busy = 0.25, 0.75
	c := compare([]*episode{first, second}, []*episode{synthetic(0.14, 4, 8)})
	if c.Runs != 2 || c.WithinMedian != 0.75 || c.WithinRange != 0.75 || c.Busy != 0.5 || c.ReplicaSeconds != [2]float64{56, 48} {
		t.Errorf("%+v", c)
	}
	if math.Abs(c.BadTimeReal-0.15) > 1e-9 || len(c.BadTimeRuns) != 2 || math.Abs(c.BadTimeRuns[1]-0.20) > 1e-9 {
		t.Errorf("bad time %g of %v", c.BadTimeReal, c.BadTimeRuns)
	}
	if err := c.verdict(); err == nil || !strings.Contains(err.Error(), "for 75.0 %") || strings.Contains(err.Error(), "badTime") {
		t.Error(err) // the mean is within three points of 0.14, which 0.20 alone is not
	}
}

func TestTheMedianOfAnEvenNumberIsBetween(t *testing.T) {
	bands := bandsOf([]*episode{synthetic(0, 4), synthetic(0, 7)})
	if expected := (band{4, 7, 5.5}); len(bands) != 4 || bands[0] != expected {
		t.Errorf("%+v", bands)
	}
}

func TestTheVerdictNamesEachLimitThatIsMissed(t *testing.T) {
	good := comparison{Scenario: "step", WithinMedian: 0.90, BadTimeReal: 0.13, BadTimeMean: 0.10001}
	if err := good.verdict(); err != nil {
		t.Error(err)
	}
	for expected, c := range map[string]comparison{
		"step: replicas are within ±1 of the simulated median for 89.0 % of the time, not for 90 %": {WithinMedian: 0.89},
		"step: badTime is 5.0 %, simulated 10.0 %: not within ±3 points":                            {WithinMedian: 1, BadTimeReal: 0.05, BadTimeMean: 0.1},
	} {
		c.Scenario = "step"
		if err := c.verdict(); err == nil || err.Error() != expected {
			t.Errorf("%v", err)
		}
		both := []outcome{{comparison: good}, {comparison: c}}
		if err := report(&strings.Builder{}, options{out: t.TempDir()}, both); err == nil || err.Error() != expected {
			t.Errorf("the report's error: %v", err)
		}
	}
}

func TestAMissIsOnlyShownInOtherScenariosAndInAContest(t *testing.T) {
	for scenario, o := range map[string]options{"ramp": {}, "step": {contest: true}} {
		o.out = t.TempDir()
		var shown strings.Builder
		missed := []outcome{{comparison: comparison{Scenario: scenario, BadTimeReal: 1}}}
		if err := report(&shown, o, missed); err != nil || !strings.Contains(shown.String(), "(missed)") {
			t.Errorf("%v: %s", err, shown.String())
		}
		if strings.Contains(shown.String(), "beside the HPA") != o.contest {
			t.Errorf("contest is %t: %s", o.contest, shown.String())
		}
		if _, err := os.Stat(filepath.Join(o.out, o.kind()+".json")); err != nil {
			t.Error(err)
		}
	}
}
