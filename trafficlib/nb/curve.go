package nb

import (
	"encoding/base64"
	"fmt"
	"html"
	"math"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// The size of the picture below a bar, in pixels: small, since it is sent several times a second.
const (
	curveWidth, curveHeight = 420, 110
	curveEdge               = 6
	mostPoints              = 200
)

// curveColors are those of package chart: blue and vermilion can be distinguished by everybody.
var curveColors = []string{"#0072b2", "#d55e00", "#009e73"}

// curvePicture draws how figures went so far, on a logarithmic scale if all are positive, as a
// self-contained image in HTML: a notebook that is not trusted would lose an svg element. It
// returns "" as long as no curve has two points.
func curvePicture(curves []progress.Curve) string {
	box := limits(curves)
	if !(box.x1 > box.x0) {
		return ""
	}
	var svg strings.Builder
	fmt.Fprintf(&svg,
		`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="11">`,
		curveWidth, curveHeight)
	fmt.Fprintf(&svg, `<rect width="%d" height="%d" fill="#fff"/>`, curveWidth, curveHeight)
	at := float64(curveEdge)
	for i, c := range curves {
		colour := curveColors[i%len(curveColors)]
		if points := box.points(c); points != "" {
			fmt.Fprintf(&svg, `<polyline fill="none" stroke="%s" stroke-width="1.5" points="%s"/>`, colour, points)
		}
		if n := len(c.Y); n > 0 {
			label := fmt.Sprintf("%s %.5g", c.Name, c.Y[n-1])
			fmt.Fprintf(&svg, `<text x="%.0f" y="12" fill="%s">%s</text>`, at, colour, html.EscapeString(label))
			at += 7*float64(len(label)) + 12
		}
	}
	svg.WriteString(`</svg>`)
	return fmt.Sprintf(`<img alt="curves so far" width="%d" height="%d" src="data:image/svg+xml;base64,%s"/>`,
		curveWidth, curveHeight, base64.StdEncoding.EncodeToString([]byte(svg.String())))
}

// box is what the curves lie in.
type box struct {
	x0, x1, y0, y1 float64
	scale          func(y float64) float64
}

func limits(curves []progress.Curve) box {
	b := box{math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1), math.Log}
	for _, c := range curves {
		for _, y := range c.Y {
			if !(y > 0) {
				b.scale = func(y float64) float64 { return y }
			}
		}
	}
	for _, c := range curves {
		for i, y := range c.Y {
			if y = b.scale(y); math.IsNaN(y) || math.IsInf(y, 0) {
				continue
			}
			b.x0, b.x1 = min(b.x0, c.X[i]), max(b.x1, c.X[i])
			b.y0, b.y1 = min(b.y0, y), max(b.y1, y)
		}
	}
	return b
}

// points returns a curve as the points of an SVG polyline, thinned to what is visible.
func (b box) points(c progress.Curve) string {
	var s strings.Builder
	every := len(c.X)/mostPoints + 1
	for i, x := range c.X {
		if y := b.scale(c.Y[i]); (i%every == 0 || i == len(c.X)-1) && !math.IsNaN(y) && !math.IsInf(y, 0) {
			share := 0.5
			if b.y1 > b.y0 {
				share = (b.y1 - y) / (b.y1 - b.y0)
			}
			px := curveEdge + (x-b.x0)/(b.x1-b.x0)*(curveWidth-2*curveEdge)
			py := 20 + share*(curveHeight-20-curveEdge)
			fmt.Fprintf(&s, "%.1f,%.1f ", px, py)
		}
	}
	return strings.TrimSpace(s.String())
}
