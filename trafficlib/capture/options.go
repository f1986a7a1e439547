package capture

import (
	"fmt"
	"io"
	"math"
	"time"
)

// Options say how captures are read. The zero value is how Open reads them.
type Options struct {
	// Frames of a file that stand out of the order of time are put in order, as far as they stand less than Ahead frames
	// from their place, and before frames that are later by at most Window; a clock that was set back by more is left as
	// it is. Report counts them. A stream is left as it is unless Ahead is set, since it would wait for frames to come.
	Ahead  int           // 0 means 1024 for files; below 0 leaves all frames where the file has them
	Window time.Duration // 0 means a second

	// Decapsulate decodes what is in tunnels, as far as that is IP: GRE, ERSPAN, VXLAN, Geneve, GTP-U, CAPWAP, L2TP, Teredo,
	// Ethernet in MPLS, NSH and TZSP. Packet.Tunnel says which. UDP's tunnels are known by their ports. IP in IP is followed
	// in any case, but only with this it is told.
	Decapsulate bool
}

// What zeros mean.
const (
	defaultAhead  = 1024
	defaultWindow = time.Second
)

// mostAhead bounds Ahead, so that what waits takes tens of megabytes at most.
const mostAhead = 1 << 18

func (o Options) check() error {
	switch {
	case o.Ahead > mostAhead:
		return fmt.Errorf("capture: %d frames ahead: %d at most", o.Ahead, mostAhead)
	case o.Window < 0:
		return fmt.Errorf("capture: a window of %v", o.Window)
	}
	return nil
}

// sorter returns what puts the frames of a file or of a stream in order.
func (o Options) sorter(stream bool) sorter {
	s := sorter{ahead: o.Ahead, window: int64(o.Window), given: math.MinInt64}
	if s.ahead == 0 && !stream {
		s.ahead = defaultAhead
	}
	if s.window == 0 {
		s.window = int64(defaultWindow)
	}
	s.ahead = max(s.ahead, 0)
	return s
}

// Open opens captures as the function Open does.
func (o Options) Open(paths ...string) (*Reader, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return o.open(paths)
}

// NewReader reads a capture from a stream as the function NewReader does.
func (o Options) NewReader(stream io.Reader, name string) (*Reader, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	t := &part{path: name, opened: true, sorter: o.sorter(true), decap: o.Decapsulate}
	if err := t.openStream(stream); err != nil {
		t.close()
		return nil, err
	}
	return &Reader{files: []string{name}, waiting: []*part{t}, options: o}, nil
}
