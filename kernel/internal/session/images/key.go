package images

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/trafficlab/trafficlab/kernel/internal/session/toolchain"
)

// layout is the version of how images are made. It goes into the hashes.
const layout = "2"

// keys are the names of the tools and the image: hashes of everything that goes into them.
type keys struct {
	tools, image string
	gocmd, root  string
}

// variables lists the environment variables that change what the go command makes.
var variables = []string{"GOFLAGS", "GOEXPERIMENT", "GOAMD64", "CGO_ENABLED", "CC", "CGO_CFLAGS", "CGO_CPPFLAGS",
	"CGO_LDFLAGS"}

// library lists the parts of the checkout that are linked into a host.
var library = []string{"trafficlib", "kernel/internal/cell/display", "kernel/internal/session/live",
	"kernel/internal/session/host/program"}

func (s *Store) keys() (keys, error) {
	command, root, version, err := findGo(s.Env)
	k := keys{gocmd: command, root: root}
	if err != nil {
		return k, err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\x00%s\x00%s\x00%s\x00", layout, version, root, toolchain.Rules())
	k.tools = "tools-" + name(sum)
	for _, v := range variables {
		fmt.Fprintf(sum, "%s\x00", get(s.Env, v))
	}
	also := slices.Sorted(slices.Values(s.Also))
	fmt.Fprintf(sum, "%q\x00", also)
	if _, err := os.Stat(filepath.Join(s.Checkout, "go.mod")); err != nil {
		return k, fmt.Errorf("session: %w", err)
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		if err := addFile(sum, filepath.Join(s.Checkout, file), file); err != nil {
			return k, fmt.Errorf("session: %w", err)
		}
	}
	for _, dir := range s.open() {
		if err := addTree(sum, dir); err != nil {
			return k, fmt.Errorf("session: %w", err)
		}
	}
	k.image = "image-" + name(sum)
	return k, nil
}

// open lists the source folders outside the module cache that go into an image.
func (s *Store) open() []string {
	var dirs []string
	for _, dir := range library {
		dirs = append(dirs, filepath.Join(s.Checkout, filepath.FromSlash(dir)))
	}
	mod, err := os.ReadFile(filepath.Join(s.Checkout, "go.mod"))
	if err != nil {
		return dirs
	}
	f, err := modfile.Parse("go.mod", mod, nil)
	if err != nil {
		return dirs
	}
	for _, r := range f.Replace {
		if dir := r.New.Path; r.New.Version == "" {
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(s.Checkout, dir)
			}
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// passed reports whether a folder cannot hold anything that goes into a package.
func passed(name string) bool { return name == "testdata" || name[0] == '.' || name[0] == '_' }

// counts reports whether a file may go into a package.
func counts(d fs.DirEntry) bool {
	name := d.Name()
	return d.Type().IsRegular() && name[0] != '.' && !strings.HasSuffix(name, "_test.go") &&
		!strings.HasSuffix(name, ".md")
}

func name(sum hash.Hash) string { return hex.EncodeToString(sum.Sum(nil)[:10]) }

// addTree adds the files below dir that packages can be made of.
func addTree(sum hash.Hash, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		base := filepath.Base(path)
		switch {
		case os.IsNotExist(err):
			return nil
		case err != nil:
			return err
		case d.IsDir() && path != dir && passed(base):
			return filepath.SkipDir
		case d.IsDir() || !counts(d):
			return nil
		}
		rel, _ := filepath.Rel(dir, path)
		return addFile(sum, path, rel)
	})
}

func addFile(sum hash.Hash, path, name string) error {
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	fmt.Fprintf(sum, "%s\x00%d\x00", name, len(b))
	sum.Write(b)
	return err
}
