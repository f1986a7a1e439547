package kernel

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// resultVariable names the file to which a program writes the value of the cell's last expression.
const resultVariable = "TRAFFICLAB_RESULT"

// pipes connect a program of cells and the kernel, beside the program's output streams.
type pipes struct {
	dir        string
	pipe, back string   // gonbui's FIFOs, to the kernel and back
	backFile   *os.File // open for writing
	result     string
	stdin      *os.File
	input      *os.File // the other end of stdin
}

func newPipes(tmp string) (*pipes, error) {
	dir, err := os.MkdirTemp(tmp, "p")
	if err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	p := &pipes{dir: dir, pipe: filepath.Join(dir, "pipe"), back: filepath.Join(dir, "back"),
		result: filepath.Join(dir, "result")}
	for _, path := range []string{p.pipe, p.back} {
		if err := unix.Mkfifo(path, 0o600); err != nil {
			p.close()
			return nil, fmt.Errorf("kernel: %w", err)
		}
	}
	// Both ends, so that opening it does not wait for a reader.
	if p.backFile, err = os.OpenFile(p.back, os.O_RDWR, 0); err == nil {
		p.stdin, p.input, err = os.Pipe()
	}
	if err != nil {
		p.close()
		return nil, fmt.Errorf("kernel: %w", err)
	}
	return p, nil
}

func (p *pipes) close() {
	for _, f := range []*os.File{p.stdin, p.input, p.backFile} {
		if f != nil {
			f.Close()
		}
	}
	os.RemoveAll(p.dir)
}

// maxResult bounds the value of a last expression.
const maxResult = 16 << 20

func (p *pipes) readResult() json.RawMessage {
	f, err := os.Open(p.result)
	if err != nil {
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxResult))
	if err != nil || !json.Valid(data) {
		return nil
	}
	return data
}
