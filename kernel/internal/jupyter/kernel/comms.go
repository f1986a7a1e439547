package kernel

import (
	"encoding/json"
	"sync"

	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
)

var jsonUnmarshal = json.Unmarshal

// engineTarget is the one target of comms that there is: GoNB's widgets.
const engineTarget = "gonb_comm"

// comms are the channels between a front end and the kernel that are open.
type comms struct {
	mu   sync.Mutex
	open map[string]string // id → target
}

// mostComms bounds them.
const mostComms = 10_000

func (c *comms) set(id, target string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[string]string{}
	}
	if len(c.open) >= mostComms {
		return false
	}
	c.open[id] = target
	return true
}

func (c *comms) remove(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, id)
}

func (c *comms) target(id string) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, ok := c.open[id]
	return t, ok
}

type commContent struct {
	ID     string          `json:"comm_id"`
	Target string          `json:"target_name"`
	Data   json.RawMessage `json:"data"`
}

// comm takes a message of a front end on a comm. One whose target nobody knows is closed, as the protocol wants it.
func (k *Kernel) comm(r request) {
	c, err := content[commContent](r)
	if err != nil || c.ID == "" {
		k.log.Printf("dropped a %s: %v", r.Header.Type, err)
		return
	}
	switch r.Header.Type {
	case "comm_open":
		if c.Target != engineTarget || !k.comms.set(c.ID, c.Target) {
			k.publish("", r.Message, "comm_close", map[string]any{"comm_id": c.ID, "data": struct{}{}})
			return
		}
	case "comm_close":
		_, known := k.comms.target(c.ID)
		if k.comms.remove(c.ID); !known {
			return
		}
	default:
		if _, known := k.comms.target(c.ID); !known {
			return
		}
	}
	k.mu.Lock()
	e := k.engine
	k.mu.Unlock()
	if e != nil {
		e.Request(r.Header.Type, r.Content)
	}
}

// fromEngineComm passes on what GoNB says on a comm.
func (k *Kernel) fromEngineComm(m *wire.Message, running *cell) {
	var c commContent
	if json.Unmarshal(m.Content, &c) != nil || c.ID == "" {
		return
	}
	switch m.Header.Type {
	case "comm_open":
		k.comms.set(c.ID, c.Target)
	case "comm_close":
		k.comms.remove(c.ID)
	case "comm_msg":
	default:
		return
	}
	var parent *wire.Message
	if running != nil {
		parent = running.request.Message
	}
	k.publish("", parent, m.Header.Type, m.Content)
}

func (k *Kernel) commInfo(r request) {
	c, err := content[struct {
		Target string `json:"target_name"`
	}](r)
	if err != nil {
		k.bad(r, err)
		return
	}
	list := map[string]any{}
	k.comms.mu.Lock()
	for id, target := range k.comms.open {
		if c.Target == "" || c.Target == target {
			list[id] = map[string]string{"target_name": target}
		}
	}
	k.comms.mu.Unlock()
	k.reply(r, "comm_info_reply", map[string]any{"status": "ok", "comms": list})
}
