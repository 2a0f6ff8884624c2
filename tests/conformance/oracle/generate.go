//go:build oracle

package main

import (
	"math"
	"math/rand/v2"
)

// A generator draws vectors; the same seed draws the same ones. It seeks the edges: the ends of
// bands, windows and periods exactly and a millisecond or a milli-unit beside them, nothing, and the
// largest numbers. It keeps away from three things only. Conversions of a float64 that an int32 cannot
// hold, where Go promises no result and the HPA does not saturate; sizes outside the bounds, which a
// reconcile brings back without these functions; and negative metrics.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, 0x65_76_65_6e_6b_65_65_6c))}
}

func (g generator) vector(kind string) vector {
	switch kind {
	case "pods":
		return g.podsVector()
	case "value":
		return g.valueVector()
	case "stabilize":
		return g.stabilizeVector()
	case "rate":
		return g.rateVector()
	default:
		return g.wholeVector()
	}
}

func pick[T any](g generator, choices ...T) T { return choices[g.IntN(len(choices))] }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g generator) between(low, high int64) int64 { return low + int64(g.Uint64N(uint64(high-low)+1)) }

// beside is a number, or the one before or after it, but never below 0.
func (g generator) beside(edge int64) int64 { return max(0, edge+pick[int64](g, 0, 0, -1, 1)) }

// replicas is a number of replicas, most often a small one.
func (g generator) replicas() int32 {
	switch n := g.IntN(100); {
	case n < 60:
		return int32(g.between(1, 20))
	case n < 80:
		return int32(g.between(21, 200))
	case n < 90:
		return pick[int32](g, 10, 50, 100, 200, 1000, 1, 2, 3)
	default:
		return int32(g.between(201, 5000))
	}
}

// near is a number of replicas that has to do with n.
func (g generator) near(n int32) int32 {
	switch g.IntN(8) {
	case 0:
		return n
	case 1:
		return int32(min(2*int64(n), math.MaxInt32))
	case 2:
		return n / 2
	case 3:
		return pick[int32](g, 0, 0, 1, math.MaxInt32)
	case 4:
		return g.replicas()
	default:
		return int32(min(g.between(max(0, int64(n)-6), int64(n)+6), math.MaxInt32))
	}
}

func (g generator) tolerance() tolerance {
	one := func() float64 {
		return pick(g, 0, 0.01, 0.05, 0.1, 0.1, 0.1, 0.2, 0.34, 0.5, 1, 2, float64(g.IntN(100))/100)
	}
	if g.chance(50) {
		return tolerance{0.1, 0.1}
	}
	return tolerance{one(), one()}
}

// ratio is one of usage to target: often an end of the band, or 1, or nothing.
func (g generator) ratio(t tolerance) float64 {
	switch g.IntN(8) {
	case 0:
		return 1 + t.Up
	case 1:
		return max(0, 1-t.Down)
	case 2:
		return pick(g, 0, 1, 1, 0.5, 2, 10)
	case 3:
		return 1 + (g.Float64()-0.5)/2
	default:
		return g.Float64() * 3
	}
}
