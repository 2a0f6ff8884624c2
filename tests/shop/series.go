// Package shop installs Evenkeel and the sample shop on a cluster, sends the shop load, and watches what comes of
// it: what the demo and the reality check have in common.
package shop

import (
	"math"
	"slices"
	"sort"
	"time"
)

// All times are since the start of the load.

// Request is one answered, failed or timed-out request.
type Request struct {
	Sent    time.Duration // when the schedule wanted it sent, not when a worker came to it
	Latency time.Duration // from Sent to the end of the answer
	Failure string        // empty: answered with 2xx or 3xx; else the status, or the error where no answer came
}

// Done is when its answer had come, or it had failed.
func (r Request) Done() time.Duration { return r.Sent + r.Latency }

// SentIn is the part of the requests, which are in order, that were to be sent in [from, to).
func SentIn(requests []Request, from, to time.Duration) []Request {
	first := sort.Search(len(requests), func(i int) bool { return requests[i].Sent >= from })
	last := sort.Search(len(requests), func(i int) bool { return requests[i].Sent >= to })
	return requests[first:last]
}

// ReplicaSample holds from At until the next one.
type ReplicaSample struct {
	At            time.Duration
	Wanted, Ready int // spec.replicas, status.readyReplicas
}

// ReplicasAt is the sample that holds at this time; zero before the first.
func ReplicasAt(samples []ReplicaSample, at time.Duration) ReplicaSample {
	next := sort.Search(len(samples), func(i int) bool { return samples[i].At > at })
	if next == 0 {
		return ReplicaSample{}
	}
	return samples[next-1]
}

// Point is a value of a series; where there is none the series has no point.
type Point struct {
	At    time.Duration
	Value float64
}

// P99Window is the length of the sliding windows whose P99 is meant wherever P99 is said.
const P99Window = 10 * time.Second

// P99 is the nearest-rank percentile in seconds; NaN of nothing.
func P99(latencies []time.Duration) float64 {
	if len(latencies) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(latencies))
	rank := int(math.Ceil(0.99 * float64(len(sorted))))
	return sorted[rank-1].Seconds()
}

// P99Series has for each full second until end the P99 of the requests that were to be sent in the P99Window before it.
func P99Series(requests []Request, end time.Duration) []Point {
	var series []Point
	for at := time.Second; at <= end; at += time.Second {
		var latencies []time.Duration
		for _, r := range SentIn(requests, at-P99Window, at) {
			latencies = append(latencies, r.Latency)
		}
		if len(latencies) > 0 {
			series = append(series, Point{at, P99(latencies)})
		}
	}
	return series
}
