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

// Lines is one or several curves over a common axis.
type Lines struct {
	Title, X, Y string // what stands above, below and beside the picture
	LogY        bool   // a logarithmic axis; all values must be above 0
	Series      []Series
	// Ordered says that the series are steps of one quantity, in order: their colours run from light to dark.
	Ordered bool
	// The ends of the axes; where both are 0 they come from the data.
	XRange, YRange [2]float64
	// The distance between two marks of the axis beside the picture, which begins and ends with one. Where there are
	// many only some have a number. 0 leaves the marks to the range, and so do a range of more than a thousand and a
	// logarithmic axis.
	YStep float64

	Shaded Stretches // behind the curves
	Marked Places    // before them

	roc bool // both axes of the same length; the last series is that of guessing
}

// Series is one curve.
type Series struct {
	Name   string
	X      []float64 // nil: 1, 2, 3, … as epochs and packets are counted
	Y      []float64
	Dashed bool
}

// xs is X, counted out.
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
		return fmt.Errorf("%s: no series", place(c.Title, ""))
	}
	for _, s := range c.Series {
		if err := finite(c.Title, s.Name, "y", s.Y); err != nil {
			return err
		}
		if s.X != nil {
			if len(s.X) != len(s.Y) {
				return fmt.Errorf("%s: %d x values, %d y values", place(c.Title, s.Name), len(s.X), len(s.Y))
			}
			if err := finite(c.Title, s.Name, "x", s.X); err != nil {
				return err
			}
		}
		for i, y := range s.Y {
			if c.LogY && y < 2*smallest {
				return fmt.Errorf("%s: y value %d of %d is %v, which has no place on a logarithmic axis",
					place(c.Title, s.Name), i+1, len(s.Y), y)
			}
		}
	}
	for _, r := range [][2]float64{c.XRange, c.YRange} {
		if err := finite(c.Title, "", "range", r[:]); err != nil {
			return err
		}
		if r != [2]float64{} && !(r[0] < r[1]) {
			return fmt.Errorf("%s: an axis from %v to %v", place(c.Title, ""), r[0], r[1])
		}
	}
	if err := c.checkPlaces(); err != nil {
		return err
	}
	if !(c.YStep >= 0 && c.YStep <= largest) {
		return fmt.Errorf("%s: marks %v apart", place(c.Title, ""), c.YStep)
	}
	if c.LogY && c.YRange != [2]float64{} && c.YRange[0] <= 0 {
		return fmt.Errorf("%s: a logarithmic axis from %v", place(c.Title, ""), c.YRange[0])
	}
	return nil
}

func (c Lines) summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s over %s)\n", c.Title, c.Y, c.X)
	for _, s := range c.Series {
		lo, hi := span(s.Y)
		fmt.Fprintf(&b, "  %s: %d points, %.4g … %.4g, first %.4g, last %.4g\n", cmp.Or(s.Name, c.Y), len(s.Y), lo, hi, s.Y[0], s.Y[len(s.Y)-1])
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

// color gives the colour of series i.
func (c Lines) color(i int) color.NRGBA {
	if c.roc && i == len(c.Series)-1 {
		return axis
	}
	if c.Ordered {
		return shade(i, len(c.Series))
	}
	return palette[i%len(palette)]
}

// fewPoints tells whether the points of a series are shown as such: one point makes no line.
func (c Lines) fewPoints(s Series) bool { return !c.roc && len(s.Y) <= 15 }

// dashed tells whether series i is dashed: as it says, and where the colours begin again.
func (c Lines) dashed(i int) bool {
	return c.Series[i].Dashed || !c.Ordered && i >= len(palette)
}

func (c Lines) keys() []key {
	var all []key
	for i, s := range c.Series {
		all = append(all, key{name: s.Name, color: c.color(i), dashed: c.dashed(i)})
	}
	return append(all, c.placeKeys()...)
}

// ranges are the ends of the axes.
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
		case c.YStep > 0 && hi-lo <= mostSteps*c.YStep:
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

// stepped tells whether an axis has its marks by YStep.
func (c Lines) stepped(y [2]float64) bool {
	return c.YStep > 0 && !c.LogY && y[1]-y[0] <= (mostSteps+2)*c.YStep
}

// whole tells whether the axis below counts: epochs, packets.
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
			p.Add(&plotter.Scatter{XYs: points(tx, ty), GlyphStyle: draw.GlyphStyle{Color: c.color(i), Radius: s.line * 1.4, Shape: draw.CircleGlyph{}}})
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

// ROC is the curve of a detector: the share of attacks found (tpr) over the share of false alarms (fpr), with the area
// under it in the legend and the diagonal on which guessing lies. Beside puts several into one picture.
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

// PR is the curve of a detector that precision and recall make: what part of the alarms is right, over what part of the
// attacks is found, with the average precision in the legend. share is what part of all are attacks, which is the
// precision of guessing. Beside puts several into one picture.
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

// Beside puts the curves of several detectors, each made by ROC or each by PR, into one picture with one line of
// guessing. It panics without any.
func Beside(detectors ...Lines) Lines {
	all := detectors[0]
	all.Series = nil
	for _, d := range detectors {
		all.Series = append(all.Series, d.Series[:len(d.Series)-1]...)
	}
	all.Series = append(all.Series, detectors[0].Series[len(detectors[0].Series)-1])
	return all
}

// At returns numbers as places on an axis.
func At(numbers []int) []float64 {
	x := make([]float64, len(numbers))
	for i, n := range numbers {
		x[i] = float64(n)
	}
	return x
}

// Count gives n numbers from first on, as the X of values that are counted from another number than 1.
func Count(first, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(first + i)
	}
	return x
}
