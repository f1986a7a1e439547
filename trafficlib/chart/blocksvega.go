package chart

import (
	"maps"
	"slices"
	"strings"
)

// The Vega-Lite forms of the charts of blocks. Their columns stand on a common axis of numbers, which has the names of
// the blocks at their middles.

// blockAxis is that axis.
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
	return object{"field": "x", "type": "quantitative", "title": title, "axis": axis, "scale": object{"domain": list{0, number(end)}, "nice": false}}
}

func (c Stack) vega(id string) object {
	at, _ := offsets(c.Blocks)
	keys := c.keys()
	rows := list{} // there may be none
	for k, b := range c.Blocks {
		for x := range b.cols() {
			foot := 0.0
			for i := range c.Names {
				if v := b.Values[i][x]; v > 0 {
					from := at[k] + float64(x)
					rows = append(rows, object{"s": keys[i].name, "b": b.Name, "n": x, "v": number(v), "x": number(from), "x2": number(from + 1), "y": number(foot), "y2": number(foot + v)})
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
			"y":     object{"field": "y", "type": "quantitative", "title": c.Y, "scale": object{"domain": list{0, number(c.high())}, "nice": false}},
			"y2":    object{"field": "y2"},
			"color": color,
			"tooltip": list{object{"field": "s", "title": "kind"}, object{"field": "b", "title": "in"}, object{"field": "n", "title": "column"},
				object{"field": "v", "title": c.Y}},
		},
	}
}

func (c Heat) vega(id string) object {
	at, _ := offsets(c.Blocks)
	lo, hi := c.ends()
	n := len(c.Rows)
	var rows, tints list
	texts := map[string]list{} // by their colours
	for k, b := range c.Blocks {
		for i, row := range b.Values {
			for x, v := range row {
				level := c.level(v, lo, hi)
				if level < 0 {
					continue
				}
				from, in := at[k]+float64(x), b.Name
				if c.Cols != nil {
					in = c.Cols[x]
				}
				rows = append(rows, object{"r": c.Rows[i], "b": in, "n": x, "v": number(v), "x": number(from), "x2": number(from + 1), "y": n - i - 1, "y2": n - i})
				if c.Cells != nil {
					ink := hex(c.ink(level))
					texts[ink] = append(texts[ink], object{"t": c.Cells[i][x], "x": number(from + 0.5), "y": number(float64(n-i) - 0.5)})
				}
			}
		}
	}
	for i := range levels {
		tints = append(tints, hex(c.tint(i)))
	}
	across := blockAxis(c.X, c.Blocks)
	if c.Cols != nil {
		across["axis"] = nameAxis(c.Cols, func(i int) float64 { return float64(i) + 0.5 })
		across["axis"].(object)["labelAngle"] = -90
	}
	scale := object{"domain": list{number(lo), number(hi)}, "range": tints, "clamp": true}
	if c.Log {
		scale["type"] = "log"
	}
	layers := list{object{
		"params": zoom(id), "data": object{"values": rows}, "mark": object{"type": "rect", "clip": true},
		"encoding": object{
			"x": across, "x2": object{"field": "x2"}, "y2": object{"field": "y2"},
			"y": object{"field": "y", "type": "quantitative", "title": c.Y, "scale": object{"domain": list{0, n}, "nice": false},
				"axis": nameAxis(c.Rows, func(i int) float64 { return float64(n-i) - 0.5 })},
			"color": object{"field": "v", "type": "quantitative", "title": c.Value, "scale": scale, "legend": object{"orient": "top"}},
			"tooltip": list{object{"field": "r", "title": "row"}, object{"field": "b", "title": "in"}, object{"field": "n", "title": "column"},
				object{"field": "v", "title": c.Value}},
		},
	}}
	for _, ink := range slices.Sorted(maps.Keys(texts)) {
		layers = append(layers, object{"data": object{"values": texts[ink]}, "mark": object{"type": "text", "clip": true, "fontSize": 10, "color": ink},
			"encoding": object{"x": object{"field": "x", "type": "quantitative"}, "y": object{"field": "y", "type": "quantitative"}, "text": object{"field": "t", "type": "nominal"}}})
	}
	return object{"title": title(c.Title), "width": 560, "height": max(n*int(c.rowHeight())*5/4, 120), "layer": layers}
}

// nameAxis has names at places that are half numbers.
func nameAxis(names []string, at func(i int) float64) object {
	var values list
	text := "''"
	for i, name := range names {
		values = append(values, number(at(i)))
		text = "abs(datum.value - " + number(at(i)).String() + ") < 0.01 ? " + quoted(name) + " : " + text
	}
	return object{"grid": false, "ticks": false, "domain": false, "values": values, "labelExpr": text, "labelLimit": 200, "labelFontSize": 9}
}

// quoted gives a name as Vega's expressions write a text.
func quoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", " ").Replace(s) + "'"
}
