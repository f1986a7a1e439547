package nb

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/home"
)

// Work returns the path of a file of this run:
//
//	nb.Work("run")
//	nb.Work("run", "step-000100")
//
// Without an element it is the run's folder itself: that of the variable TRAFFICLAB_WORK, which the
// kernel sets for each notebook and run; without it one below the user's cache folder. It makes the
// folder of the file if it is missing. A path that leads out of the run's folder ends the cell as
// [Check] does.
func Work(elem ...string) string {
	return Must(work(elem))
}

func work(elem []string) (string, error) {
	root := os.Getenv("TRAFFICLAB_WORK")
	if root == "" {
		dir, err := home.Dir()
		if err != nil {
			return "", err
		}
		root = filepath.Join(dir, "work", "default")
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	path, dir := root, root
	if len(elem) > 0 {
		name := filepath.Join(elem...)
		if !filepath.IsLocal(name) {
			return "", fmt.Errorf("nb: work file %q: leads out of the run's folder", name)
		}
		path = filepath.Join(root, name)
		dir = filepath.Dir(path)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", fmt.Errorf("nb: work folder: %w", err)
	}
	return path, nil
}
