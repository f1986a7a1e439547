package atomicfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// writeBack has the system begin to write a part of the file to the disk, so that little is left to wait for when the
// file is synced. An error means no more than that it is written later.
func writeBack(f *os.File, from, size int64) {
	_ = unix.SyncFileRange(int(f.Fd()), from, size, unix.SYNC_FILE_RANGE_WRITE)
}
