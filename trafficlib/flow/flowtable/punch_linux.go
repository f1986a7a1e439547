package flowtable

import (
	"os"

	"golang.org/x/sys/unix"
)

// punch returns the blocks of a part of a file to the file system. An error only means that the
// blocks stay in use.
func punch(f *os.File, from, size int64) {
	_ = unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, from, size)
}
