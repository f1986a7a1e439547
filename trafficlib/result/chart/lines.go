package chart

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Lines is a chart of one or several curves over a common axis.
type Lines struct {
	Title, X, Y string // of the chart, of the x axis and of the y axis
	LogY        bool   // logarithmic y axis; all values must be above 0
	Series      []Series
	// Ordered means that the series are levels of one quantity, in order: their colors go from
	// light to dark.
	Ordered bool
	// The limits of the axes; if both are 0 they come from the data.
	XRange, YRange [2]float64
	// The distance between two ticks of the y axis, which begins and ends with one. If there are
	// many, only some have labels. If it is 0, the axis is logarithmic, or there would be more than
	// a thousand ticks, the range determines the ticks.
	YStep float64

	Shaded Bands     // behind the curves
	Marked Verticals // in front of the curves

	roc bool // both axes of the same length; the last series is the line of guessing
}

// A Series is one curve.
type Series struct {
	Name   string
	X      []float64 // nil means 1, 2, 3 and so on, such as epochs and packets
	Y      []float64
	Dashed bool
}

// xs returns X, also if it is nil.
func (s Series) xs() []float64 {
	if s.X != nil {
		return s.X
	}
	x := make([]float64, len(s.Y))
	for i := range x {
		x[i] = float64(i + 1)
	}
	return x
}

func (c Lines) check() error {
	if len(c.Series) == 0 {
		return fmt.Errorf("%s: no series", where(c.Title, ""))
	}
	for _, s := range c.Series {
		if err := finite(c.Title, s.Name, "y", s.Y); err != nil {
			return err
		}
		if s.X != nil {
			if len(s.X) != len(s.Y) {
				return fmt.Errorf("%s: %d x values, %d y values", where(c.Title, s.Name), len(s.X), len(s.Y))
			}
			if err := finite(c.Title, s.Name, "x", s.X); err != nil {
				return err
			}
		}
		for i, y := range s.Y {
			if c.LogY && y < 2*smallest {
				return fmt.Errorf("%s: y value %d of %d is %v, which a logarithmic axis cannot show",
					where(c.Title, s.Name), i+1, len(s.Y), y)
			}
		}
	}
	for _, r := range [][2]float64{c.XRange, c.YRange} {
		if err := finite(c.Title, "", "range", r[:]); err != nil {
			return err
		}
		if r != [2]float64{} && !(r[0] < r[1]) {
			return fmt.Errorf("%s: an axis from %v to %v", where(c.Title, ""), r[0], r[1])
		}
	}
	if err := c.checkMarks(); err != nil {
		return err
	}
	if !(c.YStep >= 0 && c.YStep <= largest) {
		return fmt.Errorf("%s: ticks %v apart", where(c.Title, ""), c.YStep)
	}
	if c.LogY && c.YRange != [2]float64{} && c.YRange[0] <= 0 {
		return fmt.Errorf("%s: a logarithmic axis from %v", where(c.Title, ""), c.YRange[0])
	}
	return nil
}

func (c Lines) summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s over %s)\n", c.Title, c.Y, c.X)
	for _, s := range c.Series {
		lo, hi := span(s.Y)
		fmt.Fprintf(&b, "  %s: %d points, %.4g … %.4g, first %.4g, last %.4g\n", cmp.Or(s.Name, c.Y), len(s.Y), lo, hi,
			s.Y[0], s.Y[len(s.Y)-1])
	}
	if n := len(c.Shaded.Ranges); n > 0 {
		fmt.Fprintf(&b, "  %s: %d ranges\n", c.Shaded.Name, n)
	}
	if len(c.Marked.At) > 0 {
		fmt.Fprintf(&b, "  %s at %v\n", c.Marked.Name, c.Marked.At)
	}
	return b.String()
}

func (c Lines) size() (w, h vg.Length) {
	if c.roc {
		return 4.2 * vg.Inch, 4.2 * vg.Inch
	}
	return 6 * vg.Inch, 3.3 * vg.Inch
}

// color returns the color of series i.
func (c Lines) color(i int) color.NRGBA {
	if c.roc && i == len(c.Series)-1 {
		return axis
	}
	if c.Ordered {
		return shade(i, len(c.Series))
	}
	return palette[i%len(palette)]
}

// fewPoints reports whether the points of a series are drawn as dots too: one point makes no line.
func (c Lines) fewPoints(s Series) bool { return !c.roc && len(s.Y) <= 15 }

// dashed reports whether series i is dashed: if it says so, and if the colors repeat.
func (c Lines) dashed(i int) bool {
	return c.Series[i].Dashed || !c.Ordered && i >= len(palette)
}

func (c Lines) keys() []key {
	var all []key
	for i, s := range c.Series {
		all = append(all, key{name: s.Name, color: c.color(i), dashed: c.dashed(i)})
	}
	return append(all, c.markKeys()...)
}

// ranges returns the limits of the axes.
func (c Lines) ranges() (x, y [2]float64) {
	var xs, ys [][]float64
	for _, s := range c.Series {
		xs, ys = append(xs, s.xs()), append(ys, s.Y)
	}
	x, y = c.XRange, c.YRange
	if x == [2]float64{} {
		lo, hi := span(xs...)
		x[0], x[1] = widen(lo, hi, 0)
	}
	if y == [2]float64{} {
		lo, hi := span(ys...)
		switch {
		case c.LogY:
			y[0], y[1] = widenLog(lo, hi, 0.05)
		case c.YStep > 0 && hi-lo <= maxSteps*c.YStep:
			y[0], y[1] = math.Floor(lo/c.YStep)*c.YStep, math.Ceil(hi/c.YStep)*c.YStep
			if y[0] == y[1] {
				y[1] += c.YStep
			}
		default:
			y[0], y[1] = widen(lo, hi, 0.05)
		}
	}
	return x, y
}

// stepped reports whether YStep determines the ticks of an axis with these limits.
func (c Lines) stepped(y [2]float64) bool {
	return c.YStep > 0 && !c.LogY && y[1]-y[0] <= (maxSteps+2)*c.YStep
}

// whole reports whether all x values are integers, such as epochs and packets.
func (c Lines) whole() bool {
	for _, s := range c.Series {
		if !whole(s.xs()) {
			return false
		}
	}
	return true
}

func (c Lines) draw(dc draw.Canvas, s style) {
	p := newPlot(s, c.X, c.Y)
	x, y := c.ranges()
	if c.whole() {
		p.X.Tick.Marker = wholeTicks{s.ticksX}
	}
	if c.stepped(y) {
		p.Y.Tick.Marker = stepTicks{c.YStep, s.ticksY}
	}
	if c.LogY {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logTicks{s.ticksY}
	}
	for _, shape := range c.shadings(x, y) {
		p.Add(shape)
	}
	p.Add(gridLines())
	for i, series := range c.Series {
		tx, ty := thin(series.xs(), series.Y)
		p.Add(curve(points(tx, ty), c.color(i), c.dashed(i), s.line))
		if c.fewPoints(series) {
			p.Add(&plotter.Scatter{XYs: points(tx, ty),
				GlyphStyle: draw.GlyphStyle{Color: c.color(i), Radius: s.line * 1.4, Shape: draw.CircleGlyph{}}})
		}
	}
	for _, line := range c.uprights(x, y, s) {
		p.Add(line)
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = x[0], x[1], y[0], y[1]
	compose(dc, s, c.Title, c.keys(), p)
}

func gridLines() *plotter.Grid {
	line := draw.LineStyle{Color: faint, Width: 0.5}
	return &plotter.Grid{Vertical: line, Horizontal: line}
}

func points(x, y []float64) plotter.XYs {
	all := make(plotter.XYs, len(x))
	for i := range x {
		all[i] = plotter.XY{X: x[i], Y: y[i]}
	}
	return all
}

func curve(pts plotter.XYs, c color.Color, dashed bool, width vg.Length) *plotter.Line {
	l := &plotter.Line{XYs: pts, LineStyle: draw.LineStyle{Color: c, Width: width}}
	if dashed {
		l.LineStyle.Dashes = dashes
	}
	return l
}

// ROC returns the receiver operating characteristic of a detector: the true positive rate over the
// false positive rate. The legend has the area under the curve, and the diagonal is the line of
// guessing. Overlay combines several.
func ROC(name string, fpr, tpr []float64, auc float64) Lines {
	fpr, tpr = corners(fpr, tpr)
	return Lines{
		Title: "ROC", X: "false positive rate", Y: "true positive rate",
		Series: []Series{
			{Name: fmt.Sprintf("%s, AUC %.3f", name, auc), X: fpr, Y: tpr},
			{Name: "guessing", X: []float64{0, 1}, Y: []float64{0, 1}, Dashed: true},
		},
		XRange: [2]float64{0, 1}, YRange: [2]float64{0, 1},
		roc: true,
	}
}

// PR returns the precision-recall curve of a detector, with the average precision in the legend.
// share is the fraction of attacks in the data, which is the precision of guessing. Overlay
// combines several.
func PR(name string, recall, precision []float64, average, share float64) Lines {
	recall, precision = corners(recall, precision)
	return Lines{
		Title: "Precision and recall", X: "recall", Y: "precision",
		Series: []Series{
			{Name: fmt.Sprintf("%s, AP %.3f", name, average), X: recall, Y: precision},
			{Name: "guessing", X: []float64{0, 1}, Y: []float64{share, share}, Dashed: true},
		},
		XRange: [2]float64{0, 1}, YRange: [2]float64{0, 1.02},
		roc: true,
	}
}

// Overlay combines the curves of several detectors, all made by ROC or all by PR, with one line of
// guessing. It panics if there are none.
func Overlay(detectors ...Lines) Lines {
	all := detectors[0]
	all.Series = nil
	for _, d := range detectors {
		all.Series = append(all.Series, d.Series[:len(d.Series)-1]...)
	}
	all.Series = append(all.Series, detectors[0].Series[len(detectors[0].Series)-1])
	return all
}

// At returns integers as positions on an axis.
func At(numbers []int) []float64 {
	x := make([]float64, len(numbers))
	for i, n := range numbers {
		x[i] = float64(n)
	}
	return x
}

// Count returns n numbers from first on, the X of a series that is not counted from 1.
func Count(first, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(first + i)
	}
	return x
}
