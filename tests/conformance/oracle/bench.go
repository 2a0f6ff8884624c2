//go:build oracle

package main

import (
	"encoding/json"
	"io"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"

	hpa "evenkeel.dev/tests/conformance/oracle/podautoscaler"
)

// What is decided, over and over; tests/bench/decide_bench.cpp has the same.
const (
	benchPeriod  = 15 // s between two decisions
	benchCurrent = 10
	benchLeast   = 2
	benchMost    = 100
	benchFor     = 100 * time.Millisecond
)

var benchProposals = [8]int32{10, 14, 7, 30, 9, 11, 2, 60}

type timing struct {
	History int     `json:"history"` // recommendations within the window
	Ns      float64 `json:"ns"`      // per decision
	Decided []int32 `json:"decided"` // for each of the proposals
}

// bench times what a reconcile does once it has a proposal: stabilization, which also remembers the
// proposal, rate limit, bounds and conditions. The history is in its steady state: at every decision one
// recommendation has just expired, and the new one takes its place.
func bench(out io.Writer) error {
	var timings []timing
	for _, history := range []int{0, 20, 240} {
		timings = append(timings, timeNormalize(history))
	}
	return json.NewEncoder(out).Encode(timings)
}

func timeNormalize(history int) timing {
	start := time.Now()
	controller, object := benchController(start, history), benchObject(history)
	expired := start.Add(-24 * time.Hour)
	decide := func(i int) int32 {
		controller.Expire(i%(history+1), expired)
		return controller.Normalize(object, benchCurrent, benchProposals[i%len(benchProposals)])
	}
	for i := range 1000 { // warm up
		decide(i)
	}
	result := timing{History: history}
	for i := range benchProposals {
		result.Decided = append(result.Decided, decide(i))
	}
	const batch = 200
	count := 0
	for start = time.Now(); time.Since(start) < benchFor; count += batch {
		for i := range batch {
			decide(count + i)
		}
	}
	result.Ns = float64(time.Since(start).Nanoseconds()) / float64(count)
	return result
}

func benchController(now time.Time, history int) *hpa.HorizontalController {
	var recommendations []hpa.Remembered
	for i := range history + 1 {
		age := time.Duration(2*i+1) * benchPeriod * time.Second / 2
		recommendations = append(recommendations, hpa.Remembered{Replicas: benchProposals[i%len(benchProposals)], Time: now.Add(-age)})
	}
	return hpa.NewRemembering(0, recommendations,
		[]hpa.Remembered{{Replicas: 2, Time: now.Add(-5 * time.Second)}},
		[]hpa.Remembered{{Replicas: 1, Time: now.Add(-10 * time.Second)}})
}

// benchObject has the default behavior, but for the window of scale-in.
func benchObject(history int) *autoscalingv2.HorizontalPodAutoscaler {
	object := &autoscalingv2.HorizontalPodAutoscaler{}
	least := int32(benchLeast)
	object.Spec.MinReplicas, object.Spec.MaxReplicas = &least, benchMost
	percent := ratePolicy{Type: "Percent", Value: 100, Period: 15}
	object.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{
		ScaleUp:   scalingRules(0, &rateRules{Select: "Max", Policies: []ratePolicy{{Type: "Pods", Value: 4, Period: 15}, percent}}),
		ScaleDown: scalingRules(int32(history*benchPeriod+1), &rateRules{Select: "Max", Policies: []ratePolicy{percent}}),
	}
	return object
}
