package kernel

import (
	"runtime"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/history"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/version"
)

// onShell takes what comes on the shell socket: cells wait for each other, everything else does not wait for cells.
func (k *Kernel) onShell(r request) {
	to := k.asides
	if r.Header.Type == "execute_request" {
		to = k.queue
	}
	select {
	case to <- r:
	default:
		k.log.Printf("dropped a %s: too many wait", r.Header.Type)
	}
}

// runAsides answers all but cells.
func (k *Kernel) runAsides() {
	for {
		select {
		case <-k.stopped:
			return
		case r := <-k.asides:
			k.answer(r)
		}
	}
}

// onControl answers at once, whatever else goes on.
func (k *Kernel) onControl(r request) {
	switch r.Header.Type {
	case "interrupt_request":
		defer k.busy(r)()
		k.interrupt()
		k.reply(r, "interrupt_reply", map[string]any{"status": "ok"})
	case "execute_request":
		k.log.Print("dropped an execute_request on the control socket")
	default:
		k.answer(r)
	}
}

func (k *Kernel) answer(r request) {
	var answer func(request)
	switch r.Header.Type {
	case "kernel_info_request":
		answer = func(r request) { k.reply(r, "kernel_info_reply", k.info()) }
	case "connect_request":
		c := k.Connection
		answer = func(r request) {
			k.reply(r, "connect_reply", map[string]any{"status": "ok", "shell_port": c.Shell, "iopub_port": c.IOPub,
				"stdin_port": c.Stdin, "hb_port": c.Heartbeat, "control_port": c.Control})
		}
	case "is_complete_request":
		answer = k.isComplete
	case "history_request":
		answer = k.historyOf
	case "complete_request":
		answer = k.complete
	case "inspect_request":
		answer = k.inspect
	case "comm_info_request":
		answer = k.commInfo
	case "comm_open", "comm_msg", "comm_close":
		answer = k.comm
	case "shutdown_request":
		answer = k.shutDown
	case "interrupt_request": // on the shell socket, by a client of before 5.3
		answer = func(r request) {
			k.interrupt()
			k.reply(r, "interrupt_reply", map[string]any{"status": "ok"})
		}
	default:
		k.log.Printf("dropped a message of the unknown type %.60q", r.Header.Type)
		return
	}
	defer k.busy(r)()
	defer k.recovered(r)
	answer(r)
}

func (k *Kernel) info() map[string]any {
	goVersion, _, _ := strings.Cut(strings.TrimPrefix(runtime.Version(), "go"), "-X:")
	goVersion, _, _ = strings.Cut(goVersion, " ")
	return map[string]any{
		"status": "ok", "protocol_version": wire.ProtocolVersion, "implementation": "trafficlab",
		"implementation_version": version.Version,
		"banner":                 "trafficlab " + version.Version + ", Go " + goVersion + ". Values stay from cell to cell; %help explains the rest.",
		"language_info": map[string]any{"name": "go", "version": goVersion, "mimetype": "text/x-go", "file_extension": ".go",
			"pygments_lexer": "go", "codemirror_mode": "go", "nbconvert_exporter": "script"},
		"help_links": []map[string]string{{"text": "Go", "url": "https://go.dev/doc/"}, {"text": "Go packages", "url": "https://pkg.go.dev/"},
			{"text": "GoNB", "url": "https://github.com/janpfeifer/gonb"}},
		"debugger": false, "supported_features": []string{},
	}
}

// bad answers a request that can not be read.
func (k *Kernel) bad(r request, err error) {
	k.log.Print(err)
	k.reply(r, strings.TrimSuffix(r.Header.Type, "_request")+"_reply", map[string]any{"status": "error", "ename": "BadRequest",
		"evalue": err.Error(), "traceback": []string{}})
}

func (k *Kernel) isComplete(r request) {
	c, err := content[struct{ Code string }](r)
	if err != nil {
		k.bad(r, err)
		return
	}
	status, indent := cellsource.IsComplete(c.Code)
	reply := map[string]any{"status": status}
	if status == "incomplete" {
		reply["indent"] = indent
	}
	k.reply(r, "is_complete_reply", reply)
}

func (k *Kernel) historyOf(r request) {
	c, err := content[struct {
		Output  bool   `json:"output"`
		Access  string `json:"hist_access_type"`
		Session int    `json:"session"`
		Start   int    `json:"start"`
		Stop    *int   `json:"stop"`
		N       int    `json:"n"`
		Pattern string `json:"pattern"`
		Unique  bool   `json:"unique"`
	}](r)
	if err != nil {
		k.bad(r, err)
		return
	}
	var found []history.Entry
	switch c.Access {
	case "tail":
		found = k.history.Tail(c.N)
	case "range":
		stop := 0
		if c.Stop != nil {
			stop = *c.Stop
		}
		found = k.history.Range(c.Session, c.Start, stop)
	case "search":
		pattern := c.Pattern
		if pattern == "" {
			pattern = "*"
		}
		found = k.history.Search(pattern, c.N, c.Unique)
	}
	list := make([]any, len(found))
	for i, e := range found {
		list[i] = []any{e.Session, e.Line, e.Code}
		if c.Output {
			var out any
			if e.Output != "" {
				out = e.Output
			}
			list[i] = []any{e.Session, e.Line, []any{e.Code, out}}
		}
	}
	k.reply(r, "history_reply", map[string]any{"status": "ok", "history": list})
}

func (k *Kernel) shutDown(r request) {
	c, err := content[struct{ Restart bool }](r)
	if err != nil {
		k.bad(r, err)
		return
	}
	k.reply(r, "shutdown_reply", map[string]any{"status": "ok", "restart": c.Restart})
	k.publish("", r.Message, "shutdown_reply", map[string]any{"status": "ok", "restart": c.Restart})
	go func() {
		time.Sleep(10 * time.Millisecond) // for the idle status to follow
		k.Stop()
	}()
}

// onStdin takes an answer of the user.
func (k *Kernel) onStdin(r request) {
	if r.Header.Type != "input_reply" {
		k.log.Printf("dropped a %.60q on the stdin socket", r.Header.Type)
		return
	}
	c, err := content[struct{ Value string }](r)
	if err != nil {
		k.log.Print(err)
		return
	}
	k.mu.Lock()
	take := k.waiting
	k.waiting = nil
	k.mu.Unlock()
	if take != nil {
		take(c.Value)
	}
}

// ask asks the user who runs the cell for a line, which take is given. Only the last question counts. Where nobody can
// be asked the cell fails: its program would wait for ever.
func (k *Kernel) ask(c *cell, prompt string, password bool, take func(text string)) {
	if !isTrue(c.execute.AllowStdin) {
		c.refuse("the cell asks for input, and this front end does not allow that")
		return
	}
	if !k.question(c, prompt, password, take) {
		c.refuse("the cell asks for input, and nobody is there to be asked")
	}
}

// question asks the user who runs the cell for a line, which take is called with. It reports whether there is somebody.
func (k *Kernel) question(c *cell, prompt string, password bool, take func(text string)) bool {
	m, err := wire.New("input_request", k.session, c.request.Message, map[string]any{"prompt": prompt, "password": password})
	if err != nil {
		k.log.Print(err)
		return false
	}
	c.out.before()
	k.mu.Lock()
	k.waiting = take
	k.mu.Unlock()
	m.Identities = c.request.Identities
	return k.stdin.Send(k.codec.Frames(m))
}

// refuse ends the cell for what it wants and can not have.
func (c *cell) refuse(why string) {
	c.fail(&goerror.Error{Name: "Error", Value: why, Traceback: []string{why}})
	c.stop(errRefused)
}

// askFor passes a question of GoNB's on.
func (k *Kernel) askFor(c *cell, m *wire.Message) {
	var q struct {
		Prompt   string
		Password bool
	}
	if err := jsonUnmarshal(m.Content, &q); err != nil {
		return
	}
	k.ask(c, q.Prompt, q.Password, func(text string) {
		k.mu.Lock()
		e := k.engine
		k.mu.Unlock()
		if e != nil {
			e.Input(m, text)
		}
	})
}
