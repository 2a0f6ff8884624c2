package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/client_golang/api"
	prometheus "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
)

const (
	// The pod that is worst off; a removed pod leaves the series at once, not after the look-back.
	lagQuery = `max(nodejs_eventloop_lag_p99_seconds{namespace="` + shopNamespace + `"})`
	eluQuery = `avg(rate(nodejs_eventloop_active_seconds_total{namespace="` + shopNamespace + `"}[15s]))`

	queryStep     = time.Second
	queryDeadline = 20 * time.Second
)

// queryPods reads the pods' event-loop lag (s) and utilization (0..1) during the load.
func queryPods(ctx context.Context, url string, begin, end time.Time) (lag, elu []point, err error) {
	client, err := api.NewClient(api.Config{Address: url})
	if err != nil {
		return nil, nil, fmt.Errorf("Prometheus at %s: %w", url, err)
	}
	ctx, cancel := context.WithTimeout(ctx, queryDeadline)
	defer cancel()
	source := prometheus.NewAPI(client)
	if lag, err = queryRange(ctx, source, lagQuery, begin, end); err != nil {
		return nil, nil, err
	}
	elu, err = queryRange(ctx, source, eluQuery, begin, end)
	return lag, elu, err
}

func queryRange(ctx context.Context, source prometheus.API, query string, begin, end time.Time) ([]point, error) {
	value, _, err := source.QueryRange(ctx, query, prometheus.Range{Start: begin, End: end, Step: queryStep})
	if err != nil {
		return nil, fmt.Errorf("asking Prometheus for %s: %w", query, err)
	}
	matrix, isMatrix := value.(model.Matrix)
	if !isMatrix {
		return nil, fmt.Errorf("asking Prometheus for %s: a %s came back", query, value.Type())
	}
	var points []point
	for _, series := range matrix {
		for _, sample := range series.Values {
			if v := float64(sample.Value); !math.IsNaN(v) && !math.IsInf(v, 0) {
				points = append(points, point{sample.Timestamp.Time().Sub(begin), v})
			}
		}
	}
	return points, nil
}
