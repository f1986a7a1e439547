package gonb

import (
	"context"
	"log"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/build/program"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/gonb/patch"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
)

// A Config says what GoNB runs with.
type Config struct {
	Program   string        // GoNB's binary
	Shim      string        // the program that stands in for the programs that GoNB starts
	GoImports string        // the real goimports
	Checkout  string        // the folder of the module that cells may import
	Tmp       string        // a private folder
	Name      string        // of the connection file, from which GoNB takes the kernel's ID
	Env       []string      // of GoNB and of the programs of cells
	Grace     time.Duration // how long an interrupted program may take to end
	Stderr    *os.File      // receives what GoNB prints about itself; may be nil
	Log       *log.Logger
	// Packages returns import paths that cells are likely to use, to be listed in advance.
	Packages func() []string
	// Comm receives GoNB's messages on Jupyter's comms.
	Comm func(m *wire.Message)
}

// A GoNB is a GoNB process, started when it is first needed, and what it must know of earlier
// cells.
type GoNB struct {
	Config
	ctx     context.Context // done after Close
	stop    context.CancelFunc
	shims   *shims
	builder *builder

	mu       sync.Mutex
	process  *process      // nil if there is none
	ready    chan struct{} // closed when the process that is being started is there or has failed
	failed   error         // why GoNB cannot start
	dir      string        // the folder of GoNB's Go file
	current  *run          // the cell that runs
	past     cellsource.Past
	known    []entry                  // what GoNB must know, in order
	sent     int                      // how many of those the present process knows
	number   int                      // GoNB's number of the last cell
	cells    map[int]entry            // by GoNB's number
	pending  map[string]chan struct{} // the requests of catchUp, by ID; nil when it does not run
	giveWay  context.CancelFunc       // ends listPackages
	finished sync.WaitGroup
}

// An entry is a cell or a setting that GoNB must know.
type entry struct {
	text   string           // what GoNB is sent
	count  int              // the number of the user's cell
	code   string           // as the user typed it
	source *cellsource.Cell // as GoNB gets it; nil for a setting
}

// New prepares to run GoNB. When ctx is done, cells and their programs end.
func New(ctx context.Context, c Config) (*GoNB, error) {
	g := &GoNB{Config: c}
	g.ctx, g.stop = context.WithCancel(ctx)
	var err error
	if g.builder, err = newBuilder(g); err != nil {
		return nil, err
	}
	if g.shims, err = newShims(c.Tmp, c.Shim, g.step); err != nil {
		return nil, err
	}
	return g, nil
}

// Start starts GoNB in the background, for a cell that will need it.
func (g *GoNB) Start() { go g.running(g.ctx) }

// Close ends GoNB and waits for all that it has started. Cells must have been told to end.
func (g *GoNB) Close() {
	g.stop()
	g.mu.Lock()
	ready := g.ready
	g.mu.Unlock()
	if ready != nil {
		<-ready
	}
	g.Restart()
	g.shims.close()
	g.finished.Wait()
}

// Restart ends the process. The next cell starts another one, which knows the same declarations.
func (g *GoNB) Restart() {
	g.mu.Lock()
	p := g.process
	g.process = nil
	g.mu.Unlock()
	if p != nil {
		p.close()
	}
}

// running returns the process, which it starts if there is none.
func (g *GoNB) running(ctx context.Context) (*process, error) {
	for {
		g.mu.Lock()
		p, failed := g.process, g.failed
		if p != nil && p.ended() {
			p, g.process = nil, nil
		}
		if p == nil && failed == nil && g.ready == nil && g.ctx.Err() == nil {
			g.ready = make(chan struct{})
			go g.start(g.ready)
		}
		ready := g.ready
		g.mu.Unlock()
		switch {
		case p != nil:
			return p, nil
		case failed != nil:
			return nil, failed
		case ready == nil:
			return nil, context.Canceled // closed
		}
		select {
		case <-ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// start starts the process, sends it what it must know, and closes ready.
func (g *GoNB) start(ready chan struct{}) {
	defer close(ready)
	p, err := startProcess(g.ctx, g.Config, g.env(), g.receive)
	if err == nil {
		g.mu.Lock()
		g.sent, g.number, g.cells = 0, 0, map[int]entry{}
		g.mu.Unlock()
		g.catchUp(p)
	} else {
		g.Log.Print(err)
	}
	g.mu.Lock()
	g.process, g.failed, g.ready = p, err, nil
	g.mu.Unlock()
	if err != nil {
		return
	}
	g.finished.Go(g.listPackages)
	g.finished.Go(func() {
		<-p.gone
		if g.ctx.Err() == nil {
			g.Log.Print("GoNB has ended")
		}
		p.close()
	})
}

// listPackages asks the go command about the packages that cells are likely to import, so that a
// cell need not. It stops when a cell runs.
func (g *GoNB) listPackages() {
	goCommand, err := program.LookPath(g.Env, "go")
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(g.ctx)
	defer cancel()
	g.mu.Lock()
	g.giveWay = cancel
	dir := g.dir
	g.mu.Unlock()
	job := g.builder.job(&step{Dir: dir, Env: g.Env}, goCommand)
	if g.builder.fast.Learn(ctx, job, "fmt", "os", "strings", "time") != nil {
		return
	}
	select {
	case <-ctx.Done():
		return
	case <-time.After(time.Second):
	}
	g.builder.fast.Learn(ctx, job, append(g.Packages(), patch.Package)...)
}

// GiveWay stops work in the background: a cell is about to run.
func (g *GoNB) GiveWay() {
	g.mu.Lock()
	stop := g.giveWay
	g.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// Dir returns the folder of GoNB's Go file and of its module.
func (g *GoNB) Dir(ctx context.Context) (string, error) {
	if _, err := g.running(ctx); err != nil {
		return "", err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.dir, nil
}

// PackageDirs returns the folders of the packages that programs have been made of, by import path.
func (g *GoNB) PackageDirs() map[string]string { return g.builder.fast.Dirs() }

// Declare records a cell that ran elsewhere: cells that GoNB runs later may use its declarations.
// It returns the cell as GoNB gets it.
func (g *GoNB) Declare(count int, code string) (*cellsource.Cell, error) {
	source, err := cellsource.Compose(code, nil)
	if err != nil {
		return nil, err
	}
	g.record(entry{text: source.Replay(), count: count, code: code, source: source})
	return source, nil
}

// Set records a special line that changes how later cells run, such as %cd.
func (g *GoNB) Set(line string) { g.record(entry{text: line}) }

func (g *GoNB) record(e entry) {
	if e.text == "" {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.known = append(g.known, e)
}

// Reset forgets all declarations. The settings stay.
func (g *GoNB) Reset() {
	g.mu.Lock()
	var settings []entry
	for _, e := range g.known {
		if strings.HasPrefix(e.text, "%cd ") || strings.HasPrefix(e.text, "%env ") {
			settings = append(settings, e)
		}
	}
	g.known, g.sent = settings, 0
	g.past.Reset()
	g.mu.Unlock()
	g.Restart() // the process knows what is forgotten
}

// catchUp sends a process what it does not know yet. Nothing is built or run for it.
func (g *GoNB) catchUp(p *process) {
	g.mu.Lock()
	entries := g.known[min(g.sent, len(g.known)):]
	g.sent = len(g.known)
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		g.pending = nil
		g.mu.Unlock()
	}()
	for _, e := range entries {
		done := make(chan struct{})
		g.mu.Lock()
		g.number++
		g.cells[g.number] = e
		id, err := p.execute(e.text, true, false)
		if g.pending == nil {
			g.pending = map[string]chan struct{}{}
		}
		g.pending[id] = done
		g.mu.Unlock()
		if err != nil {
			return
		}
		select {
		case <-done:
		case <-p.gone:
			return
		case <-g.ctx.Done():
			return
		case <-time.After(30 * time.Second):
			g.Log.Print("GoNB does not answer about earlier cells")
			return
		}
	}
}

// caughtUp takes a reply to a request of catchUp, and reports whether it was one.
func (g *GoNB) caughtUp(id string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	done := g.pending[id]
	if done == nil {
		return false
	}
	delete(g.pending, id)
	close(done)
	return true
}
