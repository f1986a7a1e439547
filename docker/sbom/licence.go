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

// licenceFiles lists the files of a folder whose names say that they hold a licence. A folder that is not there has
// none.
func licenceFiles(dir string) ([]string, error) {
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

func readLicences(dir string) ([][]byte, error) {
	files, err := licenceFiles(dir)
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

// most is the part of a text, in percent, that must be known licences for the text to be taken for them.
const most = 75

// recognize gives the licences that texts are, as an SPDX expression; "" when no text is mostly a known licence.
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

// all joins licences that all hold.
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
