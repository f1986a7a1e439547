// Command front stands in for the programs that GoNB starts: go, goimports, the program of a cell, the shell of a line
// or of a whole cell. It does nothing itself but asks the kernel, which runs the real ones under its own eyes, and ends
// when the kernel says so. It is called many times for a cell and must start in no time, so it links next to nothing.
//
// Which of them it is its own name says: go, goimports, shell, script or clear; any other is the program of a cell.
package main

import (
	"encoding/binary"
	"encoding/json"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() { os.Exit(ask()) }

func ask() int {
	signal.Ignore(os.Interrupt) // the kernel interrupts the real program, which may have something to keep
	kind := filepath.Base(os.Args[0])
	switch kind {
	case "go", "goimports", "shell", "script", "clear":
	default:
		kind = "cell"
	}
	dir, err := os.Getwd()
	if err != nil {
		return fail(err)
	}
	request, err := json.Marshal(map[string]any{"kind": kind, "args": os.Args[1:], "name": os.Args[0], "dir": dir, "env": os.Environ()})
	if err != nil {
		return fail(err)
	}
	c, err := net.DialUnix("unix", nil, &net.UnixAddr{Net: "unix", Name: os.Getenv("TRAFFICLAB_FRONT")})
	if err != nil {
		return fail(err)
	}
	defer c.Close()
	// The three standard streams go along: GoNB holds their other ends.
	size := binary.BigEndian.AppendUint32(nil, uint32(len(request)))
	if _, _, err := c.WriteMsgUnix(size, syscall.UnixRights(0, 1, 2), nil); err != nil {
		return fail(err)
	}
	if _, err := c.Write(request); err != nil {
		return fail(err)
	}
	var status [1]byte
	if _, err := c.Read(status[:]); err != nil {
		return fail(err)
	}
	return int(status[0])
}

func fail(err error) int {
	os.Stderr.WriteString("kernel: " + err.Error() + "\n")
	return 1
}
