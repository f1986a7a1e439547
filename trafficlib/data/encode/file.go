package encode

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
)

const (
	format  = "trafficlab-encoder"
	version = 1
)

// file is an encoder as JSON. Numbers are pointers so that a null in a list, which encoding/json
// would read as 0, is seen.
type file struct {
	Format   string     `json:"format"`
	Version  int        `json:"version"`
	Kind     string     `json:"kind"`
	Features int        `json:"features"`
	Clip     bool       `json:"clip"`
	Min      []*float64 `json:"min,omitempty"`
	Max      []*float64 `json:"max,omitempty"`
}

// MarshalJSON returns the encoder as a self-describing JSON object, the contents of an encoder
// file.
func (e *RowEncoder) MarshalJSON() ([]byte, error) {
	if e.features == 0 {
		return nil, errors.New("encode: the zero RowEncoder cannot be saved")
	}
	return json.Marshal(file{
		Format: format, Version: version, Kind: e.kind, Features: e.features, Clip: e.clip,
		Min: pointers(e.min), Max: pointers(e.max),
	})
}

// UnmarshalJSON reads what MarshalJSON returned. On an error the encoder is unchanged.
func (e *RowEncoder) UnmarshalJSON(data []byte) error {
	if err := checkHead(data); err != nil {
		return err
	}
	var f file
	if err := decode(data, &f); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	got := RowEncoder{kind: f.Kind, features: f.Features, clip: f.Clip}
	var err error
	if got.min, err = values("min", f.Min); err != nil {
		return err
	}
	if got.max, err = values("max", f.Max); err != nil {
		return err
	}
	if err := got.check(); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	*e = got
	return nil
}

// checkHead checks the format and the version of a file first: an encoder of a later version may
// have fields that this one lacks.
func checkHead(data []byte) error {
	var head struct {
		Format  string
		Version int
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if head.Format != format {
		return fmt.Errorf("encode: format %q, want %q", head.Format, format)
	}
	if head.Version != version {
		return fmt.Errorf("encode: version %d, this library reads version %d", head.Version, version)
	}
	return nil
}

// Save writes the encoder to a JSON file, whole or not at all.
func (e *RowEncoder) Save(path string) error {
	data, err := json.MarshalIndent(e, "", " ")
	if err != nil {
		return err
	}
	return write(path, data)
}

// OpenRow reads an encoder that Save wrote.
func OpenRow(path string) (*RowEncoder, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	e := new(RowEncoder)
	if err := e.UnmarshalJSON(data); err != nil {
		return nil, at(path, err)
	}
	return e, nil
}

// ReadMinMax reads a min-max file of the older Python tools: the JSON list [[min …], [max …]].
func ReadMinMax(path string) (*RowEncoder, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	var lists [][]*float64
	if err := decode(data, &lists); err != nil {
		return nil, at(path, err)
	}
	if len(lists) != 2 {
		return nil, fmt.Errorf("encode: %s: %d lists, want two: [[min …], [max …]]", path, len(lists))
	}
	lo, err := values("min", lists[0])
	if err != nil {
		return nil, at(path, err)
	}
	hi, err := values("max", lists[1])
	if err != nil {
		return nil, at(path, err)
	}
	e, err := MinMax(lo, hi)
	if err != nil {
		return nil, at(path, err)
	}
	return e, nil
}

// WriteMinMax writes the limits of a MinMax encoder as ReadMinMax reads them, for the older Python
// tools. Whether it clips is not kept. L2 has no limits: an error.
func (e *RowEncoder) WriteMinMax(path string) error {
	if e.kind != kindMinMax {
		return fmt.Errorf("encode: %s: kind %q has no minima and maxima", path, e.kind)
	}
	data, err := json.Marshal([][]float64{e.min, e.max})
	if err != nil {
		return err
	}
	return write(path, data)
}

func write(path string, data []byte) error {
	err := atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(append(data, '\n'))
		return err
	})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	return nil
}

// decode reads one JSON value and refuses fields that v does not have and anything after the value.
func decode(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.New("the JSON ends too early")
		}
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("there is more after the JSON value")
	}
	return nil
}

// at adds the path to an error of this package, and the path and the prefix to one of another.
func at(path string, err error) error {
	text := err.Error()
	const prefix = "encode: "
	if len(text) > len(prefix) && text[:len(prefix)] == prefix {
		text = text[len(prefix):]
	}
	return fmt.Errorf("encode: %s: %s", path, text)
}

func pointers(v []float64) []*float64 {
	p := make([]*float64, len(v))
	for i := range v {
		p[i] = &v[i]
	}
	return p
}

func values(name string, p []*float64) ([]float64, error) {
	if len(p) == 0 {
		return nil, nil
	}
	v := make([]float64, len(p))
	for i := range p {
		if p[i] == nil {
			return nil, fmt.Errorf("encode: %s %d is null", name, i)
		}
		v[i] = *p[i]
	}
	return v, nil
}
