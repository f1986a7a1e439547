package arrowfile

import (
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// A Number is a type whose values have the same form in Arrow buffers and in memory.
type Number interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Numbers returns the first n numbers in a buffer, or false if it holds fewer. The slice shares the
// memory of the buffer, unless the file of another program does not align it: then it is a copy.
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

// Buffer returns a buffer that shares the memory of v.
func Buffer[T Number](v []T) *memory.Buffer {
	var zero T
	size := len(v) * int(unsafe.Sizeof(zero))
	return memory.NewBufferBytes(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), size))
}
