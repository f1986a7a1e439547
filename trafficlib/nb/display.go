package nb

import (
	"fmt"
	"html"
	"sync"
	"time"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// redraw is the least time between two pictures of the bar: more would only fill the
// notebook's message queue.
const redraw = 250 * time.Millisecond

// A display is a progress sink that draws a bar in the notebook. Each piece of work has one output,
// updated in place; its last state names no time, so that a notebook that is run twice is the same
// twice.
type display struct {
	lines progress.Lines // without a notebook

	mu    sync.Mutex
	id    string // of the output of the piece of work that runs; "" between two
	clock progress.Clock
	drawn time.Time
}

// Update draws u if it is time to.
func (d *display) Update(u progress.Update) {
	if !connected() {
		d.lines.Update(u)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if d.id == "" {
		drain()
		d.id, d.clock, d.drawn = gonbui.UniqueId(), progress.Clock{}, time.Time{}
	}
	rate, eta := d.clock.Tick(u, now)
	if !u.Final && now.Sub(d.drawn) < redraw {
		return
	}
	d.drawn = now
	line := progress.Line(u, rate, eta)
	send(map[string]any{"text/plain": line, "text/html": bar(u, line) + curvePicture(u.Curves)}, progressMark(), d.id)
	if u.Final {
		d.id = ""
		flush()
	}
}

// progressMark is the metadata by which a runner without a screen finds the lines that it may print
// as they change.
func progressMark() map[string]any {
	return map[string]any{"trafficlab": map[string]any{"progress": true}}
}

// bar returns the line under a bar, in HTML that looks the same in a light and a dark theme,
// without a script. Colors are literal: JupyterLab removes a theme's variables from a notebook that
// it does not trust.
func bar(u progress.Update, line string) string {
	text := `<div style="font-family:monospace;font-size:90%">` + html.EscapeString(line) + `</div>`
	if u.Total <= 0 {
		return text
	}
	share := 100 * float64(min(max(u.Done, 0), u.Total)) / float64(u.Total)
	return fmt.Sprintf(`<div style="max-width:40em;height:6px;margin:4px 0;background:#8884;border-radius:3px">`+
		`<div style="width:%.1f%%;height:6px;background:#0072b2;border-radius:3px"></div></div>`, share) + text
}
