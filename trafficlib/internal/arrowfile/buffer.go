package arrowfile

import (
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Number is a value that Arrow keeps in a buffer as it is in memory.
type Number interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Numbers gives the first n numbers in a buffer, false when it holds fewer. They are the memory of the buffer, except
// where a file of another program does not align them: then they are a copy.
func Numbers[T Number](b *memory.Buffer, n int) ([]T, bool) {
	var zero T
	size := int(unsafe.Sizeof(zero))
	switch {
	case n == 0:
		return nil, true
	case b == nil || n < 0 || n > b.Len()/size:
		return nil, false
	}
	p := unsafe.Pointer(unsafe.SliceData(b.Bytes()))
	if uintptr(p)%uintptr(size) != 0 {
		aligned := make([]T, n)
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&aligned[0])), n*size), b.Bytes())
		return aligned, true
	}
	return unsafe.Slice((*T)(p), n), true
}

// Buffer gives the memory of v as a buffer.
func Buffer[T Number](v []T) *memory.Buffer {
	var zero T
	return memory.NewBufferBytes(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(zero))))
}
