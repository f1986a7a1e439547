//go:build trafficlabhost

package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"

	"github.com/trafficlab/trafficlab/kernel/internal/session/host/program/original"
	"github.com/trafficlab/trafficlab/kernel/internal/session/live"
	"github.com/trafficlab/trafficlab/kernel/internal/session/live/message"
	"github.com/trafficlab/trafficlab/trafficlib/nb"
)

// maxStack is the stack size at which a recursion counts as endless. Go's own limit of a gigabyte
// is reached only after the stack was copied several times.
const maxStack = 256 << 20

// control is the descriptor of the channel to the kernel.
const control = 3

var (
	kernel  *os.File
	sending sync.Mutex
	never   = make(chan os.Signal, 1)
)

func send(m message.FromHost) {
	b, err := json.Marshal(m)
	if err != nil {
		b, _ = json.Marshal(message.FromHost{Failed: err.Error()})
	}
	sending.Lock()
	defer sending.Unlock()
	if _, err := kernel.Write(append(b, '\n')); err != nil {
		original.Exit(1) // the kernel is gone
	}
}

func main() {
	syscall.CloseOnExec(control)
	kernel = os.NewFile(control, "kernel")
	live.Runtime.Labels, live.Runtime.Everyone, live.Runtime.NewCell = goroutineLabels, everyone, nb.NewCell
	live.Late = func(cell int, text, trace string) {
		send(message.FromHost{Late: &message.Late{Cell: cell, Text: text, Trace: trace}})
	}
	live.Ask = ask
	signal.Notify(never, os.Interrupt) // from now on it does not end the process
	if err := prepare(os.Args[1]); err != nil {
		send(message.FromHost{Failed: err.Error()})
		original.Exit(1)
	}
	os.Args = os.Args[:1]
	debug.SetMaxStack(maxStack)
	send(message.FromHost{Ready: true})
	in := bufio.NewReader(kernel)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			original.Exit(0)
		}
		var m message.ToHost
		if err := json.Unmarshal(line, &m); err != nil {
			send(message.FromHost{Failed: err.Error()})
			continue
		}
		do(m)
	}
}

func do(m message.ToHost) {
	switch {
	case m.Run != nil:
		run(*m.Run)
	case m.Interrupt > 0:
		if c := live.Current(); c != nil {
			c.Interrupt(m.Interrupt)
		}
	case m.Line != nil:
		answer(*m.Line)
	case m.Set != nil:
		p := environ(*m.Set)
		send(message.FromHost{Environ: &p})
	case m.Free:
		debug.FreeOSMemory()
		send(message.FromHost{Freed: true})
	}
}

func run(m message.Run) {
	module, err := load(m.Table, m.Image)
	if err != nil {
		send(message.FromHost{Done: &message.Done{Report: live.Report{Cell: m.Cell, How: "", Text: err.Error()}}})
		return
	}
	signal.Notify(never, os.Interrupt) // a cell may have reset it
	live.Start(m.Cell, func() { ᐧrun(module) }, func(r live.Report) {
		send(message.FromHost{Done: &message.Done{Report: r, Load: module.took}})
	})
}
