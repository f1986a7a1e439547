package cic2018

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
)

// readHeaders reads the first line of each file and plans the table. Files that are no such tables,
// or lack columns of the others, are left out beside others.
func (l *loading) readHeaders() error {
	var headers []header
	var first error
	paths := l.paths
	l.paths = nil
	for _, path := range paths {
		s, err := flowtable.Stat(path)
		if err != nil {
			return err
		}
		h, err := readHeader(path, s)
		if err != nil {
			if first == nil {
				first = err
			}
			l.leaveOut(path, s, err)
			continue
		}
		l.paths, l.sources, headers = append(l.paths, path), append(l.sources, s), append(headers, h)
	}
	for len(l.paths) > 0 {
		var err error
		if l.plan, l.layouts, err = newPlan(headers); err == nil {
			break
		}
		var e *lacking
		if !errors.As(err, &e) {
			return err
		}
		i := e.file
		if first == nil {
			first = fmt.Errorf("%s:1: %w", l.paths[i], err)
		}
		l.leaveOut(l.paths[i], l.sources[i], fmt.Errorf("%s:1: %w", l.paths[i], err))
		l.paths, l.sources, headers = without(l.paths, i), without(l.sources, i), without(headers, i)
	}
	switch {
	case len(paths) == 1 && first != nil:
		return first
	case len(l.paths) == 0:
		var why []string
		for _, f := range l.report.Odd {
			why = append(why, f.Name+": "+f.Why)
		}
		return fmt.Errorf("none of %d files can be read: %s", len(paths), strings.Join(why, "; "))
	}
	for _, s := range l.sources {
		l.total += s.Size
	}
	l.report.Absent = l.plan.absent
	return nil
}

func without[T any](all []T, i int) []T { return append(append([]T{}, all[:i]...), all[i+1:]...) }

// leaveOut notes a file that is left out.
func (l *loading) leaveOut(path string, s flowtable.Source, err error) {
	why := strings.TrimPrefix(strings.TrimPrefix(err.Error(), path), ":1")
	l.report.Odd = append(l.report.Odd, flowtable.OddFile{Source: s, Why: strings.TrimPrefix(why, ": ")})
}

// readHeader reads the header of a file. Errors name it.
func readHeader(path string, s flowtable.Source) (h header, err error) {
	data, err := head(path)
	if err != nil {
		return h, err
	}
	if h, err = parseHeader(data, int64(len(data)) == s.Size); err != nil {
		if err == errEmpty {
			return h, fmt.Errorf("%s: %w", path, err)
		}
		return h, fmt.Errorf("%s:1: %w", path, err)
	}
	if len(bytes.TrimSpace(data[min(h.size, len(data)):])) == 0 && int64(len(data)) == s.Size {
		return h, fmt.Errorf("%s: no rows below the header", path)
	}
	return h, nil
}
