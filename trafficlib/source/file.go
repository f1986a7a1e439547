package source

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
)

// fileFormat marks the files that Save writes.
const fileFormat = "trafficlab-files"

type record struct {
	Format  string       `json:"format"`
	Roles   []recordRole `json:"roles"`
	Ignored []string     `json:"ignored"`
}

type recordRole struct {
	Name  string   `json:"role"`
	Paths []string `json:"paths"`
}

// Save writes f as JSON. Relative paths stay relative to the working folder.
func (f Files) Save(path string) error {
	r := record{Format: fileFormat, Ignored: f.Ignored}
	for _, role := range f.roles {
		r.Roles = append(r.Roles, recordRole{role.Name, f.of[role.Name]})
	}
	err := atomicfile.Write(path, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	})
	if err != nil {
		return fmt.Errorf("source: %w", err)
	}
	return nil
}

// Open reads a file that Save wrote.
func Open(path string) (Files, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Files{}, fmt.Errorf("source: %w", err)
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return Files{}, fmt.Errorf("source: %s: %w", path, err)
	}
	if r.Format != fileFormat {
		return Files{}, fmt.Errorf("source: %s: format %q, want %q", path, r.Format, fileFormat)
	}
	f := Files{Ignored: r.Ignored, of: map[string][]string{}}
	for _, role := range r.Roles {
		f.roles = append(f.roles, Role{Name: role.Name})
		if len(role.Paths) > 0 {
			f.of[role.Name] = role.Paths
		}
	}
	return f, nil
}

// Played returns those of the given roles that have files, in the order given.
func (f Files) Played(roles ...string) []string {
	var played []string
	for _, role := range roles {
		if len(f.Of(role)) > 0 {
			played = append(played, role)
		}
	}
	return played
}
