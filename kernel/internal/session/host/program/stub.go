//go:build !trafficlabhost

package main

import (
	"fmt"
	"os"
)

// main is built by "go build ./...", without the cell linker. It only prints how to get the real
// host.
func main() {
	fmt.Fprintln(os.Stderr, "host: built without the cell linker: go run ./kernel setup builds the host of sessions")
	os.Exit(1)
}
