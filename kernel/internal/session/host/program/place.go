//go:build trafficlabhost

package main

import (
	"os"

	"github.com/trafficlab/trafficlab/kernel/internal/session/live/message"
)

// place changes the folder or a variable, and returns where the process is then.
func place(s message.Set) message.Place {
	var err error
	switch {
	case s.Dir != "":
		err = os.Chdir(s.Dir)
	case s.Name != "" && s.Unset:
		err = os.Unsetenv(s.Name)
	case s.Name != "":
		err = os.Setenv(s.Name, s.Value)
	}
	p := message.Place{Env: os.Environ()}
	p.Dir, _ = os.Getwd()
	if err != nil {
		p.Error = err.Error()
	}
	return p
}
