package launch

import (
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/kernel/internal/session"
	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
	"github.com/trafficlab/trafficlab/kernel/internal/session/toolchain"
)

// EnvMode chooses how cells run: "off" makes each a program of its own.
const EnvMode = "TRAFFICLAB_SESSION_MODE"

// living returns what the living session is made of, nil where there is none.
func living(env env, goCommand, checkout, tmp, folder string) *session.Config {
	if env.get(EnvMode) == "off" {
		return nil
	}
	image, err := host.Open(os.Getenv("DEV_IMAGE"), toolchain.In(os.Getenv("DEV_TOOLS")))
	if err != nil {
		return nil
	}
	return &session.Config{Image: image, Go: goCommand, Module: checkout, Dir: filepath.Join(tmp, "session"), Folder: folder, Env: env}
}
