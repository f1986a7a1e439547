package tlsfeat

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/source"
)

// Prepared is what Prepare made.
type Prepared struct {
	Files source.Files // with session files in the place of captures
	found []string
}

// String says what was found in the captures, a line for each role, and that there are none where there are none.
func (p Prepared) String() string {
	if len(p.found) == 0 {
		return "session files, no captures"
	}
	return strings.Join(p.found, "\n")
}

// Prepare makes session files of the captures among what plays the given roles, see Extract, in a folder for each role below
// dir, and leaves session files as they are. Where nothing plays the role info and there were captures, it is played by the
// layout of their features. Roles that nothing plays are passed over. A folder counts as captures when it has any.
func Prepare(ctx context.Context, dir string, files source.Files, o Options, roles ...string) (Prepared, error) {
	p := Prepared{Files: files}
	for _, role := range files.Played(roles...) {
		var captures, others []string
		for _, path := range files.Of(role) {
			is, err := isCapture(path)
			switch {
			case err != nil:
				return p, fmt.Errorf("tlsfeat: %w", err)
			case is:
				captures = append(captures, path)
			default:
				others = append(others, path)
			}
		}
		if len(captures) == 0 {
			continue
		}
		to := filepath.Join(dir, "features_tls_"+role)
		e, err := Extract(ctx, to, o, captures...)
		if err != nil {
			return p, err
		}
		p.found = append(p.found, fmt.Sprintf("%s: %v; %v", role, e.Report, e.Capture))
		p.Files = p.Files.With(role, append([]string{to}, others...)...)
		const info = "info"
		if p.Files.Has(info) && len(p.Files.Of(info)) == 0 {
			p.Files = p.Files.With(info, filepath.Join(to, "features_info.csv"))
		}
	}
	return p, nil
}

// isCapture says whether a path is a capture, or a folder that has some.
func isCapture(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		_, err := capture.Find(path)
		return err == nil, nil
	}
	if capture.IsName(path) { // one that is empty or damaged is told of as such, and is no session file
		return true, nil
	}
	begin := make([]byte, 4)
	n, err := io.ReadFull(f, begin)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return false, err
	}
	return capture.Sniff(begin[:n]), nil
}
