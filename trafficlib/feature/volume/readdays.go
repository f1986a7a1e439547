package volume

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// ReadDays makes the series of files of days, by their dates (ByDate), as Read does, and saves them in the folder dir, which
// it makes anew, for OpenAll. Of captures it takes a sample first. It returns what there is to say, a line for each. A file
// that cannot be read is left out, and its line says why; that none can is an error.
func ReadDays(ctx context.Context, dir string, paths []string, sample capture.Sampling, rules Rules) (lines []string, err error) {
	if err := os.RemoveAll(dir); err != nil { // of another run
		return nil, fmt.Errorf("volume: %w", err)
	}
	kept := 0
	for i, path := range ByDate(paths) {
		said, err := readDay(ctx, filepath.Join(dir, fmt.Sprint(i, ".arrow")), path, sample, rules)
		switch {
		case ctx.Err() != nil:
			return nil, err
		case err != nil:
			said = []string{fmt.Sprintf("%s is left out: %v", filepath.Base(path), err)}
		default:
			kept++
		}
		lines = append(lines, said...)
	}
	if kept == 0 {
		return nil, fmt.Errorf("volume: none of %d files can be read: %s", len(paths), strings.Join(lines, "; "))
	}
	return lines, nil
}

func readDay(ctx context.Context, dst, path string, sample capture.Sampling, rules Rules) (lines []string, err error) {
	name := filepath.Base(path)
	if capture.IsName(name) {
		part := strings.TrimSuffix(dst, ".arrow") + ".pcap"
		defer os.Remove(part)
		if err := os.MkdirAll(filepath.Dir(part), 0o777); err != nil {
			return nil, err
		}
		kept, err := capture.Sample(ctx, path, part, sample)
		if err != nil {
			return nil, err
		}
		lines, path = append(lines, fmt.Sprint(kept)), part
	}
	s, notice, err := Read(ctx, path, rules)
	if err != nil {
		return nil, err
	}
	return append(lines, fmt.Sprintf("%s: %s", name, notice)), s.Save(dst)
}
