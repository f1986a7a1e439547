// Package shareddata finds real samples beside the checkout, for tests.
//
// Most of the samples have no license, so they are not part of the project. A test that needs a
// missing sample is skipped with a message. With TRAFFICLAB_ALL=1 it fails instead, so that a
// complete run cannot skip tests silently.
package shareddata

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the path of elem below the folder shared/data, or skips the test if there is no such
// path. It looks for shared/data in every folder from the package under test up.
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

// Skip skips the test, or fails it if TRAFFICLAB_ALL=1.
func Skip(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("TRAFFICLAB_ALL") == "1" {
		t.Fatalf("%s (TRAFFICLAB_ALL=1: no test may be skipped)", why)
	}
	t.Skip(why)
}
