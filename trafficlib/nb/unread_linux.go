package nb

import (
	"os"

	"golang.org/x/sys/unix"
)

// unread is the number of bytes that wait in a pipe for its reader; 0 for any other kind of file.
func unread(f *os.File) int {
	n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCINQ)
	if err != nil {
		return 0
	}
	return n
}
