//go:build oracle

package main

import (
	"cmp"
	"math"
	"slices"
)

func (g generator) stabilizeVector() *stabilizeVector {
	current := g.replicas()
	return &stabilizeVector{
		Kind: "stabilize", Behavior: g.chance(75), windows: g.windows(current), Current: current, Proposal: g.near(current),
	}
}

func (g generator) windows(current int32) windows {
	window := func() int32 {
		return pick(g, 0, 0, 15, 60, 180, 300, 300, 600, 3600, int32(g.between(1, 3600)))
	}
	w := windows{UpWindow: window(), DownWindow: window(), Recs: []recommendation{}}
	count := g.recommendationCount()
	period := pick[int64](g, 15_000, 15_000, 1000, 60_000)
	gap := g.between(0, int64(max(count, 1)))
	age := g.between(0, period)
	for i := range int64(count) {
		if i == gap { // the controller was away
			age += g.between(0, 2*3_600_000)
		}
		w.Recs = append(w.Recs, recommendation{Age: g.recommendationAge(w, age), Replicas: g.near(current)})
		age += period
	}
	slices.SortStableFunc(w.Recs, func(a, b recommendation) int { return cmp.Compare(b.Age, a.Age) })
	return w
}

func (g generator) recommendationCount() int {
	switch n := g.IntN(1000); {
	case n < 80:
		return 0
	case n < 200:
		return 1
	case n < 900:
		return 2 + g.IntN(9)
	case n < 995:
		return 20 + g.IntN(21)
	default:
		return 240
	}
}

// recommendationAge is a regular one, or the end of a window.
func (g generator) recommendationAge(w windows, regular int64) int64 {
	if g.chance(15) {
		return g.beside(int64(pick(g, w.UpWindow, w.DownWindow)) * 1000)
	}
	return regular
}

func (g generator) rateVector() *rateVector {
	behavior := g.chance(85)
	r, current := g.rates(behavior)
	return &rateVector{Kind: "rate", Behavior: behavior, rates: r, Current: current, Want: g.wanted(r, current)}
}

func (g generator) wholeVector() *wholeVector {
	behavior := g.chance(80)
	r, current := g.rates(behavior)
	return &wholeVector{
		Kind: "whole", Behavior: behavior, windows: g.windows(current), rates: r, Current: current, Proposal: g.wanted(r, current),
	}
}

// wanted is a number of replicas that may lie within the bounds or outside.
func (g generator) wanted(r rates, current int32) int32 {
	if g.chance(25) {
		return pick(g, 0, r.Min, max(r.Min-1, 0), r.Max, min(r.Max, math.MaxInt32-1)+1, math.MaxInt32)
	}
	return g.near(current)
}

// rates are rules, their past, and bounds about the present size, which they come with.
func (g generator) rates(behavior bool) (rates, int32) {
	current := g.replicas()
	switch n := g.IntN(100); {
	case n < 4:
		current = 0
	case n < 6:
		current = pick[int32](g, math.MaxInt32/2, 1<<24+1, 1<<20)
	case n < 7 && behavior:
		current = math.MaxInt32 - 1 - int32(g.IntN(4)) // room for a policy
	}
	r := rates{
		Min: pick(g, 0, 1, 1, current/2, current, max(current-2, 0)),
		Max: pick(g, current, int32(min(int64(current)+g.between(0, 9), math.MaxInt32)), int32(min(2*int64(current), math.MaxInt32)), 1000, math.MaxInt32),
	}
	r.Min, r.Max = min(r.Min, current), max(r.Max, current, 1)
	if !behavior {
		return r, current
	}
	r.Up, r.Down = g.rules(), g.rules()
	r.Ups, r.Downs = g.events(r, current), g.events(r, current)
	g.keepRepresentable(r, current)
	return r, current
}

func (g generator) rules() *rateRules {
	rules := &rateRules{Select: pick(g, "Max", "Max", "Max", "Max", "Min", "Min", "Disabled")}
	for range 1 + g.IntN(3) {
		policy := ratePolicy{Type: "Pods", Period: pick[int32](g, 1, 15, 15, 60, 60, 120, 180, 300, 1800)}
		policy.Value = pick(g, 1, 2, 4, 4, 5, 10, 20, 100, 150, 1000, int32(g.between(1, 50)))
		if g.chance(50) {
			policy.Type = "Percent"
			policy.Value = pick(g, 1, 10, 10, 50, 90, 100, 100, 200, 300, 1000, int32(g.between(1, 120)))
		}
		rules.Policies = append(rules.Policies, policy)
	}
	return rules
}

// events of one direction; their sum is now and then more than the present size can have come from.
func (g generator) events(r rates, current int32) []scaleEvent {
	events := []scaleEvent{}
	if current > math.MaxInt32/2 {
		return events
	}
	largest := int64(max(current/4, 2))
	if g.chance(15) {
		largest = 2*int64(current) + 2
	}
	policies := slices.Concat(r.Up.Policies, r.Down.Policies)
	for range pick(g, 0, 0, 1, 1, 2, 3, g.IntN(10)) {
		period := int64(pick(g, policies...).Period) * 1000
		age := pick(g, g.between(0, 2*period), g.between(0, period), g.beside(period))
		events = append(events, scaleEvent{Age: age, Change: int32(g.between(1, min(largest, 1<<24)))})
	}
	slices.SortStableFunc(events, func(a, b scaleEvent) int { return cmp.Compare(b.Age, a.Age) })
	return events
}

// keepRepresentable makes policies smaller where a size that they allow would be beyond an int32: there
// the HPA's numbers wrap around. The largest that fits is one of the edges.
func (g generator) keepRepresentable(r rates, current int32) {
	most := int64(current)
	for _, event := range slices.Concat(r.Ups, r.Downs) {
		most += int64(event.Change)
	}
	left := int32(math.MaxInt32 - most)
	for _, rules := range []*rateRules{r.Up, r.Down} {
		for i := range rules.Policies {
			policy := &rules.Policies[i]
			isPods := policy.Type == "Pods"
			tooMuch := isPods && policy.Value > left
			tooMuch = tooMuch || !isPods && float64(most)*(1+float64(policy.Value)/100) > math.MaxInt32
			if tooMuch || g.chance(1) {
				policy.Type, policy.Value = "Pods", left
			}
		}
	}
}
