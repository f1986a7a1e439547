package kernel

import (
	"context"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/gonb"
	"github.com/trafficlab/trafficlab/kernel/internal/gonb/patch"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

// startEngine starts GoNB, tells it what it has to know, and closes ready. Where there is a living session that happens
// when GoNB is first needed.
func (k *Kernel) startEngine(ready chan struct{}) {
	defer close(ready)
	e, err := gonb.Start(k.ctx, gonb.Config{Program: k.GoNB, Checkout: k.Checkout, Tmp: k.Tmp, Name: k.Name, Log: k.Log,
		Env: k.engineEnv(), Message: k.fromEngine})
	if err == nil {
		k.mu.Lock()
		k.knows, k.builder.numbers, k.builder.sources = 0, 0, map[int]numbered{}
		k.mu.Unlock()
		k.tell(e)
	}
	k.mu.Lock()
	k.engine, k.failed = e, err
	k.mu.Unlock()
	if err != nil {
		k.log.Print(err)
		return
	}
	k.mu.Lock()
	dir := k.cells
	k.mu.Unlock()
	if k.living == nil {
		go k.tips.engineIn(dir, k.Env)
	}
	go k.learn(dir)
	go func() {
		<-e.Gone
		select {
		case <-k.stopped:
			return
		default:
		}
		k.log.Print("GoNB is gone")
		next := k.retire(e)
		e.Close()
		if next != nil {
			k.startEngine(next)
		}
	}()
}

// retire takes a GoNB that is gone out of use, and returns what is closed when there is another. Where there is a living
// session that is nil: the next cell that needs GoNB starts it.
func (k *Kernel) retire(e *gonb.Engine) (ready chan struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.engine == e {
		k.engine, k.ready = nil, nil
		if k.living == nil {
			k.ready = make(chan struct{})
		}
	}
	return k.ready
}

// learn asks the go command for the packages that cells are likely to import, so that a cell need not. It gives way to
// the first cell.
func (k *Kernel) learn(dir string) {
	goCommand, err := lookPath(k.Env, "go")
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(k.ctx)
	defer cancel()
	k.mu.Lock()
	k.learning = cancel
	k.mu.Unlock()
	j := k.builder.job(&gonb.Step{Dir: dir, Env: k.Env}, goCommand)
	if k.builder.fast.Learn(ctx, j, "fmt", "os", "strings", "time") != nil {
		return
	}
	select {
	case <-ctx.Done():
		return
	case <-time.After(time.Second):
	}
	var library []string
	for _, p := range k.tips.index.Paths() {
		if strings.HasPrefix(p, paths.Module+"/trafficlib/") && !strings.HasSuffix(p, "/bench") {
			library = append(library, p)
		}
	}
	k.builder.fast.Learn(ctx, j, append(library, patch.Package)...)
}

// tell tells GoNB what it does not know yet of what cells have declared and set. Nothing is built or run for it.
func (k *Kernel) tell(e *gonb.Engine) {
	k.mu.Lock()
	cells := k.replay[min(k.knows, len(k.replay)):]
	k.knows = len(k.replay)
	k.mu.Unlock()
	defer func() {
		k.mu.Lock()
		k.told = nil
		k.mu.Unlock()
	}()
	for _, n := range cells {
		done := make(chan struct{})
		k.mu.Lock()
		k.builder.numbers++
		k.builder.sources[k.builder.numbers] = n
		id, err := e.Request("execute_request", map[string]any{"code": n.source.Replay(), "silent": true, "store_history": true,
			"user_expressions": struct{}{}, "allow_stdin": false, "stop_on_error": false})
		if k.told == nil {
			k.told = map[string]chan struct{}{}
		}
		k.told[id] = done
		k.mu.Unlock()
		if err != nil {
			return
		}
		select {
		case <-done:
		case <-e.Gone:
			return
		case <-k.stopped:
			return
		case <-time.After(30 * time.Second):
			k.log.Print("GoNB does not take in what it has to know")
			return
		}
	}
}

// keep keeps what GoNB has to know of a cell that went well.
func (k *Kernel) keep(n numbered) {
	if n.source.Replay() == "" {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.replay = append(k.replay, n)
}

// replayed takes an answer to tell.
func (k *Kernel) replayed(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	done := k.told[id]
	if done == nil {
		return false
	}
	delete(k.told, id)
	close(done)
	return true
}

// theEngine starts GoNB if there is none, and waits for it.
func (k *Kernel) theEngine(ctx context.Context) (*gonb.Engine, error) {
	for {
		k.mu.Lock()
		if k.ready == nil {
			k.ready = make(chan struct{})
			go k.startEngine(k.ready)
		}
		e, ready, failed := k.engine, k.ready, k.failed
		k.mu.Unlock()
		if failed != nil {
			return nil, failed
		}
		if e != nil {
			select {
			case <-e.Gone: // and nobody has seen to it yet
				if ready = k.retire(e); ready == nil {
					continue
				}
			default:
				return e, nil
			}
		}
		select {
		case <-ready:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
