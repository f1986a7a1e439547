package nb

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"
	"golang.org/x/sys/unix"

	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// The cells of these tests run in processes of their own, as the kernel's do: the test binary runs
// the cell that NB_TEST_CELL names instead of the tests.
var cells = map[string]func(){
	"show": func() {
		fmt.Println("before")
		Show(picture{}, []picture{{}, {}}, "AUC", 0.5, point{1, 2})
		fmt.Println("after")
	},
	"badPicture": func() { Show(badPicture{}); fmt.Println("not reached") },
	"noText":     func() { Show(noText{}) },
	"badJSON":    func() { Show(badJSON{}) },
	"must":       func() { Show(Must(1, nil)); Must(2, errors.New("a: b\n\n  c\n")); fmt.Println("not reached") },
	"train": func() {
		sink := progress.From(Context())
		for i := range int64(2000) {
			sink.Update(progress.Update{Task: "train", Unit: "step", Done: i, Total: 2000,
				Metrics: []progress.Value{{Name: "loss", Value: 0.25}}})
			time.Sleep(time.Millisecond / 2)
		}
		sink.Update(progress.Update{Task: "train", Unit: "step", Done: 2000, Total: 2000, Final: true,
			Metrics: []progress.Value{{Name: "loss", Value: 0.125}}})
		sink.Update(progress.Update{Task: "convert <x>", Unit: "session", Done: 7, Final: true})
	},
	"interrupt": func() {
		ctx := Context()
		if Context() != ctx {
			fmt.Println("another context")
		}
		syscall.Kill(os.Getpid(), syscall.SIGINT)
		<-ctx.Done()
		fmt.Println("stopped:", context.Cause(ctx))
	},
	"newCell": func() {
		first, stop := context.WithCancelCause(context.Background())
		NewCell(first)
		ctx := Context()
		stop(errors.New("interrupted"))
		time.Sleep(100 * time.Millisecond) // for the words
		ended, end := context.WithCancel(context.Background())
		NewCell(ended)
		Context()
		end()
		NewCell(context.Background())
		fmt.Println("stopped:", ctx.Err(), Context().Err(), Context() == Context())
	},
	"interruptTwice": func() {
		ctx := Context()
		syscall.Kill(os.Getpid(), syscall.SIGINT)
		<-ctx.Done()
		syscall.Kill(os.Getpid(), syscall.SIGINT)
		time.Sleep(time.Minute)
	},
}

type picture struct{}

func (picture) MIME() (map[string]any, error) {
	return map[string]any{"text/plain": "a picture", "image/svg+xml": "<svg/>", "image/png": []byte{1, 2},
		"application/vnd.vegalite.v5+json": `{"mark":"line","data":{"values":[{"x":1}]}}`,
		"application/geo+json":             map[string][]int{"at": {3, 4}}}, nil
}

type point struct{ x, y int }

func (p point) String() string { return fmt.Sprintf("(%d %d)", p.x, p.y) }

type badPicture struct{}

func (badPicture) MIME() (map[string]any, error) {
	return nil, errors.New("chart: curve: series \"loss\": NaN at 3")
}

type noText struct{}

func (noText) MIME() (map[string]any, error) { return map[string]any{"text/html": "x"}, nil }

type badJSON struct{}

func (badJSON) MIME() (map[string]any, error) {
	return map[string]any{"text/plain": "", "a/b+json": map[string]any{"x": []any{1, nil}}}, nil
}

func TestMain(m *testing.M) {
	if cell := os.Getenv("NB_TEST_CELL"); cell != "" {
		cells[cell]()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// ran is the result of a cell.
type ran struct {
	out, err string
	status   int
	shown    []protocol.DisplayData // what reached the notebook, in order
}

// runCell runs a cell, in a notebook or outside one.
func runCell(t *testing.T, name string, notebook bool) (r ran) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Env = append(os.Environ(), "NB_TEST_CELL="+name, protocol.GONB_PIPE_ENV+"=")
	wait := func() {}
	if notebook {
		wait = fakeKernel(t, cmd, &r.shown)
	}
	err := cmd.Run()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	wait()
	r.out, r.err, r.status = out.String(), errs.String(), cmd.ProcessState.ExitCode()
	return r
}

// fakeKernel serves the other end of the cell's pipes: it records what is shown, and answers
// requests to synchronize. The returned function waits for its end after the cell has ended. Like
// the kernel, it then stops reading.
func fakeKernel(t *testing.T, cmd *exec.Cmd, shown *[]protocol.DisplayData) (wait func()) {
	t.Helper()
	open := func(env string) *os.File {
		path := filepath.Join(t.TempDir(), "pipe")
		if err := unix.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0) // both ends, so that opening waits for nobody
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		cmd.Env = append(cmd.Env, env+"="+path)
		return f
	}
	from, to := open(protocol.GONB_PIPE_ENV), open(protocol.GONB_PIPE_BACK_ENV)
	done := make(chan struct{})
	go func() {
		defer close(done)
		in, back := gob.NewDecoder(from), gob.NewEncoder(to)
		for {
			var data protocol.DisplayData
			if err := in.Decode(&data); err != nil {
				if !errors.Is(err, os.ErrClosed) && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, io.EOF) {
					t.Errorf("the kernel can not read: %v", err)
				}
				return
			}
			if req, ok := data.Data[protocol.MIMECommValue].(protocol.CommValue); ok {
				time.Sleep(10 * time.Millisecond) // a busy kernel
				back.Encode(protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: req.Value})
				continue
			}
			*shown = append(*shown, data)
		}
	}()
	return func() {
		from.SetReadDeadline(time.Now())
		<-done
	}
}
