package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"evenkeel.dev/tests/shop"
)

// episode is how a scenario went over time, simulated or real: a line of `evenkeel simulate --timeline`
// (controller/simulate/record_format.hpp), or the same of a real run.
type episode struct {
	Scenario string  `json:"scenario"`
	Policy   string  `json:"policy"`
	Seed     uint64  `json:"seed"`
	Duration float64 `json:"duration"` // s
	Warmup   float64 `json:"warmup"`   // s
	Seconds  struct {
		Rate     []float64 `json:"rate"`
		Replicas []int     `json:"replicas"`
		Ready    []int     `json:"ready"`
	} `json:"seconds"`
	Windows windows `json:"windows"`
	// Overhead is what a real request costs the event loop besides the work it is told to do, s.
	Overhead float64 `json:"overhead,omitempty"`
	// Busy is the share of the machine's processors that was in use during a real run, on average.
	Busy float64 `json:"busy,omitempty"`
}

// windows are of 10 s, by the arrival of the requests. Bad: scenario.isBad.
type windows struct {
	Length   float64    `json:"length"`
	Requests []int      `json:"requests"`
	Bad      []int      `json:"bad"`
	Failed   []int      `json:"failed"`
	P99      []*float64 `json:"p99"` // s; nil without requests
}

const windowLength = 10 * time.Second

// windowsOf counts the requests, which are in order.
func windowsOf(requests []shop.Request, s *scenario) windows {
	w := windows{Length: windowLength.Seconds()}
	for from := time.Duration(0); from < s.Duration.Duration; from += windowLength {
		sent := shop.SentIn(requests, from, from+windowLength)
		bad, failed := 0, 0
		var latencies []time.Duration
		for _, r := range sent {
			latencies = append(latencies, r.Latency)
			if r.Failure != "" {
				failed++
			}
			if s.isBad(r) {
				bad++
			}
		}
		w.Requests, w.Bad, w.Failed = append(w.Requests, len(sent)), append(w.Bad, bad), append(w.Failed, failed)
		w.P99 = append(w.P99, nil)
		if len(sent) > 0 {
			p99 := shop.P99(latencies)
			w.P99[len(w.P99)-1] = &p99
		}
	}
	return w
}

// badTime is the share of windows in which more than 1 % of the requests were bad, without those that begin in
// the warm-up: the simulator's score of that name.
func (e *episode) badTime() float64 {
	bad, from := 0, e.scoredFrom()
	for i, requests := range e.Windows.Requests[from:] {
		if float64(e.Windows.Bad[from+i]) > 0.01*float64(requests) {
			bad++
		}
	}
	return float64(bad) / float64(max(len(e.Windows.Requests)-from, 1))
}

// badRequests is the share of all requests that were bad, without those of the windows that badTime leaves out.
func (e *episode) badRequests() float64 {
	bad, all, from := 0, 0, e.scoredFrom()
	for i, requests := range e.Windows.Requests[from:] {
		all += requests
		bad += e.Windows.Bad[from+i]
	}
	return float64(bad) / float64(max(all, 1))
}

// scoredFrom is the first window that does not begin in the warm-up.
func (e *episode) scoredFrom() int {
	return min(int(math.Ceil(e.Warmup/e.Windows.Length)), len(e.Windows.Requests))
}

// scoredReplicas are those of each second after the warm-up.
func (e *episode) scoredReplicas() []int {
	return e.Seconds.Replicas[min(int(e.Warmup), len(e.Seconds.Replicas)):]
}

func readEpisodes(file string) ([]*episode, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading episodes: %w", err)
	}
	defer in.Close()
	var all []*episode
	for decoder := json.NewDecoder(bufio.NewReader(in)); decoder.More(); {
		e := &episode{}
		if err := decoder.Decode(e); err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		all = append(all, e)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("reading %s: there is no episode in it", file)
	}
	return all, nil
}

func writeJSON(file string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", file, err)
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}
