package main

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"evenkeel.dev/tests/shop"
)

func tableOf(t *testing.T, text string) rateTable {
	t.Helper()
	var table rateTable
	if err := json.Unmarshal([]byte(text), &table); err != nil {
		t.Fatal(err)
	}
	return table
}

func TestARateTableIsLinearBetweenItsPointsAndStepsAtDoubleOnes(t *testing.T) {
	table := tableOf(t, `[["10s", 100], ["20s", 200], ["20s", 50], ["30s", 50]]`)
	for at, expected := range map[time.Duration]float64{
		0: 100, 10 * time.Second: 100, 15 * time.Second: 150, 20*time.Second - 1: 200, 20 * time.Second: 50, time.Hour: 50,
	} {
		if rate := table.rateAt(at); !(math.Abs(rate-expected) <= 1e-6) { // also where it is no number
			t.Errorf("%s: %g, expected %g", at, rate, expected)
		}
	}
}

func TestArrivalsArePoissonAtTheRateOfTheirSecond(t *testing.T) {
	table := tableOf(t, `[["0s", 100], ["500s", 100], ["500s", 300]]`)
	arrivals := table.arrivals(1000*time.Second, 1)
	before, _ := slices.BinarySearch(arrivals, 500*time.Second)
	for i, c := range []struct{ count, expected int }{{before, 50_000}, {len(arrivals) - before, 150_000}} {
		if math.Abs(float64(c.count-c.expected)) > 4*math.Sqrt(float64(c.expected)) {
			t.Errorf("part %d has %d arrivals, expected about %d", i, c.count, c.expected)
		}
	}
	counts := make([]float64, 500) // of seconds: variance is the mean
	for _, at := range arrivals[:before] {
		counts[at/time.Second]++
	}
	if mean, deviation := meanAndDeviation(counts); math.Abs(deviation*deviation/mean-1) > 0.3 {
		t.Errorf("counts of seconds have mean %g and variance %g", mean, deviation*deviation)
	}
	if !slices.IsSorted(arrivals) || arrivals[len(arrivals)-1] >= 1000*time.Second {
		t.Error("arrivals are not in order, or reach beyond the end")
	}
}

func TestArrivalsAreOfTheirSeed(t *testing.T) {
	table := tableOf(t, `[["0s", 100]]`)
	if !slices.Equal(table.arrivals(time.Minute, 1), table.arrivals(time.Minute, 1)) {
		t.Error("two processes of one seed differ")
	}
	if slices.Equal(table.arrivals(time.Minute, 1), table.arrivals(time.Minute, 2)) {
		t.Error("two seeds give one process")
	}
}

func TestNobodyComesWhileTheRateIsZero(t *testing.T) {
	if arrivals := tableOf(t, `[["0s", 0]]`).arrivals(time.Minute, 1); len(arrivals) != 0 {
		t.Errorf("%d arrivals", len(arrivals))
	}
}

// burst fails half of the requests from 10 s to 20 s.
func burst() *scenario {
	s := &scenario{Duration: duration{time.Minute}}
	s.Objectives.LatencyP99.Duration = 500 * time.Millisecond
	s.Events = []event{{At: duration{10 * time.Second}, For: duration{10 * time.Second}, Kind: errorBurst, Fraction: 0.5}}
	return s
}

func TestAnErrorBurstFailsItsFractionWhileItLasts(t *testing.T) {
	var arrivals shop.Arrivals
	for at := time.Duration(0); at < 30*time.Second; at += 10 * time.Millisecond {
		arrivals = append(arrivals, at)
	}
	failing := burst().failing(arrivals, 1)
	within := 0
	for i, fails := range failing {
		if fails && (arrivals[i] < 10*time.Second || arrivals[i] >= 20*time.Second) {
			t.Fatalf("the arrival at %s fails", arrivals[i])
		}
		if fails {
			within++
		}
	}
	if within < 450 || within > 550 { // of 1000: more than three standard deviations on either side
		t.Errorf("%d fail", within)
	}
	if !slices.Equal(failing, burst().failing(arrivals, 1)) {
		t.Error("others fail the second time")
	}
}

func TestWhatAnErrorBurstFailsIsBadOnlyWhereItIsSlow(t *testing.T) {
	const failed = "500 Internal Server Error"
	for _, c := range []struct {
		request shop.Request
		bad     bool
	}{
		{shop.Request{Sent: 15 * time.Second, Latency: time.Millisecond, Failure: failed}, false},
		{shop.Request{Sent: 15 * time.Second, Latency: time.Second, Failure: failed}, true},
		{shop.Request{Sent: 15 * time.Second, Latency: time.Millisecond, Failure: "503 Service Unavailable"}, true},
		{shop.Request{Sent: 20 * time.Second, Latency: time.Millisecond, Failure: failed}, true},
		{shop.Request{Sent: 15 * time.Second, Latency: time.Millisecond}, false},
	} {
		if bad := burst().isBad(c.request); bad != c.bad {
			t.Errorf("%+v: %t", c.request, bad)
		}
	}
}
