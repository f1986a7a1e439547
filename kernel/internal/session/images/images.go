// Package images keeps the images of sessions (see package host) in the folder that setup fills,
// one for each Go and each state of a checkout.
//
// It takes a checkout, the environment of the go command and that folder. It returns the matching
// image within milliseconds if there is one, or makes it. A new image must run a set of programs as
// cells before anybody may use it. What cannot be made is remembered with the reason and not tried
// again until something that goes into it changes: on an unsupported system, with an unknown Go,
// with packages that do not compile, or after a program that ran wrong.
package images

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/kernel/internal/oneline"
	"github.com/trafficlab/trafficlab/kernel/internal/session/host"
	"github.com/trafficlab/trafficlab/kernel/internal/session/toolchain"
)

// A Store is a place for images, and what they are made of.
type Store struct {
	Dirs     []string // folders of images; new ones go to the first
	Checkout string
	Env      []string // of the go command
	Also     []string // packages that cells import beside those of the library
	// Try tests a new image; its error says which program ran wrong. It may be nil.
	Try func(ctx context.Context, image *host.Image) error
	Run toolchain.Run // nil for toolchain.Exec
}

var (
	// ErrNone means that there is no image yet.
	ErrNone = errors.New("session: no image for this checkout")
	// ErrRefused means that there cannot be one; the error wraps the reason.
	ErrRefused = errors.New("session: each cell is a program of its own here")
)

// Supported reports whether this system can have sessions.
const Supported = runtime.GOOS == "linux" && runtime.GOARCH == "amd64"

// Key returns the name of the image for the current state of the checkout, whether it exists or
// not.
func (s *Store) Key() (string, error) {
	k, err := s.keys()
	return k.image, err
}

// Root returns the GOROOT of the go command.
func (s *Store) Root() (string, error) {
	_, root, _, err := findGo(s.Env)
	return root, err
}

// Find returns the image for the current state of the checkout.
func (s *Store) Find() (*host.Image, error) {
	image, _, err := s.find()
	return image, err
}

func (s *Store) find() (*host.Image, keys, error) {
	if !Supported {
		return nil, keys{}, fmt.Errorf("%w: sessions need linux/amd64", ErrRefused)
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
			os.Chtimes(at, now, now)
			hold(at)
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

// refused ends the names of the files that say why there is no image or no tools.
const refused = ".refused"

// Make returns the image for the checkout. It makes the image and the tools if necessary.
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
	// Another process may have made it while this one waited.
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
	err = os.WriteFile(filepath.Join(made, toolsFile), []byte(k.tools), 0o644)
	if err == nil {
		err = os.Rename(made, at)
	}
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	hold(at)
	clean(dir, k)
	return host.Open(at, tools)
}

func (s *Store) runner() toolchain.Run {
	if s.Run != nil {
		return s.Run
	}
	return toolchain.Exec
}

// Tools makes only the compiler and the linker, which takes most of the time of Make and does not
// need the packages of the checkout.
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

// makeTools builds the compiler and the linker unless they exist.
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

// refuse records why something cannot be made.
func (s *Store) refuse(ctx context.Context, at string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	why := oneline.First(err.Error())
	if werr := os.WriteFile(at+refused, []byte(why), 0o644); werr != nil {
		return fmt.Errorf("session: %w", werr)
	}
	return fmt.Errorf("%w: %w", ErrRefused, err)
}

// Forget removes the recorded failures, so that Make tries again.
func (s *Store) Forget() {
	for _, dir := range s.Dirs {
		files, _ := filepath.Glob(filepath.Join(dir, "*"+refused))
		for _, f := range files {
			os.Remove(f)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// findGo returns the go command on the PATH of the environment, its GOROOT and its version.
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
	// Usually the go command is where it was installed, and reading files is faster than running
	// it.
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
