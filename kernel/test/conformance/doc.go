// Package conformance tests the installed command and kernel: what cells and runs may do, what they
// print, and that they leave nothing behind.
package conformance
