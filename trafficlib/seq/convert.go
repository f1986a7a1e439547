package seq

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/internal/progress"
)

// What a sequence file says about the files that it was made from, a line for each: its name, without folders, and the
// SHA-256 of its contents.
const (
	metaSource = "trafficlab.source"
	metaSHA256 = "trafficlab.source_sha256"
)

// Convert writes the sessions to a sequence file at dst and opens it. It holds one batch in memory, some 16 MB or the
// longest session, however large the file is; dst is there whole or not at all. The first session that can not be read
// ends it with the error of At. Progress goes to the sink in ctx, and when ctx is done Convert stops with its error.
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
	var names, sums []string
	total := 0
	for _, s := range all {
		sum, err := s.sum(ctx)
		if err != nil {
			return nil, fmt.Errorf("seq: convert: %w", err)
		}
		names, sums = append(names, filepath.Base(s.path)), append(sums, sum)
		total += s.Len()
	}
	meta := []string{metaSource, strings.Join(names, "\n"), metaSHA256, strings.Join(sums, "\n")}
	sink := progress.From(ctx)
	done := 0
	err := write(dst, all[0].features, meta, func(w *writer) error {
		for _, s := range all {
			for i := range s.Len() {
				if err := ctx.Err(); err != nil {
					return fmt.Errorf("convert: %s: stopped before session %d: %w", s.path, i, err)
				}
				var err error
				if w.values, err = s.parse(w.values, i); err != nil {
					return err
				}
				if err := w.end(); err != nil {
					return err
				}
				done++
				sink.Update(progress.Update{Task: "convert", Unit: "session", Done: int64(done), Total: int64(total), Final: done == total})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("seq: %w", err)
	}
	return Open(dst)
}

// sum gives the SHA-256 of the file. It is a pass of its own over the file because Arrow writes what a file says about
// itself before its data.
func (s *Sessions) sum(ctx context.Context) (string, error) {
	const chunk = 16 << 20
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
