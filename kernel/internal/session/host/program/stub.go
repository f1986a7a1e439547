//go:build !trafficlabhost

package main

import (
	"fmt"
	"os"
)

// main stands where the cell linker does not: "go build ./..." makes a program that says what it is not.
func main() {
	fmt.Fprintln(os.Stderr, "this is not the host of a session: go run ./kernel setup makes it")
	os.Exit(1)
}
