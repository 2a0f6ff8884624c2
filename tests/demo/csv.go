package main

import (
	"strconv"
	"time"

	"evenkeel.dev/tests/shop"
)

// writeSeconds leaves all series: one row for each second, an empty cell where nothing is known.
func writeSeconds(path string, t *timeline) error {
	rows := [][]string{{"seconds", "phase", "requests_sent", "requests_failed", "p99_seconds_sliding_10s",
		"eventloop_lag_p99_seconds_worst_pod", "eventloop_utilization_mean", "replicas_wanted", "replicas_ready"}}
	latency, lag, elu := bySecond(t.p99Series()), bySecond(t.lag), bySecond(t.elu)
	for at := time.Second; at <= t.end; at += time.Second {
		second := int(at / time.Second)
		sent := t.sentIn(at-time.Second, at)
		replicas := t.replicasAt(at)
		rows = append(rows, []string{
			strconv.Itoa(second), t.schedule.at(at - 1).name, strconv.Itoa(len(sent)), strconv.Itoa(failures(sent)),
			latency[second], lag[second], elu[second], strconv.Itoa(replicas.Wanted), strconv.Itoa(replicas.Ready),
		})
	}
	return shop.WriteRows(path, rows)
}

func bySecond(series []shop.Point) map[int]string {
	cells := map[int]string{}
	for _, p := range series {
		cells[int(p.At.Round(time.Second)/time.Second)] = strconv.FormatFloat(p.Value, 'g', 6, 64)
	}
	return cells
}

func failures(requests []shop.Request) int {
	count := 0
	for _, r := range requests {
		if r.Failure != "" {
			count++
		}
	}
	return count
}
