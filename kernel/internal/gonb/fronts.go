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

// A Step is one program that GoNB wants to run: the request of a front.
type Step struct {
	Kind string   `json:"kind"` // go, goimports, shell, script, clear or cell
	Name string   `json:"name"` // the path by which it was called
	Args []string `json:"args"`
	Dir  string   `json:"dir"`
	Env  []string `json:"env"`

	Stdin, Stdout, Stderr *os.File `json:"-"` // the front's, whose other ends GoNB holds
}

// EnvFront names the socket on which the kernel listens for the fronts.
const EnvFront = "TRAFFICLAB_FRONT"

// Fronts is the folder that stands first on GoNB's PATH, and the socket that its programs call.
type Fronts struct {
	Dir    string
	Socket string

	listener *net.UnixListener
	handle   func(*Step) int
	wg       sync.WaitGroup
	mu       sync.Mutex
	conns    map[net.Conn]bool
}

// NewFronts makes the folder below tmp, with the program front under all its names. Handle is called for each step, in
// a goroutine of its own, and gives the status with which the front ends.
func NewFronts(tmp, front string, handle func(*Step) int) (*Fronts, error) {
	f := &Fronts{Dir: filepath.Join(tmp, "fronts"), Socket: filepath.Join(tmp, "front.sock"), handle: handle, conns: map[net.Conn]bool{}}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	for _, name := range []string{"go", "goimports", "shell", "script", "clear"} {
		if err := os.Symlink(front, filepath.Join(f.Dir, name)); err != nil {
			return nil, fmt.Errorf("kernel: %w", err)
		}
	}
	var err error
	if f.listener, err = net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: f.Socket}); err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	f.wg.Go(func() {
		for {
			c, err := f.listener.AcceptUnix()
			if err != nil {
				return
			}
			f.mu.Lock()
			f.conns[c] = true
			f.mu.Unlock()
			f.wg.Go(func() {
				defer func() {
					c.Close()
					f.mu.Lock()
					delete(f.conns, c)
					f.mu.Unlock()
				}()
				s, err := readStep(c)
				status := 1
				if err == nil {
					status = f.handle(s)
					for _, file := range []*os.File{s.Stdin, s.Stdout, s.Stderr} {
						file.Close()
					}
				}
				c.Write([]byte{byte(status)})
			})
		}
	})
	return f, nil
}

// Close ends the socket. Steps that are under way are waited for: end them first.
func (f *Fronts) Close() {
	f.listener.Close()
	f.mu.Lock()
	for c := range f.conns {
		c.Close()
	}
	f.mu.Unlock()
	f.wg.Wait()
}

// mostRequest bounds a front's request: its environment and arguments, which the system bounds too.
const mostRequest = 16 << 20

func readStep(c *net.UnixConn) (*Step, error) {
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
	if n != len(size) || len(fds) != 3 || binary.BigEndian.Uint32(size[:]) > mostRequest {
		closeAll()
		return nil, errors.New("kernel: not a front")
	}
	data := make([]byte, binary.BigEndian.Uint32(size[:]))
	if _, err := io.ReadFull(c, data); err != nil {
		closeAll()
		return nil, err
	}
	s := &Step{}
	if err := json.Unmarshal(data, s); err != nil {
		closeAll()
		return nil, err
	}
	s.Stdin, s.Stdout, s.Stderr = os.NewFile(uintptr(fds[0]), "stdin"), os.NewFile(uintptr(fds[1]), "stdout"), os.NewFile(uintptr(fds[2]), "stderr")
	return s, nil
}
