package live

import (
	"context"
	"sync/atomic"
)

// A cellContext records whether anybody has looked at it.
type cellContext struct {
	context.Context
	looked atomic.Bool
}

func (c *cellContext) Done() <-chan struct{} {
	c.looked.Store(true)
	return c.Context.Done()
}

func (c *cellContext) Err() error {
	c.looked.Store(true)
	return c.Context.Err()
}
