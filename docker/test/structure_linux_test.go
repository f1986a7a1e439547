package test

import (
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

func TestConfig(t *testing.T) {
	i := notebooks(t)
	c := i.config
	if !regexp.MustCompile(`^[1-9][0-9]*:[0-9]+$`).MatchString(c.User) {
		t.Errorf("user %q, want numbers, and not root: Kubernetes cannot tell of a name that it is not root", c.User)
	}
	if want := []string{"tini", "-g", "--", "trafficlab-start"}; !slices.Equal(c.Entrypoint, want) {
		t.Errorf("entrypoint %q, want %q", c.Entrypoint, want)
	}
	if want := []string{"lab"}; !slices.Equal(c.Cmd, want) {
		t.Errorf("command %q, want %q", c.Cmd, want)
	}
	if c.Healthcheck == nil || !slices.Equal(c.Healthcheck.Test, []string{"CMD", "trafficlab-health"}) {
		t.Errorf("healthcheck %+v", c.Healthcheck)
	}
	if _, ok := c.ExposedPorts["8888/tcp"]; !ok {
		t.Errorf("exposed ports %v", c.ExposedPorts)
	}
	for _, name := range []string{"title", "description", "licenses", "source", "version", "revision"} {
		if c.Labels["org.opencontainers.image."+name] == "" {
			t.Errorf("no label %s", name)
		}
	}
	for name, want := range map[string]string{"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOCACHE": "/opt/go/cache",
		"GOMODCACHE": "/opt/go/mod", "TRAFFICLAB_HOME": "/opt/trafficlab"} {
		if got := i.env(name); got != want {
			t.Errorf("%s=%s, want %s", name, got, want)
		}
	}
	for _, entry := range c.Env {
		if regexp.MustCompile(`(?i)token|passw|secret|credential|^pip_|proxy=http|cert`).MatchString(entry) {
			t.Errorf("%q in the environment", entry)
		}
	}
}

// TestFiles checks all files of the image in one walk.
func TestFiles(t *testing.T) {
	i := notebooks(t)
	warm, old := 0, 0
	err := filepath.WalkDir(i.root, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(at, i.root)
		info, err := d.Info()
		if err != nil {
			return err
		}
		owner := info.Sys().(*syscall.Stat_t)
		mode := info.Mode()
		switch {
		case mode&(fs.ModeSymlink|fs.ModeDevice) != 0:
			return nil
		case mode.IsRegular() && mode&(fs.ModeSetuid|fs.ModeSetgid) != 0:
			t.Errorf("%s: %v: a file that makes another user of whoever runs it", name, mode)
		case mode.Perm()&0o002 != 0 && !(d.IsDir() && mode&fs.ModeSticky != 0):
			t.Errorf("%s: %v: anybody may write it", name, mode)
		case mode.Perm()&0o020 != 0 && owner.Gid == 0 && mode&fs.ModeSticky == 0 &&
			!within(name, "/home/trafficlab", "/opt/go/cache", "/opt/go/mod", "/var/mail"):
			t.Errorf("%s: %v: the image's user may write it", name, mode)
		}
		switch base := filepath.Base(name); {
		case base == ".netrc" || base == ".pypirc" || base == "pip.conf" || base == ".git-credentials" ||
			base == "id_rsa" || base == "id_ed25519",
			base == ".git" || base == ".gitconfig", within(name, "/run/build") && mode.IsRegular() && info.Size() > 0:
			t.Errorf("%s: left by the build", name)
		case within(name, "/root", "/tmp", "/var/tmp", "/var/lib/apt/lists", "/var/cache/apt/archives") &&
			mode.IsRegular() && info.Size() > 4096:
			t.Errorf("%s: %d bytes left by the build", name, info.Size())
		case strings.HasSuffix(base, ".zip") && within(name, "/opt/go/mod/cache"):
			t.Errorf("%s: what a module was unpacked from", name)
		}
		if mode.IsRegular() && info.Size() < 1<<16 && within(name, "/home", "/root", "/etc", "/opt/trafficlab/src",
			"/usr/local/bin") {
			data, err := os.ReadFile(at)
			if err != nil {
				return err
			}
			if secret.Match(data) {
				t.Errorf("%s: holds a secret", name)
			}
		}
		if within(name, "/opt/go/cache") && mode.IsRegular() && len(filepath.Base(name)) > 60 {
			warm++
			if info.ModTime().Before(time.Now().AddDate(10, 0, 0)) {
				old++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Go removes files that seem unused for five days.
	if warm < 1000 || old > 0 {
		t.Errorf("the build cache holds %d files, of which %d would be removed within days", warm, old)
	}
}

var secret = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----\n|` +
	`https?://[^/\s:@"'<>{}]+:[^/\s:@"'<>{}]+@[^/\s]|AKIA[0-9A-Z]{16}\b|gh[pousr]_[A-Za-z0-9]{36}`)

func within(name string, dirs ...string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool { return name == dir || strings.HasPrefix(name, dir+"/") })
}

func TestKernelspec(t *testing.T) {
	i := notebooks(t)
	for _, dir := range []string{"/usr/local/share/jupyter/kernels/trafficlab",
		"/opt/trafficlab/venv/share/jupyter/kernels/trafficlab"} {
		data, err := os.ReadFile(filepath.Join(i.inside(t, dir), "kernel.json"))
		if err != nil {
			t.Fatal(err)
		}
		var spec struct{ Argv []string }
		if err := json.Unmarshal(data, &spec); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(i.inside(t, spec.Argv[0]))
		if err != nil || info.Mode().Perm()&0o111 == 0 {
			t.Errorf("%s: argv %q: %v", dir, spec.Argv, err)
		}
	}
}

// inside returns the path on this machine of a path in the image, which may be an absolute link.
func (i *image) inside(t *testing.T, path string) string {
	t.Helper()
	for range 10 {
		at := filepath.Join(i.root, path)
		target, err := os.Readlink(at)
		if err != nil {
			return at
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	t.Fatalf("%s: links in a circle", path)
	return ""
}

// TestPictures checks that the images that the notebooks' texts show exist.
func TestPictures(t *testing.T) {
	i := notebooks(t)
	dir := filepath.Join(i.root, "opt/trafficlab/src/notebooks")
	files, err := filepath.Glob(filepath.Join(dir, "*.ipynb"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`img/[\w.-]+`).FindAllString(string(data), -1) {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Errorf("%s shows %s: %v", filepath.Base(file), name, err)
			}
		}
	}
}

// TestBill compares the bill of materials with what dpkg, pip and go report for the same image.
func TestBill(t *testing.T) {
	i := notebooks(t)
	data, err := os.ReadFile(filepath.Join(i.root, "usr/local/share/trafficlab/sbom.spdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	var bill struct {
		SPDXVersion string
		Packages    []struct {
			Name, VersionInfo, LicenseDeclared string
			ExternalRefs                       []struct{ ReferenceLocator string }
		}
	}
	if err := json.Unmarshal(data, &bill); err != nil {
		t.Fatal(err)
	}
	if bill.SPDXVersion != "SPDX-2.3" {
		t.Errorf("version %q", bill.SPDXVersion)
	}
	has, unknown := map[string]bool{}, []string{}
	for _, p := range bill.Packages {
		kind := ""
		if len(p.ExternalRefs) > 0 {
			kind, _, _ = strings.Cut(strings.TrimPrefix(p.ExternalRefs[0].ReferenceLocator, "pkg:"), "/")
		}
		has[kind+" "+strings.ToLower(strings.ReplaceAll(p.Name, "_", "-"))+" "+p.VersionInfo] = true
		if p.LicenseDeclared == "NOASSERTION" && kind != "deb" {
			unknown = append(unknown, p.Name)
		}
	}
	if len(unknown) > 0 {
		t.Logf("no license recognized of: %s", strings.Join(unknown, ", "))
	}
	if len(unknown) > len(bill.Packages)/20 {
		t.Errorf("no license recognized of %d of %d packages", len(unknown), len(bill.Packages))
	}
	count := 0
	want := func(kind, name, version string) {
		count++
		if !has[kind+" "+strings.ToLower(strings.ReplaceAll(name, "_", "-"))+" "+version] {
			t.Errorf("it lacks %s %s %s", kind, name, version)
		}
	}
	bash := func(line string) string { return i.run(t, own, 0, time.Minute, nil, "bash", "-euc", line) }
	for line := range strings.Lines(bash(`dpkg-query -W -f '${binary:Package} ${Version}\n'`)) {
		name, version, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, _, _ = strings.Cut(name, ":")
		want("deb", name, version)
	}
	for line := range strings.Lines(bash(
		`/opt/trafficlab/venv/bin/pip list --format=freeze --disable-pip-version-check`)) {
		if name, version, ok := strings.Cut(strings.TrimSpace(line), "=="); ok {
			want("pypi", name, version)
		}
	}
	for line := range strings.Lines(bash(`go version -m /opt/trafficlab/bin /usr/local/bin`)) {
		if f := strings.Fields(line); len(f) >= 3 && f[0] == "dep" {
			want("golang", f[1], f[2])
			if _, err := os.Stat(filepath.Join(i.root, "usr/local/share/trafficlab/licenses/go",
				escaped(f[1])+"@"+f[2])); err != nil {
				t.Errorf("no text of the license of %s %s", f[1], f[2])
			}
		}
	}
	for line := range strings.Lines(bash(`cd /opt/trafficlab/src && ` +
		`go list -deps -f '{{with .Module}}{{.Path}} {{.Version}}{{end}}' ./trafficlib/... | sort -u`)) {
		if f := strings.Fields(line); len(f) == 2 {
			want("golang", f[0], f[1])
		}
	}
	if count < 200 {
		t.Errorf("only %d parts were compared", count)
	}
}

// escaped escapes capital letters as the module cache does.
func escaped(path string) string {
	return regexp.MustCompile(`[A-Z]`).ReplaceAllStringFunc(path,
		func(c string) string { return "!" + strings.ToLower(c) })
}

func TestSizeBudget(t *testing.T) {
	i := notebooks(t)
	program := filepath.Join(kerneltest.Checkout(t), "docker", "size")
	out, err := exec.Command(program, i.root, "notebooks").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("\n%s", out)
	cmd := exec.Command(program, i.root, "notebooks")
	cmd.Env = append(os.Environ(), "BUDGET="+strconv.Itoa(10))
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "over its budget of 10 MB") {
		t.Errorf("with a budget of 10 MB: %v\n%s", err, out)
	}
}
