package parquet

import (
	"fmt"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// sound refuses impossible files before the decoder allocates memory for them: chunks beyond the
// end, and more rows than the bytes can hold. It refuses LZ4, whose decoder allocates without bound
// for damaged data.
func sound(file *parquet.File, size int64) error {
	const mostRows = 1 << 12 // for a byte: a run of equal values takes few
	m := file.Metadata()
	if m.NumRows < 0 || m.NumRows/mostRows > size {
		return fmt.Errorf("%d rows in %d bytes", m.NumRows, size)
	}
	for g := range m.RowGroups {
		for _, c := range m.RowGroups[g].Columns {
			d := c.MetaData
			if d.DataPageOffset < 0 || d.TotalCompressedSize < 0 || d.DataPageOffset > size-d.TotalCompressedSize {
				return fmt.Errorf("column %v: %d bytes at %d of %d", d.PathInSchema, d.TotalCompressedSize, d.DataPageOffset, size)
			}
			switch d.Codec {
			case format.Lz4Raw, format.CompressionCodec(5):
				return fmt.Errorf("column %v is compressed by LZ4, which is not read: Snappy, gzip, Zstandard and Brotli are",
					d.PathInSchema)
			}
		}
	}
	return nil
}
