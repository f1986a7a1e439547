package paths

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Record is what setup remembers between calls. It is one file, rewritten after each step.
type Record struct {
	Checkout string            `json:"checkout"` // the checkout that setup was last called from
	GoBin    string            `json:"go_bin"`   // the folder of the go command it used
	Steps    map[string]string `json:"steps"`    // finished step → hash of all its inputs
}

func (h Home) record() string { return h.join("setup.json") }

// ReadRecord reads the record. It is empty if setup has never run, and also if the file is damaged:
// then each step is done again, which repairs it.
func (h Home) ReadRecord() (Record, error) {
	r := Record{Steps: map[string]string{}}
	data, err := os.ReadFile(h.record())
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("kernel: %w", err)
	}
	if json.Unmarshal(data, &r) != nil || r.Steps == nil {
		return Record{Steps: map[string]string{}}, nil
	}
	return r, nil
}

// WriteRecord replaces the record atomically, so that an interrupted setup leaves the old one or
// the new one.
func (h Home) WriteRecord(r Record) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	return WriteFile(h.record(), append(data, '\n'), 0o644)
}

// WriteFile writes a file atomically, through a temporary file beside it.
func WriteFile(path string, data []byte, mode fs.FileMode) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Chmod(mode)
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	return nil
}
