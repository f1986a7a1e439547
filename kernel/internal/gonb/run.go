package gonb

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/build/gobuild"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
)

// A Cell is a cell for GoNB.
type Cell struct {
	Count  int    // its number
	Code   string // for GoNB
	Typed  string // the whole cell as the user typed it
	Values bool   // make again the values of earlier cells that it mentions
	Host   Host
}

// A Host is the kernel's side of a running cell.
type Host interface {
	// Text publishes what GoNB itself prints.
	Text(stream string, text []byte)
	// Display publishes a display message of GoNB itself.
	Display(kind string, content json.RawMessage)
	// Ask asks the user for a line of input.
	Ask(prompt string, password bool, answer func(text string))
	// AllowsInput reports whether the user may be asked.
	AllowsInput() bool
	// RunProgram runs the cell's program. It returns why the program failed, nil if it did not,
	// and whether it was interrupted and then ended with status 0.
	RunProgram(ctx context.Context, p *Program) (failure *goerror.Error, interrupted bool)
}

// A Program is the program of a cell, ready to run.
type Program struct {
	Path    string
	Args    []string
	Dir     string
	Env     []string
	File    string   // the path of the Go file that it was made of
	Reruns  bool     // it first runs again what earlier cells have run
	Capture *os.File // where its output is wanted as well; nil if nowhere
	// Places returns the places in cells of the lines of File, by line.
	Places func() map[int]goerror.Place
}

// A Result is what became of a cell.
type Result struct {
	Source      *cellsource.Cell // the cell as GoNB got it; nil if there was nothing to run
	Interrupted bool             // its program was interrupted and then ended with status 0
	Took        gobuild.Times
}

// A run is a cell that runs.
type run struct {
	g      *GoNB
	cell   Cell
	source *cellsource.Cell
	entry  entry
	ctx    context.Context // done when the cell must end
	cancel context.CancelFunc

	mu          sync.Mutex
	id          string // of the request to GoNB
	failure     *goerror.Error
	reply       *wire.Message
	idle        bool
	over        bool
	done        chan struct{} // closed when GoNB has replied and is idle, or has ended
	program     string        // the path of the program that was built
	muted       bool          // GoNB's output is the program's, which %capture sends through it
	interrupted bool
	took        gobuild.Times
	active      int            // the number of steps under way
	steps       sync.WaitGroup // the same, to wait for them
}

// Run runs a cell. It returns why the cell failed; nil if it did not, or if ctx was done first.
func (g *GoNB) Run(ctx context.Context, c Cell) (Result, *goerror.Error) {
	var past *cellsource.Past
	if c.Values {
		past = &g.past
	}
	source, err := cellsource.Compose(c.Code, past)
	if err != nil {
		return Result{}, goerror.Syntax(err, c.Count, c.Typed)
	}
	if source.Empty() {
		return Result{}, nil
	}
	p, err := g.running(ctx)
	if err != nil {
		return Result{}, goerror.New(err.Error())
	}
	g.catchUp(p)
	e := entry{text: source.Replay(), count: c.Count, code: c.Typed, source: source}
	r := &run{g: g, cell: c, source: source, entry: e, done: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancel(ctx)
	defer r.cancel()
	g.mu.Lock()
	g.current = r
	g.number++
	g.cells[g.number] = e
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		g.current = nil
		g.mu.Unlock()
	}()
	r.mu.Lock() // a message may come before the ID is known
	r.id, err = p.execute(source.Text, false, c.Host.AllowsInput())
	r.mu.Unlock()
	if err != nil {
		r.lost()
	}
	r.wait(p)
	r.steps.Wait() // an interrupted program has its grace period even if GoNB has stopped waiting
	r.mu.Lock()
	failure, reply := r.failure, r.reply
	result := Result{Source: source, Interrupted: r.interrupted, Took: r.took}
	r.mu.Unlock()
	if failure == nil && reply != nil && !result.Interrupted {
		failure = g.replyError(reply)
	}
	if failure == nil && (ctx.Err() == nil || result.Interrupted) {
		g.past.Add(source)
		g.record(e)
		g.mu.Lock()
		g.sent = len(g.known)
		g.mu.Unlock()
	}
	return result, failure
}

// wait waits until GoNB is done with the cell. The steps end with the cell's context; GoNB is
// interrupted if it is busy by itself then, and ended if it does not come back.
func (r *run) wait(p *process) {
	var late <-chan time.Time
	var check <-chan time.Time
	stop := r.ctx.Done()
	for {
		select {
		case <-r.done:
			return
		case <-p.gone:
			r.lost()
			return
		case <-r.g.ctx.Done():
			r.lost()
			return
		case <-stop:
			stop, late = nil, time.After(r.g.Grace+10*time.Second)
			check = time.After(checkTime)
		case <-late:
			r.g.Log.Print("GoNB does not come back from an interrupt")
			p.close()
		case <-check:
			r.mu.Lock()
			alone := r.active == 0
			r.mu.Unlock()
			if alone {
				p.interrupt()
			}
			check = time.After(checkTime)
		}
	}
}

// checkTime is the time between two looks at whether GoNB must be interrupted.
const checkTime = 500 * time.Millisecond

// fail records why the cell has failed. The first reason counts.
func (r *run) fail(e *goerror.Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failure == nil {
		r.failure = e
	}
}

// ending reports whether the cell has failed or must end, which GoNB does not know.
func (r *run) ending() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failure != nil || r.ctx.Err() != nil
}

// finish closes done once GoNB has replied and is idle. It needs r.mu.
func (r *run) finish() {
	if r.reply != nil && r.idle && !r.over {
		r.over = true
		close(r.done)
	}
}

// lost ends the cell because GoNB has ended: there will be no reply.
func (r *run) lost() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	r.over = true
	close(r.done)
	if r.failure == nil {
		r.failure = goerror.New("GoNB, which compiles the cell, ended unexpectedly and starts again; run the cell again")
	}
	r.cancel()
}

// begin registers a step of the cell, and reports whether GoNB still waits for it.
func (r *run) begin() (end func(), ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over { // GoNB has replied and given the step up
		return nil, false
	}
	r.active++
	r.steps.Add(1)
	return func() {
		r.mu.Lock()
		r.active--
		r.mu.Unlock()
		r.steps.Done()
	}, true
}

var errNotBuilt = errors.New("kernel: GoNB runs a program that was not built")
