// Package chart draws the charts of a notebook: curves, bars, histograms, ROC and precision-recall
// curves, heat maps, stacked counts, and panels of several charts.
//
// It takes plain numbers with names, and returns each chart in three forms: an SVG (or PNG)
// picture, which shows anywhere and is byte for byte the same each time; a Vega-Lite specification
// with its data, which JupyterLab draws with zoom and tooltips, without a network; and a few lines
// of plain text. A [Picture] is a chart that JupyterLab shows as a picture too. The package refuses
// data that would yield an empty or misleading picture: no data, NaN or infinite values, lengths
// that do not match, the logarithm of 0. It does not depend on models or notebooks.
package chart

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
)

// A Chart is a [Lines], [Bars], [Hist], [Heat], [Stack] or [Panels]. Each method first checks the
// data. The error is one line that names the chart and the series.
type Chart interface {
	// MIME returns the chart as image/svg+xml, application/vnd.vegalite.v5+json and text/plain.
	MIME() (map[string]any, error)
	// SVG returns the picture as SVG.
	SVG() ([]byte, error)
	// PNG returns the picture as PNG with so many dots per inch; 0 means 144. A single chart is 6
	// inches wide.
	PNG(dpi int) ([]byte, error)
	// VegaLite returns the specification, with its data, as a value for encoding/json.
	VegaLite() (map[string]any, error)
	// Save writes the form that the extension of path names: .svg, .png or .vl.json.
	Save(path string) error
	// String returns the plain text: the title, and a line for each series.
	String() string

	figure
}

// figure holds the methods in which the kinds of charts differ.
type figure interface {
	check() error
	summary() string
	size() (w, h vg.Length)
	draw(c draw.Canvas, s style) // after check
	vega(id string) map[string]any
	keys() []key
}

func mime(f figure) (map[string]any, error) {
	picture, err := svg(f)
	if err != nil {
		return nil, err
	}
	spec, err := vegaLite(f)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"image/svg+xml":                    string(picture),
		"application/vnd.vegalite.v5+json": spec,
		"text/plain":                       f.summary(),
	}, nil
}

func svg(f figure) ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	c := vgsvg.New(f.size())
	f.draw(draw.New(c), full)
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, err
	}
	return tidy(b.Bytes()), nil
}

func png(f figure, dpi int) ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	if dpi <= 0 {
		dpi = 144
	}
	w, h := f.size()
	c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dpi))}
	f.draw(draw.New(c), full)
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func save(f figure, path string) error {
	var content []byte
	var err error
	switch {
	case strings.HasSuffix(path, ".vl.json"):
		var spec map[string]any
		if spec, err = vegaLite(f); err == nil {
			content, err = json.Marshal(spec)
		}
	case filepath.Ext(path) == ".svg":
		content, err = svg(f)
	case filepath.Ext(path) == ".png":
		content, err = png(f, 0)
	default:
		err = fmt.Errorf("chart: save %s: the name must end in .svg, .png or .vl.json", path)
	}
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error { _, err := w.Write(content); return err })
}

// text returns the summary, or the error of the check.
func text(f figure) string {
	if err := f.check(); err != nil {
		return err.Error()
	}
	return f.summary()
}
