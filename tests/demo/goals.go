package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// goals is what the policy promises.
type goals struct {
	latencyP99, lagP99 time.Duration
	minReplicas        int
}

// parseGoals reads them from the policy as stored.
func parseGoals(policy string) (goals, error) {
	var parsed struct {
		Spec struct {
			MinReplicas int
			Objectives  struct{ LatencyP99, EventLoopLagP99 string }
		}
	}
	if err := json.Unmarshal([]byte(policy), &parsed); err != nil {
		return goals{}, fmt.Errorf("reading the policy: %w", err)
	}
	latency, err1 := time.ParseDuration(parsed.Spec.Objectives.LatencyP99)
	lag, err2 := time.ParseDuration(parsed.Spec.Objectives.EventLoopLagP99)
	if err := errors.Join(err1, err2); err != nil {
		return goals{}, fmt.Errorf("the demo's policy needs latencyP99 and eventLoopLagP99: %w", err)
	}
	return goals{latency, lag, parsed.Spec.MinReplicas}, nil
}
