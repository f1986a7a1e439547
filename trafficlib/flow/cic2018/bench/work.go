package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2018"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// measureHere does a work of ours in this process and prints the measurement for the process that watches it. The file
// of load stays at work.arrow for again, which only maps it.
func measureHere(what, path, work string) error {
	m, err := ourWork(what, path, work)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(m)
}

func ourWork(what, path, work string) (m measurement, err error) {
	quiet := progress.With(context.Background(), &progress.Lines{W: io.Discard})
	dst, o := work+".arrow", cic2018.Options{Missing: table.Keep, Infinite: table.Keep}
	switch {
	case what == "load":
		os.Remove(dst)
	case strings.HasPrefix(what, "load×"):
		dst, o.Sort = work+"-large.arrow", true
		defer os.Remove(dst)
	case what == "sort":
		dst, o.Sort = work+"-sorted.arrow", true
		defer os.Remove(dst)
	case what == "again":
	default:
		return m, fmt.Errorf("no work %q", what)
	}
	paths := []string{path}
	if n, err := strconv.Atoi(strings.TrimPrefix(what, "load×")); err == nil {
		paths = slices.Repeat(paths, n)
	}
	start, before := time.Now(), benchkit.CPU()
	s, err := cic2018.Load(quiet, dst, o, paths...)
	if err != nil {
		return m, err
	}
	m.Seconds, m.CPU = time.Since(start).Seconds(), benchkit.CPU()-before
	defer s.Close()
	if s.Cached != (what == "again") {
		return m, fmt.Errorf("%s: the file was there: %v: %s", what, s.Cached, s.Why)
	}
	for _, f := range []struct {
		path string
		size *int64
	}{{path, &m.Bytes}, {dst, &m.Held}} {
		info, err := os.Stat(f.path)
		if err != nil {
			return m, err
		}
		*f.size = info.Size()
	}
	m.Rows, m.Bytes = int64(s.NumRows()), m.Bytes*int64(len(paths))
	const some = 1 << 16
	for from := 0; from < s.NumRows(); from += some {
		for _, x := range s.Rows(from, min(from+some, s.NumRows()), "flow_duration").Float64s("flow_duration") {
			m.Sum += int64(x)
		}
	}
	return m, nil
}
