// Package images keeps the images of sessions below the folder that setup fills, one for each Go
// and content of a checkout.
//
// It takes a checkout, the environment that cells are built with and that folder, and returns the
// image that fits, if there is one, in milliseconds, or makes it. An image that was made is tried
// with programs as cells before anybody may use it. What cannot be made is remembered with the
// reason, and not tried again until something that goes into it has changed: another system, a Go
// that is not known, packages that do not compile, a program that ran wrong.
package images

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
	"github.com/trafficlab/trafficlab/kernel/internal/session/toolchain"
)

// A Store is where images are, and what they are made of.
type Store struct {
	Dirs     []string // folders of images; those that are made go to the first one
	Checkout string
	Env      []string // with which cells are built
	Also     []string // packages that cells import, beside those of the library
	// Try tries a new image; the error says which program ran wrong. It may be nil.
	Try func(ctx context.Context, image *host.Image) error
	Run toolchain.Run // nil for toolchain.Exec
}

var (
	// ErrNone says that there is no image yet.
	ErrNone = errors.New("session: no image for this checkout")
	// ErrRefused says that there can be none; the error has the reason.
	ErrRefused = errors.New("session: cells are programs of their own here")
)

// Supported reports whether there are sessions on this system.
const Supported = runtime.GOOS == "linux" && runtime.GOARCH == "amd64"

// Key returns the name of the image for the checkout as it is now, whether or not there is one.
func (s *Store) Key() (string, error) {
	k, err := s.keys()
	return k.image, err
}

// Root returns the GOROOT of the go command.
func (s *Store) Root() (string, error) {
	_, root, _, err := findGo(s.Env)
	return root, err
}

// Find returns the image for the checkout as it is now.
func (s *Store) Find() (*host.Image, error) {
	image, _, err := s.find()
	return image, err
}

func (s *Store) find() (*host.Image, keys, error) {
	if !Supported {
		return nil, keys{}, fmt.Errorf("%w: it is not linux/amd64", ErrRefused)
	}
	k, err := s.keys()
	if err != nil {
		return nil, k, err
	}
	for _, dir := range s.Dirs {
		at := filepath.Join(dir, k.image)
		tools, ok := s.tools(k)
		image, err := host.Open(at, tools)
		if err == nil && ok {
			now := time.Now()
			os.Chtimes(at, now, now) // it is in use
			return image, k, nil
		}
		if why, err := os.ReadFile(at + refused); err == nil {
			return nil, k, fmt.Errorf("%w: %s", ErrRefused, why)
		}
		if why, err := os.ReadFile(filepath.Join(dir, k.tools) + refused); err == nil {
			return nil, k, fmt.Errorf("%w: %s", ErrRefused, why)
		}
	}
	return nil, k, ErrNone
}

// refused ends the names of files that say why there is no image or no tools.
const refused = ".refused"

// Make returns the image for the checkout, and makes it and the tools if need be.
func (s *Store) Make(ctx context.Context) (*host.Image, error) {
	image, k, err := s.find()
	if !errors.Is(err, ErrNone) {
		return image, err
	}
	dir := s.Dirs[0]
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	// Somebody else may have made it while this one waited.
	if image, k, err = s.find(); !errors.Is(err, ErrNone) {
		return image, err
	}
	tools, err := s.makeTools(ctx, dir, k)
	if err != nil {
		return nil, err
	}
	at := filepath.Join(dir, k.image)
	made := filepath.Join(dir, ".trial-"+k.image)
	if err := os.RemoveAll(made); err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	defer os.RemoveAll(made)
	image, err = host.Build(ctx, host.Config{Go: k.gocmd, Checkout: s.Checkout, Env: s.Env, Tools: tools, Dir: made,
		Key: k.image, Also: s.Also, Run: s.runner()})
	if err == nil && s.Try != nil {
		err = s.Try(ctx, image)
	}
	if err != nil {
		return nil, s.refuse(ctx, at, err)
	}
	if err := os.Rename(made, at); err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	s.clean(dir, k)
	return host.Open(at, tools)
}

func (s *Store) runner() toolchain.Run {
	if s.Run != nil {
		return s.Run
	}
	return toolchain.Exec
}

// Tools makes the compiler and the linker alone, which takes most of the time of Make and needs
// nothing of the checkout's packages.
func (s *Store) Tools(ctx context.Context) error {
	if !Supported {
		return nil
	}
	k, err := s.keys()
	if err != nil {
		return err
	}
	dir := s.Dirs[0]
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(dir, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	_, err = s.makeTools(ctx, dir, k)
	return err
}

// tools looks for the compiler and the linker.
func (s *Store) tools(k keys) (toolchain.Tools, bool) {
	for _, dir := range s.Dirs {
		if tools := toolchain.In(filepath.Join(dir, k.tools)); exists(tools.Compile) && exists(tools.Link) {
			return tools, true
		}
	}
	return toolchain.Tools{}, false
}

// makeTools builds the compiler and the linker, unless they are there.
func (s *Store) makeTools(ctx context.Context, dir string, k keys) (toolchain.Tools, error) {
	if tools, ok := s.tools(k); ok {
		return tools, nil
	}
	scratch, err := os.MkdirTemp(dir, ".tools-")
	if err != nil {
		return toolchain.Tools{}, fmt.Errorf("session: %w", err)
	}
	defer os.RemoveAll(scratch)
	at, made := filepath.Join(dir, k.tools), filepath.Join(scratch, "bin")
	_, err = toolchain.Build(ctx, toolchain.Config{Go: k.gocmd, Root: k.root, Env: s.Env, Dir: made,
		Scratch: scratch, Run: s.runner()})
	if err != nil {
		return toolchain.Tools{}, s.refuse(ctx, at, err)
	}
	err = os.RemoveAll(at)
	if err == nil {
		err = os.Rename(made, at)
	}
	if err != nil {
		return toolchain.Tools{}, fmt.Errorf("session: %w", err)
	}
	return toolchain.In(at), nil
}

// refuse remembers why something cannot be made.
func (s *Store) refuse(ctx context.Context, at string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	why, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	if werr := os.WriteFile(at+refused, []byte(why), 0o644); werr != nil {
		return fmt.Errorf("session: %w", werr)
	}
	return fmt.Errorf("%w: %w", ErrRefused, err)
}

// Forget removes what is remembered of failures, so that Make tries again.
func (s *Store) Forget() {
	for _, dir := range s.Dirs {
		files, _ := filepath.Glob(filepath.Join(dir, "*"+refused))
		for _, f := range files {
			os.Remove(f)
		}
	}
}

// kept is how many images are kept: a kernel that runs goes on reading its own.
const kept = 4

// clean removes images that have not been used for long.
func (s *Store) clean(dir string, k keys) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var old []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && e.IsDir() && strings.HasPrefix(e.Name(), "image-") && e.Name() != k.image {
			old = append(old, info)
		}
	}
	slices.SortFunc(old, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for i, info := range old {
		if i >= kept-1 && time.Since(info.ModTime()) > time.Hour {
			os.RemoveAll(filepath.Join(dir, info.Name()))
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// findGo returns the go command on the PATH of the environment, and its GOROOT and version.
func findGo(env []string) (command, root, version string, err error) {
	for _, dir := range filepath.SplitList(get(env, "PATH")) {
		if path := filepath.Join(dir, "go"); filepath.IsAbs(path) && exists(path) {
			command = path
			break
		}
	}
	if command == "" {
		return "", "", "", fmt.Errorf("%w: no go command on the PATH", ErrRefused)
	}
	// Most often it stands where it was installed, and need not be asked.
	if path, err := filepath.EvalSymlinks(command); err == nil {
		root = filepath.Dir(filepath.Dir(path))
		if b, err := os.ReadFile(filepath.Join(root, "VERSION")); err == nil &&
			exists(filepath.Join(root, "src", "cmd", "link")) && get(env, "GOROOT") == "" {
			version, _, _ = strings.Cut(string(b), "\n")
			return command, root, strings.TrimSpace(version), nil
		}
	}
	cmd := exec.Command(command, "env", "GOROOT", "GOVERSION")
	cmd.Env, cmd.Dir = append(slices.Clone(env), "GOWORK=off", "GOTOOLCHAIN=local"), string(filepath.Separator)
	out, err := cmd.Output()
	words := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err != nil || len(words) != 2 {
		return "", "", "", fmt.Errorf("%w: go env: %v", ErrRefused, err)
	}
	return command, words[0], words[1], nil
}

func get(env []string, name string) string {
	for _, e := range slices.Backward(env) {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}
