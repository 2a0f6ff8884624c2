package main

import (
	"math"
	"slices"
	"testing"
	"time"
)

func testSchedule() *schedule {
	return newSchedule(phase{"low", 60, 40 * time.Second}, phase{"spike", 350, 110 * time.Second}, phase{"low", 60, 50 * time.Second})
}

func TestArrivalsHaveTheRateOfTheirPhase(t *testing.T) {
	s := testSchedule()
	counts := make([]int, 3)
	for _, at := range s.arrivals {
		switch {
		case at < s.spikeStart():
			counts[warmUp]++
		case at < s.spikeEnd():
			counts[spike]++
		default:
			counts[settle]++
		}
	}
	for i, p := range s.phases {
		expected := p.rate * p.length.Seconds()
		if deviation := math.Abs(float64(counts[i]) - expected); deviation > 4*math.Sqrt(expected) {
			t.Errorf("phase %d has %d arrivals, expected about %.0f", i, counts[i], expected)
		}
	}
	if !slices.IsSorted(s.arrivals) || s.arrivals[len(s.arrivals)-1] >= s.length() {
		t.Error("arrivals are not in order, or reach beyond the end")
	}
}

func TestTheScheduleIsTheSameInEveryRun(t *testing.T) {
	if !slices.Equal(testSchedule().arrivals, testSchedule().arrivals) {
		t.Error("two schedules of the same phases differ")
	}
}
