package test

import (
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// long skips a test that takes minutes or uses the network, under -short.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: it builds or fetches for minutes; go test without it does")
	}
}

// writeNotebook writes a notebook of code cells to a new folder, and returns its path.
func writeNotebook(t *testing.T, name string, sources ...string) (path string) {
	t.Helper()
	var cells []map[string]any
	for _, source := range sources {
		cells = append(cells, kerneltest.Code(source))
	}
	return kerneltest.Write(t, name, cells...)
}

// texts joins the outputs of an executed notebook's cells.
func texts(cells []kerneltest.Executed) (all string) {
	for _, c := range cells {
		all += c.Text
	}
	return all
}

// seconds returns the times of an executed notebook's cells.
func seconds(cells []kerneltest.Executed) (all []float64) {
	for _, c := range cells {
		all = append(all, c.Seconds)
	}
	return all
}
