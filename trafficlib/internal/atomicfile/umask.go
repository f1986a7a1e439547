package atomicfile

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// umask is the file mode creation mask of the process. Temporary files are readable by their owner
// alone, and get the mode of an ordinary file before they are renamed. The mask can only be read by
// setting it, so this is done once, before other goroutines of the program create files.
var umask = func() fs.FileMode {
	old := unix.Umask(0o022)
	unix.Umask(old)
	return fs.FileMode(old)
}()
