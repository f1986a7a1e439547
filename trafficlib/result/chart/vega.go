package chart

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// A Vega-Lite specification consists of the maps and slices that encoding/json decodes to, without
// null, because the pipe to the notebook carries nothing else. The address of the schema is just a
// name; nothing is fetched from it.
type (
	object = map[string]any
	list   = []any
)

func vegaLite(f figure) (map[string]any, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	spec := f.vega("0")
	spec["$schema"] = "https://vega.github.io/schema/vega-lite/v5.json"
	spec["background"] = "white"
	// SVG is sharp at any zoom, and its texts can be searched.
	spec["usermeta"] = object{"embedOptions": object{"renderer": "svg"}}
	// The round trip through JSON leaves one type each for numbers, lists and strings.
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	var plain map[string]any
	return plain, json.Unmarshal(text, &plain)
}

// zoom returns a parameter that lets the user zoom and pan a view. Its name must be unique in a
// specification.
func zoom(id string) list {
	return list{object{"name": "grid" + id, "select": "interval", "bind": "scales"}}
}

// number rounds a number to the digits that a picture can show.
func number(v float64) json.Number { return json.Number(strconv.FormatFloat(v, 'g', 6, 64)) }

func title(text string) object { return object{"text": text, "anchor": "start"} }

// scales returns the encodings of color and dashes for named series, with one legend of strokes or
// squares.
func scales(keys []key, shape string) (color, dash object) {
	var names, colors, patterns list
	for _, k := range keys {
		names, colors = append(names, k.name), append(colors, hex(k.color))
		if k.dashed {
			patterns = append(patterns, list{5, 3})
		} else {
			patterns = append(patterns, list{1, 0})
		}
	}
	in := func(scale string, values list) object {
		return object{"field": "s", "type": "nominal", "title": "", "scale": object{"domain": names, scale: values},
			"legend": object{"orient": "top", "columns": 4, "labelLimit": 300, "symbolType": shape}}
	}
	return in("range", colors), in("range", patterns)
}

func (c Lines) vega(id string) object {
	var rows list
	points := true
	for i, s := range c.Series {
		points = points && c.fewPoints(s)
		x, y := thin(s.xs(), s.Y)
		for k := range x {
			rows = append(rows, object{"s": c.keys()[i].name, "x": number(x[k]), "y": number(y[k])})
		}
	}
	x, y := c.ranges()
	color, dash := scales(c.keys(), "stroke")
	yScale := object{"domain": list{number(y[0]), number(y[1])}, "nice": false, "zero": false}
	if c.LogY {
		yScale["type"] = "log"
	}
	beside := object{"field": "y", "type": "quantitative", "title": c.Y, "scale": yScale}
	if c.stepped(y) {
		var marks list
		for _, tick := range (stepTicks{c.YStep, full.ticksY}).Ticks(y[0], y[1]) {
			if tick.Label != "" { // Vega-Lite labels all ticks
				marks = append(marks, number(tick.Value))
			}
		}
		beside["axis"] = object{"values": marks}
	}
	along := object{"field": "x", "type": "quantitative", "title": c.X,
		"scale": object{"domain": list{number(x[0]), number(x[1])}, "nice": false, "zero": false}}
	if c.whole() {
		along["axis"] = object{"tickMinStep": 1}
	}
	width, height := 560, 260
	if c.roc {
		width = 300
		height = 300
	}
	spec := object{
		"title": title(c.Title), "width": width, "height": height, "params": zoom(id),
		"data": object{"values": rows},
		"mark": object{"type": "line", "clip": true, "tooltip": true, "point": points},
		"encoding": object{
			"x": along,
			"y": beside,
			// The points are connected in the order of the rows, which a vertical part of a ROC
			// curve needs.
			"order": object{"field": "i", "type": "quantitative"},
		},
		"transform": list{object{"window": list{object{"op": "row_number", "as": "i"}}}},
	}
	if named(c.keys()) {
		encoding := spec["encoding"].(object)
		encoding["color"], encoding["strokeDash"] = color, dash
	} else {
		spec["mark"].(object)["color"] = hex(c.color(0))
	}
	return c.layered(spec)
}

func (c Bars) vega(id string) object {
	lo, hi := c.ranges()
	var rows, names list
	for i, b := range c.shown() {
		if c.LogY && b.value <= lo {
			continue
		}
		names = append(names, b.name)
		rows = append(rows, object{"name": b.name, "i": i, "v": number(b.value)})
	}
	scale := object{"domain": list{number(lo), number(hi)}, "nice": false}
	foot := object{"datum": 0}
	if c.LogY {
		scale["type"] = "log"
		foot = object{"datum": number(lo)}
	}
	value := object{"field": "v", "type": "quantitative", "title": c.Value, "scale": scale}
	spec := object{
		"title": title(c.Title), "width": 420, "params": zoom(id), "data": object{"values": rows},
		"mark": object{"type": "bar", "clip": true, "color": hex(palette[0])},
	}
	tooltip := list{object{"field": "name", "title": c.Label}, object{"field": "v", "title": c.Value}}
	if c.horizontal() {
		spec["height"] = object{"step": 16}
		spec["encoding"] = object{"x": value, "x2": foot, "tooltip": tooltip,
			"y": object{"field": "name", "type": "nominal", "title": c.Label, "sort": names,
				"axis": object{"labelLimit": 260}}}
		return spec
	}
	spec["width"], spec["height"] = 560, 240
	spec["transform"] = list{object{"calculate": "datum.i - 0.4", "as": "from"},
		object{"calculate": "datum.i + 0.4", "as": "to"}}
	spec["encoding"] = object{"y": value, "y2": foot, "tooltip": tooltip,
		"x": object{"field": "from", "type": "quantitative", "title": c.Label,
			"scale": object{"nice": false}}, "x2": object{"field": "to"}}
	return spec
}

func (c Hist) vega(id string) object {
	edges, shares := c.bins()
	keys := c.keys()
	var rows, marks list
	for i, share := range shares {
		for k, f := range share {
			if f > 0 {
				rows = append(rows, object{"s": keys[i].name, "from": number(edges[k]), "to": number(edges[k+1]),
					"v": number(f)})
			}
		}
	}
	for i, m := range c.Marks {
		marks = append(marks, object{"s": keys[len(c.Groups)+i].name, "at": number(m.At)})
	}
	color, _ := scales(keys, "square")
	layers := list{object{
		"params": zoom(id), "data": object{"values": rows},
		"mark": object{"type": "bar", "orient": "vertical", "opacity": 0.6, "clip": true, "tooltip": true},
		"encoding": object{
			"x": object{"field": "from", "type": "quantitative", "title": c.X,
				"scale": object{"zero": false, "nice": false}},
			"x2": object{"field": "to"},
			"y":  object{"field": "v", "type": "quantitative", "title": "share of each group", "stack": false},
			"y2": object{"datum": 0}, "color": color,
		},
	}}
	if len(marks) > 0 {
		layers = append(layers, object{
			"data": object{"values": marks},
			"mark": object{"type": "rule", "strokeWidth": 2, "strokeDash": list{5, 3}, "tooltip": true},
			"encoding": object{
				"x": object{"field": "at", "type": "quantitative"}, "color": color,
			},
		})
	}
	return object{"title": title(c.Title), "width": 560, "height": 250, "layer": layers}
}

func (c Panels) vega(id string) object {
	var views list
	for i, chart := range c.Charts {
		view := chart.vega(fmt.Sprintf("%s_%d", id, i))
		if _, ok := view["height"].(int); ok {
			view["width"], view["height"] = 560/c.cols(), 110
		}
		views = append(views, view)
	}
	spec := object{"concat": views, "columns": c.cols()}
	if c.Title != "" {
		spec["title"] = title(c.Title)
	}
	return spec
}
