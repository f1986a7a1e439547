package chart

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	imagepng "image/png"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot"
)

func TestErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	one := []float64{1}
	for _, c := range []struct {
		chart Chart
		want  string
	}{
		{Lines{Title: "loss"}, `chart: "loss": no series`},
		{Lines{Title: "loss", Series: []Series{{Name: "train"}}}, `chart: "loss": "train": no y values`},
		{Lines{Title: "loss", Series: []Series{{Name: "train", Y: []float64{1, nan}}}},
			`chart: "loss": "train": y value 2 of 2 is NaN`},
		{Lines{Title: "loss", Series: []Series{{Name: "train", Y: one}, {Name: "valid", X: []float64{inf}, Y: one}}},
			`chart: "loss": "valid": x value 1 of 1 is +Inf`},
		{Lines{Title: "loss", Series: []Series{{Name: "train", X: []float64{1, 2, 3}, Y: one}}},
			`chart: "loss": "train": 3 x values, 1 y values`},
		{Lines{Title: "loss", LogY: true, Series: []Series{{Name: "train", Y: []float64{1, 0}}}},
			`chart: "loss": "train": y value 2 of 2 is 0, which a logarithmic axis cannot show`},
		{Lines{Title: "loss", XRange: [2]float64{2, 1}, Series: []Series{{Y: one}}},
			`chart: "loss": an axis from 2 to 1`},
		{Lines{Title: "loss", LogY: true, YRange: [2]float64{0, 1}, Series: []Series{{Y: one}}},
			`chart: "loss": a logarithmic axis from 0`},
		{Lines{Title: "loss", YStep: -1, Series: []Series{{Y: one}}}, `chart: "loss": ticks -1 apart`},
		{ROC("LSTM", []float64{0, 1}, []float64{0, nan}, nan), `chart: "ROC": "LSTM, AUC NaN": y value 2 of 2 is NaN`},
		{Bars{Title: "mse", Names: []string{"a"}}, `chart: "mse": 1 names, 0 values`},
		{Bars{Title: "mse"}, `chart: "mse": no bar values`},
		{Bars{Title: "mse", Names: []string{"a"}, Values: []float64{-inf}}, `chart: "mse": bar value 1 of 1 is -Inf`},
		{Bars{Title: "mse", LogY: true, Names: []string{"a"}, Values: []float64{-1}},
			`chart: "mse": "a": the value is -1, which a logarithmic axis cannot show`},
		{Bars{Title: "mse", LogY: true, Names: []string{"a"}, Values: []float64{0}},
			`chart: "mse": all values are 0, which a logarithmic axis cannot show`},
		{Hist{Title: "scores"}, `chart: "scores": no groups`},
		{Hist{Title: "scores", Groups: []Group{{"attack", nil}}}, `chart: "scores": "attack": no group values`},
		{Hist{Title: "scores", Groups: []Group{{"attack", one}}, Marks: []Mark{{"threshold", nan}}},
			`chart: "scores": "threshold": mark value 1 of 1 is NaN`},
		{Hist{Title: "scores", Groups: []Group{{"attack", one}}, Bins: -1}, `chart: "scores": -1 bins`},
		{Stack{Title: "days"}, `chart: "days": 0 blocks of 0 rows`},
		{Stack{Title: "days", Names: []string{"a"}, Blocks: []Block{{"Feb 14", nil}}},
			`chart: "days": "Feb 14": 0 rows, 1 names`},
		{Stack{Title: "days", Names: []string{"a"}, Blocks: []Block{{"", [][]float64{{1, -1}}}}},
			`chart: "days": a value is -1, which cannot be stacked`},
		{Heat{Title: "h", Rows: []string{"a", "b"}, Blocks: []Block{{"x", [][]float64{{1, 2}, {3}}}}},
			`chart: "h": "x": row 2 has 1 columns, the first 2`},
		{Heat{Title: "h", Rows: []string{"a"}, Blocks: []Block{{"x", [][]float64{{1, nan}}}}},
			`chart: "h": "x": row value 2 of 2 is NaN`},
		{Heat{Title: "h", Rows: []string{"a"}, Blocks: []Block{{"x", [][]float64{{}}}}},
			`chart: "h": "x": no row values`},
		{Heat{Title: "h", Log: true, Rows: []string{"a"}, Blocks: []Block{{"x", [][]float64{{0, 0}}}}},
			`chart: "h": all values are 0, which a logarithmic scale cannot show`},
		{Heat{Title: "h", Log: true, Rows: []string{"a"}, Blocks: []Block{{"x", [][]float64{{0, -2}}}}},
			`chart: "h": a value is -2, which a logarithmic scale cannot show`},
		{Heat{Title: "h", Range: [2]float64{1, 1}, Rows: []string{"a"}, Blocks: []Block{{"x", [][]float64{{0, -2}}}}},
			`chart: "h": colors from 1 to 1`},
		{Confusion("c", []string{"a"}, [][]int{{1, 2}}), `chart: "c": 1 column names, 2 columns`},
		{Confusion("c", []string{"a", "b"}, [][]int{{1, 2}}), `chart: "c": 1 rows, 2 names`},
		{Grid(2), `chart: "": "panels": no charts`},
		{Grid(2, nil), `chart: "": "panels": chart 1 is nil`},
		{Grid(2, Grid(1)), `chart: "": "panels": chart 1 is Panels itself`},
		{Grid(2, Lines{Title: "a", Series: []Series{{Y: one}}}, Hist{Title: "b"}), `chart: "b": no groups`},
	} {
		_, err1 := c.chart.MIME()
		_, err2 := c.chart.SVG()
		_, err3 := c.chart.PNG(0)
		_, err4 := c.chart.VegaLite()
		err5 := c.chart.Save(filepath.Join(t.TempDir(), "x.svg"))
		for i, err := range []error{err1, err2, err3, err4, err5, errors.New(c.chart.String())} {
			if err == nil || err.Error() != c.want {
				t.Errorf("%d: got %v, want %s", i, err, c.want)
			}
		}
	}
}

// TestOddNumbers draws unusual but valid data: drawing must neither fail nor take forever.
func TestOddNumbers(t *testing.T) {
	for i, y := range [][]float64{{0}, {0, 0}, {-1e200, 1e200}, {1e17, 1e17 + 16}, {5e-324, 0}, {1e-199, 1e200},
		{-3, -3.0000000001}, {1e-5, 1.1e-5}} {
		names := make([]string, len(y))
		block := []Block{{"", [][]float64{y}}}
		charts := []Chart{Heat{Rows: names[:1], Blocks: block}, Lines{Series: []Series{{Y: y}}},
			Bars{Names: names, Values: y}, Hist{Groups: []Group{{"", y}}, Marks: []Mark{{"", 0}}}}
		if y[0] >= 0 && y[len(y)-1] >= 0 {
			charts = append(charts, Stack{Names: names[:1], Blocks: block})
		}
		if y[0] >= 2*smallest {
			charts = append(charts, Heat{Rows: names[:1], Blocks: block, Log: true})
			charts = append(charts, Lines{LogY: true, Series: []Series{{Y: y}}},
				Bars{LogY: true, Names: names, Values: y})
		}
		for _, c := range append(charts, Grid(2, charts...)) {
			if _, err := c.PNG(20); err != nil {
				t.Errorf("numbers %d, %T: %v", i, c, err)
			}
			if _, err := c.MIME(); err != nil {
				t.Errorf("numbers %d, %T: %v", i, c, err)
			}
		}
	}
}

func TestBundle(t *testing.T) {
	for name, chart := range samples() {
		bundle, err := chart.MIME()
		if err != nil {
			t.Fatal(err)
		}
		if text := bundle["text/plain"]; text != chart.String() || text == "" {
			t.Errorf("%s: text/plain is %q", name, text)
		}
		picture := bundle["image/svg+xml"].(string)
		if !strings.HasPrefix(picture, "<svg ") || !strings.Contains(picture, "fill:#FFFFFF") {
			t.Errorf("%s: the picture begins %.200s", name, picture)
		}
		spec := bundle["application/vnd.vegalite.v5+json"].(map[string]any)
		if spec["$schema"] != "https://vega.github.io/schema/vega-lite/v5.json" || spec["background"] != "white" {
			t.Errorf("%s: the specification has %v, %v", name, spec["$schema"], spec["background"])
		}
		text, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("null")) || bytes.Contains(text, []byte(`"url"`)) {
			t.Errorf("%s: the specification holds a null or an address to load", name)
		}
		views, params := 1, strings.Count(string(text), `"bind":"scales"`)
		if p, ok := chart.(Panels); ok {
			views = len(p.Charts)
		}
		if params != views {
			t.Errorf("%s: %d of %d views can be zoomed", name, params, views)
		}
		for i := range views {
			if id := fmt.Sprintf(`"name":"grid0_%d"`, i); views > 1 && strings.Count(string(text), id) != 1 {
				t.Errorf("%s: parameter %s is not unique", name, id)
			}
		}
	}
}

// TestNamesAreEscaped checks that names are escaped, whatever they contain.
func TestNamesAreEscaped(t *testing.T) {
	odd := `<script>"&'`
	for _, c := range []Chart{
		Lines{Title: odd, X: odd, Y: odd, Series: []Series{{Name: odd, Y: []float64{1, 2}}}},
		Bars{Title: odd, Names: []string{odd}, Values: []float64{1}},
		Hist{Title: odd, Groups: []Group{{odd, []float64{1}}}},
		Heat{Title: odd, Rows: []string{odd}, Blocks: []Block{{odd, [][]float64{{1}}}}},
		Stack{Title: odd, Names: []string{odd}, Blocks: []Block{{odd, [][]float64{{1}}}}},
	} {
		picture, err := c.SVG()
		if err != nil {
			t.Fatal(err)
		}
		d, found := xml.NewDecoder(bytes.NewReader(picture)), 0
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%T: %v", c, err)
			}
			if text, ok := token.(xml.CharData); ok && strings.Contains(string(text), odd) {
				found++
			}
		}
		if found < 2 {
			t.Errorf("%T: the odd name stands in the picture %d times", c, found)
		}
	}
}

func TestSave(t *testing.T) {
	c, dir := samples()["few"], t.TempDir()
	for name, begin := range map[string]string{"a.svg": "<svg ", "a.png": "\x89PNG", "a.vl.json": `{"$schema"`} {
		path := filepath.Join(dir, "new", name)
		if err := c.Save(path); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.HasPrefix(got, []byte(begin)) {
			t.Errorf("%s begins %.10q (%v)", name, got, err)
		}
	}
	if err := c.Save("a.pdf"); err == nil || !strings.Contains(err.Error(), ".vl.json") {
		t.Errorf("saved as pdf: %v", err)
	}
}

func TestPNG(t *testing.T) {
	picture, err := samples()["few"].PNG(50)
	if err != nil {
		t.Fatal(err)
	}
	m, err := imagepng.Decode(bytes.NewReader(picture))
	if err != nil || m.Bounds().Dx() != 300 {
		t.Errorf("%v wide, want 300 dots for 6 inches at 50 (%v)", m.Bounds().Dx(), err)
	}
}

func TestThin(t *testing.T) {
	x, y := make([]float64, 50_001), make([]float64, 50_001)
	for i := range x {
		x[i] = float64(i)
	}
	y[777], y[49_123] = 9, -9
	tx, ty := thin(x, y)
	if len(tx) > maxPoints || len(tx) != len(ty) || !slices.IsSorted(tx) {
		t.Errorf("%d points of x, %d of y", len(tx), len(ty))
	}
	if !slices.Contains(ty, 9) || !slices.Contains(ty, -9) || tx[0] != 0 || tx[len(tx)-1] != 50_000 {
		t.Error("a peak or an end is lost")
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		ticker plot.Ticker
		lo, hi float64
		want   string
	}{
		{ticks{5}, 0, 1, "0 0.2 0.4 0.6 0.8 1.0"},
		{ticks{5}, -0.03, 0.31, "0 0.1 0.2 0.3"},
		{ticks{5}, 0, 65535, "0 20000 40000 60000"},
		{ticks{5}, 0, 9e6, "0 2M 4M 6M 8M"},
		{ticks{5}, 1e-6, 3e-6, "1e-06 1.5e-06 2e-06 2.5e-06 3e-06"},
		{wholeTicks{7}, 1, 3, "1 2 3"},
		{wholeTicks{7}, 1, 40, "10 20 30 40"},
		{stepTicks{0.1, 5}, 0, 0.5, "0.0 0.1 0.2 0.3 0.4 0.5"},
		{stepTicks{0.1, 5}, 0, 1, "0.0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0"},
		{stepTicks{0.1, 5}, 0.2, 3, "0.5 1.0 1.5 2.0 2.5 3.0"},
		{stepTicks{0.25, 5}, 0.25, 1, "0.25 0.50 0.75 1.00"},
		{logTicks{5}, 1e-7, 1, "1e-6 1e-4 0.01 1"},
		{logTicks{5}, 0.02, 0.8, "0.02 0.05 0.1 0.2 0.5"},
		{logTicks{5}, 0.0011, 0.0042, "0.002 0.003 0.004"},
	} {
		var labels []string
		for _, tick := range c.ticker.Ticks(c.lo, c.hi) {
			if tick.Label != "" {
				labels = append(labels, tick.Label)
			}
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%#v from %v to %v: %s, want %s", c.ticker, c.lo, c.hi, got, c.want)
		}
	}
}

func TestHistSharesAddUpToOne(t *testing.T) {
	h := Hist{Bins: 4, Groups: []Group{{"a", []float64{0, 1, 2, 3, 4}}, {"b", []float64{4, 4}}}}
	edges, shares := h.bins()
	if fmt.Sprint(edges) != "[0 1 2 3 4]" || fmt.Sprint(shares) != "[[0.2 0.2 0.2 0.4] [0 0 0 1]]" {
		t.Errorf("edges %v, shares %v", edges, shares)
	}
}

// TestPicture checks that a Picture has no Vega-Lite form.
func TestPicture(t *testing.T) {
	c := Lines{Title: "a < b", X: "epoch", Y: "loss", Series: []Series{{Name: "train", Y: []float64{3, 2, 1}}}}
	bundle, err := Picture{c}.MIME()
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(bundle)); !slices.Equal(got,
		[]string{"image/png", "image/svg+xml", "text/plain"}) {
		t.Errorf("it has %v", got)
	}
	picture := bundle["image/svg+xml"].(string)
	title := textStyle(full.title, true).Width("a < b").Points()
	if want := fmt.Sprintf(`textLength="%.4g"`, title); !strings.Contains(picture, want) {
		t.Errorf("the title lacks %s: %s", want, picture)
	}
	if n := strings.Count(picture, "<text"); n == 0 || strings.Count(picture, "textLength=") != n {
		t.Errorf("%d texts, and not as many widths", n)
	}
	if _, err := (Picture{Lines{Title: "empty"}}).MIME(); err == nil {
		t.Error("of no data: no error")
	}
}

func TestBeside(t *testing.T) {
	a, b := ROC("a", []float64{0, 1}, []float64{0, 1}, 0.5), ROC("b", []float64{0, 0, 1}, []float64{0, 1, 1}, 1)
	both := Overlay(a, b)
	if len(both.Series) != 3 || both.Series[1].Name != "b, AUC 1.000" || both.Series[2].Name != "guessing" ||
		len(a.Series) != 2 {
		t.Errorf("got %+v", both.Series)
	}
	if _, err := both.SVG(); err != nil {
		t.Error(err)
	}
}

// TestPlacesRefused checks that invalid bands and verticals are refused.
func TestPlacesRefused(t *testing.T) {
	lines := Lines{Title: "t", Series: []Series{{Name: "a", Y: []float64{1, 2}}}}
	back, nan := lines, lines
	back.Shaded = Bands{"labeled", [][2]float64{{3, 3}}}
	nan.Marked = Verticals{"found", []float64{1, math.NaN()}}
	for want, c := range map[string]Lines{"shaded from 3 to 3": back, "mark value 2 of 2 is NaN": nan} {
		if _, err := c.SVG(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestVarying(t *testing.T) {
	h := Heat{Rows: []string{"a", "b", "c"},
		Blocks: []Block{{"x", [][]float64{{1, 1}, {1, 2}, {3, 3}}}, {"y", [][]float64{{1}, {2}, {4}}}}}.Varying()
	if fmt.Sprint(h.Rows, h.Blocks) != "[b c] [{x [[1 2] [3 3]]} {y [[2] [4]]}]" {
		t.Errorf("%v %v", h.Rows, h.Blocks)
	}
}

func TestCorners(t *testing.T) {
	x, y := corners([]float64{0, 0, 0, 0.2, 0.5, 1, 1}, []float64{0, 0.1, 0.6, 0.6, 0.6, 0.8, 1})
	if fmt.Sprint(x, y) != "[0 0 0.5 1 1] [0 0.6 0.6 0.8 1]" {
		t.Errorf("%v %v", x, y)
	}
}
