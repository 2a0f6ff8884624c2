package main

import (
	"fmt"
	"slices"
	"time"

	"gonum.org/v1/plot"

	"evenkeel.dev/tests/chart"
	"evenkeel.dev/tests/shop"
)

const (
	pictureWidth  = 1200 // pixels
	pictureHeight = 1500
	smoothRate    = 2 // seconds that one point of the load covers
)

// writePicture draws what happened, one quantity under the other over the same time.
func writePicture(path string, t *timeline) error {
	panels, err := panelsOf(t)
	if err != nil {
		return fmt.Errorf("drawing %s: %w", path, err)
	}
	return chart.Save(path, pictureWidth, pictureHeight, panels)
}

func panelsOf(t *timeline) ([]*plot.Plot, error) {
	makers := []func(*timeline) (*plot.Plot, error){loadPanel, latencyPanel, lagPanel, utilizationPanel, replicaPanel}
	var panels []*plot.Plot
	for _, make := range makers {
		panel, err := make(t)
		if err != nil {
			return nil, err
		}
		panels = append(panels, panel)
	}
	panels[len(panels)-1].X.Label.Text = "seconds since the start of the load"
	return panels, nil
}

// axis shades the spike.
func axis(t *timeline) chart.Time {
	return chart.Time{End: t.end, Step: 20, Shaded: [][2]time.Duration{{t.schedule.spikeStart(), t.schedule.spikeEnd()}}}
}

func loadPanel(t *timeline) (*plot.Plot, error) {
	var sent, failed []shop.Point
	for at := smoothRate * time.Second; at <= t.end; at += smoothRate * time.Second {
		requests := t.sentIn(at-smoothRate*time.Second, at)
		sent = append(sent, shop.Point{At: at, Value: float64(len(requests)) / smoothRate})
		failed = append(failed, shop.Point{At: at, Value: float64(failures(requests)) / smoothRate})
	}
	p := axis(t).Panel("Load: requests sent, open loop (shaded: the spike)", "requests/s", 0, chart.LegendRoom*chart.Highest(sent, 1))
	p.Y.Tick.Marker = plot.ConstantTicks(chart.EvenTicks(int(p.Y.Max), 100))
	return p, chart.DrawAll(p, chart.Line("sent", sent, chart.Blue), chart.Line("failed", failed, chart.Red))
}

func latencyPanel(t *timeline) (*plot.Plot, error) {
	series := t.p99Series()
	p := axis(t).LogPanel("P99 latency as clients see it (sliding 10 s, logarithmic)", 0.01, chart.LegendRoomLog*chart.Highest(series, 1))
	return p, chart.DrawAll(p, axis(t).Objective(t.goals.latencyP99.Seconds(), "objective "+t.goals.latencyP99.String()),
		chart.Line("P99", chart.AtLeast(0.01, series), chart.Blue))
}

func lagPanel(t *timeline) (*plot.Plot, error) {
	p := axis(t).LogPanel("Event-loop lag, P99 of the worst pod (logarithmic)", 0.005, chart.LegendRoomLog*chart.Highest(t.lag, 0.5))
	return p, chart.DrawAll(p, axis(t).Objective(t.goals.lagP99.Seconds(), "objective "+t.goals.lagP99.String()),
		chart.Line("lag", chart.AtLeast(0.005, t.lag), chart.Blue))
}

func utilizationPanel(t *timeline) (*plot.Plot, error) {
	var percent []shop.Point
	for _, p := range t.elu {
		percent = append(percent, shop.Point{At: p.At, Value: 100 * p.Value})
	}
	p := axis(t).Panel("Event-loop utilization (ELU), mean of the pods", "%", 0, 105)
	p.Y.Tick.Marker = plot.ConstantTicks(chart.EvenTicks(100, 20))
	return p, chart.DrawAll(p, chart.Line("", percent, chart.Blue)) // the title says it all
}

func replicaPanel(t *timeline) (*plot.Plot, error) {
	var wanted, ready []shop.Point
	last := t.replicasAt(t.end)
	last.At = t.end
	for _, sample := range slices.Concat(t.replicas, []shop.ReplicaSample{last}) {
		if sample.At <= t.end {
			wanted = append(wanted, shop.Point{At: sample.At, Value: float64(sample.Wanted)})
			ready = append(ready, shop.Point{At: sample.At, Value: float64(sample.Ready)})
		}
	}
	p := axis(t).Panel("Replicas of Deployment/"+shop.ServiceName, "replicas", 0, chart.LegendRoom*chart.Highest(wanted, 2))
	p.Y.Tick.Marker = plot.ConstantTicks(chart.EvenTicks(int(p.Y.Max), 2))
	return p, chart.DrawAll(p, chart.Steps("ready", ready, chart.Orange), chart.Steps("wanted", wanted, chart.Blue))
}
