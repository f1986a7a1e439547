package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// What the image is built on: a Debian made by debootstrap, this machine's Go, and this machine's
// settings for downloads.

// base returns the name of an image of Debian, made by debootstrap from this machine's mirror. It
// is made again each week, because the official image is renewed too.
func (s store) base() (string, error) {
	year, number := time.Now().ISOWeek()
	name := fmt.Sprintf("localhost/debian:%s-%d-%02d", suite, year, number)
	if s.has(name) {
		return name, nil
	}
	root := filepath.Join(s.dir, "debian")
	if err := os.RemoveAll(root); err != nil {
		return "", err
	}
	defer os.RemoveAll(root)
	start := time.Now()
	out, err := exec.Command("debootstrap", "--variant=minbase", suite, root, mirror()).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("debootstrap: %w\n%s", err, out)
	}
	for _, dir := range []string{"var/cache/apt/archives", "var/lib/apt/lists", "var/log"} {
		entries, err := os.ReadDir(filepath.Join(root, dir))
		if err != nil {
			return "", err
		}
		for _, e := range entries {
			if err := os.RemoveAll(filepath.Join(root, dir, e.Name())); err != nil {
				return "", err
			}
		}
	}
	fmt.Printf("image: Debian %s by debootstrap: %.0f s\n", suite, time.Since(start).Seconds())
	archive := root + ".tar" // buildah keeps the owners of an archive's files, but not those of a folder's
	defer os.Remove(archive)
	if out, err := exec.Command("tar", "--directory", root, "--numeric-owner", "--create", "--file",
		archive, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("tar: %w\n%s", err, out)
	}
	return name, s.from(name, "add", archive, "/")
}

// golang returns the name of an image with the Go that runs this test.
func (s store) golang() (string, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env: %w", err)
	}
	name := "localhost/golang:" + goVersion()
	if s.has(name) {
		return name, nil
	}
	return name, s.from(name, "copy", strings.TrimSpace(string(root)), "/usr/local/go")
}

// goVersion returns the version of the Go that runs this test, such as 1.26.8, without experiments.
func goVersion() string {
	return regexp.MustCompile(`^[0-9.]+`).FindString(strings.TrimPrefix(runtime.Version(), "go"))
}

// from makes an image from a folder or an archive.
func (s store) from(name, how, what, at string) error {
	id, err := s.run(nil, "from", "scratch")
	if err != nil {
		return err
	}
	for _, args := range [][]string{
		{how, "--quiet", id, what, at}, {"config", "--label", "trafficlab.test=base", id},
		{"commit", "--quiet", id, name}, {"rm", id},
	} {
		if _, err := s.run(nil, args...); err != nil {
			return err
		}
	}
	return nil
}

// mirror returns the Debian mirror that this machine uses.
func mirror() string {
	for _, pattern := range []string{"/etc/apt/sources.list.d/*.sources", "/etc/apt/sources.list",
		"/etc/apt/sources.list.d/*.list"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				continue
			}
			if m := debianMirror.FindSubmatch(data); m != nil {
				return string(m[1])
			}
		}
	}
	return "http://deb.debian.org/debian"
}

var debianMirror = regexp.MustCompile(`(?m)^(?:URIs:|deb\s+(?:\[[^\]]*\]\s+)?)\s*(https?://\S+/debian)/?(?:\s|$)`)

// handed returns the arguments that pass this machine's certificates, modules and proxies to the
// build. The image keeps none of them.
func handed() []string {
	var args []string
	mount := func(outside, inside string) {
		args = append(args, "--volume", outside+":"+inside+":ro")
	}
	arg := func(name, value string) {
		args = append(args, "--build-arg", name+"="+value)
	}
	for _, file := range []string{os.Getenv("SSL_CERT_FILE"), "/etc/ssl/certs/ca-certificates.crt"} {
		if _, err := os.Stat(file); err == nil {
			mount(file, "/run/build/ca.crt")
			arg("PIP_CERT", "/run/build/ca.crt")
			arg("SSL_CERT_FILE", "/run/build/ca.crt")
			break
		}
	}
	if out, err := exec.Command("go", "env", "GOPROXY", "GOMODCACHE").Output(); err == nil {
		lines := strings.Split(string(out), "\n")
		proxy := lines[0]
		if cache := filepath.Join(lines[1], "cache", "download"); lines[1] != "" {
			if _, err := os.Stat(cache); err == nil {
				mount(cache, "/run/build/gomod")
				proxy = "file:///run/build/gomod," + proxy
			}
		}
		arg("GO_PROXY", proxy)
	}
	if index := index(); index != "" {
		arg("PIP_INDEX_URL", index)
	}
	return args
}
