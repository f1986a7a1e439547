// Package shareddata finds, for tests alone, the real samples that lie beside the checkout.
//
// Most of them have no licence, so they are no part of the project: a test that needs one skips where it is absent,
// and says what it missed. With TRAFFICLAB_ALL=1 in the environment such a skip is a failure, so that a run which is
// meant to be complete can not leave anything out in silence.
package shareddata

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir gives the path of what lies at elem below the folder shared/data, or skips the test. The folder is looked for
// beside every folder from the package under test upwards: it lies next to the checkout.
func Dir(t testing.TB, elem ...string) string {
	t.Helper()
	want := filepath.Join(append([]string{"shared", "data"}, elem...)...)
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		path := filepath.Join(dir, want)
		if _, err := os.Stat(path); err == nil {
			return path
		}
		up := filepath.Dir(dir)
		if up == dir {
			Skip(t, "no "+filepath.ToSlash(want)+" beside the checkout")
			return ""
		}
		dir = up
	}
}

// Skip skips the test, or fails it where every test is to run, and says why.
func Skip(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("TRAFFICLAB_ALL") == "1" {
		t.Fatalf("%s (TRAFFICLAB_ALL=1: no test may be skipped)", why)
	}
	t.Skip(why)
}
