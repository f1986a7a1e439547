// Package kernel is the Jupyter kernel: it holds the sockets of Jupyter's protocol, answers
// requests at any time, and runs cells one after another.
//
// It takes a connection and the place in which cells run ([Config]). A cell of Go runs in the
// living session (package session) where there is one; what the session does not do, and every cell
// where there is none, is a program of its own, which GoNB makes (package gonb). The kernel itself
// runs lines for the shell and cells for other programs, and it turns what any of them prints,
// displays and asks for into Jupyter's messages.
//
// The path of a cell: sockets.go receives the request, queue.go orders requests, cell.go runs one
// and replies, and living.go or alone.go runs its Go. special.go and shell.go have the special
// lines, output.go and displays.go what a cell prints and displays, input.go its questions.
//
// Messages that package wire refuses are logged and dropped. A fault in the kernel's own code fails
// the request in which it happens, and the kernel continues.
package kernel

import (
	"context"
	"io"
	"log"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/gonb"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/history"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/zmtp"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/session"
)

// A Config says where a kernel listens and what its cells run in.
type Config struct {
	Connection wire.Connection
	Name       string   // of the connection file, from which GoNB takes the kernel's ID
	GoNB       string   // GoNB's binary
	Shim       string   // the program that stands in for the programs that GoNB starts
	GoImports  string   // the real goimports
	Gopls      string   // the language server; "" for none
	Checkout   string   // the folder of the module that cells may import
	Tmp        string   // a private folder; somebody else removes it
	History    string   // the file that keeps the cells; "" for none
	Env        []string // of the cells
	Log        *os.File // may be nil
	Settings   Settings
	Session    *session.Config // of the living session; nil if every cell is a program of its own
}

// A Kernel is a running kernel.
type Kernel struct {
	Config
	codec *wire.Codec
	id    string // the session ID in the kernel's messages
	log   *log.Logger

	shell, control, stdin *zmtp.Router
	iopub                 *zmtp.Publisher
	heartbeat             *zmtp.Echo

	queue  chan request    // execute requests
	asides chan request    // other requests on the shell socket
	ctx    context.Context // done when the kernel must end
	stop   context.CancelFunc
	wg     sync.WaitGroup

	history   *history.Store
	comms     comms
	completer completer
	gonb      *gonb.GoNB
	living    *session.Session // nil if every cell is a program of its own
	pipes     *pipes           // of the session's host
	own       ownPlace         // where commands and programs run without a session

	mu        sync.Mutex
	count     int               // the number of the last cell that counts
	cell      *cell             // the cell that runs
	failedAt  time.Time         // when a cell last failed so that the queue must be emptied
	answer    func(text string) // takes the answer to the last question
	displayed map[string]bool   // IDs of displays that have been shown
	noSession bool              // the user has been told that there is no session after all
	displays  *displayStream    // of the session's host
	pending   []declaration     // cells that ran in GoNB, whose declarations the session lacks
	removed   []string          // names that those cells declared and that must be forgotten again
	codes     map[int]string    // the texts of cells by number
}

// New listens, and starts the living session or GoNB in the background.
func New(c Config) (*Kernel, error) {
	var logFile io.Writer = io.Discard
	if c.Log != nil {
		logFile = c.Log
	}
	k := &Kernel{Config: c, id: wire.ID(), log: log.New(logFile, "kernel: ", log.LstdFlags|log.Lmicroseconds),
		queue: make(chan request, maxQueued), asides: make(chan request, maxQueued),
		displayed: map[string]bool{}, codes: map[int]string{}, own: ownPlace{env: c.Env}}
	k.ctx, k.stop = context.WithCancel(context.Background())
	k.Settings = c.Settings.withDefaults()
	var err error
	if k.codec, err = wire.NewCodec(c.Connection.Key, c.Connection.Scheme); err != nil {
		return nil, err
	}
	if k.history, err = history.Open(c.History); err != nil {
		k.log.Print(err) // a kernel works without its history
	}
	k.gonb, err = gonb.New(k.ctx, gonb.Config{Program: c.GoNB, Shim: c.Shim, GoImports: c.GoImports,
		Checkout: c.Checkout, Tmp: c.Tmp, Name: c.Name, Env: c.Env, Grace: k.Settings.Grace, Stderr: c.Log, Log: k.log,
		Packages: k.libraryPackages, Comm: k.fromGoNBComm})
	if err != nil {
		return nil, err
	}
	if err := k.listen(); err != nil {
		k.Close()
		return nil, err
	}
	k.publish("", nil, "status", map[string]any{"execution_state": "starting"})
	k.completer.init(k)
	if c.Session != nil {
		if err = k.startLiving(*c.Session); err != nil {
			k.Close()
			return nil, err
		}
	} else {
		k.gonb.Start()
	}
	go k.completer.startServer()
	k.wg.Go(func() { k.serve(k.queue, k.execute) })
	k.wg.Go(func() { k.serve(k.asides, k.handle) })
	return k, nil
}

// Wait waits for the kernel's end: a shutdown request, or Stop.
func (k *Kernel) Wait() { <-k.ctx.Done() }

// Stop ends the kernel.
func (k *Kernel) Stop() { k.stop() }

// Close ends all that the kernel has started, and waits for it.
func (k *Kernel) Close() {
	k.Stop()
	k.mu.Lock()
	cell := k.cell
	k.mu.Unlock()
	if cell != nil {
		cell.stop(errKilled)
	}
	for _, r := range []*zmtp.Router{k.control, k.shell} {
		if r != nil {
			r.Flush(time.Second)
		}
	}
	if k.iopub != nil {
		k.iopub.Flush(time.Second)
	}
	if k.living != nil {
		k.living.Close()
	}
	k.gonb.Close()
	k.wg.Wait()
	k.completer.close()
	for _, r := range []*zmtp.Router{k.shell, k.control, k.stdin} {
		if r != nil {
			r.Close()
		}
	}
	if k.iopub != nil {
		k.iopub.Close()
	}
	if k.heartbeat != nil {
		k.heartbeat.Close()
	}
	k.history.Close()
}

// libraryPackages returns the import paths of the library's packages.
func (k *Kernel) libraryPackages() []string {
	var library []string
	for _, p := range k.completer.index.Paths() {
		if strings.HasPrefix(p, paths.Module+"/trafficlib/") && !strings.HasSuffix(p, "/bench") {
			library = append(library, p)
		}
	}
	return library
}

// remember keeps the text of a cell, for the lines around a place in it.
func (k *Kernel) remember(count int, code string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.codes[count] = code
}

// codeOf returns the text of a cell as the user typed it.
func (k *Kernel) codeOf(count int) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.codes[count]
}
