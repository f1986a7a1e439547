package nb

import (
	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// mimeClear marks a bundle that asks to clear the cell's output. The kernel has the same name for
// it.
const mimeClear = "application/vnd.trafficlab.clear"

// Clear removes the output of the cell so far, once there is new output in its place: so that a
// picture that is drawn again and again does not flicker. Without a notebook it does nothing.
func Clear() {
	if !connected() {
		return
	}
	drain()
	gonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{mimeClear: true}})
	flush()
}
