package main

import "path/filepath"

// The captures that those of the benchmark are made of.
var (
	mixed   = []string{filepath.Join(bundled, "tcp"), filepath.Join(bundled, "tls")}
	onlyTLS = []string{filepath.Join(bundled, "tls")}
)
