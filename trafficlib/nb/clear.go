package nb

import (
	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// mimeClear marks what is no content but the wish to clear the cell's output. The kernel knows it by the same name.
const mimeClear = "application/vnd.trafficlab.clear"

// Clear takes away what the cell has printed and shown so far, once there is something new in its place: so what is
// drawn again and again does not flicker. Where there is no notebook it does nothing.
func Clear() {
	if !connected() {
		return
	}
	drain()
	gonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{mimeClear: true}})
	flush()
}
