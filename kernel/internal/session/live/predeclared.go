package live

// The predeclared types, for cells in which one of these names means another type.
type (
	PredeclaredAny        = any
	PredeclaredBool       = bool
	PredeclaredByte       = byte
	PredeclaredComplex128 = complex128
	PredeclaredComplex64  = complex64
	PredeclaredError      = error
	PredeclaredFloat32    = float32
	PredeclaredFloat64    = float64
	PredeclaredInt        = int
	PredeclaredInt16      = int16
	PredeclaredInt32      = int32
	PredeclaredInt64      = int64
	PredeclaredInt8       = int8
	PredeclaredRune       = rune
	PredeclaredString     = string
	PredeclaredUint       = uint
	PredeclaredUint16     = uint16
	PredeclaredUint32     = uint32
	PredeclaredUint64     = uint64
	PredeclaredUint8      = uint8
	PredeclaredUintptr    = uintptr
)
