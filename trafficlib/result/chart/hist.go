package chart

import (
	"fmt"
	"image/color"
	"slices"
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Hist is a histogram of one or several groups. The height of a bar is a share of its own group, so
// that groups of different sizes can be compared.
type Hist struct {
	Title  string
	X      string // what the values are
	Groups []Group
	Bins   int    // number of bins, of equal width over the range of all values; 0 means 30
	Marks  []Mark // vertical lines, such as a threshold or a mean
}

// A Group is a named sample.
type Group struct {
	Name   string
	Values []float64
}

// A Mark is a named position on the axis.
type Mark struct {
	Name string
	At   float64
}

func (c Hist) check() error {
	if len(c.Groups) == 0 {
		return fmt.Errorf("%s: no groups", where(c.Title, ""))
	}
	for _, g := range c.Groups {
		if err := finite(c.Title, g.Name, "group", g.Values); err != nil {
			return err
		}
	}
	for _, m := range c.Marks {
		if err := finite(c.Title, m.Name, "mark", []float64{m.At}); err != nil {
			return err
		}
	}
	if c.Bins < 0 {
		return fmt.Errorf("%s: %d bins", where(c.Title, ""), c.Bins)
	}
	return nil
}

func (c Hist) summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n", c.Title, c.X)
	for _, g := range c.Groups {
		lo, hi := span(g.Values)
		sum := 0.0
		for _, v := range g.Values {
			sum += v
		}
		fmt.Fprintf(&b, "  %s: %d values, %.4g … %.4g, mean %.4g\n", g.Name, len(g.Values), lo, hi,
			sum/float64(len(g.Values)))
	}
	for _, m := range c.Marks {
		fmt.Fprintf(&b, "  %s at %.4g\n", m.Name, m.At)
	}
	return b.String()
}

func (c Hist) size() (w, h vg.Length) { return 6 * vg.Inch, 3.2 * vg.Inch }

func (c Hist) keys() []key {
	var all []key
	for i, g := range c.Groups {
		all = append(all, key{name: fmt.Sprintf("%s (%d)", g.Name, len(g.Values)), color: palette[i%len(palette)],
			filled: true})
	}
	for i, m := range c.Marks {
		all = append(all, key{name: fmt.Sprintf("%s %.4g", m.Name, m.At), color: markColor(i), dashed: true})
	}
	return all
}

func markColor(i int) color.NRGBA {
	if i == 0 {
		return mark
	}
	return palette[(2+i)%len(palette)]
}

// bins returns the edges of the bins, and for each group the share of its values in each bin. A
// value on an edge belongs to the bin above it, the largest value to the last bin.
func (c Hist) bins() (edges []float64, shares [][]float64) {
	n := c.Bins
	if n == 0 {
		n = 30
	}
	var lists [][]float64
	for _, g := range c.Groups {
		lists = append(lists, g.Values)
	}
	lo, hi := span(lists...)
	if flat(lo, hi) {
		lo, hi = widen(lo, hi, 0)
	}
	for i := range n + 1 {
		edges = append(edges, lo+(hi-lo)*float64(i)/float64(n))
	}
	for _, g := range c.Groups {
		share := make([]float64, n)
		for _, v := range g.Values {
			share[min(int((v-lo)/(hi-lo)*float64(n)), n-1)] += 1 / float64(len(g.Values))
		}
		shares = append(shares, share)
	}
	return edges, shares
}

// outlines returns the outline of each run of non-empty bins.
func outlines(edges, share []float64) (rings []plotter.XYer) {
	var ring plotter.XYs
	for k, f := range share {
		if f == 0 {
			continue
		}
		if ring == nil {
			ring = plotter.XYs{{X: edges[k]}}
		}
		ring = append(ring, plotter.XY{X: edges[k], Y: f}, plotter.XY{X: edges[k+1], Y: f})
		if k+1 == len(share) || share[k+1] == 0 {
			rings, ring = append(rings, append(ring, plotter.XY{X: edges[k+1]})), nil
		}
	}
	return rings
}

func (c Hist) draw(dc draw.Canvas, s style) {
	edges, shares := c.bins()
	p := newPlot(s, c.X, "share of each group")
	rules := gridLines()
	rules.Vertical.Color = nil
	p.Add(rules)
	top := 0.0
	for i, share := range shares {
		top = max(top, slices.Max(share))
		shape, err := plotter.NewPolygon(outlines(edges, share)...)
		if err != nil {
			panic("chart: a histogram passed the check and cannot be drawn: " + err.Error())
		}
		fill := palette[i%len(palette)]
		shape.LineStyle = draw.LineStyle{Color: fill, Width: s.line * 0.7}
		fill.A = 0x70 // translucent, so that groups behind show through
		shape.Color = fill
		p.Add(shape)
	}
	lo, hi := edges[0], edges[len(edges)-1]
	for i, m := range c.Marks {
		lo, hi = min(lo, m.At), max(hi, m.At)
		p.Add(curve(plotter.XYs{{X: m.At}, {X: m.At, Y: top * 1.05}}, markColor(i), true, s.line))
	}
	p.X.Min, p.X.Max = widen(lo, hi, 0.02)
	p.Y.Min, p.Y.Max = 0, top*1.05
	compose(dc, s, c.Title, c.keys(), p)
}
