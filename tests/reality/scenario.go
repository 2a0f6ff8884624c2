package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// scenario is a file of the simulator's format, as far as it can be played on real processes: whatever else such
// a file may hold is refused. Defaults are those of controller/simulate/scenario.hpp.
type scenario struct {
	Name       string   `json:"name"`
	About      string   `json:"about"`
	Duration   duration `json:"duration"`
	Warmup     duration `json:"warmup"`
	Objectives struct {
		LatencyP99 duration `json:"latencyP99"`
		ErrorRate  string   `json:"errorRate"`
	} `json:"objectives"`
	Replicas struct {
		Min     int `json:"min"`
		Max     int `json:"max"`
		Initial int `json:"initial"`
	} `json:"replicas"`
	Arrivals struct {
		Rate rateTable `json:"rate"`
	} `json:"arrivals"`
	Pod struct {
		Work       duration    `json:"work"`
		Startup    [2]duration `json:"startup"`
		ColdFactor float64     `json:"coldFactor"`
		Backlog    int         `json:"backlog"`
	} `json:"pod"`
	Database struct {
		Servers        int      `json:"servers"`
		Service        duration `json:"service"`
		PoolPerPod     int      `json:"poolPerPod"`
		AcquireTimeout duration `json:"acquireTimeout"`
		PerConnection  float64  `json:"perConnection"`
	} `json:"database"`
	Metrics struct {
		Scrape   duration `json:"scrape"`
		Window   duration `json:"window"`
		InFlight bool     `json:"inFlight"`
	} `json:"metrics"`
	Events []event `json:"events"`
}

// event begins At and lasts For.
type event struct {
	At     duration `json:"at"`
	For    duration `json:"for"`
	Kind   string   `json:"kind"`
	Factor float64  `json:"factor"`
	Pods   int      `json:"pods"`
	// Fraction of the requests that fail at once, in an event of the kind errorBurst.
	Fraction float64 `json:"fraction"`
}

const (
	databaseSlow = "databaseSlow"
	podSlow      = "podSlow"
	errorBurst   = "errors"
)

func (e event) covers(at time.Duration) bool { return at >= e.At.Duration && at < e.end() }

func (e event) end() time.Duration { return e.At.Duration + e.For.Duration }

// duration is written "1m30s".
type duration struct{ time.Duration }

func (d *duration) UnmarshalJSON(text []byte) error {
	var word string
	if err := json.Unmarshal(text, &word); err != nil {
		return fmt.Errorf("%s is no duration such as \"15s\"", text)
	}
	var err error
	d.Duration, err = time.ParseDuration(word)
	return err
}

func (d duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

func readScenario(file string) (*scenario, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the scenario: %w", err)
	}
	s, err := parseScenario(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

func parseScenario(text []byte) (*scenario, error) {
	s := &scenario{}
	s.Duration.Duration, s.Warmup.Duration = 2*time.Hour, 10*time.Minute
	s.Pod.Work.Duration, s.Pod.ColdFactor, s.Pod.Backlog = 10*time.Millisecond, 1.5, 511
	s.Pod.Startup = [2]duration{{20 * time.Second}, {40 * time.Second}}
	s.Database.Servers, s.Database.Service.Duration = 60, 15*time.Millisecond
	s.Database.PoolPerPod, s.Database.AcquireTimeout.Duration = 10, 5*time.Second
	s.Database.PerConnection = 0.002
	s.Metrics.Scrape.Duration, s.Metrics.Window.Duration = 15*time.Second, time.Minute
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(s); err != nil {
		return nil, fmt.Errorf("not to be played on real processes: %w", err)
	}
	if s.Replicas.Initial == 0 {
		s.Replicas.Initial = s.Replicas.Min
	}
	return s, s.check()
}

func (s *scenario) check() error {
	switch {
	case s.Name == "" || len(s.Arrivals.Rate) == 0:
		return errors.New("name and arrivals.rate are required")
	case s.Pod.ColdFactor != 1:
		return errors.New("pod.coldFactor: must be 1, since no real pod is slowed down by hand while it is new")
	case !s.Metrics.InFlight:
		return errors.New("metrics.inFlight: must be true, since the proxy exports it")
	case s.Warmup.Duration >= s.Duration.Duration:
		return errors.New("warmup: must be shorter than the duration")
	}
	for i, e := range s.Events {
		if err := e.check(); err != nil {
			return fmt.Errorf("events[%d].%w", i, err)
		}
	}
	return nil
}

func (e event) check() error {
	switch {
	case e.Kind != databaseSlow && e.Kind != podSlow && e.Kind != errorBurst:
		return fmt.Errorf("kind: %q cannot be played on real processes, only %s, %s and %s", e.Kind, databaseSlow, podSlow, errorBurst)
	case e.For.Duration <= 0:
		return errors.New("for: is required")
	case e.Kind == errorBurst && (e.Fraction <= 0 || e.Fraction > 1):
		return fmt.Errorf("fraction: %g; must be above 0 and at most 1", e.Fraction)
	}
	return nil
}
