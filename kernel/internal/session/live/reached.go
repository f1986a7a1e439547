package live

import "slices"

// Reached notes that the cell has come past a definition: names whose definition it has not come to
// mean later what they meant before it.
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
