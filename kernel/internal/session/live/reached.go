package live

import "slices"

// Reached records that the cell has executed a definition. A name whose definition was not reached
// keeps its earlier meaning for later cells.
func Reached(mark int) {
	c := owner()
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.reached, mark) {
		c.reached = append(c.reached, mark)
	}
}
