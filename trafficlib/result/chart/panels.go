package chart

import (
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Panels is several small charts in rows, from left to right. If all have the same legend, it is
// drawn once, above them. If all have the same axis labels, only the left and the bottom charts
// have them.
type Panels struct {
	Title  string
	Cols   int // 0 means 3
	Charts []Chart
}

// Grid returns panels with cols charts in each row.
func Grid(cols int, charts ...Chart) Panels { return Panels{Cols: cols, Charts: charts} }

func (c Panels) cols() int {
	if c.Cols <= 0 {
		return min(3, len(c.Charts))
	}
	return min(c.Cols, len(c.Charts))
}

func (c Panels) rows() int { return (len(c.Charts) + c.cols() - 1) / c.cols() }

func (c Panels) check() error {
	if len(c.Charts) == 0 {
		return fmt.Errorf("%s: no charts", where(c.Title, "panels"))
	}
	for i, chart := range c.Charts {
		if chart == nil {
			return fmt.Errorf("%s: chart %d is nil", where(c.Title, "panels"), i+1)
		}
		if _, ok := chart.(Panels); ok {
			return fmt.Errorf("%s: chart %d is Panels itself", where(c.Title, "panels"), i+1)
		}
		if err := chart.check(); err != nil {
			return err
		}
	}
	return nil
}

func (c Panels) summary() string {
	var b strings.Builder
	if c.Title != "" {
		fmt.Fprintf(&b, "%s\n", c.Title)
	}
	for _, chart := range c.Charts {
		b.WriteString(chart.summary())
	}
	return b.String()
}

// The width of all panels together, and the height of a row.
const (
	panelsWidth = 7.5 * vg.Inch
	panelHeight = 1.75 * vg.Inch
)

func (c Panels) size() (w, h vg.Length) {
	h = vg.Length(c.rows()) * panelHeight
	if c.Title != "" {
		h += full.title + full.gap
	}
	if len(c.sharedKeys()) > 0 {
		h += full.label + full.gap
	}
	return panelsWidth, h + full.gap
}

func (c Panels) keys() []key { return nil }

// sharedKeys returns the legend that all panels have in common, or nil.
func (c Panels) sharedKeys() []key {
	keys := c.Charts[0].keys()
	for _, chart := range c.Charts[1:] {
		if !slices.Equal(keys, chart.keys()) {
			return nil
		}
	}
	return keys
}

// lean returns the charts without the axis labels that other charts show for them.
func (c Panels) lean() []figure {
	all := make([]figure, len(c.Charts))
	first, same := c.Charts[0], true
	for i, chart := range c.Charts {
		all[i] = chart
		a, ok1 := first.(Lines)
		b, ok2 := chart.(Lines)
		same = same && ok1 && ok2 && a.X == b.X && a.Y == b.Y
	}
	if !same {
		return all
	}
	for i := range all {
		line := all[i].(Lines)
		if i%c.cols() != 0 {
			line.Y = ""
		}
		if i+c.cols() < len(all) {
			line.X = ""
		}
		all[i] = line
	}
	return all
}

func (c Panels) draw(dc draw.Canvas, _ style) {
	dc = inside(dc, full)
	if c.Title != "" {
		dc = header(dc, full, c.Title)
	}
	s := small
	if keys := c.sharedKeys(); len(keys) > 0 {
		dc = legend(dc, full, keys)
		s.noKeys = true
	}
	tiles := draw.Tiles{Cols: c.cols(), Rows: c.rows()}
	for i, chart := range c.lean() {
		chart.draw(tiles.At(dc, i%tiles.Cols, i/tiles.Cols), s)
	}
}
