package kernel

import (
	"github.com/trafficlab/trafficlab/kernel/internal/cell/goerror"
	"github.com/trafficlab/trafficlab/kernel/internal/jupyter/wire"
)

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
	answer := k.answer
	k.answer = nil
	k.mu.Unlock()
	if answer != nil {
		answer(c.Value)
	}
}

// question asks the user who runs the cell for a line; answer is called with it. Only the last
// question counts. It reports whether a client is there to be asked.
func (k *Kernel) question(c *cell, prompt string, password bool, answer func(text string)) bool {
	m, err := wire.New("input_request", k.id, c.request.Message, map[string]any{"prompt": prompt, "password": password})
	if err != nil {
		k.log.Print(err)
		return false
	}
	c.out.sync()
	k.mu.Lock()
	k.answer = answer
	k.mu.Unlock()
	m.Identities = c.request.Identities
	return k.stdin.Send(k.codec.Frames(m))
}

// ask is question for a program that would wait forever for an answer: where nobody can be asked,
// the cell fails.
func (k *Kernel) ask(c *cell, prompt string, password bool, answer func(text string)) {
	if !trueByDefault(c.content.AllowStdin) {
		c.refuse("the cell asks for input, and this front end does not allow it")
		return
	}
	if !k.question(c, prompt, password, answer) {
		c.refuse("the cell asks for input, and no client is there to be asked")
	}
}

// refuse ends the cell because of something that it wants and cannot have.
func (c *cell) refuse(why string) {
	c.mu.Lock()
	if c.refused == nil {
		c.refused = goerror.New(why)
	}
	c.mu.Unlock()
	c.stop(errRefused)
}
