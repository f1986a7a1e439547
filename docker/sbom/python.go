package main

import (
	"bufio"
	"bytes"
	"io/fs"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// pythonPackages returns the packages of the Python environment, from their .dist-info folders.
func (i image) pythonPackages() ([]part, error) {
	files, err := filepath.Glob(filepath.Join(i.path(i.venv), "lib", "python3*", "site-packages", "*.dist-info",
		"METADATA"))
	if err != nil {
		return nil, err
	}
	var parts []part
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		p, err := pythonPackage(data)
		if err != nil {
			return nil, err
		}
		if p.license == "" {
			texts, err := textsBelow(filepath.Dir(file))
			if err != nil {
				return nil, err
			}
			p.license = recognize(texts)
		}
		parts = append(parts, p)
	}
	return parts, nil
}

var separators = regexp.MustCompile(`[-_.]+`)

// pythonPackage reads the metadata of a package:
// https://packaging.python.org/specifications/core-metadata/
func pythonPackage(metadata []byte) (part, error) {
	if at := bytes.Index(metadata, []byte("\n\n")); at >= 0 {
		metadata = metadata[:at+2] // the description is free text
	} else {
		metadata = append(bytes.Clone(metadata), '\n', '\n')
	}
	msg, err := mail.ReadMessage(bufio.NewReader(bytes.NewReader(metadata)))
	if err != nil {
		return part{}, err
	}
	name, version := msg.Header.Get("Name"), msg.Header.Get("Version")
	normal := strings.ToLower(separators.ReplaceAllString(name, "-")) // the spelling of package URLs
	p := part{"pypi", name, version, msg.Header.Get("License-Expression"), "pkg:pypi/" + normal + "@" + version}
	if p.license != "" {
		return p, nil
	}
	var ids []string
	for _, c := range msg.Header["Classifier"] {
		words := strings.Split(c, " :: ")
		if id := classifiers[words[len(words)-1]]; id != "" && words[0] == "License" {
			ids = append(ids, id)
		}
	}
	if p.license = all(ids); p.license == "" {
		p.license = spellings[strings.TrimSpace(msg.Header.Get("License"))]
	}
	return p, nil
}

// classifiers maps PyPI's license classifiers that name a single license, by their last word.
var classifiers = map[string]string{
	"Apache Software License":              "Apache-2.0",
	"ISC License (ISCL)":                   "ISC",
	"MIT License":                          "MIT",
	"Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
	"Python Software Foundation License":   "PSF-2.0",
	"The Unlicense (Unlicense)":            "Unlicense",
	"Zope Public License":                  "ZPL-2.1",
}

// spellings maps common texts of the license field.
var spellings = map[string]string{
	"Apache 2.0": "Apache-2.0", "Apache-2.0": "Apache-2.0", "Apache License 2.0": "Apache-2.0",
	"Apache License, Version 2.0": "Apache-2.0",
	"BSD-2-Clause":                "BSD-2-Clause", "BSD 2-Clause": "BSD-2-Clause",
	"BSD-3-Clause": "BSD-3-Clause", "BSD 3-Clause": "BSD-3-Clause", "BSD 3-Clause License": "BSD-3-Clause",
	"3-Clause BSD License": "BSD-3-Clause",
	"ISC":                  "ISC", "MIT": "MIT", "MIT License": "MIT", "MPL-2.0": "MPL-2.0", "PSF-2.0": "PSF-2.0",
	"NVIDIA Proprietary Software":   "LicenseRef-NVIDIA-Proprietary",
	"LicenseRef-NVIDIA-Proprietary": "LicenseRef-NVIDIA-Proprietary",
}

// textsBelow reads the licenses in a folder and its subfolders.
func textsBelow(dir string) ([][]byte, error) {
	var texts [][]byte
	err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		found, err := readLicenses(at)
		texts = append(texts, found...)
		return err
	})
	return texts, err
}
