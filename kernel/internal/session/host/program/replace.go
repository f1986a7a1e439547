//go:build trafficlabhost

package main

import (
	"os"
	"os/signal"
	"unsafe"

	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/trafficlab/trafficlab/kernel/internal/session/live"
)

// These functions stand in the place of others for all code of the process (package host has the list). The others can
// still be called by their names.

//go:linkname realExit os.Exit
func realExit(code int)

//go:linkname realRead os.(*File).Read
func realRead(f *os.File, b []byte) (int, error)

//go:linkname realNotify os/signal.Notify
func realNotify(c chan<- os.Signal, sig ...os.Signal)

//go:linkname realReset os/signal.Reset
func realReset(sig ...os.Signal)

//go:linkname realSend github.com/janpfeifer/gonb/gonbui.SendData
func realSend(data *protocol.DisplayData)

func hostedExit(code int) { live.Exit(code) }

var stdin = os.Stdin

func hostedRead(f *os.File, b []byte) (int, error) {
	if f == stdin && f != nil {
		return live.Input(b)
	}
	return realRead(f, b)
}

func hostedNotify(c chan<- os.Signal, sig ...os.Signal) {
	if c != never {
		live.Signals()
	}
	realNotify(c, sig...)
}

func hostedReset(sig ...os.Signal) {
	realReset(sig...)
	realNotify(never, os.Interrupt)
}

// hostedSend keeps rich output in its order among what is printed: the kernel takes text before rich output, and what is
// printed next waits until it has taken this.
func hostedSend(data *protocol.DisplayData) {
	realSend(data)
	if pipe != nil {
		taken(pipe)
	}
}

// panicValue is the beginning of runtime._panic.
type panicValue struct {
	arg  any
	link *panicValue
}

// hostedPanic stands for runtime.fatalpanic.
func hostedPanic(p *panicValue) {
	var values []live.Value
	for ; p != nil; p = p.link {
		at := unsafe.Pointer(p)
		flag := func(offset uintptr) bool { return offset != 0 && *(*bool)(unsafe.Add(at, offset)) }
		values = append(values, live.Value{Arg: p.arg, Recovered: flag(panicFlags.recovered), Repanicked: flag(panicFlags.repanicked), Goexit: flag(panicFlags.goexit)})
	}
	for i, j := 0, len(values)-1; i < j; i, j = i+1, j-1 {
		values[i], values[j] = values[j], values[i]
	}
	live.Unrecovered(values)
}

var panicFlags struct{ recovered, repanicked, goexit uintptr }

var keep = []any{hostedExit, hostedRead, hostedNotify, hostedReset, hostedSend, hostedPanic, signal.Notify}
