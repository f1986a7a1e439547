package encode

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// fake is a table of columns []float64 and []string.
type fake map[string]any

func (f fake) NumRows() int {
	for _, c := range f {
		return reflect.ValueOf(c).Len()
	}
	return 0
}

func (f fake) Names() []string {
	var names []string
	for name := range f {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (f fake) Has(name string) bool           { return f[name] != nil }
func (f fake) Text(name string) bool          { _, text := f[name].([]string); return text }
func (f fake) Float64s(name string) []float64 { return f[name].([]float64) }
func (f fake) Strings(name string) []string   { return f[name].([]string) }
func (f fake) with(name string, column any) fake {
	g := fake{name: column}
	for k, v := range f {
		if k != name {
			g[k] = v
		}
	}
	return g
}

var nan = math.NaN()

var packets = fake{
	"length":   []float64{60, 60, 1500, 52},
	"ack":      []float64{0, 1, 1, 1},
	"window":   []float64{512, 0, 7, 9},
	"protocol": []string{"TCP", "HTTP", "HTTP", "TCP"},
	"port":     []float64{1023, 1024, 49151, 49152},
	"urgent":   []float64{nan, nan, nan, nan},
	"comment":  []string{"", "", "", ""},
	"version":  []float64{4, 4, 4, 4},
}

var ports = Bins("port", "port_type", []string{"well_known", "registered", "dynamic"}, []float64{1024, 49152})

func columns(t testing.TB, from Source, parts ...Column) *TableEncoder {
	t.Helper()
	c, err := FitTable(from, parts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestColumns(t *testing.T) {
	c := columns(t, packets, ZScoreWith("length", 52, 4), Flag("ack"), Number("window"),
		OneHot("protocol", "TCP", "IRC", "HTTP"), ports)
	names := []string{"length", "ack", "window", "protocol-TCP", "protocol-IRC", "protocol-HTTP", "port_type-well_known",
		"port_type-registered", "port_type-dynamic"}
	if !slices.Equal(c.Names(), names) || c.Features() != 9 {
		t.Errorf("features %q", c.Names())
	}
	got, err := c.Encode(packets)
	want := []float32{
		2, 0, 512, 1, 0, 0, 1, 0, 0,
		2, 1, 0, 0, 0, 1, 0, 1, 0,
		362, 1, 7, 0, 0, 1, 0, 1, 0,
		0, 1, 9, 1, 0, 0, 0, 0, 1,
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	decoded := c.Decode(got)
	if len(decoded) != 5 || !slices.Equal(decoded[0].Numbers, packets["length"].([]float64)) ||
		!slices.Equal(decoded[3].Texts, packets["protocol"].([]string)) ||
		decoded[4].Name != "port_type" ||
		!slices.Equal(decoded[4].Texts, []string{"well_known", "registered", "registered", "dynamic"}) {
		t.Errorf("there and back: %+v", decoded)
	}
	// In a prediction the most probable value counts.
	near := c.Decode([]float32{0, 0.4, 0, 0.2, 0.7, 0.3, -1, 0, -2})
	if near[3].Texts[0] != "IRC" || near[4].Texts[0] != "" || near[1].Numbers[0] != float64(float32(0.4)) {
		t.Errorf("a prediction: %+v", near)
	}
}

// The deviation is that of a sample, as with pandas' std. It is kept and used on other rows.
func TestZScore(t *testing.T) {
	c := columns(t, packets, ZScore("length"))
	// mean 418, deviations -358, -358, 1082, -366: sd = sqrt(1561008/3)
	sd := math.Sqrt(1561008.0 / 3)
	got, err := c.Encode(fake{"length": []float64{418, 418 + sd, -1e300}})
	if err != nil || got[0] != 0 || got[1] != 1 || got[2] != -math.MaxFloat32 {
		t.Errorf("got %v, %v", got, err)
	}
	one := columns(t, fake{"x": []float64{7}}, ZScore("x"))
	if got, err := one.Encode(fake{"x": []float64{7, 9}}); err != nil || got[0] != 0 || got[1] != 0 {
		t.Errorf("a single row: %v, %v", got, err)
	}
	// A constant that no sum of floats yields exactly is still constant.
	same := columns(t, fake{"x": []float64{0.1, 0.1, 0.1}}, ZScore("x"))
	if got, err := same.Encode(fake{"x": []float64{0.1}}); err != nil || got[0] != 0 {
		t.Errorf("a constant: %v, %v", got, err)
	}
}

// Columns that are empty throughout make no features, nor do they on later tables. Constant columns
// are reported.
func TestNotices(t *testing.T) {
	c := columns(t, packets, Flag("ack"), ZScore("urgent"), OneHot("comment", "a"), ZScore("version"))
	want := []string{`column "urgent" is empty throughout: it makes no features`,
		`column "comment" is empty throughout: it makes no features`,
		`column "version" is 4 in all rows: it is encoded as 0`}
	if !slices.Equal(c.Notices(), want) || c.Features() != 2 {
		t.Errorf("%q, %d features", c.Notices(), c.Features())
	}
	if got, err := c.Encode(fake{"ack": []float64{1}, "version": []float64{6}}); err != nil ||
		!slices.Equal(got, []float32{1, 0}) {
		t.Errorf("got %v, %v", got, err)
	}
	if !strings.HasPrefix(c.String(), "2 features of 4 columns\ncolumn") {
		t.Errorf("%s", c)
	}
}

// Zeroed reports what a feature that is forced to 0 takes away.
func TestZeroed(t *testing.T) {
	c := columns(t, packets, Flag("ack"), ports.Zero("dynamic"))
	got, err := c.Encode(packets)
	if want := []float32{0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	losses, err := c.Zeroed(packets)
	const line = `port_type-dynamic: set to 0; 1 of 4 rows (25.0 %) had a 1 ` +
		`and are now none of ["well_known" "registered"]`
	if err != nil || len(losses) != 1 || losses[0].String() != line {
		t.Errorf("%v, %v", losses, err)
	}
	if losses, err = c.Zeroed(packets.with("port", []float64{1, 2, 3, 4})); err != nil ||
		losses[0].String() != "port_type-dynamic: set to 0; none of 4 rows had a 1" {
		t.Errorf("%v, %v", losses, err)
	}
}

func TestColumnsRefuses(t *testing.T) {
	for want, f := range map[string]func() error{
		`encode: no column "size": there are ["length"]`: func() error {
			_, err := FitTable(fake{"length": []float64{1}}, Number("size"))
			return err
		},
		`encode: row 1: column "length": NaN is not a finite number`: func() error {
			_, err := FitTable(packets.with("length", []float64{1, nan, 3, 4}), ZScore("length"))
			return err
		},
		`encode: row 2: column "port": +Inf is not a finite number`: func() error {
			_, err := FitTable(packets.with("port", []float64{1, 2, math.Inf(1), 4}), ports)
			return err
		},
		`encode: column "protocol" is text, want numbers`: func() error {
			_, err := FitTable(packets, Number("protocol"))
			return err
		},
		`encode: row 0: column "window": 512 is not 0 or 1`: func() error {
			_, err := FitTable(packets, Flag("window"))
			return err
		},
		`encode: row 1: column "protocol": "HTTP" is none of ["TCP" "UDP"]`: func() error {
			_, err := FitTable(packets, OneHot("protocol", "TCP", "UDP"))
			return err
		},
		`encode: column "port": limits [2 1] for 3 classes: want one less, rising and finite`: func() error {
			_, err := FitTable(packets, Bins("port", "p", []string{"a", "b", "c"}, []float64{2, 1}))
			return err
		},
		`encode: column "port": "odd" is to be 0, but is not among ["well_known" "registered" "dynamic"]`: func() error {
			_, err := FitTable(packets, ports.Zero("odd"))
			return err
		},
		`encode: column "protocol": "a" twice`: func() error {
			_, err := FitTable(packets, OneHot("protocol", "a", "a"))
			return err
		},
		`encode: column "length": mean 0 and standard deviation -1`: func() error {
			_, err := FitTable(packets, ZScoreWith("length", 0, -1))
			return err
		},
		`encode: two features "ack"`: func() error {
			_, err := FitTable(packets, Flag("ack"), Number("ack"))
			return err
		},
		`encode: no features`: func() error {
			_, err := FitTable(packets, Flag("urgent"))
			return err
		},
		`encode: no rows to fit on`: func() error {
			_, err := FitTable(fake{"x": []float64{}}, Number("x"))
			return err
		},
		`encode: column "length": its values are too large for a mean and a standard deviation`: func() error {
			_, err := FitTable(fake{"length": []float64{1e308, -1e308}}, ZScore("length"))
			return err
		},
	} {
		if err := f(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestColumnsFile(t *testing.T) {
	c := columns(t, packets, ZScore("length"), Flag("ack"), Number("window"), OneHot("protocol", "TCP", "HTTP"),
		ports.Zero("dynamic"), ZScore("urgent"))
	path := filepath.Join(t.TempDir(), "encoder.json")
	if err := c.Save(path); err != nil {
		t.Fatal(err)
	}
	back, err := OpenTable(path)
	if err != nil || !reflect.DeepEqual(back, c) {
		t.Errorf("there and back: %+v, %v, want %+v", back, err, c)
	}
	if _, err := OpenRow(path); err == nil {
		t.Error("Open takes a file of columns")
	}
	l2 := filepath.Join(t.TempDir(), "l2.json")
	if err := L2(3).Save(l2); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenTable(l2); err == nil || err.Error() != "encode: "+l2+`: kind "l2", want "columns"` {
		t.Errorf("a file of another kind: %v", err)
	}
	if err := new(TableEncoder).Save(path); err == nil {
		t.Error("the zero Columns is saved")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for old, c := range map[string]struct{ with, want string }{
		`"features": 8`: {`"features": 7`, "columns of 8 features, the file says 7"},
		`"kind": "flag"`: {`"kind": "flags"`,
			`column "ack": kind "flags", want zscore, flag, number, onehot, classes, quantiles or seen`},
		`"sd"`:                  {`"sid"`, `json: unknown field "sid"`},
		`1024,`:                 {`null,`, `column "port": a limit is null`},
		`"version": 1`:          {`"version": 2`, "version 2, this library reads version 1"},
		`"prefix": "protocol",`: {``, `column "protocol": no prefix`},
	} {
		if err := new(TableEncoder).UnmarshalJSON([]byte(strings.Replace(string(data), old, c.with, 1))); err == nil ||
			err.Error() != "encode: "+c.want {
			t.Errorf("%s: got %v, want %s", c.with, err, c.want)
		}
	}
}

func FuzzUnmarshalColumns(f *testing.F) {
	c := columns(f, packets, ZScore("length"), Flag("ack"), OneHot("protocol", "TCP", "HTTP"), ports.Zero("dynamic"),
		ZScore("urgent"))
	data, err := c.MarshalJSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := new(TableEncoder)
		if err := c.UnmarshalJSON(data); err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has two lines: %q", err)
			}
			return
		}
		if _, err := c.Encode(packets); err == nil {
			c.Decode(make([]float32, c.Features()))
		}
		again, err := c.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		back := new(TableEncoder)
		if err := back.UnmarshalJSON(again); err != nil || !slices.Equal(back.Names(), c.Names()) {
			t.Errorf("%s: there and back: %v, %v", data, back, err)
		}
	})
}
