package chart

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// key is one entry of a legend.
type key struct {
	name   string
	color  color.NRGBA
	dashed bool
	filled bool // a box, or else a piece of line
}

// legend draws the keys in rows between title and plot, where they can cover no data, and gives the room below them.
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
			c.Fill(vg.Rectangle{Min: vg.Point{X: x, Y: middle - half}, Max: vg.Point{X: x + sample, Y: middle + half}}.Path())
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

// named tells whether there is anything for a legend to say.
func named(keys []key) bool {
	for _, k := range keys {
		if k.name != "" {
			return true
		}
	}
	return false
}
