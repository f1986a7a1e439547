package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
	"github.com/trafficlab/trafficlab/kernel/internal/notebook"
	"github.com/trafficlab/trafficlab/kernel/internal/notebook/lint"
)

// errFindings means that lint found something, which it has printed.
var errFindings = errors.New("kernel: lint: there are findings")

// lintNotebooks checks the named notebooks, or all of the checkout's.
func lintNotebooks(files []string) error {
	if len(files) == 0 {
		checkout, err := paths.Checkout(".")
		if err != nil {
			return err
		}
		if files, err = filepath.Glob(filepath.Join(checkout, "notebooks", "*.ipynb")); err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
	}
	findings := 0
	for _, path := range files {
		cells, err := notebook.Read(path)
		if err != nil {
			return err
		}
		for _, f := range lint.Check(cells) {
			fmt.Printf("%s: %s\n", filepath.Base(path), f)
			findings++
		}
	}
	if findings > 0 {
		fmt.Fprintf(os.Stderr, "%d findings in %d notebooks\n", findings, len(files))
		return errFindings
	}
	fmt.Printf("%d notebooks: no findings\n", len(files))
	return nil
}
