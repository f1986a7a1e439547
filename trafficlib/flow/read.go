package flow

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// Flows is a table of flows in the order of their first packets, and what became of the packets.
type Flows struct {
	Table   *table.Table
	Report  Report
	Capture capture.Report
}

// Read reads captures, as capture.Open does, and makes the table of a profile. One core decodes
// packets and the others sort them into flows; the table does not depend on their number. The table
// is held in memory, at about 700 bytes for each flow; Extract and All are bounded. Progress goes
// to the sink in ctx, and when ctx is done Read stops with its error.
func Read(ctx context.Context, p Profile, paths ...string) (Flows, error) {
	r, err := capture.Open(paths...)
	if err != nil {
		return Flows{}, err
	}
	defer r.Close()
	return From(ctx, p, r)
}

// From is Read for captures that are open, such as a stream (capture.NewReader).
func From(ctx context.Context, p Profile, r *capture.Reader) (Flows, error) {
	l, err := p.Rules.limits()
	if err != nil {
		return Flows{}, err
	}
	n := min(runtime.GOMAXPROCS(0), shards, l.most)
	all := make([]*rows, n)
	for i := range all {
		all[i] = newRows(p)
	}
	w := startWorkers(&l, n, func(i int) func(*Flow) { return all[i].add })
	report, err := w.feed(ctx, r)
	w.finish()
	if err != nil {
		return Flows{}, err
	}
	for _, s := range w.shards {
		report.merge(s.report)
	}
	return Flows{joined(all), report, r.Report()}, nil
}

// A batch is packets on their way to a worker.
type batch struct {
	packets [256]packet
	n       int
}

// workers sort packets into flows.
type workers struct {
	limits *limits
	shards []*shard // shard i is worker i%n's
	in     []chan *batch
	empty  chan *batch
	done   sync.WaitGroup
}

// startWorkers starts n workers. emit(i) gets the flows of worker i as they end, on its goroutine.
func startWorkers(l *limits, n int, emit func(worker int) func(*Flow)) *workers {
	const waiting = 8 // batches of each
	w := &workers{limits: l, empty: make(chan *batch, n*(waiting+2))}
	w.shards = l.shards(func(i int) func(*Flow) { return emit(i % n) })
	for i := range n {
		in := make(chan *batch, waiting)
		w.in = append(w.in, in)
		w.done.Go(func() {
			for b := range in {
				for k := range b.packets[:b.n] {
					q := &b.packets[k]
					w.shards[q.hash()%uint64(len(w.shards))].add(q)
				}
				b.n = 0
				w.empty <- b
			}
			for k := i; k < len(w.shards); k += n {
				w.shards[k].flush()
			}
		})
	}
	return w
}

// feed reads packets and hands them to the workers, all packets of a flow to the same one.
func (w *workers) feed(ctx context.Context, r *capture.Reader) (report Report, err error) {
	filling := make([]*batch, len(w.in))
	made := 0
	get := func() *batch {
		select {
		case b := <-w.empty:
			return b
		default:
		}
		if made < cap(w.empty) {
			made++
			return new(batch)
		}
		return <-w.empty
	}
	for i := range filling {
		filling[i] = get()
	}
	sink := progress.From(ctx)
	const every = 1 << 16
	frames := int64(0)
	var parts fragments
	give := func(q *packet) {
		i := int(q.hash()%uint64(len(w.shards))) % len(w.in)
		b := filling[i]
		b.packets[b.n] = *q
		if b.n++; b.n == len(b.packets) {
			w.in[i] <- b
			filling[i] = get()
		}
	}
	for p := range r.Packets() {
		if frames%every == 0 {
			if err := ctx.Err(); err != nil {
				return report, fmt.Errorf("flow: stopped after %d frames: %w", frames, err)
			}
			sink.Update(progress.Update{Task: "read", Unit: "byte", Done: r.Offset(), Total: r.Size()})
		}
		frames++
		var q packet
		if !q.set(p, w.limits) {
			report.Left++
			continue
		}
		if p.Kind == capture.Fragment || p.MoreFrag {
			known, waiting := parts.add(p, &q)
			for i := range waiting {
				give(&waiting[i])
			}
			if !known {
				continue
			}
		}
		give(&q)
	}
	report.Left += parts.end() + parts.lost
	for i, b := range filling {
		w.in[i] <- b
	}
	sink.Update(progress.Update{Task: "read", Unit: "byte", Done: r.Offset(), Total: r.Size(), Final: true})
	return report, nil
}

// finish waits for the workers.
func (w *workers) finish() {
	for _, in := range w.in {
		close(in)
	}
	w.done.Wait()
}

// joined puts the rows of all workers in the order of the first packets of their flows.
func joined(workers []*rows) *table.Table {
	var places []place
	for k, r := range workers {
		for i, o := range r.orders {
			places = append(places, place{o, k, i})
		}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.file, b.file), cmp.Compare(a.number, b.number))
	})
	all := make([]table.Column, len(workers[0].columns))
	parts := make([]column, len(workers))
	for k, c := range workers[0].columns {
		for i, r := range workers {
			parts[i] = r.columns[k]
		}
		all[k] = c.gather(parts, places)
		for _, r := range workers {
			r.columns[k] = nil // its memory is no longer needed
		}
	}
	return table.New(all...)
}
