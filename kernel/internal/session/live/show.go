package live

import "github.com/trafficlab/trafficlab/kernel/internal/cell/display"

// Show records the values of the cell's last expression as its result.
func Show(values ...any) {
	result := display.JSON(values...)
	if c := owner(); c != nil {
		c.mu.Lock()
		c.result = result
		c.mu.Unlock()
	}
}
