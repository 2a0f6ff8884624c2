package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"evenkeel.dev/tests/shop"
)

// What Prometheus is asked of a side after a run: what the autoscaler saw, and what a simulated pod has to resemble.
// %s stands for the matcher of the namespace.
var queries = map[string]string{
	"lagP99":        `nodejs_eventloop_lag_p99_seconds{%s}`,
	"lagMean":       `nodejs_eventloop_lag_mean_seconds{%s}`,
	"utilization":   `rate(nodejs_eventloop_active_seconds_total{%s}[1m])`,
	"up":            `up{%s}`,
	"scrapeSeconds": `scrape_duration_seconds{%s}`,
	"podRate":       `sum by (pod) (rate(http_request_duration_seconds_count{%s}[1m]))`,
	"podP99":        `histogram_quantile(0.99, sum by (pod, le) (rate(http_request_duration_seconds_bucket{%s}[1m])))`,
	"ingressP99":    `histogram_quantile(0.99, sum by (le) (rate(caddy_http_request_duration_seconds_bucket{%s,handler=~"reverse_proxy|subroute"}[1m])))`,
	"ingressRate":   `sum(rate(caddy_http_requests_total{%s,handler=~"reverse_proxy|subroute"}[1m]))`,
	"ingressErrors": `sum(rate(caddy_http_request_errors_total{%s,handler=~"reverse_proxy|subroute"}[1m]))`,
	"ingressCodes":  `sum by (code) (rate(caddy_http_request_duration_seconds_count{%s,handler=~"reverse_proxy|subroute"}[1m]))`,
	"inFlight":      `sum(caddy_http_requests_in_flight{%s,handler=~"reverse_proxy|subroute"})`,
}

// keep writes all that was seen.
func (r *run) keep(ctx context.Context, machine []machineSample) error {
	var rivalStatus error
	if r.contest {
		rivalStatus = r.keepRival(ctx)
	}
	return errors.Join(
		rivalStatus,
		writeLines(r.paths.machine, machine),
		r.onAllSides(func(s *side) error {
			requests := s.load.Sorted()
			return errors.Join(
				writeJSON(s.paths.real, r.episode(s, requests, machine)),
				shop.WriteRequests(s.paths.requests, requests),
				r.keepMetrics(ctx, s, s.load.Begin, s.load.Begin.Add(r.scenario.Duration.Duration)),
			)
		}),
	)
}

func (r *run) episode(from *side, requests []shop.Request, machine []machineSample) *episode {
	s := r.scenario
	e := &episode{Scenario: s.Name, Policy: from.autoscaler, Duration: s.Duration.Seconds(), Warmup: s.Warmup.Seconds(),
		Overhead: r.overhead.Seconds(), Busy: meanBusy(machine)}
	replicas := from.replicas.Since(r.begin)
	for at := time.Second; at <= s.Duration.Duration; at += time.Second {
		now := shop.ReplicasAt(replicas, at)
		e.Seconds.Rate = append(e.Seconds.Rate, s.Arrivals.Rate.rateAt(at-time.Second/2))
		e.Seconds.Replicas = append(e.Seconds.Replicas, now.Wanted)
		e.Seconds.Ready = append(e.Seconds.Ready, now.Ready)
	}
	e.Windows = windowsOf(requests, s)
	return e
}

// metricLine is one series: [seconds since the start of the load, value] pairs.
type metricLine struct {
	Metric string       `json:"metric"`
	Labels string       `json:"labels"`
	Points [][2]float64 `json:"points"`
}

func (r *run) keepMetrics(ctx context.Context, s *side, begin, end time.Time) error {
	var lines []metricLine
	for name, query := range queries {
		query = strings.ReplaceAll(query, "%s", fmt.Sprintf("namespace=%q", s.namespace))
		all, err := shop.QuerySeries(ctx, r.env.PrometheusURL, query, begin, end)
		if err != nil {
			return err
		}
		for _, series := range all {
			line := metricLine{Metric: name, Labels: series.Labels}
			for _, p := range series.Points {
				line.Points = append(line.Points, [2]float64{p.At.Seconds(), p.Value})
			}
			lines = append(lines, line)
		}
	}
	return writeLines(s.paths.prometheus, lines)
}

func writeLines[T any](path string, lines []T) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	defer file.Close()
	out := bufio.NewWriter(file)
	encoder := json.NewEncoder(out)
	for _, line := range lines {
		if err := encoder.Encode(line); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
	}
	return out.Flush()
}
