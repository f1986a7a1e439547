package launch

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

// An instance is a kernel process and everything that it starts.
type instance struct {
	id   string // in the environment of each of its processes
	tmp  string // removed at the end: GoNB's build folder, the cells' programs
	work string // kept: the files that the cells of the notebook leave for each other
	log  string // what the kernel and GoNB log
}

// newInstance makes the folders of an instance.
func newInstance(h paths.Home, notebook string) (instance, error) {
	var s instance
	random := make([]byte, 8)
	rand.Read(random)
	s.id = hex.EncodeToString(random)
	s.work = os.Getenv(EnvWork)
	if s.work == "" {
		s.work = filepath.Join(h.Work(), workName(notebook))
	}
	var err error
	if s.work, err = filepath.Abs(s.work); err != nil {
		return s, fmt.Errorf("kernel: %w", err)
	}
	if err := os.MkdirAll(s.work, 0o777); err != nil {
		return s, fmt.Errorf("kernel: %w", err)
	}
	s.log = filepath.Join(s.work, "kernel.log")
	root, err := executableTemp(h)
	if err != nil {
		return s, err
	}
	// A short name: GoNB puts a socket below it, and a socket's path is limited to some 100 bytes.
	if s.tmp, err = os.MkdirTemp(root, "trafficlab-"); err != nil {
		return s, fmt.Errorf("kernel: %w", err)
	}
	return s, nil
}

// workName names the work folder of a notebook. The same notebook finds its files again; notebooks
// with the same name in different folders do not share theirs.
func workName(notebook string) string {
	sum := sha256.Sum256([]byte(notebook))
	stem := strings.TrimSuffix(filepath.Base(notebook), filepath.Ext(notebook))
	return stem + "-" + hex.EncodeToString(sum[:4])
}

// executableTemp returns a folder for temporary files from which programs may be started. Many
// hardened machines mount the usual one with noexec, and each cell is a program that is started
// from there.
func executableTemp(h paths.Home) (string, error) {
	usual := os.TempDir()
	var fs unix.Statfs_t
	if unix.Statfs(usual, &fs) == nil && !noExec(&fs) {
		return usual, nil
	}
	own := filepath.Join(h.State(), "tmp")
	if err := os.MkdirAll(own, 0o700); err != nil {
		return "", fmt.Errorf("kernel: %w", err)
	}
	return own, nil
}
