package main

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"time"

	"gonum.org/v1/plot"

	"evenkeel.dev/tests/chart"
	"evenkeel.dev/tests/shop"
)

const (
	pictureWidth  = 1200 // pixels
	pictureHeight = 900
	lowestP99     = 0.01
)

// played are the real episodes of each side, Evenkeel's and in a contest the HPA's: one of each run.
type played [][]*episode

// writePicture draws the real episodes over the simulated ones of Evenkeel.
func writePicture(path string, s *scenario, real played, simulated []*episode) error {
	makers := []func(chart.Time, *scenario, played, []*episode) (*plot.Plot, error){loadPanel, latencyPanel, replicaPanel}
	var panels []*plot.Plot
	for _, make := range makers {
		panel, err := make(axisOf(s), s, real, simulated)
		if err != nil {
			return fmt.Errorf("drawing %s: %w", path, err)
		}
		panels = append(panels, panel)
	}
	panels[len(panels)-1].X.Label.Text = "seconds; shaded: the warm-up, not compared, and the event"
	return chart.Save(path, pictureWidth, pictureHeight, panels)
}

func axisOf(s *scenario) chart.Time {
	axis := chart.Time{End: s.Duration.Duration, Step: 30, Shaded: [][2]time.Duration{{0, s.Warmup.Duration}}}
	for _, e := range s.Events {
		axis.Shaded = append(axis.Shaded, [2]time.Duration{e.At.Duration, e.end()})
	}
	return axis
}

func loadPanel(axis chart.Time, s *scenario, real played, _ []*episode) (*plot.Plot, error) {
	perSecond := func(e *episode, counts []int) []shop.Point {
		return windowPoints(e, func(i int) float64 { return float64(counts[i]) / e.Windows.Length })
	}
	first := real[0][0] // each side is sent the same
	sent := perSecond(first, first.Windows.Requests)
	p := axis.Panel(s.Name+": requests sent to the real processes", "requests/s", 0, chart.LegendRoom*chart.Highest(sent, 1))
	p.Y.Tick.Marker = plot.ConstantTicks(chart.EvenTicks(int(p.Y.Max), 50))
	curves := []chart.Curve{chart.Line("sent to each", sent, chart.Gray)}
	for _, e := range backToFront(real) {
		curves = append(curves, chart.Line(e.named(", failed"), perSecond(e.episode, e.Windows.Failed), colorOf(e)))
	}
	return p, chart.DrawAll(p, curves...)
}

func latencyPanel(axis chart.Time, s *scenario, real played, simulated []*episode) (*plot.Plot, error) {
	objective := s.Objectives.LatencyP99
	p := axis.LogPanel("P99 latency as clients see it, windows of 10 s (logarithmic)", lowestP99, 60*chart.LegendRoomLog)
	curves := []chart.Curve{axis.Objective(objective.Seconds(), "objective "+objective.String())}
	for i, e := range simulated {
		curves = append(curves, chart.Line(nameOfFirst(i, evenkeel+", simulated"), p99Points(e), chart.Gray).Thin())
	}
	for _, e := range backToFront(real) {
		curves = append(curves, chart.Line(e.named(""), p99Points(e.episode), colorOf(e)))
	}
	return p, chart.DrawAll(p, curves...)
}

func p99Points(e *episode) []shop.Point {
	points := windowPoints(e, func(i int) float64 {
		if e.Windows.P99[i] == nil {
			return math.NaN()
		}
		return max(lowestP99, *e.Windows.P99[i])
	})
	return slices.DeleteFunc(points, func(p shop.Point) bool { return math.IsNaN(p.Value) })
}

func replicaPanel(axis chart.Time, s *scenario, real played, simulated []*episode) (*plot.Plot, error) {
	p := axis.Panel("Replicas asked for", "replicas", 0, chart.LegendRoom*float64(s.Replicas.Max))
	p.Y.Tick.Marker = plot.ConstantTicks(chart.EvenTicks(int(p.Y.Max), 2))
	var curves []chart.Curve
	for i, e := range simulated {
		curves = append(curves, chart.Steps(nameOfFirst(i, evenkeel+", simulated"), replicaPoints(e.Seconds.Replicas), chart.Gray).Thin())
	}
	for _, e := range backToFront(real) {
		curves = append(curves, chart.Steps(e.named(""), replicaPoints(e.Seconds.Replicas), colorOf(e)),
			chart.Steps(e.named(", ready"), replicaPoints(e.Seconds.Ready), colorOf(e)).Thin())
	}
	return p, chart.DrawAll(p, curves...)
}

// drawn is an episode with its run, 0 being the first.
type drawn struct {
	*episode
	run int
}

// named is for the legend, where all runs of a side have one line.
func (d drawn) named(suffix string) string { return nameOfFirst(d.run, d.Policy+suffix) }

// backToFront has Evenkeel, which comes first, drawn last.
func backToFront(real played) []drawn {
	var ordered []drawn
	for _, side := range real {
		for run, e := range side {
			ordered = append(ordered, drawn{e, run})
		}
	}
	slices.Reverse(ordered)
	return ordered
}

func colorOf(e drawn) color.Color {
	if e.Policy == rival {
		return chart.Orange
	}
	return chart.Blue
}

// nameOfFirst names one of many equal curves in the legend.
func nameOfFirst(i int, name string) string {
	if i > 0 {
		return ""
	}
	return name
}

func replicaPoints(replicas []int) []shop.Point {
	var points []shop.Point
	for second, n := range replicas {
		points = append(points, shop.Point{At: time.Duration(second+1) * time.Second, Value: float64(n)})
	}
	return points
}

// windowPoints are in the middle of each window.
func windowPoints(e *episode, value func(i int) float64) []shop.Point {
	var points []shop.Point
	for i := range e.Windows.Requests {
		middle := (float64(i) + 0.5) * e.Windows.Length
		points = append(points, shop.Point{At: time.Duration(middle * float64(time.Second)), Value: value(i)})
	}
	return points
}
