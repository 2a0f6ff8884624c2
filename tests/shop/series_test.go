package shop

import (
	"math"
	"testing"
	"time"
)

func TestP99IsTheNearestRank(t *testing.T) {
	var latencies []time.Duration
	for i := 200; i >= 1; i-- {
		latencies = append(latencies, time.Duration(i)*time.Second)
	}
	if got := P99(latencies); got != 198 {
		t.Errorf("P99 of 1 to 200 is %g", got)
	}
	if !math.IsNaN(P99(nil)) {
		t.Error("P99 of nothing is a number")
	}
}
