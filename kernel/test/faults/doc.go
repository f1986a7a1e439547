// Package faults tests the kernel under faults: malformed messages, interrupts at each stage of a
// cell, the violent end of each of its processes. Afterwards nothing may be left behind, and
// whatever can continue must.
package faults
