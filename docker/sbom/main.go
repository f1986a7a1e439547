// Command sbom writes the bill of materials of the image that it runs in, as an SPDX 2.3 document:
// each Debian package, each Python package of the kernel's environment, each Go module in a program
// or in the module cache, and the Go toolchain, with their licenses. It also collects the license
// texts of the modules, which would otherwise be lost with the caches that the programs were built
// from; Debian and Python packages contain theirs.
//
//	trafficlab-sbom -modules /opt/go/mod
//
// Run it again as the last step after adding packages to the image.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// An image says where the parts are.
type image struct {
	root    string   // "/", or the root of an image
	bins    []string // folders of Go programs, below root
	modules []string // module caches, below root
	venv    string   // the Python environment, below root
	out     string   // the output folder, below root
}

func (i image) path(name string) string { return filepath.Join(i.root, filepath.FromSlash(name)) }

func main() {
	i := image{bins: []string{"opt/trafficlab/bin", "opt/trafficlab/bin/shim", "opt/trafficlab/bin/editor",
		"usr/local/bin"}}
	flag.StringVar(&i.root, "root", "/", "the root of the image")
	flag.StringVar(&i.venv, "venv", "opt/trafficlab/venv", "the Python environment, below the root")
	flag.StringVar(&i.out, "out", "usr/local/share/trafficlab", "the folder for sbom.spdx.json and licenses/, below "+
		"the root")
	modules := flag.String("modules", "", "module caches below the root, separated by colons")
	texts := flag.Bool("texts-only", false, "only collect the licenses of modules")
	flag.Parse()
	i.modules = filepath.SplitList(*modules)
	if err := run(i, *texts); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(i image, textsOnly bool) error {
	all, err := i.goModules()
	if err != nil || textsOnly {
		return err
	}
	for _, list := range []func() ([]part, error){i.toolchain, i.pythonPackages, i.debianPackages} {
		parts, err := list()
		if err != nil {
			return err
		}
		all = append(all, parts...)
	}
	if len(all) == 0 {
		return errors.New("nothing found")
	}
	file := filepath.Join(i.path(i.out), "sbom.spdx.json")
	if err := write(file, all); err != nil {
		return err
	}
	count, unknown := map[string]int{}, 0
	for _, p := range all {
		count[p.kind]++
		if p.license == "" {
			unknown++
		}
	}
	fmt.Printf("%s: %d Go modules, %d Python packages, %d Debian packages; the license of %d was not recognized\n",
		strings.TrimPrefix(file, strings.TrimSuffix(i.root, "/")), count["golang"], count["pypi"], count["deb"],
		unknown)
	return nil
}
