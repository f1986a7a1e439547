package program

import "context"

// Capture runs a command and returns all text that it prints, on both streams.
func Capture(ctx context.Context, c Command) ([]byte, Result, error) {
	var text capture
	r, err := Run(ctx, c, &text)
	return text, r, err
}

type capture []byte

func (c *capture) Text(_ string, text []byte) { *c = append(*c, text...) }
func (c *capture) Rich([]byte)                {}
