package session

import (
	"context"
	"fmt"
)

// Environment returns the folder that cells run in, and their environment variables.
func (s *Session) Environment(ctx context.Context) (dir string, env []string, err error) {
	l, err := s.present(ctx)
	if err != nil {
		return "", nil, err
	}
	return l.host.Environment(ctx)
}

// Chdir moves the session to another folder. Hosts that are started later begin there.
func (s *Session) Chdir(ctx context.Context, dir string) error {
	l, err := s.present(ctx)
	if err != nil {
		return err
	}
	if err := l.host.Chdir(ctx, dir); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.c.Folder = dir
	return nil
}

// Setenv sets an environment variable, here and in hosts that are started later.
func (s *Session) Setenv(ctx context.Context, name, value string) error {
	l, err := s.present(ctx)
	if err != nil {
		return err
	}
	if err := l.host.Setenv(ctx, name, value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.c.Env = append(s.c.Env[:len(s.c.Env):len(s.c.Env)], name+"="+value)
	return nil
}
