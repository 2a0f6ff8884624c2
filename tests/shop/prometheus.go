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

// QueryRange asks the Prometheus at this URL for a value of every second from begin to end; the points of all
// series follow one another, without those that are no finite number.
func QueryRange(ctx context.Context, url, query string, begin, end time.Time) ([]Point, error) {
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
	var points []Point
	for _, series := range matrix {
		for _, sample := range series.Values {
			if v := float64(sample.Value); !math.IsNaN(v) && !math.IsInf(v, 0) {
				points = append(points, Point{sample.Timestamp.Time().Sub(begin), v})
			}
		}
	}
	return points, nil
}
