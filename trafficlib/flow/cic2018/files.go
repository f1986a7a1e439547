package cic2018

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/flow/flowtable"
)

// files returns the paths of what is to be loaded: those of files, and for a folder its .csv files
// by name.
func files(paths []string) ([]string, error) {
	var all []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			all = append(all, path)
			continue
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, err
		}
		n := len(all)
		for _, e := range entries {
			if strings.EqualFold(filepath.Ext(e.Name()), ".csv") && !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
				all = append(all, filepath.Join(path, e.Name()))
			}
		}
		if len(all) == n {
			return nil, fmt.Errorf("%s: no .csv files in the folder", path)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("no files")
	}
	return all, nil
}

// reuse opens what an earlier Load made, or returns why it cannot be used.
func reuse(dst string, o Options, paths []string) (*flowtable.Table, string) {
	t, err := flowtable.Open(dst)
	if err != nil {
		return nil, strings.TrimPrefix(err.Error(), "flowtable: ")
	}
	why := ""
	switch made := t.Made(); {
	case made.By != by || made.Version != version || made.Options != o.record():
		why = fmt.Sprintf("%s: it was made with other options", dst)
	default:
		if why, err = changed(paths, made); err != nil {
			why = err.Error()
		} else if why != "" {
			why = fmt.Sprintf("%s: %s", dst, why)
		}
	}
	if why != "" {
		t.Close()
		return nil, why
	}
	return t, ""
}

// changed returns how the files differ from those that a table was made of, or "".
func changed(paths []string, made flowtable.Made) (string, error) {
	left := map[string]bool{}
	for _, f := range made.Report.Odd {
		for _, path := range paths {
			if filepath.Base(path) != f.Name {
				continue
			}
			s, err := flowtable.Stat(path)
			if err != nil {
				return "", err
			}
			if s.Size != f.Size || s.Time != f.Time {
				return fmt.Sprintf("%s, which was left out, has changed", path), nil
			}
			left[path] = true
		}
	}
	paths = slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return left[path] })
	var now, then []string
	for _, path := range paths {
		now = append(now, filepath.Base(path))
	}
	for _, s := range made.Sources {
		then = append(then, s.Name)
	}
	if !slices.Equal(now, then) {
		return fmt.Sprintf("it was made of %s", some(then)), nil
	}
	for i, path := range paths {
		if what, err := made.Sources[i].Changed(path); what != "" || err != nil {
			return what, err
		}
	}
	return "", nil
}
