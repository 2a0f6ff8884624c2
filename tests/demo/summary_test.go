package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"evenkeel.dev/tests/shop"
)

// syntheticRun has 20 requests a second for 100 s with a spike in [20 s, 60 s); latency as told by slow.
func syntheticRun(slow func(at time.Duration) bool, replicas ...shop.ReplicaSample) *timeline {
	t := &timeline{
		schedule: newSchedule(phase{"low", 20, 20 * time.Second}, phase{"spike", 20, 40 * time.Second}, phase{"low", 20, 40 * time.Second}),
		goals:    goals{latencyP99: 250 * time.Millisecond, lagP99: 100 * time.Millisecond, minReplicas: 2},
		end:      100 * time.Second,
		replicas: replicas,
	}
	for at := time.Duration(0); at < t.end; at += 50 * time.Millisecond {
		r := shop.Request{Sent: at, Latency: 20 * time.Millisecond}
		if slow(at) {
			r.Latency = time.Second
		}
		t.requests = append(t.requests, r)
	}
	return t
}

func between(from, to int) func(time.Duration) bool {
	return func(at time.Duration) bool {
		return at >= time.Duration(from)*time.Second && at < time.Duration(to)*time.Second
	}
}

var upAndBack = []shop.ReplicaSample{
	{At: 0, Wanted: 2, Ready: 2}, {At: 25 * time.Second, Wanted: 4, Ready: 2},
	{At: 30 * time.Second, Wanted: 6, Ready: 4}, {At: 80 * time.Second, Wanted: 2, Ready: 2},
}

func TestARunThatScalesOutAndRecoversPasses(t *testing.T) {
	s := summarize(syntheticRun(between(22, 35), upAndBack...))
	if err := s.verdict(); err != nil {
		t.Error(err)
	}
	if s.firstScaleOut != 5*time.Second {
		t.Errorf("first scale-out after %s", s.firstScaleOut)
	}
	// The last slow request is sent just before 35 s, so it leaves the window of 10 s at 45 s, 25 s into the spike.
	if s.recovered != 25*time.Second {
		t.Errorf("recovered after %s", s.recovered)
	}
	if s.minReplicas != 2 || s.peakReplicas != 6 || s.finalReplicas != 2 {
		t.Errorf("replicas %d / %d / %d", s.minReplicas, s.peakReplicas, s.finalReplicas)
	}
	if expected := 2*25.0 + 4*5 + 6*50 + 2*20; s.replicaSeconds != expected {
		t.Errorf("replica-seconds %g, expected %g", s.replicaSeconds, expected)
	}
	if math.Abs(s.slow-0.13) > 1e-9 || math.Abs(s.slowInSpike-0.325) > 1e-9 {
		t.Errorf("slow shares %g and %g", s.slow, s.slowInSpike)
	}
}

func TestARunThatFallsShortSaysInWhat(t *testing.T) {
	quiet := between(0, 0)
	for name, c := range map[string]struct {
		run     *timeline
		missing string
	}{
		"never scaled":        {syntheticRun(quiet, shop.ReplicaSample{At: 0, Wanted: 2, Ready: 2}), "replicas did not rise in the spike"},
		"scaled before":       {syntheticRun(quiet, shop.ReplicaSample{At: 0, Wanted: 2, Ready: 2}, shop.ReplicaSample{At: 5 * time.Second, Wanted: 3, Ready: 3}, shop.ReplicaSample{At: 25 * time.Second, Wanted: 4, Ready: 4}, shop.ReplicaSample{At: 80 * time.Second, Wanted: 2, Ready: 2}), "the spike met 3 replicas instead of 2"},
		"stays slow":          {syntheticRun(between(22, 100), upAndBack...), "P99 did not return under 250ms"},
		"does not come back":  {syntheticRun(quiet, upAndBack[:3]...), "replicas ended at 6, not back at 2"},
		"nothing was watched": {syntheticRun(quiet), "the spike met 0 replicas instead of 2"},
	} {
		err := summarize(c.run).verdict()
		if err == nil || !strings.Contains(err.Error(), c.missing) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAShortDipUnderTheObjectiveIsNoRecovery(t *testing.T) {
	slow := func(at time.Duration) bool { return between(22, 30)(at) || between(42, 50)(at) }
	if s := summarize(syntheticRun(slow, upAndBack...)); s.recovered != 40*time.Second {
		t.Errorf("recovered after %s; the second slow stretch leaves the window at 60 s", s.recovered)
	}
}

func TestASpikeThatP99DoesNotNoticeIsOverAtOnce(t *testing.T) {
	if s := summarize(syntheticRun(between(0, 0), upAndBack...)); s.recovered != 0 {
		t.Errorf("recovered after %s", s.recovered)
	}
}

func TestFailuresAreCountedByKindTheLargestFirst(t *testing.T) {
	if got := countsOf(map[string]int{"timeout": 2, "502 Bad Gateway": 5}); got != "7 (5 × 502 Bad Gateway, 2 × timeout)" {
		t.Error(got)
	}
}

func TestTheTableShowsWhatNeverHappened(t *testing.T) {
	var table strings.Builder
	if err := summarize(syntheticRun(between(22, 100), shop.ReplicaSample{At: 0, Wanted: 2, Ready: 2})).print(&table); err != nil {
		t.Fatal(err)
	}
	words := strings.Join(strings.Fields(table.String()), " ")
	for _, expected := range []string{"first PATCH never", "back under 250ms never", "2 / 2 / 2", "0 of 2000"} {
		if !strings.Contains(words, expected) {
			t.Errorf("%q is missing in\n%s", expected, table.String())
		}
	}
}
