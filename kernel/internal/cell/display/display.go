// Package display renders the value of a cell's last expression: as text and, if it is a table, as
// HTML.
//
// It takes values and returns their representations by MIME type. For a cell that is a program of
// its own, the kernel compiles one file of this package into the program ([Source]); the program
// writes the representations to the file that TRAFFICLAB_RESULT names. That file imports only what
// small programs link anyway.
package display

import (
	_ "embed"
	"encoding/json"
	"strings"
)

//go:embed show.go
var source string

// Source returns the file for programs, as one of package main.
func Source() string { return strings.Replace(source, "package display", "package main", 1) }

// Mark is what trafficlabBegin writes to both streams.
const Mark = "\x1etrafficlab\x1e\n"

// JSON returns the representations of values, by MIME type, as a JSON object. A nil error at the
// end does not count as a value. JSON returns nil if the only value is nil.
func JSON(values ...any) []byte {
	trafficlabEncode = json.Marshal
	if forms := trafficlabJSON(values...); forms != "" {
		return []byte(forms)
	}
	return nil
}
