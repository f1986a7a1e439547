package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func put(t *testing.T, root, name, text string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

const mit = `MIT License

Copyright (c) 2020 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`

// TestBill makes a small image and checks its bill.
func TestBill(t *testing.T) {
	root := t.TempDir()
	put(t, root, "etc/os-release", "ID=debian\nVERSION_ID=\"13\"\n")
	put(t, root, "var/lib/dpkg/status", "Package: tini\nStatus: install ok installed\nArchitecture: amd64\nVersion: "+
		"0.19.0-3+b1\nDescription: init\n Version: none\n\n"+
		"Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n")
	put(t, root, "usr/share/doc/tini/copyright",
		"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: "+
			"Expat\n\nFiles: debian/*\nLicense: GPL-2+\n")
	put(t, root, "venv/lib/python3.13/site-packages/jupyter_core-5.0.dist-info/METADATA",
		"Metadata-Version: 2.4\nName: jupyter_core\nVersion: 5.0\nLicense-Expression: BSD-3-Clause\n\nText: of any "+
			"kind\n")
	put(t, root, "venv/lib/python3.13/site-packages/old-1.dist-info/METADATA",
		"Metadata-Version: 2.1\nName: Old.Thing\nVersion: 1\nClassifier: License :: OSI Approved :: MIT License\n")
	put(t, root, "venv/lib/python3.13/site-packages/text-1.dist-info/METADATA",
		"Metadata-Version: 2.1\nName: text\nVersion: 1\n")
	put(t, root, "venv/lib/python3.13/site-packages/text-1.dist-info/licenses/LICENSE", mit)
	put(t, root, "mod/github.com/!burnt!sushi/toml@v1.0.0/COPYING", mit)
	put(t, root, "mod/example.com/odd@v0.1.0/LICENSE", "Do as you like, but only on Tuesdays.")
	put(t, root, "mod/cache/download/example.com/other/@v/v1.0.0.mod", "module example.com/other")
	put(t, root, "usr/local/go/VERSION", "go1.26.8\ntime 2026\n")
	i := image{root: root, modules: []string{"mod"}, venv: "venv", out: "out"}
	t.Setenv("SOURCE_DATE_EPOCH", "1700000000")
	if err := run(i, false); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(filepath.Join(root, "out", "sbom.spdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(first, &d); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, p := range d.Packages {
		if len(p.Refs) > 0 {
			got[p.Refs[0].Locator] = p.Declared
		}
	}
	want := map[string]string{
		"pkg:deb/debian/tini@0.19.0-3+b1?arch=amd64&distro=debian-13": "GPL-2.0-or-later AND MIT",
		"pkg:pypi/jupyter-core@5.0":                                   "BSD-3-Clause",
		"pkg:pypi/old-thing@1":                                        "MIT",
		"pkg:pypi/text@1":                                             "MIT",
		"pkg:golang/github.com/BurntSushi/toml@v1.0.0":                "MIT",
		"pkg:golang/example.com/odd@v0.1.0":                           "NOASSERTION",
		"pkg:generic/go@1.26.8":                                       "NOASSERTION",
	}
	for purl, license := range want {
		if got[purl] != license {
			t.Errorf("%s: %q, want %q", purl, got[purl], license)
		}
	}
	if len(got) != len(want) || len(d.Relationships) != len(want)+1 || d.Version != "SPDX-2.3" ||
		d.Creation.Created != "2023-11-14T22:13:20Z" {
		t.Errorf("got %s", first)
	}
	// License texts are kept and used when the cache is gone. Only the bill forgets a removed
	// module.
	if data, err := os.ReadFile(filepath.Join(root,
		"out/licenses/go/github.com/!burnt!sushi/toml@v1.0.0/COPYING")); err != nil || string(data) != mit {
		t.Error(err)
	}
	if err := run(i, false); err != nil {
		t.Fatal(err)
	}
	if second, err := os.ReadFile(filepath.Join(root, "out", "sbom.spdx.json")); err != nil ||
		string(second) != string(first) {
		t.Errorf("the same image has another bill: %v", err)
	}
}

func TestOwnProgram(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	i := image{root: "/", bins: []string{strings.TrimPrefix(filepath.Dir(self), "/")},
		out: strings.TrimPrefix(t.TempDir(), "/")}
	parts, err := i.goModules()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		if p.name == "github.com/google/licensecheck" && strings.HasPrefix(p.version, "v") {
			return
		}
	}
	t.Errorf("the modules of this program are %v", parts)
}

func TestDebianLicenses(t *testing.T) {
	for text, want := range map[string]string{
		"": "",
		"This is free.\nSee /usr/share/common-licenses/GPL-3 and " +
			"`/usr/share/common-licenses/LGPL-2.1'.\n": "GPL-3.0-only AND LGPL-2.1-only",
		"Format: x\nLicense: GPL-3+ with autoconf exception\nLicense: BSD-3-clause or GPL-2\n" +
			"License: public-domain\n": "BSD-3-Clause AND GPL-2.0-only AND GPL-3.0-or-later AND LicenseRef-Debian-public-domain",
		"Format: x\nLicense: LGPL-2.1+, Zlib\n The text\n of it\n": "LGPL-2.1-or-later AND Zlib",
	} {
		if got := debianLicenses([]byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
