//go:build trafficlabhost

package main

import (
	"os"
	"slices"
	"unsafe"

	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/trafficlab/trafficlab/kernel/internal/session/host/program/original"
	"github.com/trafficlab/trafficlab/kernel/internal/session/live"
)

// These functions replace functions of libraries, in all code of the process but package original.
// Package host has the list.

func hostedExit(code int) { live.Exit(code) }

var stdin = os.Stdin

func hostedRead(f *os.File, b []byte) (int, error) {
	if f == stdin && f != nil {
		return live.Input(b)
	}
	return original.Read(f, b)
}

func hostedNotify(c chan<- os.Signal, sig ...os.Signal) {
	if c != never && (len(sig) == 0 || slices.Contains(sig, os.Interrupt)) {
		live.Signals(c)
	}
	original.Notify(c, sig...)
}

func hostedReset(sig ...os.Signal) {
	original.Reset(sig...)
	original.Notify(never, os.Interrupt)
}

// hostedSend keeps rich output in order with printed text. The kernel reads text before rich
// output, so what the cell prints next waits until the kernel has read this.
func hostedSend(data *protocol.DisplayData) {
	original.Send(data)
	if pipe != nil {
		taken(pipe)
	}
}

// hostedPanic replaces runtime.fatalpanic. Its argument is the newest of the goroutine's panics.
func hostedPanic(p unsafe.Pointer) {
	var values []live.Value
	for ; p != nil; p = *(*unsafe.Pointer)(unsafe.Add(p, panics.link)) {
		flag := func(offset uintptr) bool { return *(*bool)(unsafe.Add(p, offset)) }
		values = append(values, live.Value{Arg: *(*any)(unsafe.Add(p, panics.arg)), Recovered: flag(panics.recovered),
			Repanicked: flag(panics.repanicked), Goexit: flag(panics.goexit)})
	}
	for i, j := 0, len(values)-1; i < j; i, j = i+1, j-1 {
		values[i], values[j] = values[j], values[i]
	}
	live.Unrecovered(values)
}

// keep makes the compiler keep the functions.
var keep = []any{hostedExit, hostedRead, hostedNotify, hostedReset, hostedSend, hostedPanic}
