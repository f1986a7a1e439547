package process

import (
	"context"
	"errors"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/live/message"
)

// Place returns the folder that the host is in, and its environment.
func (h *Host) Place(ctx context.Context) (dir string, env []string, err error) {
	p, err := h.set(ctx, message.Set{})
	return p.Dir, p.Env, err
}

// Chdir moves the host to another folder.
func (h *Host) Chdir(ctx context.Context, dir string) error {
	_, err := h.set(ctx, message.Set{Dir: dir})
	return err
}

// Setenv sets a variable of the host's environment.
func (h *Host) Setenv(ctx context.Context, name, value string) error {
	_, err := h.set(ctx, message.Set{Name: name, Value: value})
	return err
}

// answered is how long a host that is not computing takes at most to answer.
const answered = 10 * time.Second

func (h *Host) set(ctx context.Context, s message.Set) (message.Place, error) {
	h.setting.Lock()
	defer h.setting.Unlock()
	select {
	case <-h.places: // of a question that was given up
	default:
	}
	if err := h.send(message.ToHost{Set: &s}); err != nil {
		return message.Place{}, err
	}
	select {
	case p := <-h.places:
		if p.Error != "" {
			return p, errors.New(p.Error)
		}
		return p, nil
	case <-h.gone:
		return message.Place{}, ErrGone
	case <-ctx.Done():
		return message.Place{}, ctx.Err()
	case <-time.After(answered):
		return message.Place{}, errors.New("session: the host does not answer")
	}
}
