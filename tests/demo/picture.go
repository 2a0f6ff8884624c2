package main

import (
	"fmt"
	"image/color"
	"os"
	"slices"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

const (
	pictureWidth  = 1200 // pixels
	pictureHeight = 1500
	pictureDPI    = 96
	smoothRate    = 2 // seconds that one point of the load covers
	// The legend stands above the curves: factors on the highest value, for either kind of axis.
	legendRoom, legendRoomLog = 1.35, 5
)

var (
	blue      = color.RGBA{R: 31, G: 107, B: 178, A: 255}
	orange    = color.RGBA{R: 217, G: 95, B: 2, A: 255}
	red       = color.RGBA{R: 200, G: 30, B: 30, A: 255}
	gray      = color.RGBA{R: 150, G: 150, B: 150, A: 255}
	spikeFill = color.RGBA{R: 255, G: 243, B: 214, A: 255}
)

// writePicture draws what happened, one quantity under the other over the same time.
func writePicture(path string, t *timeline) error {
	plot.DefaultFont.Variant = "Sans"
	panels, err := panelsOf(t)
	if err != nil {
		return fmt.Errorf("drawing %s: %w", path, err)
	}
	canvas := vgimg.NewWith(vgimg.UseWH(pixels(pictureWidth), pixels(pictureHeight)), vgimg.UseDPI(pictureDPI))
	tiles := draw.Tiles{Rows: len(panels), Cols: 1, PadTop: vg.Points(6), PadRight: vg.Points(14), PadBottom: vg.Points(6), PadLeft: vg.Points(6), PadY: vg.Points(8)}
	grid := make([][]*plot.Plot, len(panels))
	for i, p := range panels {
		grid[i] = []*plot.Plot{p}
	}
	for i, row := range plot.Align(grid, tiles, draw.New(canvas)) {
		panels[i].Draw(row[0])
	}
	return savePNG(path, canvas)
}

func pixels(n float64) vg.Length { return vg.Length(n) / pictureDPI * vg.Inch }

func savePNG(path string, canvas *vgimg.Canvas) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	defer file.Close()
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(file); err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	return nil
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

func loadPanel(t *timeline) (*plot.Plot, error) {
	var sent, failed []point
	for at := smoothRate * time.Second; at <= t.end; at += smoothRate * time.Second {
		requests := t.sentIn(at-smoothRate*time.Second, at)
		sent = append(sent, point{at, float64(len(requests)) / smoothRate})
		failed = append(failed, point{at, float64(failures(requests)) / smoothRate})
	}
	p := newPanel(t, "Load: requests sent, open loop (shaded: the spike)", "requests/s", 0, legendRoom*highest(sent, 1))
	p.Y.Tick.Marker = plot.ConstantTicks(evenTicks(int(p.Y.Max), 100))
	return p, drawAll(p, line("sent", sent, blue), line("failed", failed, red))
}

func latencyPanel(t *timeline) (*plot.Plot, error) {
	series := t.p99Series()
	p := newPanel(t, "P99 latency as clients see it (sliding 10 s, logarithmic)", "seconds", 0.01, legendRoomLog*highest(series, 1))
	p.Y.Scale = plot.LogScale{}
	p.Y.Tick.Marker = plot.ConstantTicks(logTicks(0.01, 100))
	return p, drawAll(p, objective(t, t.goals.latencyP99.Seconds(), "objective "+t.goals.latencyP99.String()),
		line("P99", atLeast(0.01, series), blue))
}

func lagPanel(t *timeline) (*plot.Plot, error) {
	p := newPanel(t, "Event-loop lag, P99 of the worst pod (logarithmic)", "seconds", 0.005, legendRoomLog*highest(t.lag, 0.5))
	p.Y.Scale = plot.LogScale{}
	p.Y.Tick.Marker = plot.ConstantTicks(logTicks(0.01, 100))
	return p, drawAll(p, objective(t, t.goals.lagP99.Seconds(), "objective "+t.goals.lagP99.String()),
		line("lag", atLeast(0.005, t.lag), blue))
}

func utilizationPanel(t *timeline) (*plot.Plot, error) {
	var percent []point
	for _, p := range t.elu {
		percent = append(percent, point{p.at, 100 * p.value})
	}
	p := newPanel(t, "Event-loop utilization (ELU), mean of the pods", "%", 0, 105)
	p.Y.Tick.Marker = plot.ConstantTicks(evenTicks(100, 20))
	err := drawAll(p, line("ELU", percent, blue))
	p.Legend = plot.NewLegend() // the title says it all
	return p, err
}

func replicaPanel(t *timeline) (*plot.Plot, error) {
	var wanted, ready []point
	last := t.replicasAt(t.end)
	last.at = t.end
	for _, sample := range slices.Concat(t.replicas, []replicaSample{last}) {
		if sample.at <= t.end {
			wanted = append(wanted, point{sample.at, float64(sample.wanted)})
			ready = append(ready, point{sample.at, float64(sample.ready)})
		}
	}
	p := newPanel(t, "Replicas of Deployment/"+serviceName, "replicas", 0, legendRoom*highest(wanted, 2))
	p.Y.Tick.Marker = plot.ConstantTicks(evenTicks(int(p.Y.Max), 2))
	return p, drawAll(p, steps("ready", ready, orange), steps("wanted", wanted, blue))
}

// newPanel has the time axis, the grid and the shaded spike that all panels share.
func newPanel(t *timeline, title, unit string, low, high float64) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.Y.Label.Text = title, unit
	p.Title.TextStyle.Font.Size, p.Title.Padding = font.Points(13), vg.Points(4)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, t.end.Seconds(), low, high
	p.X.Tick.Marker = plot.ConstantTicks(evenTicks(int(t.end.Seconds()), 20))
	p.Legend.Top = true
	p.Legend.Padding = vg.Points(2)
	shadeSpike(p, t, low, high)
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{Y: 225}, color.Gray{Y: 225}
	p.Add(grid)
	return p
}

func shadeSpike(p *plot.Plot, t *timeline, low, high float64) {
	from, to := t.schedule.spikeStart().Seconds(), min(t.schedule.spikeEnd(), t.end).Seconds()
	if from >= to {
		return
	}
	shade, err := plotter.NewPolygon(plotter.XYs{{X: from, Y: low}, {X: to, Y: low}, {X: to, Y: high}, {X: from, Y: high}})
	if err != nil {
		return // corners that are not finite: then there is nothing to shade
	}
	shade.Color, shade.LineStyle.Width = spikeFill, 0
	p.Add(shade)
}

// curve is a named line that is still to be drawn.
type curve struct {
	name   string
	points []point
	style  draw.LineStyle
	kind   plotter.StepKind
}

func line(name string, points []point, c color.Color) curve {
	return curve{name, points, draw.LineStyle{Color: c, Width: vg.Points(1.6)}, plotter.NoStep}
}

func steps(name string, points []point, c color.Color) curve {
	s := line(name, points, c)
	s.kind = plotter.PostStep
	return s
}

func objective(t *timeline, value float64, name string) curve {
	s := line(name, []point{{0, value}, {t.end, value}}, red)
	s.style.Dashes = []vg.Length{vg.Points(6), vg.Points(3)}
	return s
}

// drawAll leaves out curves without points: a line needs at least one.
func drawAll(p *plot.Plot, curves ...curve) error {
	for _, c := range curves {
		if len(c.points) == 0 {
			continue
		}
		drawn, err := plotter.NewLine(coordinates(c.points))
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		drawn.LineStyle, drawn.StepStyle = c.style, c.kind
		p.Add(drawn)
		p.Legend.Add(c.name, drawn)
	}
	return nil
}

func coordinates(points []point) plotter.XYs {
	xys := make(plotter.XYs, len(points))
	for i, p := range points {
		xys[i].X, xys[i].Y = p.at.Seconds(), p.value
	}
	return xys
}

func highest(points []point, atLeast float64) float64 {
	for _, p := range points {
		atLeast = max(atLeast, p.value)
	}
	return atLeast
}

// atLeast keeps a series on a logarithmic axis.
func atLeast(low float64, points []point) []point {
	var lifted []point
	for _, p := range points {
		lifted = append(lifted, point{p.at, max(low, p.value)})
	}
	return lifted
}

// logTicks are those of a logarithmic time axis from low to high seconds: 1 and 3 of each decade.
func logTicks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for v := low; v <= high; v *= 10 {
		ticks = append(ticks, plot.Tick{Value: v, Label: fmt.Sprintf("%.4g", v)}, plot.Tick{Value: 3 * v, Label: fmt.Sprintf("%.4g", 3*v)})
	}
	return ticks
}

func evenTicks(end, step int) []plot.Tick {
	var ticks []plot.Tick
	for at := 0; at <= end; at += step {
		ticks = append(ticks, plot.Tick{Value: float64(at), Label: fmt.Sprint(at)})
	}
	return ticks
}
