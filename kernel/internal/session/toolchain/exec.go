package toolchain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// A Run runs a command and returns its standard output. The error is for a command that could not
// be run or failed, and holds its standard error.
type Run func(ctx context.Context, path string, args []string, dir string, env []string) (output []byte, err error)

// Exec runs a command; it is the plain [Run].
func Exec(ctx context.Context, path string, args []string, dir string, env []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env = dir, env
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(errs.String()))
	}
	return out.Bytes(), err
}
