package chart

import (
	"fmt"
	"image/color"
	"math"

	"golang.org/x/image/font"
	"gonum.org/v1/plot"
	pfont "gonum.org/v1/plot/font"
	ptext "gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// style holds the sizes of the texts and lines of a chart: a single chart or one of several panels.
type style struct {
	title, label, tick vg.Length // font sizes
	line               vg.Length // width
	gap                vg.Length // between the parts
	ticksX, ticksY     int       // approximate numbers
	noKeys             bool      // without a legend, because the panels share one
	foot               vg.Length // height of the names below the plot beyond one line
}

var (
	full  = style{title: 11, label: 9.5, tick: 8.5, line: 1.4, gap: 6, ticksX: 7, ticksY: 5}
	small = style{title: 8.5, label: 8, tick: 7, line: 1, gap: 4, ticksX: 4, ticksY: 3}
)

// palette holds the colors of Okabe and Ito (2008, "Color Universal Design"), which color-blind
// people can distinguish. Their yellow is left out because it is too pale on white.
var palette = []color.NRGBA{
	{0x00, 0x72, 0xb2, 0xff}, {0xd5, 0x5e, 0x00, 0xff}, {0x00, 0x9e, 0x73, 0xff}, {0xcc, 0x79, 0xa7, 0xff},
	{0xe6, 0x9f, 0x00, 0xff}, {0x56, 0xb4, 0xe9, 0xff}, {0x44, 0x44, 0x44, 0xff},
}

var (
	ink   = color.NRGBA{0x22, 0x22, 0x22, 0xff}
	faint = color.NRGBA{0xe4, 0xe4, 0xe4, 0xff}
	axis  = color.NRGBA{0x88, 0x88, 0x88, 0xff}
	mark  = color.NRGBA{0x22, 0x22, 0x22, 0xff}
)

// ramp holds the first and the last color of ordered series: light blue, dark enough to be seen,
// and dark blue.
var ramp = [2]color.NRGBA{{0x9c, 0xc9, 0xe8, 0xff}, {0x08, 0x2f, 0x5b, 0xff}}

// shade returns color i of n between the ends of the ramp.
func shade(i, n int) color.NRGBA {
	f := 1.0
	if n > 1 {
		f = float64(i) / float64(n-1)
	}
	mix := func(a, b uint8) uint8 { return uint8(float64(a) + f*(float64(b)-float64(a)) + 0.5) }
	a, b := ramp[0], ramp[1]
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}
}

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

var dashes = []vg.Length{4, 2.5}

// textStyle returns the style of plain or bold text of a size, left-aligned and on its baseline.
func textStyle(size vg.Length, bold bool) ptext.Style {
	f := pfont.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = font.WeightBold
	}
	return ptext.Style{Color: ink, Font: f, Handler: plot.DefaultTextHandler}
}

// newPlot returns axes in a style, without title and legend, which compose draws.
func newPlot(s style, x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		label, tick := textStyle(s.label, false), textStyle(s.tick, false)
		a.Label.TextStyle.Font, a.Label.TextStyle.Color = label.Font, ink
		a.Tick.Label.Font, a.Tick.Label.Color = tick.Font, ink
		a.LineStyle.Color, a.LineStyle.Width = axis, 0.6
		a.Tick.LineStyle.Color, a.Tick.LineStyle.Width, a.Tick.Length = axis, 0.6, 3
		a.Padding = 2
	}
	p.X.Label.Text, p.Y.Label.Text = x, y
	p.X.Label.Padding, p.Y.Label.Padding = s.gap/2, s.gap/2
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{s.ticksX}, ticks{s.ticksY}
	return p
}

// compose draws the title, the legend and the plot below each other on a white background.
func compose(c draw.Canvas, s style, title string, keys []key, p *plot.Plot) {
	c = inside(c, s)
	if title != "" {
		c = header(c, s, title)
	}
	if !s.noKeys {
		c = legend(c, s, keys)
	}
	// The label of the y axis is drawn here: gonum reserves space for it as on a linear scale,
	// which shifts a logarithmic axis down.
	if label := p.Y.Label.Text; label != "" {
		p.Y.Label.Text = ""
		t := textStyle(s.label, false)
		t.Rotation, t.XAlign = math.Pi/2, draw.XCenter
		foot := s.tick + s.label + 2*s.gap + s.foot // height of the x axis, so that the label is centered on the data
		c.FillText(t, vg.Point{X: c.Min.X + s.label, Y: (c.Min.Y + foot + c.Max.Y) / 2}, label)
		c = draw.Crop(c, s.label+s.gap, 0, 0, 0)
	}
	// The last label of the x axis extends beyond the data.
	p.Draw(draw.Crop(c, 0, -s.tick, 0, 0))
}

// inside paints an opaque background, so that a dark page does not shine through, and returns the
// canvas without a margin.
func inside(c draw.Canvas, s style) draw.Canvas {
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	return draw.Crop(c, s.gap, -s.gap, s.gap, -s.gap)
}

// header draws the title, shortened to fit, and returns the canvas below it.
func header(c draw.Canvas, s style, title string) draw.Canvas {
	t := textStyle(s.title, true)
	for cut := []rune(title); t.Width(title) > c.Size().X && len(cut) > 1; {
		cut = cut[:len(cut)-1]
		title = string(cut) + "…"
	}
	c.FillText(t, vg.Point{X: c.Min.X, Y: c.Max.Y - s.title}, title)
	return draw.Crop(c, 0, 0, 0, -s.title-s.gap)
}
