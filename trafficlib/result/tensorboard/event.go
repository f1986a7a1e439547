package tensorboard

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image/png"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// The field numbers below are those of TensorFlow's event.proto, summary.proto, tensor.proto and
// types.proto, and of TensorBoard's plugin_data.proto files.

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked returns the checksum of a TFRecord: CRC-32C, rotated and with a constant added, because
// the CRC of data that contains its own CRC is degenerate.
func masked(data []byte) uint32 {
	sum := crc32.Checksum(data, castagnoli)
	return (sum>>15 | sum<<17) + 0xa282ead8
}

// record frames an event: its length, the checksum of the length, the event and its checksum, all
// little-endian.
func record(event []byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(event)))
	b = binary.LittleEndian.AppendUint32(b, masked(b))
	b = append(b, event...)
	return binary.LittleEndian.AppendUint32(b, masked(event))
}

func appendMessage(b []byte, field protowire.Number, message []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), message)
}

func appendDouble(b []byte, field protowire.Number, v float64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, field, protowire.Fixed64Type), math.Float64bits(v))
}

func appendInt(b []byte, field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}

// versionEvent returns the first event of a file: Event{wall_time: 1, file_version: 3}.
func versionEvent(seconds float64) []byte {
	return appendMessage(appendDouble(nil, 1, seconds), 3, []byte("brain.Event:2"))
}

// value is the content of a summary: a tensor, and the plugin of TensorBoard that shows it.
type value struct {
	plugin  string
	content []byte // message of the plugin
	class   int64  // DataClass: 1 scalar, 2 tensor, 3 blob sequence
	tensor  []byte
}

// summaryEvent returns Event{wall_time: 1, step: 2, summary: 5} with Summary{value: 1} with
// Value{tag: 1, tensor: 8, metadata: 9}.
func summaryEvent(seconds float64, step int64, tag string, v value) []byte {
	plugin := appendMessage(nil, 1, []byte(v.plugin)) // PluginData{plugin_name: 1, content: 2}
	if v.content != nil {
		plugin = appendMessage(plugin, 2, v.content)
	}
	metadata := appendInt(appendMessage(nil, 1, plugin), 4, v.class) // SummaryMetadata{plugin_data: 1, data_class: 4}
	one := appendMessage(nil, 1, []byte(tag))
	one = appendMessage(one, 8, v.tensor)
	one = appendMessage(one, 9, metadata)
	event := appendInt(appendDouble(nil, 1, seconds), 2, step)
	return appendMessage(event, 5, appendMessage(nil, 1, one))
}

// DataTypes of tensors.
const (
	typeFloat  = 1
	typeDouble = 2
	typeString = 7
)

// tensor returns TensorProto{dtype: 1, tensor_shape: 2, tensor_content: 4, string_val: 8}.
func tensor(kind int64, dims []int, content []byte, texts ...[]byte) []byte {
	var shape []byte // TensorShapeProto{dim: 2} of Dim{size: 1}
	for _, d := range dims {
		shape = appendMessage(shape, 2, appendInt(nil, 1, int64(d)))
	}
	b := appendMessage(appendInt(nil, 1, kind), 2, shape)
	if content != nil {
		b = appendMessage(b, 4, content)
	}
	for _, t := range texts {
		b = appendMessage(b, 8, t)
	}
	return b
}

func scalar(v float64) value {
	content := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(v)))
	return value{"scalars", nil, 1, tensor(typeFloat, nil, content)}
}

func markdown(text string) value {
	return value{"text", nil, 2, tensor(typeString, nil, nil, []byte(text))}
}

// picture returns an image, which consists of three strings: the width, the height and the PNG.
func picture(data []byte, width, height int) value {
	return value{"images", nil, 3, tensor(typeString, []int{3}, nil, fmt.Append(nil, width), fmt.Append(nil, height),
		data)}
}

// bins is the number of bins of a histogram, the default of TensorBoard.
const bins = 30

// histogram returns a tensor [bins, 3] of left edges, right edges and counts. If all values are the
// same there is one bin of width 1 around them, as in TensorBoard.
func histogram(values []float32) value {
	lo, hi := float64(values[0]), float64(values[0])
	for _, v := range values {
		lo, hi = min(lo, float64(v)), max(hi, float64(v))
	}
	rows := make([][3]float64, bins)
	if lo == hi {
		rows = rows[:1]
		rows[0] = [3]float64{lo - 0.5, lo + 0.5, float64(len(values))}
	} else {
		width := (hi - lo) / bins
		for i := range rows {
			rows[i][0], rows[i][1] = lo+float64(i)*width, lo+float64(i+1)*width
		}
		rows[bins-1][1] = hi
		for _, v := range values {
			rows[min(int((float64(v)-lo)/width), bins-1)][2]++
		}
	}
	var content []byte
	for _, row := range rows {
		for _, x := range row {
			content = binary.LittleEndian.AppendUint64(content, math.Float64bits(x))
		}
	}
	return value{"histograms", nil, 2, tensor(typeDouble, []int{len(rows), 3}, content)}
}

func sizeOf(data []byte) (width, height int, err error) {
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return 0, 0, errors.New("not a PNG")
	}
	return c.Width, c.Height, nil
}
