// Package faults tests what the kernel does when something goes wrong around it: messages that are none, interrupts at
// each stage of a cell, the violent end of each of its processes. Nothing may be left of it afterwards, and what can go
// on does.
package faults
