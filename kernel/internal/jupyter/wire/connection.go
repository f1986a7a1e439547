package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
)

// A Connection is the content of Jupyter's connection file: where the kernel listens, and the key
// that signs messages.
type Connection struct {
	Transport string `json:"transport"`
	IP        string `json:"ip"` // for ipc, the prefix of the sockets' paths
	Shell     int    `json:"shell_port"`
	Control   int    `json:"control_port"`
	IOPub     int    `json:"iopub_port"`
	Stdin     int    `json:"stdin_port"`
	Heartbeat int    `json:"hb_port"`
	Key       string `json:"key"`
	Scheme    string `json:"signature_scheme"`
	Name      string `json:"kernel_name,omitempty"`
}

// maxConnection bounds the size of a connection file.
const maxConnection = 1 << 20

// ReadConnection reads a connection file. It refuses a file that others may read or write, since
// whoever has the key can run programs as this user; JUPYTER_ALLOW_INSECURE_WRITES allows it, as in
// Jupyter.
func ReadConnection(path string) (Connection, error) {
	var c Connection
	f, err := os.Open(path)
	if err != nil {
		return c, fmt.Errorf("kernel: connection file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return c, fmt.Errorf("kernel: connection file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return c, fmt.Errorf("kernel: %s: not a connection file", path)
	}
	insecure := os.Getenv("JUPYTER_ALLOW_INSECURE_WRITES")
	if mode := info.Mode().Perm(); mode&0o077 != 0 && insecure != "1" && insecure != "true" {
		return c, fmt.Errorf("kernel: %s: others may read it (mode %04o), and it holds the key (run chmod 600)", path, mode)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxConnection))
	if err != nil {
		return c, fmt.Errorf("kernel: connection file: %w", err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return c, fmt.Errorf("kernel: %s: not a connection file: %w", path, err)
	}
	if err := c.check(); err != nil {
		return c, fmt.Errorf("kernel: %s: %w", path, err)
	}
	return c, nil
}

func (c *Connection) check() error {
	if c.Transport == "" {
		c.Transport = "tcp"
	}
	if c.Transport != "tcp" && c.Transport != "ipc" {
		return fmt.Errorf("transport %q: want tcp or ipc", c.Transport)
	}
	if c.IP == "" {
		return errors.New("no ip")
	}
	for _, p := range []struct {
		name string
		port int
	}{{"shell_port", c.Shell}, {"control_port", c.Control}, {"iopub_port", c.IOPub}, {"stdin_port", c.Stdin},
		{"hb_port", c.Heartbeat}} {
		switch {
		case p.port == 0: // no client could find a port that the kernel chooses
			return fmt.Errorf("no %s", p.name)
		case p.port < 0 || p.port > 65535:
			return fmt.Errorf("%s: %d is not a port", p.name, p.port)
		}
	}
	return nil
}

// Address returns the network and address of a port, for package net.
func (c Connection) Address(port int) (network, address string) {
	if c.Transport == "ipc" {
		return "unix", c.IP + "-" + strconv.Itoa(port)
	}
	ip := c.IP
	if ip == "*" {
		ip = ""
	}
	return "tcp", net.JoinHostPort(ip, strconv.Itoa(port))
}
