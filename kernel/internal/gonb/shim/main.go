// Command shim stands in for the programs that GoNB starts: go, goimports and the program of a
// cell. It passes its arguments, environment and standard streams to the kernel, which runs the
// real program, and ends with the status that the kernel replies.
//
// The name by which it is called says which program it stands for: go or goimports; any other name
// is the program of a cell. It runs several times for each cell and must start fast, so it links as
// little as possible.
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
	signal.Ignore(os.Interrupt) // the kernel interrupts the real program, which may have work to save
	kind := filepath.Base(os.Args[0])
	if kind != "go" && kind != "goimports" {
		kind = "cell"
	}
	dir, err := os.Getwd()
	if err != nil {
		return fail(err)
	}
	request, err := json.Marshal(map[string]any{"kind": kind, "args": os.Args[1:], "name": os.Args[0], "dir": dir,
		"env": os.Environ()})
	if err != nil {
		return fail(err)
	}
	c, err := net.DialUnix("unix", nil, &net.UnixAddr{Net: "unix", Name: os.Getenv("TRAFFICLAB_SHIM")})
	if err != nil {
		return fail(err)
	}
	defer c.Close()
	// The kernel gets the standard streams too: GoNB holds their other ends.
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
