package kernel

import (
	"strconv"
	"time"
)

// Settings are what users may set with environment variables.
type Settings struct {
	Text  int           // bytes of text that a cell may print, TRAFFICLAB_OUTPUT
	Grace time.Duration // from an interrupt to the end by force, TRAFFICLAB_GRACE
	Limit time.Duration // how long a cell may take, TRAFFICLAB_CELL_TIMEOUT; 0 for no limit
}

const (
	defaultText  = 10_000_000
	defaultGrace = 10 * time.Second
	// maxDisplayed is how many bytes of displays a cell may show: more than anybody looks at, and
	// little enough that a loop does not make a notebook that no browser can open.
	maxDisplayed = 1 << 30
)

// SettingsFrom reads the settings from an environment. Values that make no sense are ignored.
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
