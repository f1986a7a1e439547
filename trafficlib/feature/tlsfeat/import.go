package tlsfeat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// Import makes a sequence file at dst from session files, in their order, and opens it. Of 146
// features the names are those of the layout. A path may be a folder of numbered parts, see Join.
// Files of different widths are an error.
//
// It reads on all cores, and holds a piece of a file for each of them in memory, 4 MB of text as up
// to 8 MB of numbers, or the longest session, however large the files are; dst is there whole or
// not at all. The first session that cannot be read ends it with the error of SessionFile.At. The
// file records the name and the SHA-256 of each session file. Progress goes to the sink in ctx, and
// when ctx is done Import stops with its error.
func Import(ctx context.Context, dst string, paths ...string) (*seq.Set, error) {
	if len(paths) == 0 {
		return nil, errors.New("tlsfeat: import: no session files")
	}
	g, err := openSessionFiles(paths)
	defer g.close()
	if err != nil {
		return nil, err
	}
	var l seq.Lineage
	for _, s := range g.files {
		l.Sources = append(l.Sources, seq.Source{Name: filepath.Base(s.path)})
	}
	if g.files[0].features == Width {
		l.Names = Names()
	}
	work, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait() // the files must stay open as long as they are read
	defer stop()

	var sums []string
	hashed := make(chan error, 1)
	running.Go(func() {
		var err error
		sums, err = hashes(work, g.files)
		hashed <- err
	})
	h := seq.Header{Features: g.files[0].features, Lineage: l, Sums: func() ([]string, error) {
		err := <-hashed
		return sums, err
	}}
	if err := seq.Write(dst, h, func(w *seq.Writer) error { return g.addTo(ctx, w, seq.About{}) }); err != nil {
		return nil, err
	}
	return seq.Open(dst)
}

// sessionFiles are the session files of a group, open.
type sessionFiles struct {
	files []*SessionFile
	tmp   string // where parts were joined; "" if there were none
}

// openSessionFiles opens files and folders of parts. What it returns must be closed, also after an
// error.
func openSessionFiles(paths []string) (g sessionFiles, err error) {
	for i, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			if g.tmp == "" {
				if g.tmp, err = os.MkdirTemp("", "trafficlab-join-"); err != nil {
					return g, fmt.Errorf("tlsfeat: import: %w", err)
				}
			}
			// The joined file has the name that file_joiner.py gives it, for the record in the set.
			name := filepath.Base(filepath.Clean(path)) + ".csv"
			if path, err = Join(path, filepath.Join(g.tmp, strconv.Itoa(i), name)); err != nil {
				return g, err
			}
		}
		s, err := OpenSessionFile(path)
		if err != nil {
			return g, err
		}
		g.files = append(g.files, s)
		if first := g.files[0]; s.features != first.features {
			return g, fmt.Errorf("tlsfeat: %s: %d features, %s has %d", path, s.features, first.path, first.features)
		}
	}
	return g, nil
}

func (g sessionFiles) close() {
	for _, s := range g.files {
		s.Close()
	}
	if g.tmp != "" {
		os.RemoveAll(g.tmp)
	}
}

// addTo adds all sessions, about which the part and the label of about are known. Origins count on
// from that of about.
func (g sessionFiles) addTo(ctx context.Context, w *seq.Writer, about seq.About) error {
	work, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	done, total := 0, 0
	for _, s := range g.files {
		total += s.Len()
	}
	sink := progress.From(ctx)
	r := startReading(work, &running, g.files, about)
	for p := range r.pieces {
		<-p.read
		if p.err != nil {
			return fmt.Errorf("tlsfeat: %w", p.err)
		}
		if ctx.Err() != nil {
			break
		}
		if err := w.AddBlock(p.block); err != nil {
			return err
		}
		r.free <- p.block
		done += p.to - p.from
		sink.Update(progress.Update{Task: "import", Unit: "session", Done: int64(done), Total: int64(total),
			Final: done == total})
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("tlsfeat: import: stopped after %d of %d sessions: %w", done, total, err)
	}
	return nil
}

// hashes returns the SHA-256 of each file.
func hashes(ctx context.Context, all []*SessionFile) ([]string, error) {
	sums := make([]string, len(all))
	for i, s := range all {
		var err error
		if sums[i], err = s.sum(ctx); err != nil {
			return nil, fmt.Errorf("tlsfeat: import: %w", err)
		}
	}
	return sums, nil
}

// sum returns the SHA-256 of the file. A hash goes through a file from its beginning to its end, so
// that it is a pass of its own, beside the pieces that are read.
func (s *SessionFile) sum(ctx context.Context) (string, error) {
	const chunk = 4 << 20
	h := sha256.New()
	err := s.file.Read(func(data []byte) error {
		for len(data) > 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			n := min(chunk, len(data))
			h.Write(data[:n])
			data = data[n:]
		}
		return nil
	})
	return hex.EncodeToString(h.Sum(nil)), err
}
