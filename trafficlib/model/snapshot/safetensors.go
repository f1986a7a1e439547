package snapshot

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
)

// Tensor is an array of float32 values, row-major.
type Tensor struct {
	Shape []int
	Data  []float32
}

// Tensors are tensors by name.
type Tensors map[string]Tensor

// Size is the number of values in all of them.
func (ts Tensors) Size() (n int) {
	for _, t := range ts {
		n += len(t.Data)
	}
	return n
}

// String returns the name and the shape of each, a line for each, in the order of their names.
func (ts Tensors) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(ts)) {
		fmt.Fprintln(&b, name, ts[name].Shape)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// WriteSafetensors writes tensors as a safetensors file: eight bytes with the length of the header,
// the header in JSON, which returns each tensor's type, shape and place, and the values,
// little-endian. Tensors stand in the order of their names.
func WriteSafetensors(w io.Writer, ts Tensors) error {
	type entry struct {
		DType   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	header := map[string]any{"__metadata__": map[string]string{"format": "pt"}} // what PyTorch's reader looks for
	names := slices.Sorted(maps.Keys(ts))
	at := 0
	for _, name := range names {
		t := ts[name]
		if n, err := Volume(t.Shape); err != nil || n != len(t.Data) {
			panic(fmt.Sprintf("snapshot: tensor %q of shape %v has %d values", name, t.Shape, len(t.Data)))
		}
		end := at + 4*len(t.Data)
		shape := t.Shape
		if shape == nil {
			shape = []int{}
		}
		header[name] = entry{"F32", shape, [2]int{at, end}}
		at = end
	}
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	for len(text)%8 != 0 { // the values begin at a multiple of eight, so that they can be used where they stand
		text = append(text, ' ')
	}
	buf := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	if _, err := w.Write(append(buf, text...)); err != nil {
		return err
	}
	for _, name := range names {
		buf = buf[:0]
		for _, v := range ts[name].Data {
			buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}

// ReadSafetensors reads a safetensors file. It takes the types F32 and F64, the latter rounded, and
// refuses others.
func ReadSafetensors(path string) (Tensors, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	ts, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %s: %w", path, err)
	}
	return ts, nil
}

// parse takes a safetensors file apart. Nothing in it is believed: every length is held against the
// bytes there are.
func parse(data []byte) (Tensors, error) {
	if len(data) < 8 {
		return nil, fmt.Errorf("%d bytes are no safetensors file", len(data))
	}
	length := binary.LittleEndian.Uint64(data)
	if length > uint64(len(data)-8) {
		return nil, fmt.Errorf("cut off or no safetensors file: a header of %d bytes in a file of %d", length,
			len(data))
	}
	text, values := data[8:8+length], data[8+length:]
	var header map[string]json.RawMessage
	if err := json.Unmarshal(text, &header); err != nil {
		return nil, fmt.Errorf("header: %s", jsonPlace(text, err))
	}
	ts := Tensors{}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if name == "__metadata__" {
			continue
		}
		var e struct {
			DType   string   `json:"dtype"`
			Shape   []int    `json:"shape"`
			Offsets []uint64 `json:"data_offsets"`
		}
		if err := json.Unmarshal(header[name], &e); err != nil {
			return nil, fmt.Errorf("tensor %q: %v", name, err)
		}
		if len(e.Offsets) != 2 || e.Offsets[0] > e.Offsets[1] {
			return nil, fmt.Errorf("tensor %q: data_offsets %v", name, e.Offsets)
		}
		if e.Offsets[1] > uint64(len(values)) {
			return nil, fmt.Errorf("cut off: tensor %q ends at byte %d of the values, there are %d", name,
				e.Offsets[1], len(values))
		}
		t, err := decode(e.DType, e.Shape, values[e.Offsets[0]:e.Offsets[1]])
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		ts[name] = t
	}
	return ts, nil
}

func decode(dtype string, shape []int, raw []byte) (Tensor, error) {
	width, ok := map[string]int{"F32": 4, "F64": 8}[dtype]
	if !ok {
		return Tensor{}, fmt.Errorf("type %s, want F32 or F64", dtype)
	}
	n, err := Volume(shape)
	if err != nil {
		return Tensor{}, err
	}
	if n > len(raw)/width || n*width != len(raw) {
		return Tensor{}, fmt.Errorf("shape %v of %s has %d bytes", shape, dtype, len(raw))
	}
	t := Tensor{Shape: shape, Data: make([]float32, n)}
	for i := range t.Data {
		if width == 4 {
			t.Data[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		} else {
			t.Data[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:])))
		}
	}
	return t, nil
}

// Volume returns how many values a tensor of a shape has. Sizes that are negative, or run over 32
// bits together, are an error.
func Volume(shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d < 0 || (d > 0 && n > math.MaxInt32/d) {
			return 0, fmt.Errorf("shape %v", shape)
		}
		n *= d
	}
	return n, nil
}

// writeFile writes tensors to a new file, and what it writes to sum as well.
func writeFile(path string, ts Tensors, sum hash.Hash) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<18)
	if err := WriteSafetensors(w, ts); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Sync()
}
