package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/kernel/internal/lint"
	"github.com/trafficlab/trafficlab/kernel/internal/notebook"
	"github.com/trafficlab/trafficlab/kernel/internal/place"
)

// errFindings says that lint found something; what it is has been printed.
var errFindings = errors.New("kernel: lint: there are findings")

// lintNotebooks checks the notebooks that are named, or all of the checkout's.
func lintNotebooks(paths []string) error {
	if len(paths) == 0 {
		checkout, err := place.Checkout(".")
		if err != nil {
			return err
		}
		if paths, err = filepath.Glob(filepath.Join(checkout, "notebooks", "*.ipynb")); err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
	}
	findings := 0
	for _, path := range paths {
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
		fmt.Fprintf(os.Stderr, "%d findings in %d notebooks\n", findings, len(paths))
		return errFindings
	}
	fmt.Printf("%d notebooks keep the rules\n", len(paths))
	return nil
}
