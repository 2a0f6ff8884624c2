package main

import (
	"math"
	"slices"
	"sort"
	"time"
)

// All times are since the start of the load.

// request is one answered, failed or timed-out request.
type request struct {
	sent    time.Duration // when the schedule wanted it sent, not when a worker came to it
	latency time.Duration // from sent to the end of the answer
	failure string        // empty: answered with 2xx or 3xx; else the status, or the error where no answer came
}

func (r request) done() time.Duration { return r.sent + r.latency }

// replicaSample holds from `at` until the next one.
type replicaSample struct {
	at            time.Duration
	wanted, ready int // spec.replicas, status.readyReplicas
}

// point is a value of a series; where there is none the series has no point.
type point struct {
	at    time.Duration
	value float64
}

// timeline is all that was seen of one run.
type timeline struct {
	schedule *schedule
	goals    goals
	begin    time.Time
	end      time.Duration   // of the load, which ends early once all has come back to rest
	requests []request       // by sent
	replicas []replicaSample // by at; the first one at or before 0
	lag, elu []point         // of the pods, from Prometheus
}

// goals is what the policy promises.
type goals struct {
	latencyP99, lagP99 time.Duration
	minReplicas        int
}

// p99Window is the length of the sliding windows whose P99 is meant wherever the demo says P99.
const p99Window = 10 * time.Second

// p99 is the nearest-rank percentile; NaN of nothing.
func p99(latencies []time.Duration) float64 {
	if len(latencies) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(latencies))
	rank := int(math.Ceil(0.99 * float64(len(sorted))))
	return sorted[rank-1].Seconds()
}

// p99Series has for each full second the P99 of the requests that were to be sent in the p99Window before it.
func (t *timeline) p99Series() []point {
	var series []point
	for at := time.Second; at <= t.end; at += time.Second {
		var latencies []time.Duration
		for _, r := range t.sentIn(at-p99Window, at) {
			latencies = append(latencies, r.latency)
		}
		if len(latencies) > 0 {
			series = append(series, point{at, p99(latencies)})
		}
	}
	return series
}

// sentIn is the requests that were to be sent in [from, to).
func (t *timeline) sentIn(from, to time.Duration) []request {
	first := sort.Search(len(t.requests), func(i int) bool { return t.requests[i].sent >= from })
	last := sort.Search(len(t.requests), func(i int) bool { return t.requests[i].sent >= to })
	return t.requests[first:last]
}

// replicasAt is the sample that holds at this time; zero before the first.
func (t *timeline) replicasAt(at time.Duration) replicaSample {
	next := sort.Search(len(t.replicas), func(i int) bool { return t.replicas[i].at > at })
	if next == 0 {
		return replicaSample{}
	}
	return t.replicas[next-1]
}
