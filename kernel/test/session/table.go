package session

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A Sequence is a list of cells that share a session.
type Sequence struct {
	File, Title string
	Cells       []Cell
}

// A Cell is a cell with its expected result.
type Cell struct {
	Code, Want string
	Line       int // the line of the file where it begins
}

// Read returns the sequences of a folder.
func Read(dir string) ([]Sequence, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.cells"))
	if err != nil {
		return nil, err
	}
	var out []Sequence
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		list, err := parse(filepath.Base(file), string(text))
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

func parse(file, text string) ([]Sequence, error) {
	var out []Sequence
	var part *[]string
	var code, want []string
	begin := 0
	end := func() {
		if len(out) > 0 {
			s := &out[len(out)-1]
			s.Cells = append(s.Cells, Cell{strings.TrimRight(strings.Join(code, "\n"), "\n"),
				trim(strings.Join(want, "\n")), begin})
		}
		code, want = nil, nil
		part = &code
	}
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		title, isTitle := strings.CutPrefix(line, "=== ")
		switch {
		case isTitle:
			end()
			out = append(out, Sequence{File: file, Title: title})
			begin = i + 2
		case len(out) == 0:
			if strings.TrimSpace(line) != "" {
				return nil, fmt.Errorf("%s:%d: a sequence begins with === and its title", file, i+1)
			}
		case line == "---":
			end()
			begin = i + 2
		case line == "=>":
			part = &want
		default:
			*part = append(*part, line)
		}
	}
	end()
	return out, nil
}

// Match reports whether a result is the expected one.
func (c Cell) Match(got string) bool {
	var pattern strings.Builder
	for i, fixed := range strings.Split(c.Want, "<...>") {
		if i > 0 {
			pattern.WriteString(".*")
		}
		pattern.WriteString(regexp.QuoteMeta(fixed))
	}
	return regexp.MustCompile("^(?:" + pattern.String() + ")$").MatchString(trim(got))
}

// trim removes trailing blanks of lines, and empty lines at the end.
func trim(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}
