package test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/trafficlab/trafficlab/docker/test/internal/box"
	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
	"github.com/trafficlab/trafficlab/trafficlib/home"
)

const (
	suite = "trixie" // the Debian release of the Dockerfile's BASE_IMAGE
	room  = 15 << 30 // bytes that a build may need
	week  = 7 * 24 * time.Hour
)

func TestMain(m *testing.M) {
	box.Init()
	os.Exit(m.Run())
}

// An image is a built image.
type image struct {
	root   string // the root of its files, which must not be changed
	config struct {
		User, WorkingDir     string
		Env, Cmd, Entrypoint []string
		Labels               map[string]string
		ExposedPorts         map[string]any
		Healthcheck          *struct{ Test []string }
	}
}

// env returns a variable of the image.
func (i *image) env(name string) string {
	for _, entry := range i.config.Env {
		if v, ok := strings.CutPrefix(entry, name+"="); ok {
			return v
		}
	}
	return ""
}

// A store is buildah's store of images.
type store struct{ dir string }

// run runs a buildah command and returns its standard output. Other output goes to log, unless it
// is nil.
func (s store) run(log io.Writer, args ...string) (string, error) {
	return s.runIn("", log, args...)
}

// runIn is run in a folder; "" is the current one.
func (s store) runIn(dir string, log io.Writer, args ...string) (string, error) {
	cmd := exec.Command("buildah", append([]string{"--root", filepath.Join(s.dir, "root"),
		"--runroot", filepath.Join(s.dir, "run"),
		"--storage-driver", "vfs"}, args...)...)
	cmd.Dir = dir
	var out, output strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &output
	if log != nil {
		cmd.Stdout, cmd.Stderr = log, log
	}
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("buildah %s: %w\n%s", args[0], err, output.String())
	}
	return strings.TrimSpace(out.String()), nil
}

func (s store) has(name string) bool {
	_, err := s.run(nil, "inspect", "--type", "image", name)
	return err == nil
}

// notebooks returns the CPU target. It skips the test if it cannot be built.
func notebooks(t *testing.T) *image {
	t.Helper()
	long(t)
	i, err := built()
	var lacks missing
	if errors.As(err, &lacks) {
		kerneltest.Skip(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// missing is an error that says what this machine lacks.
type missing string

func (m missing) Error() string { return string(m) }

var built = sync.OnceValues(func() (*image, error) {
	if os.Geteuid() != 0 {
		return nil, missing("the image is not built: that needs root")
	}
	for _, name := range []string{"buildah", "debootstrap", "nsenter"} {
		if _, err := exec.LookPath(name); err != nil {
			return nil, missing("the image is not built: there is no " + name + " (apt install buildah debootstrap)")
		}
	}
	h, err := home.Dir()
	if err != nil {
		return nil, err
	}
	s := store{filepath.Join(h, "image")}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(s.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil { // until this process ends
		return nil, err
	}
	checkout, err := filepath.Abs("../..")
	if err != nil {
		return nil, err
	}
	sum, err := contentHash(checkout)
	if err != nil {
		return nil, err
	}
	name := "localhost/trafficlab-test:" + sum
	if s.has(name) {
		fmt.Printf("image: built before from the same content (%s, in %s)\n", sum, s.dir)
	} else if err := s.build(checkout, name); err != nil {
		return nil, err
	}
	return s.open(name)
})

// contentHash returns a hash of everything that goes into the CPU target: what its Dockerfile
// copies, and the versions of Go and Debian that the test provides.
func contentHash(checkout string) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, suite, goVersion(), runtime.GOARCH)
	for _, dir := range []string{"go.mod", "go.sum", "LICENSE", "kernel", "trafficlib", "notebooks",
		"docker/Dockerfile", "docker/Dockerfile.dockerignore", "docker/health", "docker/sbom", "docker/start",
		"docker/warm"} {
		err := filepath.WalkDir(filepath.Join(checkout, dir), func(at string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name, _ := filepath.Rel(checkout, at)
			switch {
			case d.IsDir() && slices.Contains([]string{"testdata", "__pycache__", ".ipynb_checkpoints"}, d.Name()),
				name == "kernel/test": // as in Dockerfile.dockerignore
				return filepath.SkipDir
			case !d.Type().IsRegular() || strings.HasSuffix(name, "_test.go") ||
				filepath.Ext(name) == ".md" && dir != "notebooks":
				return nil
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			data, err := os.ReadFile(at)
			if err != nil {
				return err
			}
			fmt.Fprintf(sum, "%s\x00%v\x00%d\x00", name, info.Mode()&0o111, len(data))
			sum.Write(data)
			return nil
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

// build builds the CPU target. Its output goes to a log, in TRAFFICLAB_ARTIFACTS if set, whose end
// is shown if it fails.
func (s store) build(checkout, name string) error {
	// First remove the remains of other content, or of an interrupted build.
	if err := s.clear(); err != nil {
		return err
	}
	free := func() uint64 {
		var fs unix.Statfs_t
		if err := unix.Statfs(s.dir, &fs); err != nil {
			return 0
		}
		return fs.Bavail * uint64(fs.Bsize)
	}
	before := free()
	if before < room {
		return fmt.Errorf("image: %s: %.1f GB free, and a build wants %d GB", s.dir, float64(before)/1e9, room>>30)
	}
	base, err := s.base()
	if err != nil {
		return err
	}
	golang, err := s.golang()
	if err != nil {
		return err
	}
	log, err := os.CreateTemp("", "image-*.log")
	if err != nil {
		return err
	}
	defer log.Close()
	if dir := os.Getenv("TRAFFICLAB_ARTIFACTS"); dir != "" {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		os.Remove(log.Name())
		if log, err = os.Create(filepath.Join(dir, "image.log")); err != nil {
			return err
		}
	}
	start := time.Now()
	fmt.Printf("image: building %s in %s, log in %s\n", name, s.dir, log.Name())
	args := []string{"build", "--isolation", "chroot", "--layers=false", "--format", "docker", "--target",
		"notebooks", "--tag", name,
		"--file", "docker/Dockerfile", "--ignorefile", "docker/Dockerfile.dockerignore",
		"--build-arg", "BASE_IMAGE=" + base, "--build-arg", "GO_IMAGE=" + golang}
	args = append(append(append(args, limits()...), handed()...), ".")
	least, stop := before, make(chan struct{})
	done := make(chan struct{})
	go func() { // the store is largest in the middle of the build
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Second):
				least = min(least, free())
			}
		}
	}()
	_, err = s.runIn(checkout, log, args...)
	close(stop)
	<-done
	if err != nil {
		output, _ := os.ReadFile(log.Name())
		lines := strings.Split(strings.TrimSpace(string(output)), "\n")
		return fmt.Errorf("%w\n%s", err, strings.Join(lines[max(0, len(lines)-40):], "\n"))
	}
	if _, err := s.run(nil, "rmi", "--prune", "--force"); err != nil {
		fmt.Println("image:", err) // it only takes space
	}
	fmt.Printf("image: built in %.0f s; disk used at most %.1f GB, kept %.1f GB, free %.1f GB\n",
		time.Since(start).Seconds(),
		float64(before-least)/1e9, float64(before-min(before, free()))/1e9, float64(free())/1e9)
	return nil
}

// limits returns arguments that set the build's resource limits to those of this process. buildah
// would raise some, which not every root may do, and lowers the number of processes to the
// machine's highest process ID, above which it cannot be raised again.
func limits() (args []string) {
	for _, l := range []struct {
		name string
		of   int
		most uint64
	}{{"nofile", unix.RLIMIT_NOFILE, math.MaxInt64}, {"nproc", unix.RLIMIT_NPROC, processes()}} {
		var r unix.Rlimit
		if err := unix.Getrlimit(l.of, &r); err == nil {
			limit := fmt.Sprintf("%s=%d:%d", l.name, int64(min(r.Cur, l.most)), int64(min(r.Max, l.most)))
			args = append(args, "--ulimit", limit)
		}
	}
	return args
}

// processes returns the machine's highest process ID, which bounds how many processes there can be.
func processes() uint64 {
	text, _ := os.ReadFile("/proc/sys/kernel/pid_max")
	if n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil {
		return n
	}
	return math.MaxInt64
}

// clear removes all containers, and all images except those that a build starts from.
func (s store) clear() error {
	if _, err := s.run(nil, "rm", "--all"); err != nil {
		return err
	}
	all, err := s.run(nil, "images", "--all", "--quiet", "--no-trunc")
	if err != nil {
		return err
	}
	keep, err := s.run(nil, "images", "--quiet", "--no-trunc", "--filter", "label=trafficlab.test=base")
	if err != nil {
		return err
	}
	for id := range strings.FieldsSeq(all) {
		if !strings.Contains(keep, id) {
			if _, err := s.run(nil, "rmi", "--force", id); err != nil && s.has(id) {
				return err
			}
		}
	}
	return nil
}

// open makes the files of an image readable, and reads its configuration.
func (s store) open(name string) (*image, error) {
	container := "trafficlab-test"
	root, err := s.run(nil, "mount", container)
	if err != nil || !s.isFrom(container, name) {
		s.run(nil, "rm", container) // there may be none
		if _, err := s.run(nil, "from", "--pull-never", "--name", container, name); err != nil {
			return nil, err
		}
		if root, err = s.run(nil, "mount", container); err != nil {
			return nil, err
		}
	}
	out, err := s.run(nil, "inspect", "--type", "image", name)
	if err != nil {
		return nil, err
	}
	i := &image{root: root}
	output := struct{ Docker struct{ Config any } }{}
	output.Docker.Config = &i.config
	return i, json.Unmarshal([]byte(out), &output)
}

func (s store) isFrom(container, name string) bool {
	out, err := s.run(nil, "inspect", "--type", "container", "--format", "{{.FromImage}}", container)
	return err == nil && out == name
}

// A user is the user that a box runs as.
type user struct{ uid, gid int }

var (
	own   = user{1000, 0}      // the image's own
	other = user{23456, 0}     // as docker run --user 23456
	alien = user{34567, 45678} // as docker run --user 34567:45678
)

// start starts a box of the image with a command after its entrypoint. It is closed at the end of
// the test.
func (i *image) start(t *testing.T, as user, change func(*box.Config), command ...string) *box.Box {
	t.Helper()
	cfg := box.Config{Root: i.root, Args: append(slices.Clone(i.config.Entrypoint), command...),
		Env: slices.Clone(i.config.Env),
		Dir: i.config.WorkingDir, UID: as.uid, GID: as.gid}
	if change != nil {
		change(&cfg)
	}
	b, err := box.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// run runs a command to its end and returns its output. It fails the test if the exit status is not
// the expected one.
func (i *image) run(t *testing.T, as user, status int, limit time.Duration, change func(*box.Config),
	command ...string) string {
	t.Helper()
	b := i.start(t, as, change, command...)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if got := b.Wait(ctx); got != status {
		t.Fatalf("%q as %d:%d: status %d, want %d; output:\n%s", command, as.uid, as.gid, got, status, b.Log())
	}
	return b.Log()
}
