package kernel

import (
	"strconv"
	"time"
)

// Settings are what a user may choose, by environment variables.
type Settings struct {
	Text  int           // bytes of text that a cell may say, TRAFFICLAB_OUTPUT
	Grace time.Duration // between an interrupt and the end by force, TRAFFICLAB_GRACE
	Limit time.Duration // how long a cell may take, TRAFFICLAB_CELL_TIMEOUT; 0 for no limit
}

const (
	defaultText  = 10_000_000
	defaultGrace = 10 * time.Second
	// shown is how many bytes of rich output a cell may show. It is out of the way of what anybody looks at, and
	// keeps a loop from filling a notebook that no browser opens again.
	shown = 1 << 30
)

// SettingsFrom reads the settings from an environment. What makes no sense is as if it were not there.
func SettingsFrom(getenv func(string) string) Settings {
	var s Settings
	if n, err := strconv.Atoi(getenv("TRAFFICLAB_OUTPUT")); err == nil && n > 0 {
		s.Text = n
	}
	s.Grace = duration(getenv("TRAFFICLAB_GRACE"))
	s.Limit = duration(getenv("TRAFFICLAB_CELL_TIMEOUT"))
	return s.withDefaults()
}

func duration(text string) time.Duration {
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return d
	}
	return 0
}

func (s Settings) withDefaults() Settings {
	if s.Text <= 0 {
		s.Text = defaultText
	}
	if s.Grace <= 0 {
		s.Grace = defaultGrace
	}
	return s
}
