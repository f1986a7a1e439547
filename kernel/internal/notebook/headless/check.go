package headless

import (
	"fmt"

	"github.com/trafficlab/trafficlab/kernel/internal/notebook"
	"github.com/trafficlab/trafficlab/kernel/internal/notebook/params"
)

// check reports whether the files are notebooks and accept the values, before the first of them
// runs for half an hour. The papermill plugin checks again, since plain papermill does not come
// through here.
func check(paths []string, values map[string]string) error {
	for _, path := range paths {
		cells, err := notebook.Read(path)
		if err != nil {
			return err
		}
		if len(values) == 0 {
			continue
		}
		given := map[string]any{}
		for name, value := range values {
			given[name] = value
		}
		cell, _ := notebook.Tagged(cells, "parameters")
		if _, err := params.Inject(cell.Source, given, "/"); err != nil {
			return fmt.Errorf("%w (%s)", err, path)
		}
	}
	return nil
}
