package process

import (
	"context"
	"errors"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/live/message"
)

// Environment returns the host's working directory and its environment variables.
func (h *Host) Environment(ctx context.Context) (dir string, env []string, err error) {
	p, err := h.set(ctx, message.Set{})
	return p.Dir, p.Env, err
}

// Chdir changes the host's working directory.
func (h *Host) Chdir(ctx context.Context, dir string) error {
	_, err := h.set(ctx, message.Set{Dir: dir})
	return err
}

// Setenv sets an environment variable of the host.
func (h *Host) Setenv(ctx context.Context, name, value string) error {
	_, err := h.set(ctx, message.Set{Name: name, Value: value})
	return err
}

// answerTime is how long an idle host may take to answer.
const answerTime = 10 * time.Second

func (h *Host) set(ctx context.Context, s message.Set) (message.Environ, error) {
	h.setting.Lock()
	defer h.setting.Unlock()
	select {
	case <-h.environs: // of a question that was abandoned
	default:
	}
	if err := h.send(message.ToHost{Set: &s}); err != nil {
		return message.Environ{}, err
	}
	select {
	case p := <-h.environs:
		if p.Error != "" {
			return p, errors.New(p.Error)
		}
		return p, nil
	case <-h.gone:
		return message.Environ{}, ErrGone
	case <-ctx.Done():
		return message.Environ{}, ctx.Err()
	case <-time.After(answerTime):
		return message.Environ{}, errors.New("session: the host does not answer")
	}
}
