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

// A Reader reads captures from beginning to end.
type Reader struct {
	files   []string
	waiting []*member // to be opened, sorted by their first frames; a single capture is open already
	open    []*member // each with a frame that has not been delivered
	started bool
	first   int64 // time of the first frame
	report  Report
	options Options
	done    int64 // bytes of the captures that were read to their end
	size    int64
}

// A member is one of the captures of a Reader.
type member struct {
	path    string
	entry   string // of a zip archive
	number  int
	in      input
	raw     *counter // counts the bytes of a stream
	format  format
	packet  Packet
	sorter  sorter
	read    int64 // frames read
	frames  int64 // frames delivered
	closers []func() error
	start   int64 // time of the first frame
	time    int64 // of packet, for merging with other captures
	opened  bool
	decap   bool
}

// Open opens captures: files, folders and patterns, see Find. Several are read as one, in the order
// of their first frames, merged frame by frame where they overlap. Each is opened when its time
// comes. Close closes those that are open.
//
// If one of several cannot be read, the others are read all the same, and Report says which and
// why. It is an error if none can be read.
func Open(paths ...string) (*Reader, error) { return Options{}.Open(paths...) }

func (o Options) open(paths []string) (*Reader, error) {
	files, err := Find(paths...)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("capture: no path given")
	}
	r := &Reader{options: o}
	var all []*member
	for _, path := range files {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			r.size += info.Size()
		}
		entries, err := zipEntries(path)
		if err != nil {
			r.report.skip(err)
			continue
		}
		for _, entry := range entries {
			m := &member{path: path, entry: entry, sorter: o.sorter(path == "-"), decap: o.Decapsulate}
			all = append(all, m)
		}
	}
	var first error
	for _, m := range all {
		if m.path == "-" && len(all) > 1 {
			r.Close()
			return nil, errors.New("capture: standard input cannot be read together with files: its first frame is " +
				"not known in advance")
		}
		err := m.open()
		if err != nil {
			m.close()
			first = cmp.Or(first, err)
			r.report.skip(err)
			continue
		}
		if m.number = len(r.files); len(all) > 1 {
			m.peek(o)
		}
		r.files = append(r.files, m.name())
		r.waiting = append(r.waiting, m)
	}
	switch {
	case len(r.waiting) > 0:
	case len(all) == 1 && r.report.Skipped == 1:
		return nil, first
	default:
		return nil, fmt.Errorf("capture: none of %d files can be read: %s", r.report.Skipped, r.report.SkippedWhy)
	}
	slices.SortStableFunc(r.waiting, func(a, b *member) int { return cmp.Compare(a.start, b.start) })
	return r, nil
}

// NewReader reads a capture from a stream. name is what errors call it.
func NewReader(stream io.Reader, name string) (*Reader, error) {
	return Options{}.NewReader(stream, name)
}

func (m *member) open() error {
	m.opened = true
	if m.path == "-" {
		return m.openStream(os.Stdin)
	}
	if m.entry != "" {
		return m.openEntry()
	}
	return m.openFile()
}

// peek finds out the time of the earliest frame, and closes the capture until its time comes.
func (m *member) peek(o Options) {
	const frames = 64 // the first frame may not be the earliest
	for i := range frames {
		var f rawFrame
		if err := mapped.Protect(func() error { return m.format.next(&m.in, &f) }); err != nil {
			break
		}
		if i == 0 {
			m.start = f.nanos
		}
		if !f.untimed {
			m.start = min(m.start, f.nanos)
		}
	}
	m.close() // an error, as of a truncated file, shows again when the capture is read
	*m = member{path: m.path, entry: m.entry, number: m.number, start: m.start, sorter: o.sorter(false), decap: m.decap}
}

// name returns the path of the capture, followed by its name in an archive.
func (m *member) name() string {
	if m.entry == "" {
		return m.path
	}
	return filepath.Join(m.path, m.entry)
}

// close closes everything, in the reverse order of opening.
func (m *member) close() error {
	var errs []error
	for _, shut := range slices.Backward(m.closers) {
		errs = append(errs, shut())
	}
	m.closers, m.opened = nil, false
	return errors.Join(errs...)
}

// next reads and decodes the next frame into m.packet.
func (m *member) next() error {
	m.in.forget()
	p := &m.packet
	*p = Packet{} // cleared in place; a literal with fields would be built elsewhere and copied
	if m.sorter.pass(m, p) {
		m.time = p.Nanos
	} else {
		f, err := m.sorter.next(m)
		if err != nil {
			return err
		}
		p.Number, p.Nanos, p.Untimed, p.Strayed = f.number, f.nanos, f.untimed, f.strayed
		p.Length, p.Data, p.Link = f.length, f.data, f.link
		m.time = m.sorter.mergeTime(f)
	}
	p.File, p.decap = m.number, m.decap
	m.frames++
	p.decode()
	return nil
}

// offset returns how many bytes of the file were read.
func (m *member) offset() int64 {
	if m.raw != nil {
		return m.raw.n
	}
	return m.in.offset()
}

// Packets returns the frames of all captures, in the order of time. A frame is valid until the next
// iteration. Afterwards Report counts the frames and says whether the captures were read to their
// ends.
func (r *Reader) Packets() iter.Seq[*Packet] {
	return func(yield func(*Packet) bool) {
		// If another program truncates a mapped file, reading it faults: here, or where the caller
		// reads the packet.
		if err := mapped.Protect(func() error { r.run(yield); return nil }); err != nil {
			for _, m := range r.open {
				r.damaged(m, err)
			}
			r.open, r.waiting = nil, nil
		}
	}
}

// run yields frames until there are none, or yield returns false.
func (r *Reader) run(yield func(*Packet) bool) {
	for {
		var m *member
		if len(r.open) == 1 && len(r.waiting) == 0 {
			m = r.open[0]
		} else if m = r.earliest(); m == nil {
			return
		}
		p := &m.packet
		if !r.started {
			r.started, r.first = true, p.Nanos
		}
		p.Since = time.Duration(p.Nanos - r.first)
		r.report.count(p)
		more := yield(p)
		r.advance(m)
		if !more {
			return
		}
	}
}

// earliest returns the open capture with the earliest frame, and opens those that may have an
// earlier one.
func (r *Reader) earliest() *member {
	for {
		var m *member
		for _, o := range r.open {
			if m == nil || o.time < m.time {
				m = o
			}
		}
		if len(r.waiting) == 0 || m != nil && r.waiting[0].start > m.time {
			return m
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

// advance reads the next frame of an open capture, and removes the capture at its end.
func (r *Reader) advance(m *member) {
	err := m.next()
	if err == nil {
		return
	}
	if err != io.EOF {
		r.damaged(m, err)
	}
	r.report.add(m)
	r.done += m.offset()
	m.close()
	r.open = slices.DeleteFunc(r.open, func(o *member) bool { return o == m })
}

// damaged records why a capture could not be read to its end.
func (r *Reader) damaged(m *member, err error) {
	s := fmt.Sprintf("after frame %d: %v", m.frames, err)
	if len(r.files) > 1 {
		s = m.name() + " " + s
	}
	if r.report.Damage != "" {
		s = r.report.Damage + "; " + s
	}
	r.report.Damage = s
}

// TCP returns the frames of Packets that have a TCP header.
func (r *Reader) TCP() iter.Seq[*Packet] {
	return func(yield func(*Packet) bool) {
		for p := range r.Packets() {
			if p.TCP() && !yield(p) {
				return
			}
		}
	}
}

// Files returns the paths of the captures. Packet.File is an index of it.
func (r *Reader) Files() []string { return slices.Clone(r.files) }

// Start returns the time of the first frame, from which Packet.Since counts. It is zero before the
// first frame is read.
func (r *Reader) Start() time.Time {
	if !r.started {
		return time.Time{}
	}
	return time.Unix(0, r.first).UTC()
}

// Offset returns how many bytes of the captures have been read.
func (r *Reader) Offset() int64 {
	n := r.done
	for _, m := range r.open {
		n += m.offset()
	}
	return n
}

// Size returns the size of the captures in bytes, without streams.
func (r *Reader) Size() int64 { return r.size }

// Close closes the open captures. Frames of Packets are invalid afterwards.
func (r *Reader) Close() error {
	var errs []error
	for _, m := range slices.Concat(r.open, r.waiting) {
		errs = append(errs, m.close())
	}
	r.open, r.waiting = nil, nil
	return errors.Join(errs...)
}
