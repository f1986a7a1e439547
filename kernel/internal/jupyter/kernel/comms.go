package kernel

import (
	"encoding/json"
	"sync"

	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
)

// commTarget is the only known target of comms: GoNB's widgets.
const commTarget = "gonb_comm"

// comms are the open channels between a front end and GoNB.
type comms struct {
	mu   sync.Mutex
	open map[string]string // target by ID
}

// maxComms bounds the open comms.
const maxComms = 10_000

// set opens a comm, and reports whether there is room for it.
func (c *comms) set(id, target string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[string]string{}
	}
	if len(c.open) >= maxComms {
		return false
	}
	c.open[id] = target
	return true
}

// remove closes a comm.
func (c *comms) remove(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, id)
}

// isOpen reports whether a comm is open.
func (c *comms) isOpen(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.open[id]
	return ok
}

type commContent struct {
	ID     string          `json:"comm_id"`
	Target string          `json:"target_name"`
	Data   json.RawMessage `json:"data"`
}

// comm takes a message of a front end on a comm. A comm with an unknown target is closed, as the
// protocol requires.
func (k *Kernel) comm(r request) {
	c, err := content[commContent](r)
	if err != nil || c.ID == "" {
		k.log.Printf("dropped a %s: %v", r.Header.Type, err)
		return
	}
	switch known := k.comms.isOpen(c.ID); r.Header.Type {
	case "comm_open":
		if c.Target != commTarget || !k.comms.set(c.ID, c.Target) {
			k.publish("", r.Message, "comm_close", map[string]any{"comm_id": c.ID, "data": struct{}{}})
			return
		}
	case "comm_close":
		if k.comms.remove(c.ID); !known {
			return
		}
	default:
		if !known {
			return
		}
	}
	k.gonb.SendComm(r.Header.Type, r.Content)
}

// fromGoNBComm passes on a message of GoNB on a comm.
func (k *Kernel) fromGoNBComm(m *wire.Message) {
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
	k.mu.Lock()
	if k.cell != nil {
		parent = k.cell.request.Message
	}
	k.mu.Unlock()
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
