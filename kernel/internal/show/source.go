// Package show is what a cell's program is given so that it can show the value of its last expression: one file, which
// the kernel compiles into the program. It links nothing that a small program has not linked already.
//
// It takes values and leaves their forms, as text and, where they are a table, as HTML, in the file that the kernel
// names.
package show

import (
	_ "embed"
	"strings"
)

//go:embed show.go
var source string

// Source is the file for package main.
func Source() string { return strings.Replace(source, "package show", "package main", 1) }

// Mark is what trafficlabBegin writes on both streams.
const Mark = "\x1etrafficlab\x1e\n"
