package arrowfile

import (
	"encoding/binary"
	"errors"
	"fmt"

	flatbuffers "github.com/google/flatbuffers/go"
)

// Arrow's reader allocates a list for each count in the footer and in the message headers before it
// reads the elements. A damaged count might ask for more memory than there is, and end the program.
// So verify checks the counts first: no list may be longer than the bytes that contain it, and the
// tree of fields may not have more nodes than that either, which also excludes cycles.
//
// The slots are those of the flatbuffers schemas File.fbs, Schema.fbs and Message.fbs of the Arrow
// format: 4 for the first field of a table, and 2 more for each next field.
const (
	footerSchema, footerDicts, footerBatches, footerMeta                = 6, 8, 10, 12
	schemaFields, schemaMeta, schemaFeatures                            = 6, 8, 10
	fieldTypeTag, fieldType, fieldChildren, fieldMeta                   = 8, 10, 14, 16
	messageTag, messageHeader, messageMeta                              = 6, 8, 12
	dictTag, dictData                                                   = 2, 6
	batchNodes, batchBuffers, batchVariadic                             = 6, 8, 12
	unionTag                                                            = 14
	sizeOffset, sizeBlock, sizeNode, sizeBuffer, sizeLong, minFieldSize = 4, 24, 16, 16, 8, 8
)

var magic = []byte("ARROW1")

var errDamaged = errors.New("the file is damaged")

// verify checks the counts in the footer of an Arrow file, and in the message headers that it
// points to.
func verify(data []byte) error {
	const tail = 4 + 6 // the length of the footer and the magic word
	if len(data) < 8+tail || string(data[:6]) != string(magic) || string(data[len(data)-6:]) != string(magic) {
		return errors.New("not an Arrow file, or a truncated one")
	}
	size := int64(binary.LittleEndian.Uint32(data[len(data)-tail:]))
	start := int64(len(data)) - tail - size
	if size < 8 || start < 8 {
		return fmt.Errorf("%w: a footer of %d bytes", errDamaged, size)
	}
	footer := root(data[start : start+size])
	schema, ok := child(footer, footerSchema)
	if !ok {
		return fmt.Errorf("%w: no schema", errDamaged)
	}
	c := counter{left: int(size) / minFieldSize}
	c.list(footer, footerMeta, sizeOffset)
	c.list(schema, schemaMeta, sizeOffset)
	c.list(schema, schemaFeatures, sizeLong)
	c.fields(schema, schemaFields)
	for _, slot := range []flatbuffers.VOffsetT{footerDicts, footerBatches} {
		n, at := c.list(footer, slot, sizeBlock)
		for i := range n {
			block := footer.Bytes[int(at)+i*sizeBlock:][:sizeBlock]
			c.message(data, int64(binary.LittleEndian.Uint64(block)),
				int64(int32(binary.LittleEndian.Uint32(block[8:]))))
		}
	}
	return c.err
}

// message checks the header of the message at offset. It begins with its length, 4 bytes, after a
// marker of 4 bytes since format version 5.
func (c *counter) message(data []byte, offset, size int64) {
	if c.err != nil {
		return
	}
	if offset < 0 || size < 16 || offset > int64(len(data))-size {
		c.err = fmt.Errorf("%w: a message of %d bytes at %d", errDamaged, size, offset)
		return
	}
	meta := data[offset : offset+size]
	if binary.LittleEndian.Uint32(meta) == 0xffffffff {
		meta = meta[4:]
	}
	message := root(meta[4:])
	c.list(message, messageMeta, sizeOffset)
	header, ok := child(message, messageHeader)
	if !ok {
		c.err = fmt.Errorf("%w: a message without header", errDamaged)
		return
	}
	if o := message.Offset(messageTag); o != 0 && message.GetByte(message.Pos+flatbuffers.UOffsetT(o)) == dictTag {
		if header, ok = child(header, dictData); !ok {
			c.err = fmt.Errorf("%w: a dictionary without values", errDamaged)
			return
		}
	}
	c.list(header, batchNodes, sizeNode)
	c.list(header, batchBuffers, sizeBuffer)
	c.list(header, batchVariadic, sizeLong)
}

// A counter checks tables and keeps the first error.
type counter struct {
	left int // number of fields that may still occur
	err  error
}

// list checks the list in a slot of a table, whose elements take size bytes, and returns its length
// and position.
func (c *counter) list(t flatbuffers.Table, slot flatbuffers.VOffsetT, size int) (n int, at flatbuffers.UOffsetT) {
	o := t.Offset(slot)
	if o == 0 || c.err != nil {
		return 0, 0
	}
	n, at = t.VectorLen(flatbuffers.UOffsetT(o)), t.Vector(flatbuffers.UOffsetT(o))
	if n < 0 || int64(at)+int64(n)*int64(size) > int64(len(t.Bytes)) {
		c.err = fmt.Errorf("%w: a list of %d elements", errDamaged, n)
		return 0, 0
	}
	return n, at
}

// fields checks the fields in a slot and everything nested in them.
func (c *counter) fields(t flatbuffers.Table, slot flatbuffers.VOffsetT) {
	n, at := c.list(t, slot, sizeOffset)
	for i := range n {
		if c.left--; c.left < 0 && c.err == nil {
			c.err = fmt.Errorf("%w: more fields than fit", errDamaged)
		}
		if c.err != nil {
			return
		}
		f := flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(at + flatbuffers.UOffsetT(i*sizeOffset))}
		if o := f.Offset(fieldTypeTag); o != 0 && f.GetByte(f.Pos+flatbuffers.UOffsetT(o)) == unionTag {
			if typ, ok := child(f, fieldType); ok {
				c.list(typ, 6, sizeOffset) // Union.typeIds
			}
		}
		c.list(f, fieldMeta, sizeOffset)
		c.fields(f, fieldChildren)
	}
}

func root(b []byte) flatbuffers.Table {
	return flatbuffers.Table{Bytes: b, Pos: flatbuffers.GetUOffsetT(b)}
}

// child returns the table in a slot of t, or false if there is none.
func child(t flatbuffers.Table, slot flatbuffers.VOffsetT) (flatbuffers.Table, bool) {
	o := t.Offset(slot)
	if o == 0 {
		return flatbuffers.Table{}, false
	}
	return flatbuffers.Table{Bytes: t.Bytes, Pos: t.Indirect(t.Pos + flatbuffers.UOffsetT(o))}, true
}
