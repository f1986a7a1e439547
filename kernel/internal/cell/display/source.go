// Package display makes the forms of the value of a cell's last expression, as text and, where it is a table, as HTML.
//
// It takes values and returns their forms by MIME type. A cell that is a program of its own is given one file of it, which
// the kernel compiles into the program and which leaves the forms in the file that the kernel names. It links nothing
// that a small program has not linked already.
package display

import (
	_ "embed"
	"encoding/json"
	"strings"
)

//go:embed show.go
var source string

// Source is the file for package main.
func Source() string { return strings.Replace(source, "package display", "package main", 1) }

// Mark is what trafficlabBegin writes on both streams.
const Mark = "\x1etrafficlab\x1e\n"

// JSON returns the forms of values as a JSON object, by MIME type. A nil error at the end is no value, and neither is nil
// alone: then it returns nil.
func JSON(values ...any) []byte {
	trafficlabEncode = json.Marshal
	if forms := trafficlabJSON(values...); forms != "" {
		return []byte(forms)
	}
	return nil
}
