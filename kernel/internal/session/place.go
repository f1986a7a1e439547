package session

import (
	"context"
	"fmt"
)

// Place returns the folder that cells run in, and their environment.
func (s *Session) Place(ctx context.Context) (dir string, env []string, err error) {
	l, err := s.present(ctx)
	if err != nil {
		return "", nil, err
	}
	return l.host.Place(ctx)
}

// Chdir moves the session to another folder. A host that is started later begins there.
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

// Setenv sets a variable of the session's environment, and of that of hosts that are started later.
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
