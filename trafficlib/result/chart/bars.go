package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bars is a bar chart: one value for each of several names. Up to 30 bars are horizontal, with
// their names beside them; more are vertical and numbered from 0, as features are.
type Bars struct {
	Title  string
	Label  string // what the names are, such as "feature"
	Value  string // what the values are, with the unit
	Names  []string
	Values []float64
	LogY   bool // logarithmic axis; a value of 0 has no bar, a negative one is an error
	Top    int  // show only so many bars, the largest first; 0 shows all, in their order
}

// maxNamed is the maximum number of bars with names.
const maxNamed = 30

func (c Bars) check() error {
	if len(c.Names) != len(c.Values) {
		return fmt.Errorf("%s: %d names, %d values", where(c.Title, ""), len(c.Names), len(c.Values))
	}
	if err := finite(c.Title, "", "bar", c.Values); err != nil {
		return err
	}
	if !c.LogY {
		return nil
	}
	for i, v := range c.Values {
		if v < 0 {
			return fmt.Errorf("%s: the value is %v, which a logarithmic axis cannot show", where(c.Title, c.Names[i]),
				v)
		}
	}
	if _, hi := span(c.Values); hi < smallest {
		return fmt.Errorf("%s: all values are 0, which a logarithmic axis cannot show", where(c.Title, ""))
	}
	return nil
}

// bar is a bar of the chart.
type bar struct {
	at    int // index in Names
	name  string
	value float64
}

// shown returns the bars in the order of the picture. Names that occur more than once get numbers,
// since a name determines a position.
func (c Bars) shown() []bar {
	all := make([]bar, len(c.Values))
	seen := map[string]int{}
	for i, name := range c.Names {
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s (%d)", name, seen[name])
		}
		all[i] = bar{i, name, c.Values[i]}
	}
	if c.Top > 0 {
		slices.SortStableFunc(all, func(a, b bar) int {
			switch {
			case a.value > b.value:
				return -1
			case a.value < b.value:
				return 1
			}
			return 0
		})
		all = all[:min(c.Top, len(all))]
	}
	return all
}

func (c Bars) summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s of %d)\n", c.Title, c.Value, len(c.Values))
	if c.Top <= 0 {
		c.Top = 5
	}
	for _, bar := range c.shown() {
		fmt.Fprintf(&b, "  %s: %.4g\n", bar.name, bar.value)
	}
	return b.String()
}

func (c Bars) horizontal() bool { return len(c.shown()) <= maxNamed }

func (c Bars) size() (w, h vg.Length) {
	if c.horizontal() {
		return 6 * vg.Inch, vg.Length(len(c.shown()))*13 + 62
	}
	return 6 * vg.Inch, 3 * vg.Inch
}

func (c Bars) keys() []key { return nil }

// ranges returns the limits of the value axis. It begins at 0 or, if logarithmic, at a power of ten
// below the smallest bar, but not so low that a single tiny value squeezes the others.
func (c Bars) ranges() (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, b := range c.shown() {
		if !c.LogY || b.value >= smallest {
			lo, hi = min(lo, b.value), max(hi, b.value)
		}
	}
	if c.LogY {
		const decades = 9
		floor := math.Floor(math.Log10(lo))
		if lo == math.Pow(10, floor) {
			floor-- // otherwise the smallest bar would have no length
		}
		return math.Pow(10, max(floor, math.Ceil(math.Log10(hi))-decades)), hi * 1.3
	}
	lo, hi = min(lo, 0), max(hi, 0)
	if flat(lo, hi) {
		hi = 1
	}
	return lo, hi + (hi-lo)*0.03
}

func (c Bars) draw(dc draw.Canvas, s style) {
	lo, hi := c.ranges()
	bars := c.shown()
	var x, y string
	if c.horizontal() {
		x = c.Value
	} else {
		x, y = c.Label, c.Value
	}
	p := newPlot(s, x, y)
	value, names := &p.Y, &p.X
	rules := gridLines()
	if c.horizontal() {
		value, names = &p.X, &p.Y
		rules.Horizontal.Color = nil
	} else {
		rules.Vertical.Color = nil
		names.Tick.Marker = wholeTicks{s.ticksX}
	}
	if c.LogY {
		value.Scale, value.Tick.Marker = plot.LogScale{}, logTicks{6}
	}
	p.Add(rules)
	foot := 0.0
	if c.LogY {
		foot = lo
	}
	var rings []plotter.XYer // all bars form one shape, which keeps the file small
	var labels []plot.Tick
	for i, b := range bars {
		at := float64(b.at)
		if c.Top > 0 || c.horizontal() {
			at = float64(i)
		}
		if c.horizontal() {
			at = float64(len(bars) - 1 - i) // the first on top
			labels = append(labels, plot.Tick{Value: at, Label: shorten(s, b.name)})
		}
		to := min(max(b.value, lo), hi)
		if to == foot {
			continue
		}
		ring := plotter.XYs{{X: at - 0.4, Y: foot}, {X: at - 0.4, Y: to}, {X: at + 0.4, Y: to}, {X: at + 0.4, Y: foot}}
		if c.horizontal() {
			for i, pt := range ring {
				ring[i] = plotter.XY{X: pt.Y, Y: pt.X}
			}
		}
		rings = append(rings, ring)
	}
	if c.horizontal() {
		names.Tick.Marker, names.Tick.Length = plot.ConstantTicks(labels), 0
	}
	if len(rings) > 0 {
		shape, err := plotter.NewPolygon(rings...)
		if err != nil {
			panic("chart: bars passed the check and cannot be drawn: " + err.Error())
		}
		shape.Color, shape.LineStyle.Width = palette[0], 0
		p.Add(shape)
	}
	value.Min, value.Max = lo, hi
	names.Min, names.Max = -0.6, float64(len(bars))-0.4
	compose(dc, s, c.Title, nil, p)
}

// shorten shortens a name to a third of the width of the picture. It cuts in the middle, because
// long names often differ in their last words.
func shorten(s style, name string) string {
	const end = 10
	t := textStyle(s.tick, false)
	most := 2 * vg.Inch
	short := name
	for cut := []rune(name); t.Width(short) > most && len(cut) > end+1; {
		cut = slices.Delete(cut, len(cut)-end-1, len(cut)-end)
		short = string(cut[:len(cut)-end]) + "…" + string(cut[len(cut)-end:])
	}
	return short
}
