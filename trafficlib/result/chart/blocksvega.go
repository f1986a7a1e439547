package chart

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// blockAxis returns the Vega-Lite x axis of a chart with blocks: a common axis of numbers for all
// columns, labeled with the names of the blocks at their centers.
func blockAxis(title string, blocks []Block) object {
	at, end := offsets(blocks)
	var values list
	names := "''"
	for i, b := range blocks {
		if b.Name == "" {
			continue
		}
		middle := number(at[i] + float64(b.cols())/2)
		values = append(values, middle)
		names = "abs(datum.value - " + middle.String() + ") < 0.01 ? " + quoted(b.Name) + " : " + names
	}
	axis := object{"grid": false, "ticks": false, "values": values, "labelExpr": names, "labelOverlap": true}
	if values == nil {
		axis["values"] = list{}
	}
	return object{"field": "x", "type": "quantitative", "title": title, "axis": axis,
		"scale": object{"domain": list{0, number(end)}, "nice": false}}
}

func (c Stack) vega(id string) object {
	at, _ := offsets(c.Blocks)
	keys := c.keys()
	rows := list{} // not nil, even if it stays empty
	for k, b := range c.Blocks {
		for x := range b.cols() {
			foot := 0.0
			for i := range c.Names {
				if v := b.Values[i][x]; v > 0 {
					from := at[k] + float64(x)
					rows = append(rows, object{"s": keys[i].name, "v": number(v), "x": number(from), "y": number(foot)})
					foot += v
				}
			}
		}
	}
	color, _ := scales(keys, "square")
	return object{
		"title": title(c.Title), "width": 640, "height": 260, "params": zoom(id), "data": object{"values": rows},
		"mark": object{"type": "rect", "clip": true},
		"encoding": object{
			"x": blockAxis(c.X, c.Blocks), "x2": object{"field": "x2"},
			"y": object{"field": "y", "type": "quantitative", "title": c.Y,
				"scale": object{"domain": list{0, number(c.high())}, "nice": false}},
			"y2":      object{"field": "y2"},
			"color":   color,
			"tooltip": list{object{"field": "s", "title": "kind"}, object{"field": "v", "title": c.Y}},
		},
		"transform": list{object{"calculate": "datum.x + 1", "as": "x2"},
			object{"calculate": "datum.y + datum.v", "as": "y2"}},
	}
}

func (c Heat) vega(id string) object {
	at, _ := offsets(c.Blocks)
	lo, hi := c.ends()
	n := len(c.Rows)
	var rows, tints list
	texts := map[string]list{} // by their colors
	for k, b := range c.Blocks {
		for i, row := range b.Values {
			for x, v := range row {
				level := c.level(v, lo, hi)
				if level < 0 {
					continue
				}
				from := at[k] + float64(x)
				rows = append(rows, object{"v": number(v), "x": number(from), "y": n - i - 1})
				if c.Cells != nil {
					ink := hex(c.ink(level))
					texts[ink] = append(texts[ink],
						object{"t": c.Cells[i][x], "x": number(from + 0.5), "y": number(float64(n-i) - 0.5)})
				}
			}
		}
	}
	for i := range levels {
		tints = append(tints, hex(c.tint(i)))
	}
	across := blockAxis(c.X, c.Blocks)
	if c.Cols != nil {
		across["axis"] = nameAxis(c.Cols, func(i int) float64 { return float64(i) + 0.5 }, "datum.value - 0.5")
		across["axis"].(object)["labelAngle"] = -90
	}
	// Vega looks up the names of a cell by its position, which keeps the data small.
	derived := list{object{"calculate": "datum.x + 1", "as": "x2"}, object{"calculate": "datum.y + 1", "as": "y2"},
		object{"calculate": fmt.Sprintf("%s[%d - datum.y]", quotedList(c.Rows), n-1), "as": "row"}}
	tooltip := list{object{"field": "row"}, object{"field": "v", "title": c.Value}}
	if c.Cols != nil {
		derived = append(derived, object{"calculate": quotedList(c.Cols) + "[datum.x]", "as": "column"})
		tooltip = append(tooltip, object{"field": "column"})
	}
	scale := object{"domain": list{number(lo), number(hi)}, "range": tints, "clamp": true}
	if c.Log {
		scale["type"] = "log"
	}
	layers := list{object{
		"params": zoom(id), "data": object{"values": rows}, "mark": object{"type": "rect", "clip": true},
		"encoding": object{
			"x": across, "x2": object{"field": "x2"}, "y2": object{"field": "y2"},
			"y": object{"field": "y", "type": "quantitative", "title": c.Y,
				"scale": object{"domain": list{0, n}, "nice": false},
				"axis": nameAxis(c.Rows, func(i int) float64 { return float64(n-i) - 0.5 },
					fmt.Sprintf("%d.5 - datum.value", n-1))},
			"color": object{"field": "v", "type": "quantitative", "title": c.Value, "scale": scale,
				"legend": object{"orient": "top"}},
			"tooltip": tooltip,
		},
		"transform": derived,
	}}
	for _, ink := range slices.Sorted(maps.Keys(texts)) {
		layers = append(layers, object{"data": object{"values": texts[ink]},
			"mark": object{"type": "text", "clip": true, "fontSize": 10, "color": ink},
			"encoding": object{"x": object{"field": "x", "type": "quantitative"},
				"y": object{"field": "y", "type": "quantitative"}, "text": object{"field": "t", "type": "nominal"}}})
	}
	return object{"title": title(c.Title), "width": 560, "height": max(n*int(c.rowHeight())*5/4, 120), "layer": layers}
}

// nameAxis returns an axis with names at the positions at(i), which are half-integers. number is a
// Vega expression for the index of the name at a position.
func nameAxis(names []string, at func(i int) float64, number string) object {
	values := list{}
	for i := range names {
		values = append(values, at(i))
	}
	return object{"grid": false, "ticks": false, "domain": false, "values": values, "labelLimit": 200,
		"labelFontSize": 9,
		"labelExpr":     quotedList(names) + "[round(" + number + ")]"}
}

// quoted returns a string literal of a Vega expression.
func quoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", " ").Replace(s) + "'"
}

func quotedList(names []string) string {
	var all []string
	for _, name := range names {
		all = append(all, quoted(name))
	}
	return "[" + strings.Join(all, ", ") + "]"
}
