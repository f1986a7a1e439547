package doctor

import (
	"errors"
	"fmt"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/machine/setup"
	"github.com/trafficlab/trafficlab/kernel/internal/session/images"
)

// sessions reports whether values persist between cells, and if not, why.
func sessions(h paths.Home, checkout string, record paths.Record) finding {
	const what, cost = "session", "; each cell is a program of its own"
	image, err := setup.Sessions(h, checkout, record.GoBin).Find()
	switch {
	case err == nil:
		return finding{what, fine, fmt.Sprintf("values persist between cells; the host has %d packages (%s)",
			len(image.Index.Packages), image.Dir), ""}
	case errors.Is(err, images.ErrNone):
		return finding{what, missing, "not built for this checkout" + cost, fixSetup}
	case !images.Supported:
		return finding{what, absent, "only on linux/amd64" + cost, ""}
	}
	return finding{what, missing, strings.TrimPrefix(err.Error(), images.ErrRefused.Error()+": ") + cost, ""}
}
