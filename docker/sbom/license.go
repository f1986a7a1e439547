package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// licenseFiles returns the files of a folder whose names say that they contain a license. The
// folder may not exist.
func licenseFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		for _, word := range []string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "PATENTS"} {
			if e.Type().IsRegular() && strings.HasPrefix(name, word) && filepath.Ext(name) != ".GO" {
				out = append(out, filepath.Join(dir, e.Name()))
				break
			}
		}
	}
	return out, nil
}

func readLicenses(dir string) ([][]byte, error) {
	files, err := licenseFiles(dir)
	if err != nil {
		return nil, err
	}
	var texts [][]byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		texts = append(texts, data)
	}
	return texts, nil
}

// most is the percentage of a text that must be known licenses for the text to count as them.
const most = 75

// recognize returns the licenses in texts as an SPDX expression. It returns "" if no text is mostly
// a known license.
func recognize(texts [][]byte) string {
	var ids []string
	for _, text := range texts {
		cover := licensecheck.Scan(text)
		if cover.Percent < most {
			continue
		}
		for _, match := range cover.Match {
			if !match.IsURL {
				ids = append(ids, match.ID)
			}
		}
	}
	return all(ids)
}

// all joins licenses that apply together.
func all(ids []string) string {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for i, id := range ids {
		if len(ids) > 1 && strings.Contains(id, " OR ") {
			ids[i] = "(" + id + ")"
		}
	}
	return strings.Join(ids, " AND ")
}
