// Package patch changes gonbui as it is linked into cells, so that what a cell prints and what it
// displays stay in order although they travel through two pipes: after each display the program
// waits until the kernel has taken it out of the pipe, and the kernel takes text before displays.
//
// It replaces one line of gonbui; GoNB and the module cache stay as they are. If the line is not as
// expected, or another package that the cell imports uses gonbui, nothing is changed. Then a cell
// that prints and displays within the same millisecond may have its output in the wrong order.
// Package trafficlib/nb waits by itself and does not depend on this.
package patch

import (
	_ "embed"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Package is the import path of the changed package.
const Package = "github.com/janpfeifer/gonb/gonbui"

const (
	line    = "gonbEncoder = gob.NewEncoder(gonbWriterPipe)"
	changed = "gonbEncoder = gob.NewEncoder(trafficlabOrdered{gonbWriterPipe})"
)

//go:embed writer.go.txt
var writer string

// Files returns the text of the new and changed files of the package in dir, by name; nil if
// nothing can be changed.
func Files(dir string) map[string]string {
	source, err := os.ReadFile(filepath.Join(dir, "gonbui.go"))
	if err != nil || runtime.GOOS != "linux" || strings.Count(string(source), line) != 1 {
		return nil
	}
	return map[string]string{"gonbui.go": strings.Replace(string(source), line, changed, 1), "trafficlab.go": writer}
}
