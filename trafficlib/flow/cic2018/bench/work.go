package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/bench/benchkit"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/flow/cic2018"
)

// ourWork does a piece of work of ours in this process. The file of load stays at work.arrow for
// again, which only maps it.
func ourWork(what, path, work string) (m measurement, err error) {
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
	stop := benchkit.Start()
	s, err := cic2018.Load(benchkit.Quiet(), dst, o, paths...)
	if err != nil {
		return m, err
	}
	m.Cost = stop()
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
