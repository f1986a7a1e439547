package chart

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"
)

// Bands are ranges of the x axis that are shaded from top to bottom, such as labeled attacks.
type Bands struct {
	Name   string
	Ranges [][2]float64 // from, to
}

// Verticals are vertical lines at positions of the x axis, such as detections.
type Verticals struct {
	Name string
	At   []float64
}

var (
	shaded  = color.NRGBA{0xff, 0xe9, 0x9c, 0xff}
	upright = color.NRGBA{0xd6, 0x2f, 0x2f, 0xff}
)

// checkMarks returns an error unless the bands and verticals can be drawn.
func (c Lines) checkMarks() error {
	for _, r := range c.Shaded.Ranges {
		if err := finite(c.Title, c.Shaded.Name, "range", r[:]); err != nil {
			return err
		}
		if !(r[0] < r[1]) {
			return fmt.Errorf("%s: shaded from %v to %v", where(c.Title, c.Shaded.Name), r[0], r[1])
		}
	}
	if len(c.Marked.At) > 0 {
		return finite(c.Title, c.Marked.Name, "mark", c.Marked.At)
	}
	return nil
}

// markKeys returns the legend entries of the bands and verticals.
func (c Lines) markKeys() (all []key) {
	if len(c.Shaded.Ranges) > 0 {
		all = append(all, key{name: c.Shaded.Name, color: shaded, filled: true})
	}
	if len(c.Marked.At) > 0 {
		all = append(all, key{name: c.Marked.Name, color: upright})
	}
	return all
}

// shadings returns the bands, clipped to the picture.
func (c Lines) shadings(x, y [2]float64) (all []*plotter.Polygon) {
	for _, r := range c.Shaded.Ranges {
		from, to := max(r[0], x[0]), min(r[1], x[1])
		if from >= to {
			continue
		}
		shape, err := plotter.NewPolygon(plotter.XYs{{X: from, Y: y[0]}, {X: from, Y: y[1]}, {X: to, Y: y[1]},
			{X: to, Y: y[0]}})
		if err != nil {
			panic("chart: a band passed the check and cannot be drawn: " + err.Error())
		}
		shape.Color, shape.LineStyle = shaded, draw.LineStyle{}
		all = append(all, shape)
	}
	return all
}

// uprights returns the verticals within the picture.
func (c Lines) uprights(x, y [2]float64, s style) (all []*plotter.Line) {
	for _, at := range c.Marked.At {
		if at >= x[0] && at <= x[1] {
			all = append(all, curve(plotter.XYs{{X: at, Y: y[0]}, {X: at, Y: y[1]}}, upright, false, s.line*0.6))
		}
	}
	return all
}

// layered adds the bands behind the curves of a Vega-Lite specification, and the verticals in front
// of them.
func (c Lines) layered(spec object) object {
	if len(c.markKeys()) == 0 {
		return spec
	}
	x, _ := c.ranges()
	along := spec["encoding"].(object)["x"]
	var bands, marks list
	for _, r := range c.Shaded.Ranges {
		if from, to := max(r[0], x[0]), min(r[1], x[1]); from < to {
			bands = append(bands, object{"s": c.Shaded.Name, "from": number(from), "to": number(to)})
		}
	}
	for _, at := range c.Marked.At {
		marks = append(marks, object{"s": c.Marked.Name, "x": number(at)})
	}
	color, _ := scales(c.keys(), "stroke")
	from := object{"field": "from", "type": "quantitative"}
	from["scale"], from["title"] = along.(object)["scale"], along.(object)["title"]
	var layers list
	if len(bands) > 0 {
		layers = append(layers, object{"data": object{"values": bands},
			"mark":     object{"type": "rect", "clip": true, "tooltip": true},
			"encoding": object{"x": from, "x2": object{"field": "to"}, "color": color}})
	}
	lines := object{}
	for _, name := range []string{"data", "mark", "encoding", "transform", "params"} {
		lines[name] = spec[name]
		delete(spec, name)
	}
	layers = append(layers, lines)
	if len(marks) > 0 {
		layers = append(layers, object{"data": object{"values": marks},
			"mark":     object{"type": "rule", "clip": true, "strokeWidth": 1.2, "tooltip": true},
			"encoding": object{"x": along, "color": color}})
	}
	spec["layer"] = layers
	return spec
}
