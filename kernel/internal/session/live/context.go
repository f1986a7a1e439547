package live

import (
	"context"
	"sync/atomic"
)

// A cellContext records whether anybody has looked at it, and whether anybody has done so since it
// was canceled.
type cellContext struct {
	context.Context
	looked atomic.Bool
	late   atomic.Bool
}

func (c *cellContext) look() {
	c.looked.Store(true)
	if c.Context.Err() != nil {
		c.late.Store(true)
	}
}

func (c *cellContext) Done() <-chan struct{} {
	c.look()
	return c.Context.Done()
}

func (c *cellContext) Err() error {
	c.look()
	return c.Context.Err()
}
