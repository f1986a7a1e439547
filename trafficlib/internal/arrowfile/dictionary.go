package arrowfile

import (
	"bytes"
	"encoding/binary"
	"fmt"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// arrow-go's reader of mapped files panics on a schema with dictionaries (in v18.8.0,
// NewMappedFileReader has no memo for them, while NewFileReader has). Its other reader copies all
// batches. So for files with dictionaries the other reader reads the schema, the dictionaries and
// one batch, and the code below finds the buffers of the batches, by the flatbuffers schema of the
// Arrow format. It supports columns with one buffer of values.

// Slots besides those in verify.go.
const (
	batchLength, batchCompression = 4, 10
	fieldDictionary               = 12
)

// dictionaries reports whether a field of the schema has a dictionary. data must have passed
// verify.
func dictionaries(data []byte) bool {
	n, _ := new(counter).list(footerOf(data), footerDicts, sizeBlock)
	if n > 0 {
		return true
	}
	schema, _ := child(footerOf(data), footerSchema)
	n, at := new(counter).list(schema, schemaFields, sizeOffset)
	for i := range n {
		f := flatbuffers.Table{Bytes: schema.Bytes, Pos: schema.Indirect(at + flatbuffers.UOffsetT(i*sizeOffset))}
		if f.Offset(fieldDictionary) != 0 {
			return true
		}
	}
	return false
}

// footerOf returns the footer of a file.
func footerOf(data []byte) flatbuffers.Table {
	const tail = 4 + 6
	size := int64(binary.LittleEndian.Uint32(data[len(data)-tail:]))
	return root(data[int64(len(data))-tail-size : len(data)-tail])
}

// readDictionaries reads a file with dictionaries. data must have passed verify.
func readDictionaries(data []byte, alloc memory.Allocator) (*ipc.FileReader, []arrow.RecordBatch, error) {
	r, err := ipc.NewFileReader(bytes.NewReader(data), ipc.WithAllocator(alloc))
	if err != nil {
		return nil, nil, err
	}
	var all []arrow.RecordBatch
	for i := range r.NumRecords() {
		var b arrow.RecordBatch
		if i > 0 {
			b = mappedBatch(data, r.Schema(), all[0], i)
		}
		if b == nil {
			if b, err = r.RecordBatchAt(i); err != nil {
				return nil, nil, fmt.Errorf("batch %d: %w", i, err)
			}
		}
		all = append(all, b)
	}
	if len(all) > 0 { // it was read for its dictionaries
		if b := mappedBatch(data, r.Schema(), all[0], 0); b != nil {
			all[0] = b
		}
	}
	return r, all, nil
}

// mappedBatch returns batch i as slices of data, with the dictionaries of another batch. It returns
// nil if the batch is compressed, or a column does not have exactly one buffer of values.
func mappedBatch(data []byte, schema *arrow.Schema, of arrow.RecordBatch, i int) arrow.RecordBatch {
	for _, f := range schema.Fields() {
		typ := f.Type
		if d, ok := typ.(*arrow.DictionaryType); ok {
			typ = d.IndexType
		}
		if w, ok := typ.(arrow.FixedWidthDataType); !ok || w.BitWidth()%8 != 0 || arrow.IsNested(typ.ID()) {
			return nil
		}
	}
	c := new(counter)
	footer := footerOf(data)
	_, at := c.list(footer, footerBatches, sizeBlock)
	block := footer.Bytes[int(at)+i*sizeBlock:][:sizeBlock]
	offset, meta := int64(binary.LittleEndian.Uint64(block)), int64(int32(binary.LittleEndian.Uint32(block[8:])))
	size := int64(binary.LittleEndian.Uint64(block[16:]))
	if size < 0 || size > int64(len(data))-offset-meta {
		return nil
	}
	message, body := data[offset:offset+meta], data[offset+meta:offset+meta+size]
	if binary.LittleEndian.Uint32(message) == 0xffffffff {
		message = message[4:]
	}
	header, ok := child(root(message[4:]), messageHeader)
	if !ok || header.Offset(batchCompression) != 0 {
		return nil
	}
	nodes, nodesAt := c.list(header, batchNodes, sizeNode)
	buffers, buffersAt := c.list(header, batchBuffers, sizeBuffer)
	if fields := schema.NumFields(); nodes != fields || buffers != 2*fields {
		return nil
	}
	long := func(at int) int64 { return int64(binary.LittleEndian.Uint64(header.Bytes[at:])) }
	rows := int64(0)
	if o := header.Offset(batchLength); o != 0 {
		rows = header.GetInt64(header.Pos + flatbuffers.UOffsetT(o))
	}
	columns := make([]arrow.Array, nodes)
	for k, f := range schema.Fields() {
		n, missing := long(int(nodesAt)+k*sizeNode), long(int(nodesAt)+k*sizeNode+8)
		if n != rows || missing < 0 || missing > n {
			return nil
		}
		parts := make([]*memory.Buffer, 2)
		for j := range parts {
			at := int(buffersAt) + (2*k+j)*sizeBuffer
			from, size := long(at), long(at+8)
			if from < 0 || size < 0 || size > int64(len(body))-from {
				return nil
			}
			if size > 0 {
				parts[j] = memory.NewBufferBytes(body[from : from+size])
			}
		}
		typ := f.Type
		d, isDict := typ.(*arrow.DictionaryType)
		if isDict {
			typ = d.IndexType
		}
		need := int64(typ.(arrow.FixedWidthDataType).BitWidth() / 8)
		if n > 0 && (parts[1] == nil || n > int64(parts[1].Len())/need) {
			return nil // too few values
		}
		if missing > 0 && (parts[0] == nil || (n-1)/8 >= int64(parts[0].Len())) {
			return nil // too few validity bits
		}
		a := array.MakeFromData(array.NewData(typ, int(n), parts, nil, int(missing), 0))
		if isDict {
			a = array.NewDictionaryArray(d, a, of.Column(k).(*array.Dictionary).Dictionary())
		}
		columns[k] = a
	}
	return array.NewRecordBatch(schema, columns, rows)
}
