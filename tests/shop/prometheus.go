package shop

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
	queryStep     = time.Second
	queryDeadline = 20 * time.Second
)

// Series is one of the series of an answer; Labels as in PromQL.
type Series struct {
	Labels string
	Points []Point // without those that are no finite number
}

// QuerySeries asks the Prometheus at this URL for a value of every second from begin to end.
func QuerySeries(ctx context.Context, url, query string, begin, end time.Time) ([]Series, error) {
	client, err := api.NewClient(api.Config{Address: url})
	if err != nil {
		return nil, fmt.Errorf("Prometheus at %s: %w", url, err)
	}
	ctx, cancel := context.WithTimeout(ctx, queryDeadline)
	defer cancel()
	value, _, err := prometheus.NewAPI(client).QueryRange(ctx, query, prometheus.Range{Start: begin, End: end, Step: queryStep})
	if err != nil {
		return nil, fmt.Errorf("asking Prometheus for %s: %w", query, err)
	}
	matrix, isMatrix := value.(model.Matrix)
	if !isMatrix {
		return nil, fmt.Errorf("asking Prometheus for %s: a %s came back", query, value.Type())
	}
	var all []Series
	for _, stream := range matrix {
		series := Series{Labels: stream.Metric.String()}
		for _, sample := range stream.Values {
			if v := float64(sample.Value); !math.IsNaN(v) && !math.IsInf(v, 0) {
				series.Points = append(series.Points, Point{sample.Timestamp.Time().Sub(begin), v})
			}
		}
		all = append(all, series)
	}
	return all, nil
}

// QueryRange is QuerySeries for a query with one series.
func QueryRange(ctx context.Context, url, query string, begin, end time.Time) ([]Point, error) {
	all, err := QuerySeries(ctx, url, query, begin, end)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0].Points, nil
}
