package atomicfile

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// umask is the process's file mode mask: temporary files are made for their owner alone, and get the mode that a
// plain file would have had before they are renamed. It can only be read by setting it, so it is read once, before
// any other goroutine of the program can make a file.
var umask = func() fs.FileMode {
	old := unix.Umask(0o022)
	unix.Umask(old)
	return fs.FileMode(old)
}()
