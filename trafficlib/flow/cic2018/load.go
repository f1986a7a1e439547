package cic2018

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"

	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// by is what tables record as the package that made them.
const by = "cic2018"

// Load loads CSV files, or the CSV files of folders, into the flow table at dst and opens it. If
// dst was made of the same files with the same options, it only opens it; else it makes it, whole
// or not at all. Table.Cached reports which it was, and Table.Why why an earlier file at dst was
// not used.
//
// The table has the columns of numbers that more than half of the files have, and addresses and
// source ports if half of them do; the Report names columns that are left out. See flowtable for
// the names and types of columns.
//
// However large the files are, Load holds about 15 MB for each core, 32 of them at most, and a few
// bytes for each 2 MB of text. Beside dst it needs as much room on the disk again while it works.
// Progress goes to the sink in ctx, and when ctx is done Load stops with its error. Errors name
// file, line and column.
func Load(ctx context.Context, dst string, o Options, paths ...string) (*flowtable.Table, error) {
	t, err := load(ctx, dst, o, paths)
	if err != nil {
		return nil, fmt.Errorf("cic2018: %w", err)
	}
	return t, nil
}

func load(ctx context.Context, dst string, o Options, paths []string) (*flowtable.Table, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	paths, err := files(paths)
	if err != nil {
		return nil, err
	}
	why := ""
	if _, err := os.Stat(dst); err == nil {
		var old *flowtable.Table
		if old, why = reuse(dst, o, paths); old != nil {
			old.Cached = true
			return old, nil
		}
	}
	t, err := convert(ctx, dst, o, paths)
	if err != nil {
		return nil, err
	}
	t.Why = why
	return t, nil
}

// A loading is the work of one Load. One goroutine cuts the files into pieces, as many as there are
// cores parse and pack them, and collect appends them in their order.
type loading struct {
	ctx     context.Context
	o       *Options
	paths   []string
	plan    plan
	layouts []layout
	sources []flowtable.Source
	total   int64

	free, work, order chan *piece // pieces to fill, filled ones for any core, and the same in their order
	read              chan error  // how reading ended

	writer       *flowtable.Writer
	report       flowtable.Report
	missing, inf []int // by column of numbers
	hours        hours
}

func convert(ctx context.Context, dst string, o Options, paths []string) (*flowtable.Table, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	l := &loading{ctx: ctx, o: &o, paths: paths, report: flowtable.Report{Notes: o.Notes}}
	if err := l.headers(); err != nil {
		return nil, err
	}
	var err error
	l.writer, err = flowtable.NewWriter(dst, flowtable.Layout{Numbers: l.plan.numbers, Texts: l.plan.texts},
		flowtable.Options{Sort: o.Sort, Missing: o.Missing, Infinite: o.Infinite})
	if err != nil {
		return nil, err
	}
	defer l.writer.Close()
	var running sync.WaitGroup
	defer running.Wait()
	defer stop() // before the wait
	cores := min(runtime.GOMAXPROCS(0), 32)
	l.free, l.work, l.order = make(chan *piece, cores+2), make(chan *piece, cores+2), make(chan *piece, cores+2)
	l.read = make(chan error, 1)
	for range cap(l.free) {
		l.free <- &piece{}
	}
	running.Go(func() {
		err := l.readAll()
		close(l.work)
		close(l.order)
		l.read <- err
	})
	for range cores {
		running.Go(func() {
			for p := range l.work {
				if l.ctx.Err() == nil {
					p.parse(&l.layouts[p.file], &l.plan, l.o)
					l.writer.Pack(p.batch())
				}
				close(p.done)
			}
		})
	}
	if err := l.collect(); err != nil {
		return nil, err
	}
	if err := <-l.read; err != nil {
		return nil, err
	}
	if l.report.Rows == 0 {
		return nil, fmt.Errorf("%s: none of %d rows is kept", l.paths[0], l.report.Read)
	}
	return l.finish()
}

// finish writes the table.
func (l *loading) finish() (*flowtable.Table, error) {
	r := &l.report
	r.MissingPolicy, r.InfinitePolicy = l.o.Missing, l.o.Infinite
	r.Twelve = l.hours.twelve()
	for _, f := range r.Files {
		r.Repaired = r.Repaired || f.Moved > 0
	}
	r.Missing, r.Infinite = byName(l.plan.numbers, l.missing), byName(l.plan.numbers, l.inf)
	return l.writer.Finish(l.ctx, flowtable.Made{By: by, Version: version, Options: l.o.record(),
		Sources: l.sources, Report: *r})
}

// byName returns the counts that are not 0 by the names of their columns.
func byName(names []string, counts []int) map[string]int {
	m := map[string]int{}
	for i, n := range counts {
		if n > 0 {
			m[names[i]] = n
		}
	}
	return m
}

// headers reads the header of each file, and for its clock as much as it takes.
func (l *loading) headers() error {
	if err := l.readHeaders(); err != nil {
		return err
	}
	for i := range l.layouts {
		y := &l.layouts[i]
		if l.o.Afternoon {
			var err error
			if y.twelve, err = twelveHours(l.paths[i], y, l.o); err != nil {
				return fmt.Errorf("%s: %w", l.paths[i], err)
			}
		}
		if l.o.Attempted && y.forward < 0 {
			return fmt.Errorf("%s:1: no column %q, which tells attempted attacks", l.paths[i], forwardBytes)
		}
		l.report.Files = append(l.report.Files, flowtable.FileReport{
			Name: l.sources[i].Name, Columns: len(y.names), Out: y.out, Twice: y.twice})
	}
	l.missing, l.inf = make([]int, len(l.plan.numbers)), make([]int, len(l.plan.numbers))
	return nil
}

func head(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxLine))
}

// readAll cuts the files into pieces.
func (l *loading) readAll() error {
	tail := make([]byte, 0, maxLine) // the beginning of a line whose end is not read yet
	for i, path := range l.paths {
		if err := l.readFile(i, path, &tail); err != nil {
			return err
		}
	}
	return nil
}

func (l *loading) readFile(i int, path string, tail *[]byte) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := xxh3.New()
	skip := l.layouts[i].size
	*tail = (*tail)[:0]
	const pieceLines = 1 << 22 // more than a piece has
	pieces := int64(0)
	for size := int64(0); ; {
		var p *piece
		select {
		case p = <-l.free:
		case <-l.ctx.Done():
			return l.ctx.Err()
		}
		p.file, p.cut, p.last, p.done = i, false, false, make(chan struct{})
		p.base = int64(i)*day + pieces*pieceLines
		pieces++
		p.text = append(room(p.text, 0), *tail...)
		from := len(p.text)
		some := int(min(pieceSize, l.sources[i].Size+1)) // of a small file all, and its end
		p.text = slices.Grow(p.text, some+9)[:from+some]
		n, err := io.ReadFull(f, p.text[from:])
		p.text = p.text[:from+n]
		size += int64(n)
		h.Write(p.text[from:])
		p.last = err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !p.last {
			return err
		}
		if skip > 0 {
			k := min(skip, len(p.text))
			p.text = p.text[:copy(p.text, p.text[k:])]
			skip -= k
		}
		switch end := bytes.LastIndexByte(p.text, '\n') + 1; {
		case p.last && end < len(p.text) && len(bytes.TrimSpace(p.text[end:])) > 0:
			p.text, p.cut = append(p.text, '\n'), true
		case p.last:
			p.text, *tail = p.text[:end], (*tail)[:0]
		case len(p.text)-end > maxLine:
			p.err = errLong
			p.text = p.text[:end]
		default:
			*tail = append((*tail)[:0], p.text[end:]...)
			p.text = p.text[:end]
		}
		last, long := p.last, p.err
		if last {
			s, err := flowtable.Stat(path)
			if err != nil {
				return err
			}
			if was := l.sources[i]; s.Size != was.Size || s.Time != was.Time || s.Size != size {
				return fmt.Errorf("%s: the file changed while it was read", path)
			}
			l.sources[i].Hash = flowtable.HashOf(h)
		}
		l.order <- p
		l.work <- p
		if last || long != nil {
			return nil
		}
	}
}

var errLong = fmt.Errorf("a line of more than %d kB: not a CSV file, or one with other ends of lines", maxLine>>10)

// collect takes the pieces in their order.
func (l *loading) collect() error {
	sink := progress.From(l.ctx)
	line, done, file := 1, int64(0), 0
	seen := map[string]int64{} // labels of the file
	for p := range l.order {
		<-p.done
		if err := l.ctx.Err(); err != nil {
			return fmt.Errorf("stopped after %d of %d MB: %w", done/mb, l.total/mb, err)
		}
		if p.file != file {
			line, file = 1, p.file
			clear(seen)
		}
		if err := l.take(p, line, seen); err != nil {
			return err
		}
		if line == 1 {
			done += int64(l.layouts[file].size)
		}
		line += p.lines
		done += int64(len(p.text))
		if p.last {
			// Of a file that ends in the middle of its last label the rest of the row looks whole.
			if name := p.tally.lastLabel; name != "" && seen[name] == 1 {
				for other := range seen {
					if other != name && strings.HasPrefix(other, name) {
						return fmt.Errorf("%s:%d: the file ends in the middle of this line: column %q: %q",
							l.paths[file], line, "Label", name)
					}
				}
			}
			if l.report.Files[file].Rows == 0 && l.report.Files[file].Bad == 0 {
				return fmt.Errorf("%s: no rows below the header", l.paths[file])
			}
		}
		sink.Update(progress.Update{Task: "load", Unit: "MB", Done: done / mb, Total: l.total / mb,
			Metrics: []progress.Value{{Name: "rows", Value: float64(l.report.Rows)}}, Final: p.last && file == len(l.paths)-1})
		p.err = nil
		l.free <- p
	}
	return l.ctx.Err()
}

const mb = 1_000_000

// mostLines is how many line numbers are kept of each kind and file.
const mostLines = 1000

// take counts what is in a piece that begins behind line, and appends its rows to the table.
func (l *loading) take(p *piece, line int, seen map[string]int64) error {
	if p.err != nil {
		var at *place
		if errors.As(p.err, &at) {
			return fmt.Errorf("%s:%d: %w", l.paths[p.file], line+at.line, at.err)
		}
		return fmt.Errorf("%s:%d: %w", l.paths[p.file], line+p.lines+1, p.err)
	}
	t, f, r := &p.tally, &l.report.Files[p.file], &l.report
	keep := func(all []int, new []int) []int {
		for _, n := range new[:min(len(new), mostLines-len(all))] {
			all = append(all, line+n)
		}
		return all
	}
	f.Headers += len(t.headers)
	f.Lines = keep(f.Lines, t.headers)
	if f.Bad == 0 {
		f.BadWhy = t.why
	}
	f.Bad += len(t.bad)
	f.BadAt = keep(f.BadAt, t.bad)
	f.Empty += t.empty
	f.Unlabeled += t.unlabeled
	f.Moved += int64(t.moved)
	read := p.rows + t.before + t.dropped + t.unlabeled
	f.Rows += int64(read + len(t.bad))
	r.Read += int64(read + len(t.bad))
	r.Rows += int64(p.rows)
	r.Before += int64(t.before)
	r.Dropped += int64(t.dropped)
	r.Attempts += int64(t.marked)
	l.hours |= t.hours
	for i := range l.missing {
		l.missing[i] += t.missing[i]
		l.inf[i] += t.inf[i]
	}
	for _, name := range t.respelt {
		if !slices.Contains(r.Labels, name) {
			r.Labels = append(r.Labels, name)
		}
	}
	for i, name := range p.names {
		seen[name] += p.count[i]
	}
	err := l.writer.Append(p.batch())
	if errors.Is(err, flowtable.ErrLabels) {
		return fmt.Errorf("%s: %w", l.paths[p.file], err)
	}
	return err
}
