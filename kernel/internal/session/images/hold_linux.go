package images

import (
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// holds are the images that this process uses.
var holds struct {
	mu    sync.Mutex
	files map[string]*os.File
}

// hold keeps other processes from removing an image while this process lives.
func hold(at string) {
	holds.mu.Lock()
	defer holds.mu.Unlock()
	if holds.files[at] != nil {
		return
	}
	f, err := os.Open(filepath.Join(at, "index.json"))
	if err != nil {
		return
	}
	if unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) != nil {
		f.Close() // a file system without locks
		return
	}
	if holds.files == nil {
		holds.files = map[string]*os.File{}
	}
	holds.files[at] = f
}

// held reports whether a process uses an image.
func held(at string) bool {
	f, err := os.Open(filepath.Join(at, "index.json"))
	if err != nil {
		return false
	}
	defer f.Close()
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil
}
