package setup

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/kernel/internal/machine/paths"
)

// writeKernelspec writes the kernelspec to the folder in which the environment's Jupyter looks for
// kernels. It names the command by its absolute path, by which the command finds everything else.
func (s *Setup) writeKernelspec(context.Context) error {
	spec, err := json.MarshalIndent(map[string]any{
		"argv":           []string{s.Home.Program(), "launch", "{connection_file}"},
		"display_name":   "Go (" + paths.KernelName + ")",
		"language":       "go",
		"interrupt_mode": "message", // Jupyter asks the kernel to stop the cell
	}, "", " ")
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	logos := filepath.Join(s.Checkout, "kernel", "jupyter")
	return replaceDir(logos, s.Home.Kernelspec(), map[string]string{"kernel.json": string(spec) + "\n"})
}

// replaceDir makes the folder dst of the files in src, if src is not "", and of files given by name
// and content. It appears once complete.
func replaceDir(src, dst string, files map[string]string) error {
	if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dst), ".new-")
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	defer os.RemoveAll(tmp)
	if src != "" {
		entries, err := os.ReadDir(src)
		if err != nil {
			return fmt.Errorf("kernel: %w", err)
		}
		for _, e := range entries {
			if !e.Type().IsRegular() {
				continue
			}
			data, err := os.ReadFile(filepath.Join(src, e.Name()))
			if err != nil {
				return fmt.Errorf("kernel: %w", err)
			}
			if err := paths.WriteFile(filepath.Join(tmp, e.Name()), data, 0o644); err != nil {
				return err
			}
		}
	}
	for name, text := range files {
		if err := paths.WriteFile(filepath.Join(tmp, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	err = os.Chmod(tmp, 0o755)
	if err == nil {
		err = os.RemoveAll(dst)
	}
	if err == nil {
		err = os.Rename(tmp, dst)
	}
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	return nil
}
