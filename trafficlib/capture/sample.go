package capture

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// A Method selects the frames of a sample. The names are those of RFC 5475.
type Method string

const (
	// CountSystematic keeps the frames 0, Rate, 2·Rate and so on. It is the default, "".
	CountSystematic Method = "count-systematic"
	// CountRandom keeps Keep of each Rate consecutive frames, all choices equally likely.
	CountRandom Method = "count-random"
	// CountUniform keeps each frame with probability 1/Rate, independently.
	CountUniform Method = "count-uniform"
	// TimeSystematic keeps the first frame at or after each of the times t, t+Every, t+2·Every and
	// so on, where t is that of the first frame.
	TimeSystematic Method = "time-systematic"
	// TimePoisson is like TimeSystematic, with intervals drawn from an exponential distribution of
	// mean Every.
	TimePoisson Method = "time-poisson"
)

// Sampling configures a sample. The zero value keeps every hundredth frame, from the first on.
type Sampling struct {
	Method Method
	Rate   int           // keep one of so many frames, on average; 0 means 100
	Keep   int           // for CountRandom, how many of each Rate to keep; 0 means 1
	Every  time.Duration // for the methods by time; 0 means 10 ms
	Seed   int64         // for the random methods: the same seed keeps the same frames
}

func (s Sampling) withDefaults() Sampling {
	if s.Method == "" {
		s.Method = CountSystematic
	}
	if s.Rate == 0 {
		s.Rate = 100
	}
	if s.Keep == 0 {
		s.Keep = 1
	}
	if s.Every == 0 {
		s.Every = 10 * time.Millisecond
	}
	return s
}

func (s Sampling) check() error {
	switch {
	case s.Rate < 1:
		return fmt.Errorf("rate %d: want at least 1", s.Rate)
	case s.Keep < 1 || s.Keep > s.Rate:
		return fmt.Errorf("keep %d of %d: want 1 to %d", s.Keep, s.Rate, s.Rate)
	case s.Every < 0:
		return fmt.Errorf("every %v: want a positive time", s.Every)
	}
	switch s.Method {
	case CountSystematic, CountRandom, CountUniform, TimeSystematic, TimePoisson:
		return nil
	}
	return fmt.Errorf("method %q: want %s, %s, %s, %s or %s",
		s.Method, CountSystematic, CountRandom, CountUniform, TimeSystematic, TimePoisson)
}

// A Picker decides, frame by frame, which frames are in a sample.
type Picker struct {
	Sampling
	random *rand.Rand
	index  int64 // of the next frame
	kept   int   // frames kept of the current run of Rate
	due    int64 // keep the first frame at or after this time
}

// Picker returns a new Picker.
func (s Sampling) Picker() (*Picker, error) {
	s = s.withDefaults()
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("capture: sample: %w", err)
	}
	return &Picker{Sampling: s, random: rand.New(rand.NewPCG(uint64(s.Seed), 0x73616d706c65))}, nil
}

// Next reports whether the next frame is in the sample. nanos is its time of capture.
func (p *Picker) Next(nanos int64) bool {
	i := p.index
	p.index++
	switch p.Method {
	case CountSystematic:
		return i%int64(p.Rate) == 0
	case CountUniform:
		return p.random.IntN(p.Rate) == 0
	case CountRandom:
		// Knuth's algorithm S: keep with probability (frames still to be kept) / (frames left of
		// this run).
		at := int(i % int64(p.Rate))
		if at == 0 {
			p.kept = 0
		}
		if p.random.IntN(p.Rate-at) >= p.Keep-p.kept {
			return false
		}
		p.kept++
		return true
	}
	if i > 0 && nanos < p.due {
		return false
	}
	if i == 0 {
		p.due = nanos
	}
	p.advance(nanos)
	return true
}

// advance moves due past the time of a kept frame.
func (p *Picker) advance(nanos int64) {
	every := int64(p.Every)
	if p.Method == TimeSystematic {
		p.due += ((nanos-p.due)/every + 1) * every
		return
	}
	// The exponential distribution is memoryless: the time from any moment to the next due time is
	// distributed as that between two due times.
	gap := p.random.ExpFloat64() * float64(every)
	p.due = nanos + 1 + int64(math.Min(gap, 1<<60))
}

// Sampled is the result of Sample.
type Sampled struct {
	Frames, Kept int64
	Report       Report // of the frames read
}

// String returns the result in one line.
func (s Sampled) String() string {
	line := fmt.Sprintf("kept %d of %d frames", s.Kept, s.Frames)
	if s.Report.Damage != "" {
		line += "; damaged " + s.Report.Damage
	}
	return line
}

// Sample writes a sample of a capture to a pcap file at dst, which is complete or absent. It reads
// src as Open does, of any size, and keeps frames byte for byte. Times are in microseconds if src
// is a pcap file with microseconds, else in nanoseconds. It is an error if kept frames have
// different links or times that a pcap file cannot hold. A damaged capture yields the frames before
// the damage, as the report says. Sample reports its progress to the sink in ctx. When ctx is done
// it returns the error of ctx.
func Sample(ctx context.Context, src, dst string, s Sampling) (Sampled, error) {
	picker, err := s.Picker()
	if err != nil {
		return Sampled{}, err
	}
	r, err := Options{Ahead: -1}.Open(src) // frames keep their order
	if err != nil {
		return Sampled{}, err
	}
	defer r.Close()
	var done Sampled
	err = atomicfile.Write(dst, func(file io.Writer) error {
		w := &pcapWriter{w: bufio.NewWriterSize(file, 1<<18), nanos: !r.micro()}
		sink := progress.From(ctx)
		var failed error
		for p := range r.Packets() {
			if done.Frames++; done.Frames%(1<<14) == 0 {
				if failed = ctx.Err(); failed != nil {
					failed = fmt.Errorf("stopped after %d frames: %w", done.Frames, failed)
					break
				}
				sink.Update(progress.Update{Task: "sample", Unit: "byte", Done: r.Offset(), Total: r.Size()})
			}
			if !picker.Next(p.Nanos) {
				continue
			}
			if failed = w.write(p); failed != nil {
				failed = fmt.Errorf("frame %d: %w", done.Frames, failed)
				break
			}
			done.Kept++
		}
		if failed != nil {
			return failed
		}
		sink.Update(progress.Update{Task: "sample", Unit: "byte", Done: r.Offset(), Total: r.Size(), Final: true})
		return w.flush()
	})
	done.Report = r.Report()
	if err != nil {
		return done, fmt.Errorf("capture: sample of %s: %w", src, err)
	}
	return done, nil
}

// micro reports whether the reader has one pcap file with times in microseconds. It must be called
// before reading.
func (r *Reader) micro() bool {
	if len(r.files) != 1 || len(r.waiting) != 1 {
		return false
	}
	f, ok := r.waiting[0].format.(*pcapFile)
	return ok && f.scale == 1000
}

// pcapWriter writes a pcap file, little-endian.
type pcapWriter struct {
	w     *bufio.Writer
	nanos bool
	link  Link
	begun bool
}

func (w *pcapWriter) header(link Link) {
	h := make([]byte, 24)
	magic := uint32(pcapBigMicro)
	if w.nanos {
		magic = pcapBigNano
	}
	binary.LittleEndian.PutUint32(h, magic)
	binary.LittleEndian.PutUint16(h[4:], 2)
	binary.LittleEndian.PutUint16(h[6:], 4)
	binary.LittleEndian.PutUint32(h[16:], maxFrame)
	binary.LittleEndian.PutUint32(h[20:], uint32(link))
	w.w.Write(h) // a bufio.Writer keeps its first error until Flush
	w.link, w.begun = link, true
}

func (w *pcapWriter) write(p *Packet) error {
	if !w.begun {
		w.header(p.Link)
	}
	seconds := p.Nanos / 1e9
	switch {
	case p.Link != w.link:
		return fmt.Errorf("the link is %v, that of earlier frames %v: a pcap file has one link", p.Link, w.link)
	case p.Nanos < 0 || seconds > math.MaxUint32:
		return errors.New("a pcap file cannot hold the time " + p.Time().Format(time.RFC3339))
	}
	fraction := p.Nanos % 1e9
	if !w.nanos {
		fraction /= 1000
	}
	var h [16]byte
	binary.LittleEndian.PutUint32(h[:], uint32(seconds))
	binary.LittleEndian.PutUint32(h[4:], uint32(fraction))
	binary.LittleEndian.PutUint32(h[8:], uint32(len(p.Data)))
	binary.LittleEndian.PutUint32(h[12:], uint32(p.Length))
	w.w.Write(h[:])
	_, err := w.w.Write(p.Data)
	return err
}

// flush ends the file. It has a header even if no frame was kept.
func (w *pcapWriter) flush() error {
	if !w.begun {
		w.header(Ethernet)
	}
	return w.w.Flush()
}
