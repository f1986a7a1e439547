package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/trafficlab/trafficlab/kernel/internal/build/gobuild"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/cellsource"
	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
)

// A cell is one execution of a cell.
type cell struct {
	k       *Kernel
	request request
	content executeContent
	count   int

	ctx    context.Context // done when the cell must end
	cancel context.CancelCauseFunc
	out    *output

	mu        sync.Mutex
	refused   *goerror.Error // what the cell wanted and cannot have
	result    json.RawMessage
	finished  bool // the cell was interrupted and then ended well by itself
	took      gobuild.Times
	displayed int    // bytes of displays so far
	stdin     string // the magic that lets the next shell line ask for input; "" for none
}

// executeContent is the content of an execute request.
type executeContent struct {
	Code            string            `json:"code"`
	Silent          bool              `json:"silent"`
	StoreHistory    *bool             `json:"store_history"`
	UserExpressions map[string]string `json:"user_expressions"`
	AllowStdin      *bool             `json:"allow_stdin"`
	StopOnError     *bool             `json:"stop_on_error"`
}

func trueByDefault(b *bool) bool { return b == nil || *b }

// Why a cell was stopped.
var (
	errInterrupted = errors.New("interrupted")
	errTimeout     = errors.New("timeout")
	errKilled      = errors.New("killed")
	errRefused     = errors.New("refused")
)

func (k *Kernel) newCell(r request, e executeContent, count int) *cell {
	c := &cell{k: k, request: r, content: e, count: count}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	c.out = &output{max: k.Settings.Text, stream: func(name, text string) {
		c.publish("stream", map[string]any{"name": name, "text": text})
	}}
	return c
}

// publish publishes a message about the cell. A silent cell publishes only errors.
func (c *cell) publish(kind string, content any) {
	if !c.content.Silent || kind == "error" {
		c.k.publish("", c.request.Message, kind, content)
	}
}

// warn prints a line about the cell to standard error.
func (c *cell) warn(format string, args ...any) {
	c.out.add("stderr", fmt.Appendf(nil, format+"\n", args...))
}

// stop ends what the cell does.
func (c *cell) stop(why error) { c.cancel(why) }

// run runs the cell and returns the content of the reply.
func (c *cell) run() map[string]any {
	reply := map[string]any{"status": "ok", "execution_count": c.count, "user_expressions": c.expressions(),
		"payload": []any{}}
	if topic, ok := cellsource.Question(c.content.Code); ok {
		if bundle := c.k.explain(c, topic); bundle != nil {
			reply["payload"] = []any{map[string]any{"source": "page", "start": 0, "data": bundle}}
		} else {
			c.warn("%s: nothing is known about it", topic)
			c.out.end()
		}
		return reply
	}
	c.k.remember(c.label(), c.content.Code)
	err := c.settle(c.perform())
	c.out.end()
	if err == nil {
		c.showResult()
		return reply
	}
	c.publish("error", map[string]any{"ename": err.Name, "evalue": err.Value, "traceback": err.Traceback})
	for name, value := range errorContent(err.Name, err.Value, err.Traceback...) {
		reply[name] = value
	}
	return reply
}

// perform runs the cell in the living session or as a program of its own. It returns why the cell
// failed; nil if it did not.
func (c *cell) perform() *goerror.Error {
	p := cellsource.Parse(c.content.Code)
	switch {
	case p.Script != nil:
		return c.script(p)
	case c.lives(p):
		return c.live(p)
	}
	return c.isolated(p)
}

// settle returns the error that the user sees: an interrupt or a time limit takes the place of
// whatever it led to. A program that ends well after an interrupt, such as a training that saves
// its state, has not failed.
func (c *cell) settle(failure *goerror.Error) *goerror.Error {
	c.mu.Lock()
	finished, refused := c.finished, c.refused
	c.mu.Unlock()
	if finished && failure == nil {
		return nil
	}
	var name, why string
	switch cause := context.Cause(c.ctx); {
	case errors.Is(cause, errTimeout):
		name, why = "Timeout", fmt.Sprintf("the cell was stopped after %v (TRAFFICLAB_CELL_TIMEOUT)",
			c.k.Settings.Limit)
	case errors.Is(cause, errInterrupted):
		name, why = "Interrupted", "the cell was interrupted"
	case refused != nil:
		return refused
	default:
		return failure
	}
	if failure != nil && failure.Name == sessionLost {
		why += "; " + failure.Value
	}
	return goerror.Stopped(name, why)
}

// ended reports whether the cell must end, or has failed with the result of a step.
func (c *cell) ended(failure *goerror.Error) bool { return failure != nil || c.ctx.Err() != nil }

// showResult publishes the value of the last expression.
func (c *cell) showResult() {
	if len(c.result) == 0 {
		return
	}
	c.publish("execute_result", map[string]any{"execution_count": c.count, "data": c.result,
		"metadata": map[string]any{}})
	var bundle struct {
		Plain string `json:"text/plain"`
	}
	if json.Unmarshal(c.result, &bundle) == nil {
		c.k.history.Result(c.count, bundle.Plain)
	}
}

// metadata returns the metadata of the reply: the seconds that the compiler and the linker took, so
// that a user can tell whether building made a cell slow. It is nil if nothing was built.
func (c *cell) metadata() json.RawMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.took == (gobuild.Times{}) {
		return nil
	}
	return fmt.Appendf(nil, `{"trafficlab": {"compile": %.3f, "link": %.3f}}`,
		c.took.Compile.Seconds(), c.took.Link.Seconds())
}

// expressions answers the expressions that a front end wants to be evaluated beside the cell. A
// compiled language cannot evaluate them.
func (c *cell) expressions() map[string]any {
	out := map[string]any{}
	for name := range c.content.UserExpressions {
		out[name] = errorContent("NotSupported", "expressions need a cell of their own")
	}
	return out
}
