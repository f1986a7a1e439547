package conversation

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// ReadAll reads captures as if they were one: a capture that tcpdump -G wrote in parts, or those of
// several places. Packets are in the order of their times, and timestamps count from the first of
// all frames; No. is the number in its own file. A single file is read as Read does. Of several, a
// file that cannot be read, has no TCP packets or is a CSV, which does not record its times, is
// left out, and Notice says why; it is an error if nothing is left.
func ReadAll(ctx context.Context, paths []string, ports map[uint16]string) (*Packets, error) {
	if len(paths) == 0 {
		return nil, errors.New("conversation: no file to read")
	}
	if len(paths) == 1 {
		return Read(ctx, paths[0], ports)
	}
	var all []*Packets
	var names, odd []string
	for _, path := range paths {
		p, err := Read(ctx, path, ports)
		if err == nil && p.Start.IsZero() {
			err = fmt.Errorf("conversation: %s: is one of %d files, but has no time of day to put its packets among theirs",
				path, len(paths))
		}
		switch {
		case ctx.Err() != nil:
			return nil, err
		case err != nil:
			odd = append(odd, strings.TrimPrefix(err.Error(), "conversation: "))
			continue
		}
		all, names = append(all, p), append(names, filepath.Base(path))
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("conversation: none of %d files can be read: %s", len(paths), strings.Join(odd, "; "))
	}
	start := slices.MinFunc(all, func(a, b *Packets) int { return a.Start.Compare(b.Start) }).Start
	var tables []*table.Table
	var notices []string
	for i, p := range all {
		tables = append(tables, p.later(p.Start.Sub(start)))
		notices = append(notices, names[i]+": "+p.Notice)
	}
	if len(odd) > 0 {
		notices = append(notices, fmt.Sprintf("%d files left out: %s", len(odd), strings.Join(odd, "; ")))
	}
	t := table.Concat(tables...)
	t, _ = inOrder(t)
	return &Packets{Table: t, Start: start, Notice: strings.Join(notices, "; ")}, nil
}

// later returns the packets with other timestamps.
func (p *Packets) later(by time.Duration) *table.Table {
	times := slices.Clone(p.Table.Float64s("timestamp"))
	for i := range times {
		times[i] += by.Seconds()
	}
	return p.Table.With(table.Col("timestamp", times))
}
