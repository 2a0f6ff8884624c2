// Package chart draws quantities over time, one panel under the other.
package chart

import (
	"fmt"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"evenkeel.dev/tests/shop"
)

const dpi = 96

// Colours of curves.
var (
	Blue   = color.RGBA{R: 31, G: 107, B: 178, A: 255}
	Orange = color.RGBA{R: 217, G: 95, B: 2, A: 255}
	Red    = color.RGBA{R: 200, G: 30, B: 30, A: 255}
	Gray   = color.RGBA{R: 150, G: 150, B: 150, A: 255}

	shade = color.RGBA{R: 255, G: 243, B: 214, A: 255}
)

// The legend stands above the curves: factors on the highest value, for either kind of axis.
const (
	LegendRoom    = 1.35
	LegendRoomLog = 5
)

// Time is the axis that all panels of a picture share.
type Time struct {
	End    time.Duration
	Step   int                // seconds between its ticks
	Shaded [][2]time.Duration // from, to; a spike, say
}

// Panel has the time axis, the grid and the shaded stretches; values reach from low to high.
func (t Time) Panel(title, unit string, low, high float64) *plot.Plot {
	plot.DefaultFont.Variant = "Sans"
	p := plot.New()
	p.Title.Text, p.Y.Label.Text = title, unit
	p.Title.TextStyle.Font.Size, p.Title.Padding = font.Points(13), vg.Points(4)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, t.End.Seconds(), low, high
	p.X.Tick.Marker = plot.ConstantTicks(EvenTicks(int(t.End.Seconds()), t.Step))
	p.Legend.Top = true
	p.Legend.Padding = vg.Points(2)
	for _, stretch := range t.Shaded {
		shadeStretch(p, stretch[0].Seconds(), min(stretch[1], t.End).Seconds())
	}
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{Y: 225}, color.Gray{Y: 225}
	p.Add(grid)
	return p
}

// LogPanel is a panel with a logarithmic axis of seconds.
func (t Time) LogPanel(title string, low, high float64) *plot.Plot {
	p := t.Panel(title, "seconds", low, high)
	p.Y.Scale = plot.LogScale{}
	p.Y.Tick.Marker = plot.ConstantTicks(logTicks(0.01, 100))
	return p
}

func shadeStretch(p *plot.Plot, from, to float64) {
	if from >= to {
		return
	}
	low, high := p.Y.Min, p.Y.Max
	shaded, err := plotter.NewPolygon(plotter.XYs{{X: from, Y: low}, {X: to, Y: low}, {X: to, Y: high}, {X: from, Y: high}})
	if err != nil {
		return // corners that are not finite: then there is nothing to shade
	}
	shaded.Color, shaded.LineStyle.Width = shade, 0
	p.Add(shaded)
}

// Curve is a named line that is still to be drawn.
type Curve struct {
	name   string
	points []shop.Point
	style  draw.LineStyle
	kind   plotter.StepKind
}

// Line joins its points.
func Line(name string, points []shop.Point, c color.Color) Curve {
	return Curve{name, points, draw.LineStyle{Color: c, Width: vg.Points(1.6)}, plotter.NoStep}
}

// Steps holds each value until the next point.
func Steps(name string, points []shop.Point, c color.Color) Curve {
	s := Line(name, points, c)
	s.kind = plotter.PostStep
	return s
}

// Thin makes a curve stand behind others.
func (c Curve) Thin() Curve {
	c.style.Width = vg.Points(0.6)
	return c
}

// Objective is a dashed line at this value.
func (t Time) Objective(value float64, name string) Curve {
	s := Line(name, []shop.Point{{At: 0, Value: value}, {At: t.End, Value: value}}, Red)
	s.style.Dashes = []vg.Length{vg.Points(6), vg.Points(3)}
	return s
}

// DrawAll leaves out curves without points: a line needs at least one. Curves without a name are not in the legend.
func DrawAll(p *plot.Plot, curves ...Curve) error {
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
		if c.name != "" {
			p.Legend.Add(c.name, drawn)
		}
	}
	return nil
}

func coordinates(points []shop.Point) plotter.XYs {
	xys := make(plotter.XYs, len(points))
	for i, p := range points {
		xys[i].X, xys[i].Y = p.At.Seconds(), p.Value
	}
	return xys
}

// Highest value of the points, or `atLeast`.
func Highest(points []shop.Point, atLeast float64) float64 {
	for _, p := range points {
		atLeast = max(atLeast, p.Value)
	}
	return atLeast
}

// AtLeast keeps a series on a logarithmic axis.
func AtLeast(low float64, points []shop.Point) []shop.Point {
	var lifted []shop.Point
	for _, p := range points {
		lifted = append(lifted, shop.Point{At: p.At, Value: max(low, p.Value)})
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

// EvenTicks go from 0 to end.
func EvenTicks(end, step int) []plot.Tick {
	var ticks []plot.Tick
	for at := 0; at <= end; at += step {
		ticks = append(ticks, plot.Tick{Value: float64(at), Label: fmt.Sprint(at)})
	}
	return ticks
}

// Save draws the panels, one under the other, into a .png or .svg of so many pixels.
func Save(path string, width, height int, panels []*plot.Plot) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	defer file.Close()
	canvas, encoded := newCanvas(filepath.Ext(path), pixels(width), pixels(height))
	tiles := draw.Tiles{Rows: len(panels), Cols: 1, PadTop: vg.Points(6), PadRight: vg.Points(14), PadBottom: vg.Points(6), PadLeft: vg.Points(6), PadY: vg.Points(8)}
	grid := make([][]*plot.Plot, len(panels))
	for i, p := range panels {
		grid[i] = []*plot.Plot{p}
	}
	for i, row := range plot.Align(grid, tiles, draw.New(canvas)) {
		panels[i].Draw(row[0])
	}
	if _, err := encoded.WriteTo(file); err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	return nil
}

func newCanvas(extension string, width, height vg.Length) (vg.CanvasSizer, io.WriterTo) {
	if extension == ".svg" {
		canvas := vgsvg.New(width, height)
		return canvas, canvas
	}
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi))
	return canvas, vgimg.PngCanvas{Canvas: canvas}
}

func pixels(n int) vg.Length { return vg.Length(n) / dpi * vg.Inch }
