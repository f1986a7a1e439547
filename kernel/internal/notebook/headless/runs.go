package headless

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

// keep is how many runs without --out are kept. They contain the models and tables that their cells
// wrote.
const keep = 5

// newRun makes a folder for a run without --out, and removes the oldest ones.
func newRun(h paths.Home) (string, error) {
	if err := os.MkdirAll(h.Runs(), 0o777); err != nil {
		return "", fmt.Errorf("kernel: %w", err)
	}
	dir, err := os.MkdirTemp(h.Runs(), time.Now().Format("2006-01-02-150405-"))
	if err != nil {
		return "", fmt.Errorf("kernel: %w", err)
	}
	old, err := filepath.Glob(filepath.Join(h.Runs(), "????-??-??-??????-*")) // in the order of their times
	if err != nil {
		return "", fmt.Errorf("kernel: %w", err)
	}
	for len(old) > keep {
		if err := os.RemoveAll(old[0]); err != nil {
			return "", fmt.Errorf("kernel: %w", err)
		}
		old = old[1:]
	}
	return dir, nil
}
