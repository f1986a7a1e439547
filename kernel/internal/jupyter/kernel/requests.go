package kernel

import (
	"runtime"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/history"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/version"
)

// onShell takes a request on the shell socket. Cells wait for each other; no other request waits
// for a cell.
func (k *Kernel) onShell(r request) {
	to := k.asides
	if r.Header.Type == "execute_request" {
		to = k.queue
	}
	select {
	case to <- r:
	default:
		k.log.Printf("dropped a %s: too many requests wait", r.Header.Type)
	}
}

// onControl answers a request on the control socket at once.
func (k *Kernel) onControl(r request) {
	switch r.Header.Type {
	case "interrupt_request":
		defer k.busy(r)()
		k.Interrupt()
		k.reply(r, "interrupt_reply", map[string]any{"status": "ok"})
	case "execute_request":
		k.log.Print("dropped an execute_request on the control socket")
	default:
		k.handle(r)
	}
}

// handle answers any request but that to run a cell.
func (k *Kernel) handle(r request) {
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
		answer = k.findHistory
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
	case "interrupt_request": // on the shell socket, from a client older than protocol 5.3
		answer = func(r request) {
			k.Interrupt()
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
		"banner": "trafficlab " + version.Version + ", Go " + goVersion +
			". Values stay from cell to cell; %help explains the rest.",
		"language_info": map[string]any{"name": "go", "version": goVersion, "mimetype": "text/x-go",
			"file_extension": ".go",
			"pygments_lexer": "go", "codemirror_mode": "go", "nbconvert_exporter": "script"},
		"help_links": []map[string]string{{"text": "Go", "url": "https://go.dev/doc/"},
			{"text": "Go packages", "url": "https://pkg.go.dev/"},
			{"text": "GoNB", "url": "https://github.com/janpfeifer/gonb"}},
		"debugger": false, "supported_features": []string{},
	}
}

// bad answers a request whose content is malformed.
func (k *Kernel) bad(r request, err error) {
	k.log.Print(err)
	k.reply(r, strings.TrimSuffix(r.Header.Type, "_request")+"_reply", errorContent("BadRequest", err.Error()))
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

func (k *Kernel) findHistory(r request) {
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
		time.Sleep(10 * time.Millisecond) // let the idle status follow
		k.Stop()
	}()
}
