package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/build/gobuild"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
	"github.com/trafficlab/trafficlab/kernel/internal/gonb"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
)

// A cell is one execution.
type cell struct {
	k       *Kernel
	request request
	execute execute
	count   int
	source  *cellsource.Cell
	number  int // GoNB's count for it

	ctx    context.Context // done when the cell is to end
	cancel context.CancelCauseFunc
	out    *output

	mu       sync.Mutex
	id       string // of the request to GoNB
	failure  *goerror.Error
	answer   *wire.Message // GoNB's
	idle     bool
	done     chan struct{} // closed when GoNB has answered and is idle, or is gone
	over     bool
	muted    bool            // what GoNB says of the program is not shown: the kernel has shown it
	echo     strings.Builder // what it said then
	echoed   chan struct{}
	mainPath string    // of GoNB's file
	asked    *stderrOf // where its lines can be asked for
	program  string    // the last that was built
	displays int       // bytes of rich output
	result   json.RawMessage
	active   int            // steps that are under way
	steps    sync.WaitGroup // the same, to wait for them
	heeded   bool           // the program was interrupted and ended well
	took     gobuild.Times
}

// execute is the content of an execute request.
type execute struct {
	Code            string            `json:"code"`
	Silent          bool              `json:"silent"`
	StoreHistory    *bool             `json:"store_history"`
	UserExpressions map[string]string `json:"user_expressions"`
	AllowStdin      *bool             `json:"allow_stdin"`
	StopOnError     *bool             `json:"stop_on_error"`
}

func isTrue(b *bool) bool { return b == nil || *b } // what is not said is so, for all three

var (
	errInterrupted = errors.New("interrupted")
	errTimeout     = errors.New("timeout")
	errKilled      = errors.New("killed")
	errGone        = errors.New("GoNB is gone")
	errRefused     = errors.New("refused")
)

// abortWindow is how long after a failure requests that were sent before it may still come in.
const abortWindow = 500 * time.Millisecond

// runQueue runs cells one after the other.
func (k *Kernel) runQueue() {
	for {
		select {
		case <-k.stopped:
			return
		case r := <-k.queue:
			select {
			case <-k.stopped:
				return
			default:
			}
			k.run(r)
		}
	}
}

// aborted tells whether a request was waiting, or was on its way, when a cell failed.
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

func (k *Kernel) run(r request) {
	defer k.busy(r)()
	defer k.recovered(r)
	e, err := content[execute](r)
	if err != nil {
		k.log.Print(err)
		k.reply(r, "execute_reply", map[string]any{"status": "error", "execution_count": k.count, "ename": "BadRequest",
			"evalue": err.Error(), "traceback": []string{}})
		return
	}
	if k.aborted(r) {
		k.reply(r, "execute_reply", map[string]any{"status": "aborted"}) // no count: front ends would number a cell that has not run
		return
	}
	counts := !e.Silent && isTrue(e.StoreHistory)
	k.mu.Lock()
	if counts {
		k.count++
	}
	c := &cell{k: k, request: r, execute: e, count: k.count, done: make(chan struct{}), echoed: make(chan struct{}, 1)}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	k.cell = c
	learning := k.learning
	k.mu.Unlock()
	if learning != nil {
		learning()
	}
	defer c.cancel(nil)
	if counts {
		k.history.Add(c.count, e.Code)
	}
	c.out = &output{most: k.Settings.Text, rewrite: c.rewriteLines, stream: func(name, text string) {
		c.publish("stream", map[string]any{"name": name, "text": text})
	}}
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
	if reply["status"] == "error" && !e.Silent && isTrue(e.StopOnError) {
		k.failedAt = time.Now()
	}
	k.mu.Unlock()
	k.replyWith(r, "execute_reply", reply, c.metadata())
}

// metadata is what a reply says beside its content: how long, in seconds, the compiler and the linker took for the cell. It
// is what is to know where a slow cell is slow before it runs.
func (c *cell) metadata() json.RawMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.took == (gobuild.Times{}) {
		return nil
	}
	return fmt.Appendf(nil, `{"trafficlab": {"compile": %.3f, "link": %.3f}}`, c.took.Compile.Seconds(), c.took.Link.Seconds())
}

// guarded is run, and an error instead of the kernel's end when the kernel itself has a fault.
func (c *cell) guarded() (reply map[string]any) {
	defer func() {
		if p := recover(); p != nil {
			c.k.log.Printf("a fault of the kernel's own: %v\n%s", p, debug.Stack())
			text := fmt.Sprintf("the kernel failed on this cell: %v (kernel.log in the work folder has more)", p)
			c.publish("error", map[string]any{"ename": "Error", "evalue": text, "traceback": []string{text}})
			reply = map[string]any{"status": "error", "execution_count": c.count, "ename": "Error", "evalue": text, "traceback": []string{text}}
		}
	}()
	return c.run()
}

// recovered keeps a fault in the answer to one request from being the kernel's end.
func (k *Kernel) recovered(r request) {
	if p := recover(); p != nil {
		k.log.Printf("a fault of the kernel's own at a %s: %v\n%s", r.Header.Type, p, debug.Stack())
		if kind, ok := strings.CutSuffix(r.Header.Type, "_request"); ok {
			k.reply(r, kind+"_reply", map[string]any{"status": "error", "ename": "Error", "evalue": fmt.Sprint(p), "traceback": []string{}})
		}
	}
}

// publish publishes something that the cell says, unless it is to be silent.
func (c *cell) publish(kind string, content any) {
	if !c.execute.Silent || kind == "error" {
		c.k.publish("", c.request.Message, kind, content)
	}
}

// stop ends what the cell does.
func (c *cell) stop(why error) { c.cancel(why) }

// kill ends it by force.
func (c *cell) kill() {
	c.stop(errKilled)
	c.engineGone()
}

// Interrupt ends the cell that runs.
func (k *Kernel) Interrupt() { k.interrupt() }

// interrupt ends the cell that runs. It tells whether there was one.
func (k *Kernel) interrupt() bool {
	k.mu.Lock()
	c := k.cell
	k.mu.Unlock()
	if c == nil {
		return false
	}
	c.stop(errInterrupted)
	return true
}

// run runs the cell and gives the content of the reply.
func (c *cell) run() map[string]any {
	reply := map[string]any{"status": "ok", "execution_count": c.count, "user_expressions": c.expressions(), "payload": []any{}}
	if topic, ok := cellsource.Question(c.execute.Code); ok {
		if bundle := c.k.explain(c, topic); bundle != nil {
			reply["payload"] = []any{map[string]any{"source": "page", "start": 0, "data": bundle}}
		} else {
			c.out.add("stderr", []byte(fmt.Sprintf("%s: nothing is known of it\n", topic)))
			c.out.end()
		}
		return reply
	}
	err := c.perform()
	c.out.end()
	if err == nil {
		c.showResult()
		return reply
	}
	c.publish("error", map[string]any{"ename": err.Name, "evalue": err.Value, "traceback": err.Traceback})
	for name, value := range map[string]any{"status": "error", "ename": err.Name, "evalue": err.Value, "traceback": err.Traceback} {
		reply[name] = value
	}
	return reply
}

// expressions answers the expressions that a front end wants beside the cell. A compiled language has none to give.
func (c *cell) expressions() map[string]any {
	out := map[string]any{}
	for name := range c.execute.UserExpressions {
		out[name] = map[string]any{"status": "error", "ename": "NotSupported", "evalue": "expressions need a cell of their own", "traceback": []string{}}
	}
	return out
}

// perform runs the cell in the living session, or as a program of its own; nil when all went well.
func (c *cell) perform() *goerror.Error {
	if p := cellsource.Take(c.execute.Code); c.lives(p) {
		return c.live(p)
	}
	return c.isolated(c.execute.Code)
}

// performGoNB has GoNB run a cell, or the part of one that is GoNB's.
func (c *cell) performGoNB(code string) *goerror.Error {
	options := cellsource.Options{Fronts: c.k.fronts.Dir}
	if c.k.living == nil || c.k.unlived {
		options.Past = &c.k.past
	}
	source, err := cellsource.Compose(code, options)
	if err != nil {
		return goerror.Syntax(err, c.count, c.execute.Code)
	}
	c.source = source
	if source.Empty() {
		return nil
	}
	e, err := c.k.theEngine(c.ctx)
	if err != nil {
		return c.settle(failed(err.Error()))
	}
	c.again()
	if c.k.living != nil {
		c.k.tell(e)
	}
	c.k.mu.Lock()
	c.k.builder.numbers++
	c.number = c.k.builder.numbers
	c.k.builder.sources[c.number] = numbered{c.count, source, c.execute.Code}
	c.k.mu.Unlock()
	c.mu.Lock() // its first words may come before its id is known
	c.id, err = e.Request("execute_request", map[string]any{"code": source.Text, "silent": false, "store_history": true,
		"user_expressions": struct{}{}, "allow_stdin": isTrue(c.execute.AllowStdin), "stop_on_error": false})
	c.mu.Unlock()
	if err != nil {
		c.engineGone()
	}
	select {
	case <-c.done:
	case <-e.Gone:
		c.engineGone()
	case <-c.ctx.Done():
		c.interruptEngine(e)
	}
	c.steps.Wait() // a program that was interrupted has its grace, also when GoNB waits no longer
	c.mu.Lock()
	answer, wrong := c.answer, c.failure
	c.mu.Unlock()
	if wrong == nil && answer != nil && !c.heeded {
		wrong = c.k.engineError(c, answer)
	}
	if wrong := c.settle(wrong); wrong != nil {
		return wrong
	}
	n := numbered{c.count, source, c.execute.Code}
	c.k.past.Add(source)
	c.k.keep(n)
	c.k.mu.Lock()
	c.k.knows = len(c.k.replay)
	if c.k.living != nil && source.Replay() != "" {
		c.k.pending = append(c.k.pending, n)
	}
	c.k.mu.Unlock()
	c.k.tips.learn(source)
	return nil
}

// again makes the cell ready for another answer of GoNB's: each of its special lines may need one.
func (c *cell) again() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer, c.idle, c.over, c.muted, c.done = nil, false, false, false, make(chan struct{})
}

// interruptEngine waits for GoNB once the cell is to end. The steps end by the cell's context; GoNB is told when it does
// something by itself, and ended when it does not come back.
func (c *cell) interruptEngine(e *gonb.Engine) {
	late := time.After(c.k.Settings.Grace + 10*time.Second)
	for {
		select {
		case <-c.done:
			return
		case <-e.Gone:
			c.engineGone()
			return
		case <-late:
			c.k.log.Print("GoNB does not come back from an interrupt")
			e.Close()
		case <-time.After(500 * time.Millisecond):
			c.mu.Lock()
			idle := c.active == 0
			c.mu.Unlock()
			if idle {
				e.Interrupt()
			}
		}
	}
}

// settle puts an interrupt or a limit in the place of whatever it led to. A program that heeds an interrupt and ends
// well, as a training does that keeps what it has, has not failed.
func (c *cell) settle(failure *goerror.Error) *goerror.Error {
	if c.heeded && failure == nil {
		return nil
	}
	var name, why string
	switch cause := context.Cause(c.ctx); {
	case errors.Is(cause, errTimeout):
		name, why = "Timeout", fmt.Sprintf("the cell was stopped after %v (TRAFFICLAB_CELL_TIMEOUT)", c.k.Settings.Limit)
	case errors.Is(cause, errInterrupted):
		name, why = "Interrupted", "the cell was interrupted"
	default:
		return failure
	}
	if failure != nil && failure.Name == sessionLost {
		why += "; " + failure.Value
	}
	return goerror.Stopped(name, why)
}

// fail notes why the cell has failed; the first reason is the one that counts.
func (c *cell) fail(e *goerror.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failure == nil {
		c.failure = e
	}
}

// failed tells whether the cell is over but for GoNB, which knows nothing of it.
func (c *cell) failed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failure != nil || c.ctx.Err() != nil
}

// finish closes done once GoNB has answered and is idle.
func (c *cell) finish() {
	if c.answer != nil && c.idle && !c.over {
		c.over = true
		close(c.done)
	}
}

// engineGone ends the wait for GoNB, and the cell: the answer to it would not come.
func (c *cell) engineGone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	c.over = true
	close(c.done)
	if c.failure == nil {
		text := "GoNB, which compiles the cells, ended unexpectedly and was started anew; run the cell again"
		c.failure = &goerror.Error{Name: "Error", Value: text, Traceback: []string{text}}
	}
	c.stop(errGone)
}

// showResult publishes the value of the last expression.
func (c *cell) showResult() {
	if len(c.result) == 0 {
		return
	}
	c.publish("execute_result", map[string]any{"execution_count": c.count, "data": c.result, "metadata": map[string]any{}})
	var bundle struct {
		Plain string `json:"text/plain"`
	}
	if json.Unmarshal(c.result, &bundle) == nil {
		c.k.history.Result(c.count, bundle.Plain)
	}
}
