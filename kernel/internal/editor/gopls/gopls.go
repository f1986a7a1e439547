// Package gopls is a client of Go's language server, for one file that exists only in the
// conversation: the cell that is being typed, after the declarations of the cells before it.
//
// It takes a folder with a module and the text of the file, and returns completions and
// documentation. Calls end when their context does; a server that is not up yet, or has ended,
// returns nothing.
package gopls

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf16"
)

// A Server is a running gopls.
type Server struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	file string // the path of the file

	writing sync.Mutex
	mu      sync.Mutex
	next    int
	waiting map[int]chan json.RawMessage
	version int
	warm    bool // it has read the module
	gone    chan struct{}
}

// ErrCold reports that the server is not up yet.
var ErrCold = errors.New("gopls: not up yet")

// Start starts the server, which reads the module in the background.
func Start(program, dir string, env []string, log *os.File) (*Server, error) {
	s := &Server{file: filepath.Join(dir, "main.go"), waiting: map[int]chan json.RawMessage{},
		gone: make(chan struct{})}
	s.cmd = exec.Command(program, "serve")
	s.cmd.Dir, s.cmd.Env, s.cmd.Stderr = dir, env, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var err error
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("gopls: %w", err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("gopls: %w", err)
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("gopls: %w", err)
	}
	// Cells and the editor come first.
	syscall.Setpriority(syscall.PRIO_PROCESS, s.cmd.Process.Pid, 10)
	go func() {
		s.read(bufio.NewReader(out))
		syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		s.cmd.Wait()
		close(s.gone)
	}()
	go s.warmUp(dir)
	return s, nil
}

// warmUp initializes the server and asks for a completion, which it answers once it has read the
// module.
func (s *Server) warmUp(dir string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	root := uri(dir)
	_, err := s.call(ctx, "initialize", map[string]any{
		"processId": os.Getpid(), "rootUri": root,
		"workspaceFolders": []any{map[string]string{"uri": root, "name": "cells"}},
		"capabilities": map[string]any{"textDocument": map[string]any{
			"completion": map[string]any{"completionItem": map[string]any{"snippetSupport": false}},
			"hover":      map[string]any{"contentFormat": []string{"markdown"}}}},
		"initializationOptions": map[string]any{"completionBudget": "250ms", "matcher": "CaseSensitive",
			"usePlaceholders": false, "staticcheck": false, "linksInHover": false, "diagnosticsTrigger": "Save",
			"deepCompletion": false},
	})
	if err != nil {
		return
	}
	s.notify("initialized", struct{}{})
	text := "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Print\n}\n"
	if _, err := s.complete(ctx, text, strings.Index(text, "Print")+5); err != nil {
		return
	}
	s.mu.Lock()
	s.warm = true
	s.mu.Unlock()
}

// Gone is closed when the server has ended.
func (s *Server) Gone() <-chan struct{} { return s.gone }

// Warm reports whether the server is up.
func (s *Server) Warm() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.warm
}

// uri returns a path as a file URI.
func uri(path string) string {
	var b strings.Builder
	b.WriteString("file://")
	for _, c := range []byte(path) {
		if c == '/' || c == '-' || c == '_' || c == '.' || c == '~' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' ||
			c >= 'A' && c <= 'Z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// maxMessage bounds a message of the server.
const maxMessage = 64 << 20

// read reads the server's messages until its output ends.
func (s *Server) read(in *bufio.Reader) {
	for {
		header, err := textproto.NewReader(in).ReadMIMEHeader()
		if err != nil {
			return
		}
		n, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil || n < 0 || n > maxMessage {
			return
		}
		data := make([]byte, n)
		if _, err := io.ReadFull(in, data); err != nil {
			return
		}
		var m struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
			Params struct {
				Items []any `json:"items"`
			} `json:"params"`
			Result json.RawMessage `json:"result"`
		}
		if json.Unmarshal(data, &m) != nil {
			continue
		}
		if m.Method != "" {
			if len(m.ID) > 0 { // a question: about settings, of which there are none, or to show progress
				var result any
				if m.Method == "workspace/configuration" {
					result = make([]any, len(m.Params.Items))
				}
				s.write(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": result})
			}
			continue
		}
		id, err := strconv.Atoi(string(m.ID))
		if err != nil {
			continue
		}
		s.mu.Lock()
		to := s.waiting[id]
		delete(s.waiting, id)
		s.mu.Unlock()
		if to != nil {
			to <- m.Result
		}
	}
}

func (s *Server) write(message any) error {
	data, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("gopls: %w", err)
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	_, err = fmt.Fprintf(s.in, "Content-Length: %d\r\n\r\n%s", len(data), data)
	return err
}

func (s *Server) notify(method string, params any) error {
	return s.write(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
}

func (s *Server) call(ctx context.Context, method string, params any) (json.RawMessage, error) {
	answer := make(chan json.RawMessage, 1)
	s.mu.Lock()
	s.next++
	id := s.next
	s.waiting[id] = answer
	s.mu.Unlock()
	if err := s.write(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params}); err != nil {
		return nil, err
	}
	select {
	case result := <-answer:
		return result, nil
	case <-s.gone:
		return nil, errors.New("gopls: the server has ended")
	case <-ctx.Done():
		s.mu.Lock()
		delete(s.waiting, id)
		s.mu.Unlock()
		s.notify("$/cancelRequest", map[string]any{"id": id})
		return nil, ctx.Err()
	}
}

// open sends the present text of the file.
func (s *Server) open(text string) error {
	s.mu.Lock()
	s.version++
	v := s.version
	s.mu.Unlock()
	if v == 1 {
		return s.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
			"uri": uri(s.file), "languageId": "go", "version": v, "text": text}})
	}
	return s.notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": uri(s.file), "version": v},
		"contentChanges": []any{map[string]string{"text": text}}})
}

// position returns an offset in a text as the protocol counts it: the line, and the UTF-16 units in
// it.
func position(text string, at int) map[string]int {
	before := text[:min(at, len(text))]
	line := strings.Count(before, "\n")
	last := before[strings.LastIndexByte(before, '\n')+1:]
	return map[string]int{"line": line, "character": len(utf16.Encode([]rune(last)))}
}

// An Item is a completion.
type Item struct {
	Label  string `json:"label"`
	Detail string `json:"detail"`
	Kind   int    `json:"kind"`
}

// Complete returns the completions of the name before an offset in the file.
func (s *Server) Complete(ctx context.Context, text string, at int) ([]Item, error) {
	if !s.Warm() {
		return nil, ErrCold
	}
	return s.complete(ctx, text, at)
}

func (s *Server) complete(ctx context.Context, text string, at int) ([]Item, error) {
	if err := s.open(text); err != nil {
		return nil, err
	}
	data, err := s.call(ctx, "textDocument/completion",
		map[string]any{"textDocument": map[string]string{"uri": uri(s.file)}, "position": position(text, at)})
	if err != nil {
		return nil, err
	}
	var list struct {
		Items []Item `json:"items"`
	}
	if err := json.Unmarshal(data, &list); err != nil && len(data) > 0 {
		return nil, fmt.Errorf("gopls: %w", err)
	}
	return list.Items, nil
}

// Hover returns what is known about the name at an offset in the file, as Markdown; "" if nothing
// is.
func (s *Server) Hover(ctx context.Context, text string, at int) (string, error) {
	if !s.Warm() {
		return "", ErrCold
	}
	if err := s.open(text); err != nil {
		return "", err
	}
	data, err := s.call(ctx, "textDocument/hover", map[string]any{"textDocument": map[string]string{"uri": uri(s.file)},
		"position": position(text, at)})
	if err != nil {
		return "", err
	}
	var hover struct {
		Contents struct {
			Value string `json:"value"`
		} `json:"contents"`
	}
	if err := json.Unmarshal(data, &hover); err != nil && len(data) > 0 {
		return "", fmt.Errorf("gopls: %w", err)
	}
	return hover.Contents.Value, nil
}

// Close kills the server.
func (s *Server) Close() {
	s.in.Close()
	syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	<-s.gone
}
