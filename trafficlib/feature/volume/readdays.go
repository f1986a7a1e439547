package volume

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
)

// ReadDays returns the series of the files of days, by their dates (ByDate), as Read does, after it
// has taken a sample of captures, and a note on each. A file that cannot be read is left out, and
// its note says why; it is an error if none can.
func ReadDays(
	ctx context.Context, paths []string, sample capture.Sampling, rules Rules,
) (all []Series, notes []string, err error) {
	for _, path := range ByDate(paths) {
		s, said, err := readDay(ctx, path, sample, rules)
		switch {
		case ctx.Err() != nil:
			return nil, nil, err
		case err != nil:
			said = []string{fmt.Sprintf("%s is left out: %v", filepath.Base(path), err)}
		default:
			all = append(all, s)
		}
		notes = append(notes, said...)
	}
	if len(all) == 0 {
		return nil, nil, fmt.Errorf("volume: none of %d files can be read: %s", len(paths), strings.Join(notes, "; "))
	}
	return all, notes, nil
}

func readDay(
	ctx context.Context, path string, sample capture.Sampling, rules Rules,
) (s Series, notes []string, err error) {
	name := filepath.Base(path)
	if capture.IsName(name) {
		dir, err := os.MkdirTemp("", "trafficlab-sample-")
		if err != nil {
			return s, nil, fmt.Errorf("volume: %w", err)
		}
		defer os.RemoveAll(dir)
		part := filepath.Join(dir, "sample.pcap")
		kept, err := capture.Sample(ctx, path, part, sample)
		if err != nil {
			return s, nil, err
		}
		notes, path = append(notes, fmt.Sprint(kept)), part
	}
	s, notice, err := Read(ctx, path, rules)
	return s, append(notes, fmt.Sprintf("%s: %s", name, notice)), err
}
