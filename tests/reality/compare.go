package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// What the simulator has to meet.
const (
	nearReplicas = 1    // a prediction so close is right
	nearShare    = 0.90 // for at least this share of the time
	nearBadTime  = 0.03 // and badTime so close
)

// checked are the scenarios whose limits decide the exit code. Of others a miss is shown only.
var checked = []string{"step", "dbslow", "badpod"}

// comparison is of real episodes with many simulated ones, without the warm-up; what it says of the real ones is their
// mean, since one alone tells chance from a wrong model badly: a bad window more is up to two points of badTime.
type comparison struct {
	Scenario string  `json:"scenario"`
	Runs     int     `json:"runs"`
	Seeds    int     `json:"seeds"`
	Busy     float64 `json:"busy"` // of the machine's processors during the real runs
	// Shares of the seconds in which the real replicas are within nearReplicas of the simulated ones' median, and of
	// the range from their least to their most.
	WithinMedian float64 `json:"withinMedian"`
	WithinRange  float64 `json:"withinRange"`
	// The share of the seconds in which a simulated episode is that close to the median of all, on average: what
	// chance leaves of a model that is perfect.
	ChanceMedian   float64    `json:"chanceMedian"`
	BadTimeReal    float64    `json:"badTimeReal"`
	BadTimeRuns    []float64  `json:"badTimeRuns"` // of each real run
	BadTimeMean    float64    `json:"badTimeSimulated"`
	BadTimeSpread  float64    `json:"badTimeSimulatedDeviation"` // standard deviation over seeds
	ReplicaSeconds [2]float64 `json:"replicaSeconds"`            // real, simulated on average
}

func compare(real, simulated []*episode) comparison {
	c := comparison{Scenario: real[0].Scenario, Runs: len(real), Seeds: len(simulated)}
	bands := bandsOf(simulated)
	for _, e := range real {
		near, share := nearnessOf(e, bands), 1/float64(len(real))
		c.WithinMedian += share * near.median
		c.WithinRange += share * near.inRange
		c.ReplicaSeconds[0] += share * near.replicaSeconds
		c.Busy += share * e.Busy
		c.BadTimeRuns = append(c.BadTimeRuns, e.badTime())
	}
	var badTimes []float64
	for _, e := range simulated {
		near, share := nearnessOf(e, bands), 1/float64(len(simulated))
		c.ChanceMedian += share * near.median
		c.ReplicaSeconds[1] += share * near.replicaSeconds
		badTimes = append(badTimes, e.badTime())
	}
	c.BadTimeReal, _ = meanAndDeviation(c.BadTimeRuns)
	c.BadTimeMean, c.BadTimeSpread = meanAndDeviation(badTimes)
	return c
}

// nearness is how an episode's replicas lie beside those of the simulated ones: shares of its seconds.
type nearness struct{ median, inRange, replicaSeconds float64 }

func nearnessOf(e *episode, bands []band) nearness {
	var n nearness
	replicas := e.scoredReplicas()
	seconds := min(len(replicas), len(bands))
	share := 1 / float64(max(seconds, 1))
	for i, now := range replicas[:seconds] {
		n.median += share * one(math.Abs(float64(now)-bands[i].median) <= nearReplicas)
		n.inRange += share * one(now >= bands[i].least-nearReplicas && now <= bands[i].most+nearReplicas)
		n.replicaSeconds += float64(now)
	}
	return n
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// band is what the simulated episodes had in one second.
type band struct {
	least, most int
	median      float64
}

// bandsOf is as long as the shortest episode, without the warm-up.
func bandsOf(simulated []*episode) []band {
	length := math.MaxInt
	for _, e := range simulated {
		length = min(length, len(e.scoredReplicas()))
	}
	bands := make([]band, length)
	for i := range bands {
		var now []int
		for _, e := range simulated {
			now = append(now, e.scoredReplicas()[i])
		}
		slices.Sort(now)
		half := len(now) / 2
		bands[i] = band{now[0], now[len(now)-1], float64(now[half]+now[(len(now)-1)/2]) / 2}
	}
	return bands
}

func meanAndDeviation(values []float64) (mean, deviation float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean) / float64(max(len(values)-1, 1))
	}
	return mean, math.Sqrt(deviation)
}

// verdict is nil where the limits are met, else what was missed.
func (c comparison) verdict() error {
	var missed []error
	if c.WithinMedian < nearShare {
		missed = append(missed, fmt.Errorf("%s: replicas are within ±%d of the simulated median for %.1f %% of the time, not for %.0f %%",
			c.Scenario, nearReplicas, 100*c.WithinMedian, 100*nearShare))
	}
	if math.Abs(c.BadTimeReal-c.BadTimeMean) > nearBadTime {
		missed = append(missed, fmt.Errorf("%s: badTime is %.1f %%, simulated %.1f %%: not within ±%.0f points",
			c.Scenario, 100*c.BadTimeReal, 100*c.BadTimeMean, 100*nearBadTime))
	}
	return errors.Join(missed...)
}
