package seq

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/trafficlab/trafficlab/trafficlib/internal/arrowfile"
	"github.com/trafficlab/trafficlab/trafficlib/internal/progress"
)

// What a sequence file says about the files that it was made from, a line for each: its name, without folders, and the
// SHA-256 of its contents.
const (
	metaSource = "trafficlab.source"
	metaSHA256 = "trafficlab.source_sha256"
)

// Convert writes the sessions to a sequence file at dst and opens it. It reads on all cores, and holds a piece of the
// file for each of them in memory, 4 MB of text as up to 8 MB of numbers or the longest session, however large the file
// is; dst is there whole or not at all. The first session that can not be read ends it with the error of At. Progress
// goes to the sink in ctx, and when ctx is done Convert stops with its error.
func Convert(ctx context.Context, s *Sessions, dst string) (*Set, error) {
	return convert(ctx, []*Sessions{s}, dst)
}

// Import makes one sequence file at dst out of session files, in their order, and opens it, as Convert does. A path may
// be a folder of numbered parts, see Join. Files of different widths are an error.
func Import(ctx context.Context, dst string, paths ...string) (*Set, error) {
	if len(paths) == 0 {
		return nil, errors.New("seq: import: no session files")
	}
	tmp, err := os.MkdirTemp("", "trafficlab-join-")
	if err != nil {
		return nil, fmt.Errorf("seq: import: %w", err)
	}
	defer os.RemoveAll(tmp)
	var all []*Sessions
	for i, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			// The joined file keeps the name that the original gives it, for the record in the sequence file.
			name := filepath.Base(filepath.Clean(path)) + ".csv"
			if path, err = Join(path, filepath.Join(tmp, strconv.Itoa(i), name)); err != nil {
				return nil, err
			}
		}
		s, err := OpenSessions(path)
		if err != nil {
			return nil, err
		}
		defer s.Close()
		if len(all) > 0 && s.features != all[0].features {
			return nil, fmt.Errorf("seq: %s: %d features, %s has %d", path, s.features, all[0].path, all[0].features)
		}
		all = append(all, s)
	}
	return convert(ctx, all, dst)
}

func convert(ctx context.Context, all []*Sessions, dst string) (*Set, error) {
	work, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait() // the caller may close the files as soon as this returns
	defer stop()

	names, total := make([]string, len(all)), 0
	for i, s := range all {
		names[i] = filepath.Base(s.path)
		total += s.Len()
	}
	var sums string
	hashed := make(chan error, 1)
	running.Go(func() {
		var err error
		sums, err = hashes(work, all)
		hashed <- err
	})
	stand := standIn(len(all))
	schema := newSchema(all[0].features, []string{metaSource, strings.Join(names, "\n"), metaSHA256, stand})
	sink := progress.From(ctx)
	err := arrowfile.WriteLate(dst, schema, stand, func(put func(arrow.RecordBatch) error) error {
		done := 0
		r := startReading(work, &running, all)
		for p := range r.pieces {
			<-p.read
			if p.err != nil {
				return p.err
			}
			if ctx.Err() != nil {
				break
			}
			if err := put(p.rows.record(schema)); err != nil {
				return err
			}
			r.free <- p.rows
			done += p.to - p.from
			sink.Update(progress.Update{Task: "convert", Unit: "session", Done: int64(done), Total: int64(total), Final: done == total})
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("convert: stopped after %d of %d sessions: %w", done, total, err)
		}
		return nil
	}, func() (string, error) { err := <-hashed; return sums, err })
	if err != nil {
		return nil, fmt.Errorf("seq: %w", err)
	}
	return Open(dst)
}

// hashes gives the SHA-256 of each file, a line for each.
func hashes(ctx context.Context, all []*Sessions) (string, error) {
	sums := make([]string, len(all))
	for i, s := range all {
		var err error
		if sums[i], err = s.sum(ctx); err != nil {
			return "", fmt.Errorf("convert: %w", err)
		}
	}
	return strings.Join(sums, "\n"), nil
}

// standIn gives what stands in a sequence file for n hashes while it is written: as long, and drawn by chance, so that
// nothing that a user wrote is the same.
func standIn(n int) string {
	stand := make([]byte, n*(2*sha256.Size+1)-1)
	for at := 0; at < len(stand); {
		at += copy(stand[at:], rand.Text())
	}
	return string(stand)
}

// sum gives the SHA-256 of the file. A hash goes through a file from its beginning to its end, so that it is a pass of
// its own, beside the pieces that are read.
func (s *Sessions) sum(ctx context.Context) (string, error) {
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
