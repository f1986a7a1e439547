package chart

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// key is an entry of a legend.
type key struct {
	name   string
	color  color.NRGBA
	dashed bool
	filled bool // a box rather than a line
}

// legend draws the keys in rows between title and plot, where they cannot cover data, and returns
// the canvas below them.
func legend(c draw.Canvas, s style, keys []key) draw.Canvas {
	if !named(keys) {
		return c
	}
	t := textStyle(s.label, false)
	const sample = 16
	x, y := c.Min.X, c.Max.Y-s.label
	for _, k := range keys {
		width := sample + 4 + t.Width(k.name)
		if x > c.Min.X && x+width > c.Max.X {
			x, y = c.Min.X, y-s.label-s.gap/2
		}
		middle := y + s.label*0.35
		if k.filled {
			half := s.label * 0.35
			c.SetColor(k.color)
			c.Fill(vg.Rectangle{Min: vg.Point{X: x, Y: middle - half},
				Max: vg.Point{X: x + sample, Y: middle + half}}.Path())
		} else {
			line := draw.LineStyle{Color: k.color, Width: s.line * 1.2}
			if k.dashed {
				line.Dashes = dashes
			}
			c.StrokeLine2(line, x, middle, x+sample, middle)
		}
		c.FillText(t, vg.Point{X: x + sample + 4, Y: y}, k.name)
		x += width + 2*s.gap
	}
	return draw.Crop(c, 0, 0, 0, y-s.gap-c.Max.Y)
}

// named reports whether any key has a name, so that a legend makes sense.
func named(keys []key) bool {
	for _, k := range keys {
		if k.name != "" {
			return true
		}
	}
	return false
}
