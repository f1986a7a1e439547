package capture

import (
	"fmt"
	"io"
	"math"
	"time"
)

// Options configure how captures are read. The zero value is what the function Open uses.
type Options struct {
	// Frames of a file that are out of the order of time are sorted. A frame moves by less than
	// Ahead frames, and only before frames that are at most Window later: a clock that was set back
	// by more is left alone. Report counts such frames. A stream is sorted only if Ahead is set,
	// since sorting waits for later frames.
	Ahead  int           // 0 means 1024 for files and off for streams; negative turns sorting off
	Window time.Duration // 0 means a second

	// Decapsulate decodes the IP packets in tunnels: GRE, ERSPAN, VXLAN, Geneve, GTP-U, CAPWAP,
	// L2TP, Teredo, Ethernet in MPLS, NSH and TZSP. Packet.Tunnel says which. Tunnels in UDP are
	// recognized by their ports. IP in IP is decoded in any case, but only with Decapsulate does
	// Packet.Tunnel say so.
	Decapsulate bool
}

// Defaults of Options.
const (
	defaultAhead  = 1024
	defaultWindow = time.Second
)

// maxAhead bounds Ahead, so that waiting frames take at most tens of megabytes.
const maxAhead = 1 << 18

func (o Options) check() error {
	switch {
	case o.Ahead > maxAhead:
		return fmt.Errorf("capture: Ahead is %d: want at most %d", o.Ahead, maxAhead)
	case o.Window < 0:
		return fmt.Errorf("capture: Window is %v: want a positive time", o.Window)
	}
	return nil
}

// sorter returns the sorter of a file or of a stream.
func (o Options) sorter(stream bool) sorter {
	s := sorter{ahead: o.Ahead, window: int64(o.Window), delivered: math.MinInt64}
	if s.ahead == 0 && !stream {
		s.ahead = defaultAhead
	}
	if s.window == 0 {
		s.window = int64(defaultWindow)
	}
	s.ahead = max(s.ahead, 0)
	return s
}

// Open is like the function Open with options.
func (o Options) Open(paths ...string) (*Reader, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return o.open(paths)
}

// NewReader is like the function NewReader with options.
func (o Options) NewReader(stream io.Reader, name string) (*Reader, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	m := &member{path: name, opened: true, sorter: o.sorter(true), decap: o.Decapsulate}
	if err := m.openStream(stream); err != nil {
		m.close()
		return nil, err
	}
	return &Reader{files: []string{name}, waiting: []*member{m}, options: o}, nil
}
