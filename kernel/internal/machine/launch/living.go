package launch

import (
	"errors"
	"log"
	"path/filepath"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/session"
	"github.com/trafficlab/trafficlab/kernel/internal/session/images"
)

// EnvMode selects how cells run: "off" makes each a program of its own.
const EnvMode = "TRAFFICLAB_SESSION_MODE"

// living returns the configuration of the living session, or nil if each cell is a program of its
// own.
func living(h paths.Home, env env, goCommand, checkout, tmp, folder string) *session.Config {
	if env.get(EnvMode) == "off" {
		return nil
	}
	store := &images.Store{Dirs: h.Sessions(), Checkout: checkout, Env: env}
	image, err := store.Find()
	if err != nil && !(errors.Is(err, images.ErrNone) && store.Soon()) {
		log.Printf("no living session, each cell is a program of its own: %v", err)
		return nil
	}
	return &session.Config{Image: image, Go: goCommand, Module: checkout, Dir: filepath.Join(tmp, "session"),
		Folder: folder, Env: env,
		Watch: store.Watch()}
}
