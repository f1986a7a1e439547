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

	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// Load gives the flows of CSV files, or of folders of them, by way of the Arrow file at dst. Where dst was made of the
// same files with the same options it is only mapped; else it is made, whole or not at all. Set.Cached says which it was,
// and Set.Why what made an earlier file at dst unfit.
//
// The columns are those that more than half of the files have, by name, as the first file with all of them orders them;
// text other than Label (Flow ID, addresses) and columns that most files lack are left out and named in the Report. Dst
// Port, Protocol and Label become dictionaries, Timestamp microseconds without a zone, all others the smallest type that
// holds them, by the rule that the original has (see stat.final), of the rows that are kept.
//
// However large the files are, it holds some 15 MB for each core, 32 of them at most, and a few bytes for each 2 MB of
// text. Beside dst it needs as much room on the disk again while it works. Progress goes to the sink in ctx; when ctx is
// done it stops with its error. Errors name file, line and column.
func Load(ctx context.Context, dst string, o Options, paths ...string) (*Set, error) {
	s, err := load(ctx, dst, o, paths)
	if err != nil {
		return nil, fmt.Errorf("cic2018: %w", err)
	}
	return s, nil
}

func load(ctx context.Context, dst string, o Options, paths []string) (*Set, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	paths, err := files(paths)
	if err != nil {
		return nil, err
	}
	why := ""
	if _, err := os.Stat(dst); err == nil {
		var old *Set
		if old, why = reuse(dst, o, paths); old != nil {
			old.Cached = true
			return old, nil
		}
	}
	if err := convert(ctx, dst, o, paths); err != nil {
		return nil, err
	}
	s, err := open(dst)
	if err != nil {
		return nil, err
	}
	s.Why = why
	return s, nil
}

// reuse opens what an earlier Load made, or says why it can not be used.
func reuse(dst string, o Options, paths []string) (*Set, string) {
	s, err := open(dst)
	if err != nil {
		return nil, err.Error()
	}
	why := ""
	if s.made.Options != o.record() {
		why = fmt.Sprintf("%s: it was made with other options", dst)
	} else if what, err := changed(paths, s.made.Sources, s.made.Report.Odd); err != nil {
		why = err.Error()
	} else if what != "" {
		why = fmt.Sprintf("%s: %s", dst, what)
	}
	if why != "" {
		s.Close()
		return nil, why
	}
	return s, ""
}

// A loading is the work of one Load.
type loading struct {
	ctx     context.Context
	o       *Options
	paths   []string
	plan    plan
	layouts []layout
	sources []Source
	total   int64

	free, work, order chan *piece // pieces to fill, filled ones for any core, and the same in their order
	sums              chan error  // the reader's end

	spill        *spill
	report       Report
	missing, inf []int
	codes        map[string]uint16 // of labels
	names        []string
	count        []int64
	ports        [1 << 16]bool
	protos       [1 << 8]bool
	hours        hours
}

func convert(ctx context.Context, dst string, o Options, paths []string) (err error) {
	ctx, stop := context.WithCancel(ctx)
	l := &loading{ctx: ctx, o: &o, paths: paths, codes: map[string]uint16{}}
	if err := l.headers(); err != nil {
		stop()
		return err
	}
	if l.spill, err = newSpill(dst, len(l.plan.nums)); err != nil {
		stop()
		return err
	}
	defer l.spill.close()
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	cores := min(runtime.GOMAXPROCS(0), 32)
	l.free, l.work, l.order = make(chan *piece, cores+2), make(chan *piece, cores+2), make(chan *piece, cores+2)
	l.sums = make(chan error, 1)
	for range cap(l.free) {
		l.free <- &piece{}
	}
	running.Go(func() {
		err := l.read()
		close(l.work)
		close(l.order)
		l.sums <- err
	})
	for range cores {
		running.Go(func() {
			for p := range l.work {
				if l.ctx.Err() == nil {
					p.parse(&l.layouts[p.file], len(l.plan.nums), l.o)
					p.encode(l.o.Sort)
				}
				close(p.done)
			}
		})
	}
	if err := l.collect(); err != nil {
		return err
	}
	if err := <-l.sums; err != nil {
		return err
	}
	if l.report.Rows == 0 {
		return fmt.Errorf("%s: none of %d rows is kept", l.paths[0], l.report.Read)
	}
	return l.write(dst)
}

// headers reads the first line of each file.
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
		if l.o.Attempted && y.fwd < 0 {
			return fmt.Errorf("%s:1: no column %q, which tells attempted attacks", l.paths[i], "TotLen Fwd Pkts")
		}
		l.report.Files = append(l.report.Files, FileReport{Name: l.sources[i].Name, Columns: len(y.names), Out: y.out, Twice: y.twice})
	}
	l.missing, l.inf = make([]int, len(l.plan.nums)), make([]int, len(l.plan.nums))
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

// read cuts the files into pieces.
func (l *loading) read() error {
	tail := make([]byte, 0, maxLine) // the beginning of a line whose end was not read yet
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
			s, err := stat1(path)
			if err != nil {
				return err
			}
			if was := l.sources[i]; s.Size != was.Size || s.Time != was.Time || s.Size != size {
				return fmt.Errorf("%s: the file was changed while it was read", path)
			}
			l.sources[i].Hash = sum(h)
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
						return fmt.Errorf("%s:%d: the file ends in the middle of this line: column %q: %q", l.paths[file], line, "Label", name)
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

// take counts what is in a piece that begins behind line, and puts its rows aside.
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
	p.chunk.labels = nil
	for i, name := range p.names {
		code, ok := l.codes[name]
		if !ok {
			if len(l.names) == maxLabels {
				return fmt.Errorf("%s: column %q: more than %d different labels", l.paths[p.file], "Label", maxLabels)
			}
			code = uint16(len(l.names))
			l.codes[name] = code
			l.names, l.count = append(l.names, name), append(l.count, 0)
		}
		l.count[code] += p.count[i]
		seen[name] += p.count[i]
		p.chunk.labels = append(p.chunk.labels, code)
	}
	for _, v := range p.ports[:p.rows] {
		l.ports[v] = true
	}
	for _, v := range p.protos[:p.rows] {
		l.protos[v] = true
	}
	return l.spill.add(p.chunk)
}
