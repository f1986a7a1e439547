//go:build !linux

package images

import "context"

// lock is never called: there are no images on this system.
func lock(context.Context, string) (unlock func(), err error) { return func() {}, nil }

// hold is never called.
func hold(string) {}

// held is never called.
func held(string) bool { return true }
