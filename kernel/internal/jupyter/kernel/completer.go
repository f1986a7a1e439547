package kernel

import (
	"context"
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/build/program"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/editor/complete"
	"github.com/trafficlab/trafficlab/kernel/internal/editor/gopls"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

// serverTime is how long the language server may take to answer while a user types.
const serverTime = 220 * time.Millisecond

// restartDelay keeps a language server that cannot stay up from taking over the machine.
const restartDelay = 5 * time.Second

// A completer answers what an editor asks while a user types: from the sources of packages at once,
// and from the language server when it is up.
type completer struct {
	k     *Kernel
	index complete.Index

	mu       sync.Mutex
	server   *gopls.Server
	closed   bool
	priming  bool
	declared cellsource.Declared
}

func (t *completer) init(k *Kernel) {
	t.k = k
	t.index = complete.Index{Goroot: build.Default.GOROOT, Checkout: k.Checkout, Module: paths.Module}
	if t.index.Goroot == "" || !filepath.IsAbs(t.index.Goroot) {
		if goCommand, err := program.LookPath(k.Env, "go"); err == nil {
			if real, err := filepath.EvalSymlinks(goCommand); err == nil {
				t.index.Goroot = filepath.Dir(filepath.Dir(real))
			}
		}
	}
}

// startServer starts the language server in a folder of its own: a module in a workspace with the
// checkout, as GoNB has it.
func (t *completer) startServer() {
	if t.k.Gopls == "" {
		return
	}
	dir := filepath.Join(t.k.Tmp, "editor")
	if err := writeModule(dir, t.k.Checkout); err != nil {
		t.k.log.Print(err)
		return
	}
	t.runServer(dir)
}

// writeModule writes a module in a workspace with the checkout.
func writeModule(dir, checkout string) error {
	version := strings.TrimPrefix(runtime.Version(), "go") // of the kernel, which setup has built
	version, _, _ = strings.Cut(version, "-")
	version, _, _ = strings.Cut(version, " ")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	for name, text := range map[string]string{
		"go.mod":  "module cells\n\ngo " + version + "\n",
		"go.work": "go " + version + "\n\nuse (\n\t.\n\t" + strconv.Quote(checkout) + "\n)\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
	}
	return nil
}

// runServer starts the language server in a folder, and starts it again when it ends.
func (t *completer) runServer(dir string) {
	s, err := gopls.Start(t.k.Gopls, dir, t.k.Env, t.k.Log)
	if err != nil {
		t.k.log.Print(err)
		return
	}
	t.mu.Lock()
	closed := t.closed
	t.server = s
	t.mu.Unlock()
	if closed {
		s.Close()
		return
	}
	go func() {
		<-s.Gone()
		time.Sleep(restartDelay)
		t.mu.Lock()
		again := t.server == s && !t.closed
		t.mu.Unlock()
		if again {
			t.k.log.Print("gopls has ended and is started again")
			t.runServer(dir)
		}
	}()
}

func (t *completer) close() {
	t.mu.Lock()
	s := t.server
	t.server, t.closed = nil, true
	t.mu.Unlock()
	if s != nil {
		s.Close()
	}
}

// learn adds the declarations of a cell that succeeded.
func (t *completer) learn(c *cellsource.Cell) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.declared.Add(c)
	if s := t.server; s != nil && !t.priming {
		t.priming = true
		go t.prime(s, t.declared.Copy())
	}
}

// forget forgets what cells have declared.
func (t *completer) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.declared = cellsource.Declared{}
}

// prime has the language server load the present declarations, so that the next question is
// answered at once.
func (t *completer) prime(s *gopls.Server, d cellsource.Declared) {
	time.Sleep(time.Second) // cells often run one after another
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	file, at := t.file(complete.Cell{Code: "fmt.", Cursor: 4, Declared: d.Names, Imports: d.Imports}, d)
	s.Complete(ctx, file, at)
	t.mu.Lock()
	t.priming = false
	t.mu.Unlock()
}

// known returns what cells have declared, and the language server if it can answer.
func (t *completer) known() (cellsource.Declared, *gopls.Server) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.server != nil && t.server.Warm() {
		return t.declared.Copy(), t.server
	}
	return t.declared.Copy(), nil
}

// cell returns a cell that is being typed, with what is known.
func (t *completer) cell(p position, d cellsource.Declared) complete.Cell {
	for name, path := range t.k.gonb.PackageDirs() {
		t.index.AddDir(name, path)
	}
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	return complete.Cell{Code: p.Code, Cursor: max(0, p.Cursor), Declared: d.Names, Imports: d.Imports, Dir: dir}
}

// file returns the file that the language server is asked about, with the imports that goimports
// would add, and the offset of the cursor in it.
func (t *completer) file(cell complete.Cell, declared cellsource.Declared) (file string, at int) {
	for name, path := range t.index.Imports(cell, declared.File(nil)) {
		if declared.Imports == nil {
			declared.Imports = map[string]string{}
		}
		declared.Imports[name] = path
	}
	return cellsource.Editor(cell.Code, cell.Offset(), declared.File(nil))
}
