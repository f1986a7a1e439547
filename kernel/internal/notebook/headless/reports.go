package headless

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/notebook/report"
)

// name returns the name of a notebook, by which its results are named.
func name(notebook string) string { return strings.TrimSuffix(filepath.Base(notebook), ".ipynb") }

// removeOld removes the results of an earlier run, so that they cannot be mistaken for this run's
// if it ends without results.
func removeOld(dir, notebook string) error {
	for _, kind := range []string{".ipynb", ".html", ".xml"} {
		if err := os.Remove(filepath.Join(dir, name(notebook)+kind)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("kernel: %w", err)
		}
	}
	return nil
}

// write writes NAME.html and NAME.xml for a notebook that has run, and fills in the cells of the
// result. A run that wrote no notebook gets only the XML. An interrupt does not stop it, since the
// XML reports the interrupt.
func write(h paths.Home, dir, notebook string, result *report.Notebook, errs io.Writer) error {
	base := filepath.Join(dir, result.Name)
	if _, err := os.Stat(base + ".ipynb"); err == nil {
		if result.Cells, result.Chart, err = report.Read(base + ".ipynb"); err != nil {
			return err
		}
		cmd := module(h, "trafficlab_papermill.page", errs, base+".ipynb", base+".html", filepath.Dir(notebook))
		code, err := python(context.Background(), context.Background(), cmd)
		if err != nil {
			return err
		}
		if code != 0 {
			return fmt.Errorf("kernel: %s.html: not written", base)
		}
	}
	data, err := result.JUnit()
	if err != nil {
		return err
	}
	return save(base+".xml", data)
}

// writeIndex writes index.html for several notebooks.
func writeIndex(dir string, results []report.Notebook) error {
	data, err := report.Index(results)
	if err != nil {
		return err
	}
	return save(filepath.Join(dir, "index.html"), data)
}

func save(path string, data []byte) error {
	if err := os.WriteFile(path, data, 0o666); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	return nil
}
