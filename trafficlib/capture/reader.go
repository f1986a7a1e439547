package capture

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/mapped"
)

// A Reader reads captures from their beginning to their end.
type Reader struct {
	files   []string
	waiting []*part // not yet open, in order of their first frames; of one capture it is open from the start
	open    []*part // each with a frame that has not been given
	started bool
	first   int64 // time of the first frame
	report  Report
	options Options
	done    int64 // bytes of captures that were read to their end
	size    int64
}

// part is one of the captures.
type part struct {
	path    string
	entry   string // of a zip archive
	number  int
	in      input
	raw     *counter // of a stream
	format  format
	packet  Packet
	sorter  sorter
	read    int64 // frames that were read
	frames  int64 // that were given
	closers []func() error
	start   int64 // time of the first frame
	time    int64 // of the packet, among those of other captures
	opened  bool
	decap   bool
}

// Open opens captures: files, folders and patterns, see Find. Several are read as one, in the order of their first frames,
// and where they overlap frame by frame, so that each is opened when its time comes. Close closes what is open.
//
// Of several, one that cannot be read does not end the rest: Report names it and says why. That none can is an error.
func Open(paths ...string) (*Reader, error) { return Options{}.Open(paths...) }

func (o Options) open(paths []string) (*Reader, error) {
	files, err := Find(paths...)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("capture: no path is given")
	}
	r := &Reader{options: o}
	var all []*part
	for _, path := range files {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			r.size += info.Size()
		}
		entries, err := zipEntries(path)
		if err != nil {
			r.report.odd(err)
			continue
		}
		for _, entry := range entries {
			t := &part{path: path, entry: entry, sorter: o.sorter(path == "-"), decap: o.Decapsulate}
			all = append(all, t)
		}
	}
	var first error
	for _, t := range all {
		if t.path == "-" && len(all) > 1 {
			r.Close()
			return nil, errors.New("capture: the standard input is read by itself, not with files: it has no order of time among them")
		}
		err := t.open()
		if err != nil {
			t.close()
			first = cmp.Or(first, err)
			r.report.odd(err)
			continue
		}
		if t.number = len(r.files); len(all) > 1 {
			t.peek(o)
		}
		r.files = append(r.files, t.name())
		r.waiting = append(r.waiting, t)
	}
	switch {
	case len(r.waiting) > 0:
	case len(all) == 1 && r.report.Odd == 1:
		return nil, first
	default:
		return nil, fmt.Errorf("capture: none of %d files can be read: %s", r.report.Odd, r.report.OddWhy)
	}
	slices.SortStableFunc(r.waiting, func(a, b *part) int { return cmp.Compare(a.start, b.start) })
	return r, nil
}

// NewReader reads a capture from a stream; name is what errors call it.
func NewReader(stream io.Reader, name string) (*Reader, error) {
	return Options{}.NewReader(stream, name)
}

func (t *part) open() error {
	t.opened = true
	if t.path == "-" {
		return t.openStream(os.Stdin)
	}
	if t.entry != "" {
		return t.openEntry()
	}
	return t.openFile()
}

// peek finds out the time of the first frame, and closes what can be opened again.
func (t *part) peek(o Options) {
	const frames = 64 // of which the first may not be the earliest
	for i := range frames {
		var f rawFrame
		if err := mapped.Protect(func() error { return t.format.next(&t.in, &f) }); err != nil {
			break
		}
		if i == 0 {
			t.start = f.nanos
		}
		if !f.untimed {
			t.start = min(t.start, f.nanos)
		}
	}
	t.close() // of one that is cut short it fails, which shows again when it is read
	*t = part{path: t.path, entry: t.entry, number: t.number, start: t.start, sorter: o.sorter(false), decap: t.decap}
}

// name names the capture, an entry of an archive behind its path.
func (t *part) name() string {
	if t.entry == "" {
		return t.path
	}
	return filepath.Join(t.path, t.entry)
}

// close closes in the reverse order of opening.
func (t *part) close() error {
	var errs []error
	for _, shut := range slices.Backward(t.closers) {
		errs = append(errs, shut())
	}
	t.closers, t.opened = nil, false
	return errors.Join(errs...)
}

// next reads and decodes the next frame into t.packet.
func (t *part) next() error {
	t.in.forget()
	p := &t.packet
	*p = Packet{} // a literal with fields would be made elsewhere and copied
	if t.sorter.pass(t, p) {
		t.time = p.Nanos
	} else {
		f, err := t.sorter.next(t)
		if err != nil {
			return err
		}
		p.Number, p.Nanos, p.Untimed, p.Strayed = f.number, f.nanos, f.untimed, f.strayed
		p.Length, p.Data, p.Link = f.length, f.data, f.link
		t.time = t.sorter.soon(f)
	}
	p.File, p.decap = t.number, t.decap
	t.frames++
	p.decode()
	return nil
}

// offset gives how many bytes of the file were read.
func (t *part) offset() int64 {
	if t.raw != nil {
		return t.raw.n
	}
	return t.in.offset()
}

// Packets gives the frames, in the order of time of their captures. Each is good until the next is asked for. When they
// have been given, Report says what they were and whether the captures were read to their ends.
func (r *Reader) Packets() iter.Seq[*Packet] {
	return func(yield func(*Packet) bool) {
		// A file that another program cuts short faults in its map: here, or where the caller reads the packet.
		if err := mapped.Protect(func() error { r.run(yield); return nil }); err != nil {
			for _, t := range r.open {
				r.damaged(t, err)
			}
			r.open, r.waiting = nil, nil
		}
	}
}

// run gives frames until there are none, or yield wants no more.
func (r *Reader) run(yield func(*Packet) bool) {
	for {
		var t *part
		if len(r.open) == 1 && len(r.waiting) == 0 {
			t = r.open[0]
		} else if t = r.earliest(); t == nil {
			return
		}
		p := &t.packet
		if !r.started {
			r.started, r.first = true, p.Nanos
		}
		p.Since = time.Duration(p.Nanos - r.first)
		r.report.count(p)
		more := yield(p)
		r.advance(t)
		if !more {
			return
		}
	}
}

// earliest gives the open capture whose frame is next, and opens those whose time has come.
func (r *Reader) earliest() *part {
	for {
		var t *part
		for _, o := range r.open {
			if t == nil || o.time < t.time {
				t = o
			}
		}
		if len(r.waiting) == 0 || t != nil && r.waiting[0].start > t.time {
			return t
		}
		w := r.waiting[0]
		r.waiting = r.waiting[1:]
		if !w.opened {
			if err := w.open(); err != nil {
				r.damaged(w, err)
				w.close()
				continue
			}
		}
		r.open = append(r.open, w)
		r.advance(w)
	}
}

// advance reads the next frame of an open capture, and takes it away at its end.
func (r *Reader) advance(t *part) {
	err := t.next()
	if err == nil {
		return
	}
	if err != io.EOF {
		r.damaged(t, err)
	}
	r.report.add(t)
	r.done += t.offset()
	t.close()
	r.open = slices.DeleteFunc(r.open, func(o *part) bool { return o == t })
}

// damaged notes what ended reading before the end.
func (r *Reader) damaged(t *part, err error) {
	s := fmt.Sprintf("after frame %d: %v", t.frames, err)
	if len(r.files) > 1 {
		s = t.name() + " " + s
	}
	if r.report.Damage != "" {
		s = r.report.Damage + "; " + s
	}
	r.report.Damage = s
}

// TCP gives those of Packets that have a TCP header.
func (r *Reader) TCP() iter.Seq[*Packet] {
	return func(yield func(*Packet) bool) {
		for p := range r.Packets() {
			if p.TCP() && !yield(p) {
				return
			}
		}
	}
}

// Files gives the paths of the captures, which Packet.File counts.
func (r *Reader) Files() []string { return slices.Clone(r.files) }

// Start gives the time of the first frame, which Packet.Since counts from. It is zero before a frame was read.
func (r *Reader) Start() time.Time {
	if !r.started {
		return time.Time{}
	}
	return time.Unix(0, r.first).UTC()
}

// Offset gives how many bytes of the captures have been read.
func (r *Reader) Offset() int64 {
	n := r.done
	for _, t := range r.open {
		n += t.offset()
	}
	return n
}

// Size gives how many bytes the captures have, those of streams not counted.
func (r *Reader) Size() int64 { return r.size }

// Close closes what is open. What Packets gave is no longer good.
func (r *Reader) Close() error {
	var errs []error
	for _, t := range slices.Concat(r.open, r.waiting) {
		errs = append(errs, t.close())
	}
	r.open, r.waiting = nil, nil
	return errors.Join(errs...)
}
