package live

import "github.com/trafficlab/trafficlab/kernel/internal/show"

// Show keeps the values of the cell's last expression as its result.
func Show(values ...any) {
	result := show.JSON(values...)
	if c := owner(); c != nil {
		c.mu.Lock()
		c.result = result
		c.mu.Unlock()
	}
}
