package conversation

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/table"
)

// ReadAll reads captures as if they were one: a capture that tcpdump -G wrote in parts, or those of several places.
// Packets stand in the order of their times, and timestamps count from the first of all frames; No. is the number in
// its own file. One file alone is read as Read does; a CSV among several is an error, since it does not tell its times.
func ReadAll(ctx context.Context, paths []string, ports map[uint16]string) (*Packets, error) {
	if len(paths) == 0 {
		return nil, errors.New("conversation: no file to read")
	}
	var all []*Packets
	for _, path := range paths {
		p, err := Read(ctx, path, ports)
		if err != nil {
			return nil, err
		}
		if p.Start.IsZero() && len(paths) > 1 {
			return nil, fmt.Errorf("conversation: %s: is one of %d files, but has no time of day to put its packets among theirs", path, len(paths))
		}
		all = append(all, p)
	}
	if len(all) == 1 {
		return all[0], nil
	}
	start := slices.MinFunc(all, func(a, b *Packets) int { return a.Start.Compare(b.Start) }).Start
	var tables []*table.Table
	var notices []string
	for i, p := range all {
		tables = append(tables, p.later(p.Start.Sub(start)))
		notices = append(notices, filepath.Base(paths[i])+": "+p.Notice)
	}
	t := table.Concat(tables...)
	t, _ = inOrder(t)
	return &Packets{Table: t, Start: start, Notice: strings.Join(notices, "; ")}, nil
}

// later gives the packets with other timestamps.
func (p *Packets) later(by time.Duration) *table.Table {
	times := slices.Clone(p.Table.Float64s("timestamp"))
	for i := range times {
		times[i] += by.Seconds()
	}
	return p.Table.With(table.Col("timestamp", times))
}
