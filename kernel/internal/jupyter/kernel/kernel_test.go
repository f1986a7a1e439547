package kernel

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/zmtp"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/test/waits"
)

// A frontEnd is a client of a kernel that a test has started.
type frontEnd struct {
	t              *testing.T
	k              *Kernel
	codec          *wire.Codec
	shell, control *zmtp.Client
	published      chan *wire.Message
	shellIn        chan *wire.Message
	metadata       string // of the last reply to a cell
}

// started starts a kernel with the GoNB that setup has installed.
func started(t *testing.T) *frontEnd {
	t.Helper()
	h, err := paths.UserHome()
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"gonb", "goimports"} {
		if _, err := os.Stat(h.Tool(tool)); err != nil {
			if os.Getenv("TRAFFICLAB_ALL") != "" {
				t.Fatal(err)
			}
			t.Skip("not set up: " + tool + " (run: go run ./kernel setup)")
		}
	}
	checkout, err := paths.Checkout(".")
	if err != nil {
		t.Fatal(err)
	}
	tmp, err := os.MkdirTemp("", "tl-") // paths of sockets must be short
	if err != nil {
		t.Fatal(err)
	}
	shim := filepath.Join(tmp, "shim")
	build := exec.Command("go", "build", "-o", shim, "../../gonb/shim")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	env := []string{"GOFLAGS='-ldflags=-w -linkmode=internal' -buildvcs=false", "GOPROXY=off", "GOTOOLCHAIN=local",
		"TMPDIR=" + tmp, "GOWORK="}
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); name != "GOFLAGS" && name != "GOPROXY" && name != "GOTOOLCHAIN" &&
			name != "TMPDIR" && name != "GOWORK" {
			env = append(env, e)
		}
	}
	c := wire.Connection{Transport: "ipc", IP: filepath.Join(tmp, "j"), Shell: 1, Control: 2, IOPub: 3, Stdin: 4,
		Heartbeat: 5, Key: "secret", Scheme: "hmac-sha256"}
	k, err := New(Config{Connection: c, Name: "kernel-test.json", GoNB: h.Tool("gonb"), GoImports: h.Tool("goimports"),
		Shim:     shim,
		Checkout: checkout, Tmp: tmp, Env: env, Settings: Settings{Grace: time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	f := &frontEnd{t: t, k: k, published: make(chan *wire.Message, 1000), shellIn: make(chan *wire.Message, 100)}
	t.Cleanup(func() {
		k.Close()
		for _, c := range []*zmtp.Client{f.shell, f.control} {
			c.Close()
		}
		os.RemoveAll(tmp)
	})
	if f.codec, err = wire.NewCodec(c.Key, c.Scheme); err != nil {
		t.Fatal(err)
	}
	dial := func(port int, kind string) *zmtp.Client {
		network, address := c.Address(port)
		client, err := zmtp.Dial(network, address, kind, "me")
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	listen := func(client *zmtp.Client, to chan *wire.Message) {
		codec := f.codec.For()
		for {
			frames, err := client.Receive()
			if err != nil {
				return
			}
			if m, err := codec.Parse(frames); err == nil {
				to <- m
			}
		}
	}
	f.shell, f.control = dial(c.Shell, "DEALER"), dial(c.Control, "DEALER")
	stdin := dial(c.Stdin, "DEALER")
	t.Cleanup(stdin.Close)
	go f.answer(stdin, "one", "two")
	iopub := dial(c.IOPub, "SUB")
	t.Cleanup(iopub.Close)
	go listen(f.shell, f.shellIn)
	go listen(iopub, f.published)
	if m := f.next(f.published); m.Header.Type != "iopub_welcome" {
		t.Errorf("the first message to a new subscriber is a %s", m.Header.Type)
	}
	return f
}

// answer answers the kernel's questions.
func (f *frontEnd) answer(stdin *zmtp.Client, answers ...string) {
	for _, a := range answers {
		if _, err := stdin.Receive(); err != nil {
			return
		}
		f.send(stdin, "input_reply", map[string]any{"value": a})
	}
}

func (f *frontEnd) next(from chan *wire.Message) *wire.Message {
	f.t.Helper()
	return waits.For(f.t, "a message", from)
}

func (f *frontEnd) send(client *zmtp.Client, kind string, content any) string {
	f.t.Helper()
	m, err := wire.New(kind, "s", nil, content)
	if err != nil {
		f.t.Fatal(err)
	}
	client.Send(f.codec.Frames(m))
	return m.Header.ID
}

// run runs a cell and returns what it publishes, one line for each message, and its reply.
func (f *frontEnd) run(code string) (text string, reply map[string]any) {
	f.t.Helper()
	return f.wait(f.send(f.shell, "execute_request", map[string]any{"code": code}))
}

func (f *frontEnd) wait(id string) (text string, reply map[string]any) {
	f.t.Helper()
	var lines []string
	for {
		m := f.next(f.published)
		var parent wire.Header
		json.Unmarshal(m.Parent, &parent)
		if parent.ID != id {
			continue
		}
		var c struct {
			State string `json:"execution_state"`
			Text  string
			Ename string
			Data  map[string]any
		}
		json.Unmarshal(m.Content, &c)
		switch m.Header.Type {
		case "status":
			if c.State == "idle" {
				m := f.next(f.shellIn)
				json.Unmarshal(m.Content, &reply)
				f.metadata = string(m.Metadata)
				return strings.Join(lines, "\n"), reply
			}
		case "stream":
			lines = append(lines, c.Text)
		case "error":
			lines = append(lines, "error "+c.Ename)
		case "execute_result":
			lines = append(lines, "result "+c.Data["text/plain"].(string))
		}
	}
}

// begun waits for the first text of a cell.
func (f *frontEnd) begun(id string) {
	f.t.Helper()
	for {
		m := f.next(f.published)
		var parent wire.Header
		json.Unmarshal(m.Parent, &parent)
		if parent.ID == id && m.Header.Type == "stream" {
			return
		}
	}
}

func TestKernel(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("cells", func(t *testing.T) {
		f := started(t)
		for _, c := range []struct{ code, text, status string }{
			{"fmt.Println(\"hello\")", "hello\n", "ok"},
			{"1 + 1", "result 2", "ok"},
			{"x := 42", "", "ok"},
			{"x + 1", "result 43", "ok"},
			{"func f() {}\nf()", "", "ok"},
			{"%%\nfmt.Println(x)", "42\n", "ok"},
			{"missing()", "error CompileError", "error"},
			{"func func", "error CompileError", "error"},
			{"panic(1)", "error Panic", "error"},
			{"os.Exit(3)", "error ExitError", "error"},
			{"!echo a; false\nfmt.Println(1)", "a\n\nerror ExitError", "error"},
			{"%%bash\necho $((1+2))", "3\n", "ok"},
			{"%%sh\nexit 3", "error ExitError", "error"},
			{"%%script no-such-program\nx", "error ExitError", "error"},
			{"%cd /", "working directory: \"/\"\n", "ok"},
			{"!pwd", "/\n", "ok"},
			{"%%bash\npwd", "/\n", "ok"},
			{"%%\nfmt.Println(os.Getwd())", "/ <nil>\n", "ok"},
			{"%cd no-such-folder\n!echo too far", "error Error", "error"},
			{"%env TL_WORD=a \"b", "Set: TL_WORD=\"a \\\"b\"\n", "ok"},
			{"!echo $TL_WORD", "a \"b\n", "ok"},
			{"%%\nfmt.Println(os.Getenv(\"TL_WORD\"))", "a \"b\n", "ok"},
			{"%with_inputs\n!read a; read b; echo $b $a", "two one\n", "ok"},
		} {
			text, reply := f.run(c.code)
			if text != c.text || reply["status"] != c.status {
				t.Errorf("%q printed %q, %v; want %q, %s", c.code, text, reply["status"], c.text, c.status)
			}
		}

		// A command may run in the folder of GoNB's module.
		if text, _ := f.run("!*pwd"); !strings.Contains(text, "gonb_") {
			t.Errorf("it runs in %q", text)
		}

		// A reply has the times of a build, if something was built.
		for _, built := range []bool{true, false} {
			f.run("fmt.Println(\"built once\")")
			if !strings.Contains(f.metadata, `"link"`) == built {
				t.Errorf("built: %v, metadata %q", built, f.metadata)
			}
		}

		// Malformed messages have no effect.
		for _, frames := range [][][]byte{{{}}, {[]byte("<IDS|MSG>")},
			{[]byte("<IDS|MSG>"), nil, []byte("{}"), []byte("{}"), []byte("{}"), []byte("{}")}} {
			f.shell.Send(frames)
		}
		f.send(f.shell, "nonsense_request", map[string]any{})

		// A failed cell empties the queue, and has no effect on later cells.
		ids := []string{}
		for _, code := range []string{"panic(2)", "1", "2"} {
			ids = append(ids, f.send(f.shell, "execute_request", map[string]any{"code": code}))
		}
		for i, want := range []string{"error", "aborted", "aborted"} {
			if _, reply := f.wait(ids[i]); reply["status"] != want {
				t.Errorf("cell %d of the queue: %v, want %s", i, reply["status"], want)
			}
		}
		if text, _ := f.run("3"); text != "result 3" {
			t.Errorf("the cell after them text %q", text)
		}

		// An interrupt ends a program and the processes that it has started.
		for _, code := range []string{"fmt.Println(\"begun\")\ntime.Sleep(time.Hour)",
			"!echo begun; sleep 1000 | cat"} {
			id := f.send(f.shell, "execute_request", map[string]any{"code": code})
			f.begun(id)
			f.send(f.control, "interrupt_request", map[string]any{})
			if text, reply := f.wait(id); text != "error Interrupted" || reply["ename"] != "Interrupted" {
				t.Errorf("%q interrupted: %q, %v", code, text, reply["ename"])
			}
		}

		// A new GoNB knows what was declared.
		f.k.gonb.Restart()
		f.run("0")
		if text, _ := f.run("x"); text != "result 42" {
			t.Errorf("after a restart of GoNB x is %q", text)
		}
	})
	for range 100 {
		if runtime.NumGoroutine() <= before+2 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	buf := make([]byte, 1<<20)
	t.Errorf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
}
