package main

import (
	"math/rand/v2"
	"time"

	"evenkeel.dev/tests/shop"
)

// phase is a stretch of the load at one arrival rate.
type phase struct {
	name   string
	rate   float64 // requests per second
	length time.Duration
}

// The phases of every schedule, in this order.
const (
	warmUp = iota
	spike
	settle
)

// schedule is what is sent when. Arrivals are Poisson at the rate of their phase, the same in every run.
type schedule struct {
	phases   []phase
	arrivals shop.Arrivals
}

const arrivalSeed = 20240607

func newSchedule(warmUp, spike, settle phase) *schedule {
	s := &schedule{phases: []phase{warmUp, spike, settle}}
	random := rand.New(rand.NewPCG(arrivalSeed, 0))
	var begin time.Duration
	for _, p := range s.phases {
		s.addArrivals(begin, p, random)
		begin += p.length
	}
	return s
}

func (s *schedule) addArrivals(begin time.Duration, p phase, random *rand.Rand) {
	mean := float64(time.Second) / p.rate
	for at := begin; ; {
		at += time.Duration(random.ExpFloat64() * mean)
		if at >= begin+p.length {
			return
		}
		s.arrivals = append(s.arrivals, at)
	}
}

// at is the phase at this time; the last one from then on.
func (s *schedule) at(elapsed time.Duration) phase {
	end := time.Duration(0)
	for _, p := range s.phases {
		end += p.length
		if elapsed < end {
			return p
		}
	}
	return s.phases[len(s.phases)-1]
}

func (s *schedule) spikeStart() time.Duration { return s.phases[warmUp].length }
func (s *schedule) spikeEnd() time.Duration   { return s.spikeStart() + s.phases[spike].length }
func (s *schedule) length() time.Duration     { return s.spikeEnd() + s.phases[settle].length }
