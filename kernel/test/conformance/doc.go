// Package conformance tests the command and the kernel through what setup has installed: what a cell and a run may do, what
// they say, and that nothing is left of them.
package conformance
