package tlsfeat

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// Extracted reports what was found in captures.
type Extracted struct {
	Report
	Capture capture.Report
}

// String returns both reports, a line each.
func (e Extracted) String() string { return e.Report.String() + "\n" + e.Capture.String() }

// Extract makes a sequence file at dst from the sessions of captures, as capture.Open takes them,
// and opens it: a sequence for each session, with its start and a row of Width features for each
// packet. Captures without any session are an error. Progress goes to the sink in ctx, and when ctx
// is done Extract stops with its error.
func Extract(ctx context.Context, dst string, o Options, paths ...string) (*seq.Set, Extracted, error) {
	var e Extracted
	err := seq.Write(dst, seq.Header{Features: Width, Lineage: lineage(o, paths)}, func(w *seq.Writer) (err error) {
		e, err = addSessions(ctx, w, o, paths, seq.About{})
		return err
	})
	if err != nil {
		return nil, e, err
	}
	set, err := seq.Open(dst)
	return set, e, err
}

// Version is the version of the rows that this package makes, in the recipe of its sets.
const version = 1

// Recipe returns how rows are made with these options, as a set records it.
func (o Options) recipe() seq.Recipe {
	o.fill() // what is wrong with them ends the extraction
	return seq.NewRecipe("tlsfeat", version, map[string]any{"limit": o.Limit, "idle": o.Idle.String(), "open": o.Open})
}

func lineage(o Options, captures []string) seq.Lineage {
	recipe := o.recipe()
	l := seq.Lineage{Names: Names(), Recipe: &recipe}
	for _, path := range captures {
		l.Sources = append(l.Sources, seq.Source{Name: filepath.Base(path)})
	}
	return l
}

// addSessions adds the sessions of captures, about which the part and the label of about are known.
// Origins count on from that of about.
func addSessions(ctx context.Context, w *seq.Writer, o Options, captures []string, about seq.About) (Extracted, error) {
	var rows []float32
	return extracted(ctx, o, captures, func(s *Session) error {
		rows = rows[:0]
		for i := range s.Rows() {
			rows = s.appendRow(rows, i)
		}
		about.Start = time.Unix(0, s.Start)
		err := w.Add(rows, about)
		about.Origin++
		return err
	})
}

// appendRow is AppendRow in the precision of a set.
func (s *Session) appendRow(dst []float32, i int) []float32 {
	at := len(dst)
	for range Width {
		dst = append(dst, 0)
	}
	row := dst[at:]
	for _, c := range s.cells(i) {
		row[c.at] = float32(c.value)
	}
	if s.come(i) {
		row[Come] = 1
	}
	return dst
}

// extracted hands the sessions of captures to emit.
func extracted(ctx context.Context, o Options, paths []string, emit func(*Session) error) (e Extracted, err error) {
	r, err := capture.Open(paths...)
	if err != nil {
		return e, err
	}
	defer r.Close()
	x, err := NewExtractor(o, emit)
	if err != nil {
		return e, err
	}
	err = read(ctx, r, x)
	e = Extracted{x.Report(), r.Report()}
	if err == nil && e.Sessions == 0 {
		err = fmt.Errorf("tlsfeat: %s: no TLS sessions: %v; %v", paths[0], e.Report, e.Capture)
	}
	return e, err
}

// read passes the packets to x.
func read(ctx context.Context, r *capture.Reader, x *Extractor) error {
	sink := progress.From(ctx)
	n := 0
	for p := range r.Packets() {
		if n++; n%(1<<14) == 1 {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("tlsfeat: stopped after %d packets: %w", n-1, err)
			}
			sink.Update(progress.Update{Task: "sessions", Unit: "byte", Done: r.Offset(), Total: r.Size()})
		}
		if err := x.Add(p); err != nil {
			return err
		}
	}
	sink.Update(progress.Update{Task: "sessions", Unit: "byte", Done: r.Offset(), Total: r.Size(), Final: true})
	return x.Flush()
}
