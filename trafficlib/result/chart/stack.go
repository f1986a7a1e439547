package chart

import (
	"fmt"
	"image/color"
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Stack is a stacked bar chart: counts of several kinds on top of each other, column by column, in
// blocks of columns side by side. Values must not be negative.
type Stack struct {
	Title, X, Y string
	Names       []string // of the kinds, from the bottom up
	Blocks      []Block
}

func (c Stack) check() error {
	if err := checkBlocks(c.Title, len(c.Names), c.Blocks); err != nil {
		return err
	}
	if lo, _ := spanBlocks(c.Blocks); lo < 0 {
		return fmt.Errorf("%s: a value is %v, which cannot be stacked", where(c.Title, ""), lo)
	}
	return nil
}

func (c Stack) summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s over %s)\n", c.Title, c.Y, c.X)
	for i, name := range c.Names {
		var sum float64
		for _, block := range c.Blocks {
			for _, v := range block.Values[i] {
				sum += v
			}
		}
		fmt.Fprintf(&b, "  %s: %.10g\n", name, sum)
	}
	return b.String()
}

func (c Stack) size() (w, h vg.Length) {
	rows := (len(c.Names) + 3) / 4 // of the legend
	return 7 * vg.Inch, 3*vg.Inch + vg.Length(rows)*12
}

// kind returns the color of kind i: those of the palette, then lighter ones, then darker ones.
func kind(i int) color.NRGBA {
	c := palette[i%len(palette)]
	mix := func(v uint8, to, part float64) uint8 { return uint8(float64(v)*(1-part) + to*part) }
	switch i / len(palette) % 3 {
	case 1:
		return color.NRGBA{mix(c.R, 255, 0.55), mix(c.G, 255, 0.55), mix(c.B, 255, 0.55), 255}
	case 2:
		return color.NRGBA{mix(c.R, 0, 0.5), mix(c.G, 0, 0.5), mix(c.B, 0, 0.5), 255}
	}
	return c
}

// rest is the color of the first kind, which is usually the most frequent: the others should stand
// out.
var rest = color.NRGBA{0xc8, 0xcd, 0xd2, 0xff}

func (c Stack) keys() []key {
	var all []key
	for i, name := range c.Names {
		k := key{name: name, color: rest, filled: true}
		if i > 0 {
			k.color = kind(i - 1)
		}
		all = append(all, k)
	}
	return all
}

// high returns the upper limit of the value axis.
func (c Stack) high() float64 {
	var most float64
	for _, b := range c.Blocks {
		for k := range b.cols() {
			var sum float64
			for i := range b.Values {
				sum += b.Values[i][k]
			}
			most = max(most, sum)
		}
	}
	if most == 0 {
		return 1
	}
	return most * 1.04
}

func (c Stack) draw(dc draw.Canvas, s style) {
	p := newPlot(s, c.X, c.Y)
	rules := gridLines()
	rules.Vertical.Color = nil
	p.Add(rules)
	at, end := offsets(c.Blocks)
	keys := c.keys()
	for i := range c.Names {
		var rings []plotter.XYer
		for k, b := range c.Blocks {
			for x, v := range b.Values[i] {
				if v == 0 {
					continue
				}
				var foot float64
				for below := range i {
					foot += b.Values[below][x]
				}
				from := at[k] + float64(x)
				rings = append(rings, plotter.XYs{{X: from, Y: foot}, {X: from, Y: foot + v},
					{X: from + 1, Y: foot + v}, {X: from + 1, Y: foot}})
			}
		}
		if len(rings) == 0 {
			continue
		}
		shape, err := plotter.NewPolygon(rings...)
		if err != nil {
			panic("chart: a stack passed the check and cannot be drawn: " + err.Error())
		}
		shape.Color, shape.LineStyle.Width = keys[i].color, 0
		p.Add(shape)
	}
	p.X.Tick.Marker, p.X.Tick.Length = blockTicks(s, c.Blocks, dc.Size().X*0.85), 0
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, end, 0, c.high()
	compose(dc, s, c.Title, keys, p)
}
