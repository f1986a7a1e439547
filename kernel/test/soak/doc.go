// Package soak keeps the kernel at work for some minutes, as go run ./kernel soak does for longer.
package soak
