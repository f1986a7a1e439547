package chart

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Heat is a heat map: it shows numbers as colors, in named rows, the first on top, and in columns,
// which form blocks side by side.
type Heat struct {
	Title, X, Y string
	Value       string // what the numbers are, for the color key
	Rows        []string
	Blocks      []Block
	Cols        []string   // names of the columns of a single block; nil shows the names of the blocks instead
	Cells       [][]string // texts in the cells of a single block, [row][column]; nil means none
	Log         bool       // logarithmic colors; a value of 0 has no color, a negative one is an error
	// The limits of the colors; values beyond them have the color of the limit. If both are 0 they
	// come from the data. If they are opposite numbers, the colors go from blue through white to
	// red.
	Range [2]float64
}

// Confusion returns the heat map of a confusion matrix, counts [true class][predicted class]. The
// colors show shares of the row, so that rare classes are as visible as frequent ones.
func Confusion(title string, classes []string, counts [][]int) Heat {
	c := Heat{Title: title, X: "predicted", Y: "true", Value: "share of the row", Rows: classes, Cols: classes,
		Range: [2]float64{0, 1}}
	var b Block
	for _, row := range counts {
		sum := 0
		for _, n := range row {
			sum += n
		}
		var shares []float64
		var texts []string
		for _, n := range row {
			shares, texts = append(shares, float64(n)/float64(max(sum, 1))), append(texts, fmt.Sprint(n))
		}
		b.Values, c.Cells = append(b.Values, shares), append(c.Cells, texts)
	}
	c.Blocks = []Block{b}
	return c
}

func (c Heat) check() error {
	if err := checkBlocks(c.Title, len(c.Rows), c.Blocks); err != nil {
		return err
	}
	if err := finite(c.Title, "", "range", c.Range[:]); err != nil {
		return err
	}
	lo, hi := spanBlocks(c.Blocks)
	switch {
	case c.Log && lo < 0:
		return fmt.Errorf("%s: a value is %v, which a logarithmic scale cannot show", where(c.Title, ""), lo)
	case c.Log && hi < smallest:
		return fmt.Errorf("%s: all values are 0, which a logarithmic scale cannot show", where(c.Title, ""))
	case c.Range != [2]float64{} && (!(c.Range[0] < c.Range[1]) || c.Log && c.Range[0] <= 0):
		return fmt.Errorf("%s: colors from %v to %v", where(c.Title, ""), c.Range[0], c.Range[1])
	case (c.Cols != nil || c.Cells != nil) && len(c.Blocks) != 1:
		return fmt.Errorf("%s: column names and texts need one block, but there are %d", where(c.Title, ""),
			len(c.Blocks))
	case c.Cols != nil && len(c.Cols) != c.Blocks[0].cols():
		return fmt.Errorf("%s: %d column names, %d columns", where(c.Title, ""), len(c.Cols), c.Blocks[0].cols())
	}
	if c.Cells != nil {
		if len(c.Cells) != len(c.Rows) ||
			slices.ContainsFunc(c.Cells, func(row []string) bool { return len(row) != c.Blocks[0].cols() }) {
			return fmt.Errorf("%s: not a text for each cell", where(c.Title, ""))
		}
	}
	return nil
}

// ends returns the limits of the colors.
func (c Heat) ends() (lo, hi float64) {
	if c.Range != [2]float64{} {
		return c.Range[0], c.Range[1]
	}
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, b := range c.Blocks {
		for _, row := range b.Values {
			for _, v := range row {
				if !c.Log || v >= smallest {
					lo, hi = min(lo, v), max(hi, v)
				}
			}
		}
	}
	if flat(lo, hi) {
		hi = lo + max(math.Abs(lo), 1)
	}
	return lo, hi
}

func (c Heat) diverging() bool { return c.Range[0] < 0 && c.Range[0] == -c.Range[1] }

// levels is the number of colors: all cells of a color form one shape of the picture, which keeps
// it small.
const levels = 33

// level returns the index of the color of a value, or -1 if it has none.
func (c Heat) level(v, lo, hi float64) int {
	if c.Log {
		if v < smallest {
			return -1
		}
		v, lo, hi = math.Log(v), math.Log(lo), math.Log(hi)
	}
	return int(math.Round(min(max((v-lo)/(hi-lo), 0), 1) * (levels - 1)))
}

// tint returns color i.
func (c Heat) tint(i int) color.NRGBA {
	stops := []color.NRGBA{{0xff, 0xff, 0xff, 0xff}, ramp[0], {0x2f, 0x7f, 0xbf, 0xff}, ramp[1]}
	if c.Log {
		stops = stops[1:] // without white, so that a single small value is visible
	}
	if c.diverging() {
		stops = []color.NRGBA{ramp[1], palette[0], {0xff, 0xff, 0xff, 0xff}, palette[1], {0x7a, 0x2b, 0x00, 0xff}}
	}
	f := float64(i) / (levels - 1) * float64(len(stops)-1)
	k := min(int(f), len(stops)-2)
	f -= float64(k)
	a, b := stops[k], stops[k+1]
	mix := func(a, b uint8) uint8 { return uint8(float64(a) + f*(float64(b)-float64(a)) + 0.5) }
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}
}

func (c Heat) summary() string {
	lo, hi := spanBlocks(c.Blocks)
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n", c.Title, cmp.Or(c.Value, "values"))
	for _, block := range c.Blocks {
		fmt.Fprintf(&b, "  %s%d rows × %d columns\n", prefix(block.Name), len(c.Rows), block.cols())
	}
	if c.Cells == nil {
		fmt.Fprintf(&b, "  %.4g … %.4g\n", lo, hi)
		return b.String()
	}
	for i, row := range c.Cells {
		fmt.Fprintf(&b, "  %s: %s\n", c.Rows[i], strings.Join(row, " "))
	}
	return b.String()
}

func prefix(name string) string {
	if name == "" {
		return ""
	}
	return name + ": "
}

// rowHeight returns the height of a row. If there are many, rows are low and their names small.
func (c Heat) rowHeight() vg.Length {
	switch n := len(c.Rows); {
	case c.Cells != nil:
		return 17
	case n <= 30:
		return 13
	}
	return 8.5
}

func (c Heat) size() (w, h vg.Length) {
	h = vg.Length(len(c.Rows))*c.rowHeight() + 78
	if c.Cols != nil {
		h += c.colsHeight()
	}
	return 7 * vg.Inch, h
}

// colsHeight returns the height of the names of the columns, which are rotated.
func (c Heat) colsHeight() vg.Length {
	most := vg.Length(0)
	for _, name := range c.Cols {
		most = max(most, textStyle(full.tick, false).Width(shorten(full, name)))
	}
	return most
}

func (c Heat) keys() []key { return nil }

func (c Heat) draw(dc draw.Canvas, s style) {
	lo, hi := c.ends()
	p := newPlot(s, c.X, c.Y)
	at, end := offsets(c.Blocks)
	n := len(c.Rows)
	rings := make([][]plotter.XYer, levels)
	for k, b := range c.Blocks {
		for i, row := range b.Values {
			y := float64(n - i)
			for from := 0; from < len(row); { // adjacent cells of one color form a rectangle
				level, to := c.level(row[from], lo, hi), from+1
				for to < len(row) && c.level(row[to], lo, hi) == level {
					to++
				}
				if level >= 0 {
					x0, x1 := at[k]+float64(from), at[k]+float64(to)
					rings[level] = append(rings[level],
						plotter.XYs{{X: x0, Y: y - 1}, {X: x0, Y: y}, {X: x1, Y: y}, {X: x1, Y: y - 1}})
				}
				from = to
			}
		}
	}
	for level, ring := range rings {
		if len(ring) == 0 {
			continue
		}
		shape, err := plotter.NewPolygon(ring...)
		if err != nil {
			panic("chart: cells passed the check and cannot be drawn: " + err.Error())
		}
		shape.Color, shape.LineStyle.Width = c.tint(level), 0
		p.Add(shape)
	}
	for k, b := range c.Blocks { // a frame, so that white is recognized as a value
		x0, x1 := at[k], at[k]+float64(b.cols())
		p.Add(curve(plotter.XYs{{X: x0, Y: 0}, {X: x1, Y: 0}, {X: x1, Y: float64(n)}, {X: x0, Y: float64(n)},
			{X: x0, Y: 0}}, axis, false, 0.5))
	}
	var names plot.ConstantTicks
	for i, name := range c.Rows {
		names = append(names, plot.Tick{Value: float64(n-i) - 0.5, Label: shorten(s, name)})
	}
	p.Y.Tick.Marker, p.Y.Tick.Length, p.Y.LineStyle.Width = names, 0, 0
	if c.rowHeight() < 10 {
		p.Y.Tick.Label.Font.Size = 6.5
	}
	p.X.Tick.Length, p.X.LineStyle.Width = 0, 0
	width := dc.Size().X * 0.7
	if c.Cols != nil {
		s.foot = c.colsHeight() - s.tick
		var cols plot.ConstantTicks
		for i, name := range c.Cols {
			cols = append(cols, plot.Tick{Value: float64(i) + 0.5, Label: shorten(s, name)})
		}
		p.X.Tick.Marker, p.X.Tick.Label.Rotation = cols, math.Pi/2
		p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XRight, draw.YCenter
	} else {
		p.X.Tick.Marker = blockTicks(s, c.Blocks, width)
	}
	if c.Cells != nil {
		p.Add(c.texts(s, lo, hi))
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, end, 0, float64(n)
	dc = inside(dc, s)
	if c.Title != "" {
		dc = header(dc, s, c.Title)
	}
	compose(c.colorKey(dc, s, lo, hi), s, "", nil, p)
}

// texts draws the texts of the cells, light on dark colors.
func (c Heat) texts(s style, lo, hi float64) plot.Plotter {
	return painter(func(dc draw.Canvas, p *plot.Plot) {
		x, y := p.Transforms(&dc)
		for i, row := range c.Cells {
			for k, text := range row {
				t := textStyle(s.tick, false)
				t.XAlign, t.YAlign = draw.XCenter, draw.YCenter
				t.Color = c.ink(c.level(c.Blocks[0].Values[i][k], lo, hi))
				dc.FillText(t, vg.Point{X: x(float64(k) + 0.5), Y: y(float64(len(c.Rows)-i) - 0.5)}, text)
			}
		}
	})
}

// ink returns the color of a text on a color: white on a dark one, judged by its approximate luma.
func (c Heat) ink(level int) color.NRGBA {
	if level >= 0 {
		if b := c.tint(level); 3*int(b.R)+6*int(b.G)+int(b.B) < 1300 {
			return color.NRGBA{0xff, 0xff, 0xff, 0xff}
		}
	}
	return ink
}

// A painter is a function that implements plot.Plotter.
type painter func(draw.Canvas, *plot.Plot)

func (f painter) Plot(c draw.Canvas, p *plot.Plot) { f(c, p) }

// colorKey draws the color key below the title, and returns the canvas below it.
func (c Heat) colorKey(dc draw.Canvas, s style, lo, hi float64) draw.Canvas {
	t := textStyle(s.label, false)
	x, y := dc.Min.X, dc.Max.Y-s.label
	write := func(text string) {
		dc.FillText(t, vg.Point{X: x, Y: y}, text)
		x += t.Width(text) + s.gap
	}
	if c.Value != "" {
		write(c.Value)
	}
	short := func(v float64) string { return fmt.Sprintf("%.4g", v) }
	write(short(lo))
	const width = 3.2
	for i := range levels {
		dc.SetColor(c.tint(i))
		dc.Fill(vg.Rectangle{Min: vg.Point{X: x, Y: y - 1},
			Max: vg.Point{X: x + width + 0.2, Y: y + s.label - 2}}.Path())
		x += width
	}
	x += s.gap
	write(short(hi))
	if c.Log {
		write("(logarithmic)")
	}
	return draw.Crop(dc, 0, 0, 0, y-s.gap-dc.Max.Y)
}

// Varying returns the chart without the rows that are constant.
func (c Heat) Varying() Heat {
	v := c
	v.Rows, v.Blocks, v.Cells = nil, nil, nil
	for _, b := range c.Blocks {
		v.Blocks = append(v.Blocks, Block{Name: b.Name})
	}
	for i := range c.Rows {
		var all [][]float64
		for _, b := range c.Blocks {
			all = append(all, b.Values[i])
		}
		if lo, hi := span(all...); lo == hi {
			continue
		}
		v.Rows = append(v.Rows, c.Rows[i])
		for k, b := range c.Blocks {
			v.Blocks[k].Values = append(v.Blocks[k].Values, b.Values[i])
		}
		if c.Cells != nil {
			v.Cells = append(v.Cells, c.Cells[i])
		}
	}
	return v
}
