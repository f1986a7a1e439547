package setup

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// layout is part of every hash. It changes when a step does something else with the same inputs.
const layout = "1"

// hash returns a function that hashes files, and all files below folders, together with the place
// that setup fills.
func (s *Setup) hash(paths ...string) func() (string, error) {
	return func() (string, error) {
		sum := sha256.New()
		s.seed(sum)
		for _, path := range paths {
			if err := addTree(sum, path, func(string) bool { return true }); err != nil {
				return "", err
			}
		}
		return hex.EncodeToString(sum.Sum(nil)), nil
	}
}

// hashGo returns a function that hashes the module files and the Go source below folders of the
// checkout, including embedded source and notebooks, without tests.
func (s *Setup) hashGo(dirs ...string) func() (string, error) {
	return func() (string, error) {
		sum := sha256.New()
		s.seed(sum)
		fmt.Fprintf(sum, "%s\x00", s.toolchain.cc) // cgo decides which files are compiled
		for _, name := range append([]string{"go.mod", "go.sum"}, dirs...) {
			err := addTree(sum, filepath.Join(s.Checkout, filepath.FromSlash(name)), func(path string) bool {
				name := filepath.Base(path)
				return filepath.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go") ||
					strings.HasSuffix(name, ".go.txt") || // embedded
					filepath.Ext(name) == ".ipynb" || name == "go.mod" || name == "go.sum"
			})
			if err != nil {
				return "", err
			}
		}
		return hex.EncodeToString(sum.Sum(nil)), nil
	}
}

func (s *Setup) seed(sum hash.Hash) {
	fmt.Fprintf(sum, "%s\x00%s\x00%s\x00", layout, s.Home, s.toolchain.version)
}

// addTree adds the names and contents of the files at or below path, sorted by name. A path that
// does not exist adds nothing. Python's caches are skipped.
func addTree(sum hash.Hash, path string, want func(string) bool) error {
	root := filepath.Dir(path)
	err := filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
		switch {
		case os.IsNotExist(err):
			return nil
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "__pycache__" || d.Name() == "testdata" || d.Name() == ".ipynb_checkpoints"):
			return filepath.SkipDir
		case !d.Type().IsRegular() || !want(at):
			return nil
		}
		f, err := os.Open(at)
		if os.IsNotExist(err) {
			return nil // an editor's temporary file, removed meanwhile
		}
		if err != nil {
			return err
		}
		defer f.Close()
		name, _ := filepath.Rel(root, at)
		fmt.Fprintf(sum, "%s\x00", name)
		n, err := io.Copy(sum, f)
		fmt.Fprintf(sum, "\x00%d\x00", n)
		return err
	})
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	return nil
}
