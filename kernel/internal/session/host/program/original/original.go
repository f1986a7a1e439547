//go:build trafficlabhost

// Package original has the functions that the host puts others in the place of. The cell linker
// leaves what this package refers to as it is. Nothing here may be inlined elsewhere.
package original

import (
	"os"
	"os/signal"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// Exit is os.Exit.
//
//go:noinline
func Exit(code int) { os.Exit(code) }

// Read reads a file.
//
//go:noinline
func Read(f *os.File, b []byte) (int, error) { return f.Read(b) }

// Notify is signal.Notify.
//
//go:noinline
func Notify(c chan<- os.Signal, sig ...os.Signal) { signal.Notify(c, sig...) }

// Reset is signal.Reset.
//
//go:noinline
func Reset(sig ...os.Signal) { signal.Reset(sig...) }

// Send shows something in the notebook.
//
//go:noinline
func Send(data *protocol.DisplayData) { gonbui.SendData(data) }
