package main

import "path/filepath"

// The captures that the benchmark repeats.
var (
	mixed   = []string{filepath.Join(bundled, "tcp"), filepath.Join(bundled, "tls")}
	onlyTLS = []string{filepath.Join(bundled, "tls")}
)
