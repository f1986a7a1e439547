package kernel

import (
	"fmt"
	"runtime/debug"
	"strings"
	"time"
)

// maxQueued bounds the requests that wait.
const maxQueued = 100_000

// abortWindow is how long after a failure requests may still arrive that were sent before it.
const abortWindow = 500 * time.Millisecond

// serve handles requests one after another until the kernel ends.
func (k *Kernel) serve(requests <-chan request, handle func(request)) {
	for {
		select {
		case <-k.ctx.Done():
			return
		case r := <-requests:
			if k.ctx.Err() != nil {
				return
			}
			handle(r)
		}
	}
}

// aborted reports whether a request was waiting, or on its way, when a cell failed.
func (k *Kernel) aborted(r request) bool {
	k.mu.Lock()
	failed := k.failedAt
	k.mu.Unlock()
	if failed.IsZero() {
		return false
	}
	// The clock of a browser may differ from this one, hence both conditions.
	sent, err := time.Parse(time.RFC3339Nano, r.Header.Date)
	return r.came.Before(failed) || err == nil && sent.Before(failed) && r.came.Sub(failed) < abortWindow
}

// execute runs the cell of a request and replies.
func (k *Kernel) execute(r request) {
	defer k.busy(r)()
	defer k.recovered(r)
	e, err := content[executeContent](r)
	if err != nil {
		k.log.Print(err)
		reply := errorContent("BadRequest", err.Error())
		reply["execution_count"] = k.count
		k.reply(r, "execute_reply", reply)
		return
	}
	if k.aborted(r) { // without a count: front ends would number a cell that has not run
		k.reply(r, "execute_reply", map[string]any{"status": "aborted"})
		return
	}
	counts := !e.Silent && trueByDefault(e.StoreHistory)
	k.mu.Lock()
	if counts {
		k.count++
	}
	c := k.newCell(r, e, k.count)
	k.cell = c
	k.mu.Unlock()
	defer c.cancel(nil)
	k.gonb.GiveWay()
	if counts {
		k.history.Add(c.count, e.Code)
	}
	if !e.Silent {
		k.publish("", r.Message, "execute_input", map[string]any{"code": e.Code, "execution_count": c.count})
	}
	if k.Settings.Limit > 0 {
		timer := time.AfterFunc(k.Settings.Limit, func() { c.stop(errTimeout) })
		defer timer.Stop()
	}
	reply := c.guarded()
	k.mu.Lock()
	k.cell = nil
	if reply["status"] == "error" && !e.Silent && trueByDefault(e.StopOnError) {
		k.failedAt = time.Now()
	}
	k.mu.Unlock()
	k.replyWith(r, "execute_reply", reply, c.metadata())
}

// guarded runs the cell. If the kernel's own code panics, the cell fails and the kernel continues.
func (c *cell) guarded() (reply map[string]any) {
	defer func() {
		if p := recover(); p != nil {
			c.k.log.Printf("panic in the kernel: %v\n%s", p, debug.Stack())
			text := fmt.Sprintf("the kernel failed on this cell: %v (kernel.log in the work folder has more)", p)
			c.publish("error", map[string]any{"ename": "Error", "evalue": text, "traceback": []string{text}})
			reply = errorContent("Error", text, text)
			reply["execution_count"] = c.count
		}
	}()
	return c.run()
}

// recovered fails a request in whose handler the kernel's own code has panicked.
func (k *Kernel) recovered(r request) {
	if p := recover(); p != nil {
		k.log.Printf("panic in the kernel at a %s: %v\n%s", r.Header.Type, p, debug.Stack())
		if kind, ok := strings.CutSuffix(r.Header.Type, "_request"); ok {
			k.reply(r, kind+"_reply", errorContent("Error", fmt.Sprint(p)))
		}
	}
}

// Interrupt ends the cell that runs.
func (k *Kernel) Interrupt() {
	k.mu.Lock()
	c := k.cell
	k.mu.Unlock()
	if c != nil {
		c.stop(errInterrupted)
	}
}
