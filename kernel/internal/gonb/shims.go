package gonb

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// A step is a program that GoNB wants to run: the request of a shim.
type step struct {
	Kind string   `json:"kind"` // go, goimports or cell
	Name string   `json:"name"` // the path by which the shim was called
	Args []string `json:"args"`
	Dir  string   `json:"dir"`
	Env  []string `json:"env"`

	Stdin, Stdout, Stderr *os.File `json:"-"` // the shim's; GoNB holds their other ends
}

// socketVariable names the socket on which the kernel listens for shims. Command shim knows it too.
const socketVariable = "TRAFFICLAB_SHIM"

// shims are the folder that is first on GoNB's PATH, and the socket that the programs in it call.
type shims struct {
	dir    string
	socket string

	listener *net.UnixListener
	handle   func(*step) int
	wg       sync.WaitGroup
	mu       sync.Mutex
	conns    map[net.Conn]bool
}

// newShims makes the folder below tmp, with the program shim under all its names. Handle is called
// for each step, in a goroutine of its own, and returns the exit status of the shim.
func newShims(tmp, shim string, handle func(*step) int) (*shims, error) {
	s := &shims{dir: filepath.Join(tmp, "shims"), socket: filepath.Join(tmp, "shim.sock"), handle: handle,
		conns: map[net.Conn]bool{}}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	for _, name := range []string{"go", "goimports"} {
		if err := os.Symlink(shim, filepath.Join(s.dir, name)); err != nil {
			return nil, fmt.Errorf("kernel: %w", err)
		}
	}
	var err error
	if s.listener, err = net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: s.socket}); err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	s.wg.Go(func() {
		for {
			c, err := s.listener.AcceptUnix()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[c] = true
			s.mu.Unlock()
			s.wg.Go(func() { s.serve(c) })
		}
	})
	return s, nil
}

func (s *shims) serve(c *net.UnixConn) {
	defer func() {
		c.Close()
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
	}()
	status := 1
	if step, err := readStep(c); err == nil {
		status = s.handle(step)
		for _, file := range []*os.File{step.Stdin, step.Stdout, step.Stderr} {
			file.Close()
		}
	}
	c.Write([]byte{byte(status)})
}

// close closes the socket and waits for steps under way, which must have been told to end.
func (s *shims) close() {
	s.listener.Close()
	s.mu.Lock()
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// maxRequest bounds a shim's request: its environment and arguments, which the system bounds too.
const maxRequest = 16 << 20

func readStep(c *net.UnixConn) (*step, error) {
	var size [4]byte
	oob := make([]byte, syscall.CmsgSpace(3*4))
	n, oobn, _, _, err := c.ReadMsgUnix(size[:], oob)
	if err != nil {
		return nil, err
	}
	messages, err := syscall.ParseSocketControlMessage(oob[:oobn])
	if err != nil {
		return nil, err
	}
	var fds []int
	for _, m := range messages {
		got, err := syscall.ParseUnixRights(&m)
		if err != nil {
			return nil, err
		}
		fds = append(fds, got...)
	}
	for _, fd := range fds {
		syscall.CloseOnExec(fd)
	}
	closeAll := func() {
		for _, fd := range fds {
			syscall.Close(fd)
		}
	}
	if n != len(size) || len(fds) != 3 || binary.BigEndian.Uint32(size[:]) > maxRequest {
		closeAll()
		return nil, errors.New("kernel: not a shim")
	}
	data := make([]byte, binary.BigEndian.Uint32(size[:]))
	if _, err := io.ReadFull(c, data); err != nil {
		closeAll()
		return nil, err
	}
	s := &step{}
	if err := json.Unmarshal(data, s); err != nil {
		closeAll()
		return nil, err
	}
	s.Stdin = os.NewFile(uintptr(fds[0]), "stdin")
	s.Stdout = os.NewFile(uintptr(fds[1]), "stdout")
	s.Stderr = os.NewFile(uintptr(fds[2]), "stderr")
	return s, nil
}
