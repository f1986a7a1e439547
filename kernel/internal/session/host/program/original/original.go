//go:build trafficlabhost

// Package original calls the functions that the host replaces. The cell linker leaves the
// references of this package alone. Nothing here may be inlined elsewhere.
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

// Read is os.File.Read.
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

// Send is gonbui.SendData, which shows something in the notebook.
//
//go:noinline
func Send(data *protocol.DisplayData) { gonbui.SendData(data) }
