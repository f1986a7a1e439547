package atomicfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// writeBack makes the system begin to flush a part of the file, so that little is left to do when
// the file is synced. An error is harmless: the part is flushed later.
func writeBack(f *os.File, from, size int64) {
	_ = unix.SyncFileRange(int(f.Fd()), from, size, unix.SYNC_FILE_RANGE_WRITE)
}
