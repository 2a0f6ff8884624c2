package main

import (
	"context"
	"time"

	"evenkeel.dev/tests/shop"
)

const (
	// The pod that is worst off; a removed pod leaves the series at once, not after the look-back.
	lagQuery = `max(nodejs_eventloop_lag_p99_seconds{namespace="` + shop.Namespace + `"})`
	eluQuery = `avg(rate(nodejs_eventloop_active_seconds_total{namespace="` + shop.Namespace + `"}[15s]))`
)

// queryPods reads the pods' event-loop lag (s) and utilization (0..1) during the load.
func queryPods(ctx context.Context, url string, begin, end time.Time) (lag, elu []shop.Point, err error) {
	if lag, err = shop.QueryRange(ctx, url, lagQuery, begin, end); err != nil {
		return nil, nil, err
	}
	elu, err = shop.QueryRange(ctx, url, eluQuery, begin, end)
	return lag, elu, err
}
