//go:build trafficlabhost

package main

import (
	"os"

	"github.com/trafficlab/trafficlab/kernel/internal/session/live/message"
)

// environ changes the working directory or a variable as asked, and returns both as they are
// afterwards.
func environ(s message.Set) message.Environ {
	var err error
	switch {
	case s.Dir != "":
		err = os.Chdir(s.Dir)
	case s.Name != "" && s.Unset:
		err = os.Unsetenv(s.Name)
	case s.Name != "":
		err = os.Setenv(s.Name, s.Value)
	}
	p := message.Environ{Env: os.Environ()}
	p.Dir, _ = os.Getwd()
	if err != nil {
		p.Error = err.Error()
	}
	return p
}
