package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// debianPackages returns the packages that dpkg has installed, with the licenses that their
// copyright files name.
func (i image) debianPackages() ([]part, error) {
	data, err := os.ReadFile(i.path("var/lib/dpkg/status"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	suite := ""
	if release, err := os.ReadFile(i.path("etc/os-release")); err == nil {
		if m := versionID.FindSubmatch(release); m != nil {
			suite = "&distro=debian-" + string(m[1])
		}
	}
	var parts []part
	for _, paragraph := range strings.Split(string(data), "\n\n") {
		field := map[string]string{}
		for line := range strings.Lines(paragraph) {
			if name, value, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, " ") {
				field[name] = strings.TrimSpace(value)
			}
		}
		name, version, arch := field["Package"], field["Version"], field["Architecture"]
		if name == "" || !strings.HasSuffix(field["Status"], " installed") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(i.path("usr/share/doc"), name, "copyright"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		purl := fmt.Sprintf("pkg:deb/debian/%s@%s?arch=%s%s", name, url.PathEscape(version), arch, suite)
		parts = append(parts, part{"deb", name, version, debianLicenses(text), purl})
	}
	return parts, nil
}

var (
	versionID     = regexp.MustCompile(`(?m)^VERSION_ID="?([^"\n]+)"?$`)
	common        = regexp.MustCompile(`/usr/share/common-licenses/([A-Za-z]+(?:-[0-9.]*[0-9])?)`)
	orAnd         = regexp.MustCompile(`(?i),?\s+(?:and/or|and|or)\s+|,\s*`)
	withException = regexp.MustCompile(`(?i)\s+with\s+.*$`)
)

// debianLicenses returns the licenses that a copyright file names. A file in the machine-readable
// form (https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/) names them in its
// fields; otherwise they are the common licenses that the file refers to. Each applies to a part of
// the package.
func debianLicenses(copyright []byte) string {
	var ids []string
	first, _, _ := bytes.Cut(copyright, []byte("\n"))
	if bytes.HasPrefix(bytes.ToLower(first), []byte("format:")) {
		for line := range strings.Lines(string(copyright)) {
			names, ok := strings.CutPrefix(line, "License:")
			if !ok {
				continue
			}
			for _, name := range orAnd.Split(strings.TrimSpace(names), -1) {
				if id := debianLicense(withException.ReplaceAllString(name, "")); id != "" {
					ids = append(ids, id)
				}
			}
		}
		return all(ids)
	}
	for _, m := range common.FindAllSubmatch(copyright, -1) {
		if id := debianLicense(string(m[1])); id != "" {
			ids = append(ids, id)
		}
	}
	return all(ids)
}

// gnu lists the licenses whose names end in a version, with a + for "or any later version".
var gnu = regexp.MustCompile(`^(A?L?GPL|GFDL)-?([0-9]+)(?:\.([0-9]+))?(?:\.0)?(\+?)$`)

// debianLicense returns the SPDX name of a Debian license name. A license without one becomes a
// reference in this document.
func debianLicense(name string) string {
	name = strings.TrimSpace(strings.TrimSuffix(name, "."))
	if m := gnu.FindStringSubmatch(name); m != nil {
		minor, later := m[3], "-only"
		if minor == "" {
			minor = "0"
		}
		if m[4] != "" {
			later = "-or-later"
		}
		return m[1] + "-" + m[2] + "." + minor + later
	}
	if id, ok := debianNames[name]; ok {
		return id
	}
	if name == "" {
		return ""
	}
	return "LicenseRef-Debian-" + strings.Trim(notInID.ReplaceAllString(name, "-"), "-")
}

var debianNames = map[string]string{
	"Apache-2": "Apache-2.0", "Apache-2.0": "Apache-2.0", "Artistic": "Artistic-1.0-Perl", "BSD": "BSD-3-Clause",
	"BSD-2-clause": "BSD-2-Clause", "BSD-3-clause": "BSD-3-Clause", "BSD-3-Clause": "BSD-3-Clause",
	"BSD-4-clause": "BSD-4-Clause",
	"BSL-1":        "BSL-1.0", "CC0": "CC0-1.0", "CC0-1.0": "CC0-1.0", "Expat": "MIT", "MIT": "MIT",
	"GPL": "GPL-1.0-or-later", "ISC": "ISC",
	"LGPL": "LGPL-2.0-or-later", "MPL-2.0": "MPL-2.0", "X11": "X11", "Zlib": "Zlib", "zlib": "Zlib", "0BSD": "0BSD",
	"": "",
}
