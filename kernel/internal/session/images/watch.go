package images

import (
	"context"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
	"github.com/trafficlab/trafficlab/kernel/internal/session/toolchain"
)

// A Watch notices that a checkout is no longer what an image was made of.
type Watch struct {
	store  *Store
	stamp  string
	looked time.Time
}

// Watch starts to watch the checkout.
func (s *Store) Watch() *Watch { return &Watch{store: s, stamp: s.stamp(), looked: time.Now()} }

// pause is how long a check remains valid, because cells often follow each other at once.
const pause = 300 * time.Millisecond

// Changed reports whether something that goes into an image has changed since the last call that
// returned true.
func (w *Watch) Changed() bool {
	if time.Since(w.looked) < pause {
		return false
	}
	now := w.store.stamp()
	w.looked = time.Now()
	changed := now != w.stamp
	w.stamp = now
	return changed
}

// Make returns the image for the current state of the checkout.
func (w *Watch) Make(ctx context.Context) (*host.Image, error) { return w.store.Make(ctx) }

// stamp hashes the names, sizes and times of all files that go into an image.
func (s *Store) stamp() string {
	sum := fnv.New128a()
	for _, dir := range s.open() {
		filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() && path != dir && passed(d.Name()) {
				return filepath.SkipDir
			}
			if d.IsDir() || !counts(d) {
				return nil
			}
			return stampFile(sum, path)
		})
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		stampFile(sum, filepath.Join(s.Checkout, file))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func stampFile(sum hash.Hash, path string) error {
	if info, err := os.Stat(path); err == nil {
		fmt.Fprintf(sum, "%s\x00%d\x00%d\x00", path, info.Size(), info.ModTime().UnixNano())
	}
	return nil
}

// Soon reports whether Make would take seconds rather than minutes, because the compiler and the
// linker exist.
func (s *Store) Soon() bool {
	k, err := s.keys()
	if err != nil {
		return false
	}
	for _, dir := range s.Dirs {
		if tools := toolchain.In(filepath.Join(dir, k.tools)); exists(tools.Compile) && exists(tools.Link) {
			return true
		}
	}
	return false
}
