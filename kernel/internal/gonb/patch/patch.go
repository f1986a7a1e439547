// Package ordered keeps the text that a cell prints and the rich output that it shows in the order in which they were
// made, although they travel in two pipes: a program waits, after each piece of rich output, until the kernel has taken
// it out of the pipe, and the kernel takes text before rich output.
//
// It changes one line of package gonbui as it is linked into cells; GoNB and the module cache stay what they are. Where
// the line is not what is expected, or a package that the cell imports uses gonbui too, nothing is changed, and the
// order is that of chance when a cell does both in the same millisecond (trafficlib/nb waits by itself).
package patch

import (
	_ "embed"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Package is the path of the package that is changed.
const Package = "github.com/janpfeifer/gonb/gonbui"

const (
	line    = "gonbEncoder = gob.NewEncoder(gonbWriterPipe)"
	changed = "gonbEncoder = gob.NewEncoder(trafficlabOrdered{gonbWriterPipe})"
)

//go:embed writer.go.txt
var writer string

// Files gives the files of the package that are new or other than in its folder; nil when nothing is to be changed.
func Files(dir string) map[string]string {
	source, err := os.ReadFile(filepath.Join(dir, "gonbui.go"))
	if err != nil || runtime.GOOS != "linux" || strings.Count(string(source), line) != 1 {
		return nil
	}
	return map[string]string{"gonbui.go": strings.Replace(string(source), line, changed, 1), "trafficlab.go": writer}
}
