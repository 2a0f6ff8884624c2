package main

import (
	"time"

	"evenkeel.dev/tests/shop"
)

// timeline is all that was seen of one run. Times are since the start of the load.
type timeline struct {
	schedule *schedule
	goals    goals
	begin    time.Time
	end      time.Duration        // of the load, which ends early once all has come back to rest
	requests []shop.Request       // by Sent
	replicas []shop.ReplicaSample // by At; the first one at or before 0
	lag, elu []shop.Point         // of the pods, from Prometheus
}

// p99Series has the sliding P99 of each second.
func (t *timeline) p99Series() []shop.Point { return shop.P99Series(t.requests, t.end) }

// sentIn is the requests that were to be sent in [from, to).
func (t *timeline) sentIn(from, to time.Duration) []shop.Request {
	return shop.SentIn(t.requests, from, to)
}

// replicasAt is the sample that holds at this time; zero before the first.
func (t *timeline) replicasAt(at time.Duration) shop.ReplicaSample {
	return shop.ReplicasAt(t.replicas, at)
}
