package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"evenkeel.dev/tests/shop"
)

// rateTable is piecewise linear; two points at one time make a step. The first rate holds before the first
// time, the last one beyond the last.
type rateTable []ratePoint

type ratePoint struct {
	at   time.Duration
	rate float64 // requests per second
}

// UnmarshalJSON reads ["2m", 100].
func (p *ratePoint) UnmarshalJSON(text []byte) error {
	var at duration
	parts := []any{&at, &p.rate}
	if err := json.Unmarshal(text, &parts); err != nil || len(parts) != 2 {
		return fmt.Errorf("%s is no rate such as [\"2m\", 100]", text)
	}
	p.at = at.Duration
	return nil
}

func (p ratePoint) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{p.at.String(), p.rate})
}

func (t rateTable) rateAt(at time.Duration) float64 {
	last := t[0]
	for _, next := range t {
		if next.at > at {
			if at <= last.at {
				return last.rate
			}
			return last.rate + (next.rate-last.rate)*float64(at-last.at)/float64(next.at-last.at)
		}
		last = next
	}
	return last.rate
}

// arrivals is a Poisson process at the rate of each second's middle, as the simulator has it.
func (t rateTable) arrivals(length time.Duration, seed uint64) shop.Arrivals {
	random := rand.New(rand.NewPCG(seed, 0))
	var all shop.Arrivals
	for second := time.Duration(0); second < length; second += time.Second {
		rate := t.rateAt(second + time.Second/2)
		for at := second; rate > 0; {
			at += time.Duration(random.ExpFloat64() / rate * float64(time.Second))
			if at >= min(second+time.Second, length) {
				break
			}
			all = append(all, at)
		}
	}
	return all
}

// failing tells of each arrival whether an error burst fails it, as the simulator has it: whichever pod it meets.
func (s *scenario) failing(arrivals shop.Arrivals, seed uint64) []bool {
	random := rand.New(rand.NewPCG(seed, 1))
	failing := make([]bool, len(arrivals))
	for i, at := range arrivals {
		draw := random.Float64()
		for _, e := range s.Events {
			failing[i] = failing[i] || e.Kind == errorBurst && e.covers(at) && draw < e.Fraction
		}
	}
	return failing
}

// isBad is as the simulator has it: slower than the objective, or failed, but not by an error burst. What the service
// answers to that is 500; an overload ends as 502, 503, 504 or without an answer.
func (s *scenario) isBad(r shop.Request) bool {
	if r.Latency > s.Objectives.LatencyP99.Duration {
		return true
	}
	for _, e := range s.Events {
		if e.Kind == errorBurst && e.covers(r.Sent) && strings.HasPrefix(r.Failure, "500") {
			return false
		}
	}
	return r.Failure != ""
}
