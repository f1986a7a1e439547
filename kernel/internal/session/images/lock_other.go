//go:build !linux

package images

import "context"

// lock is not called here: there are no images.
func lock(context.Context, string) (unlock func(), err error) { return func() {}, nil }

// hold is not called here.
func hold(string) {}

// held is not called here.
func held(string) bool { return true }
