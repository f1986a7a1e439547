// Package version names the version of trafficlab that the command, the kernel and the image state.
package version

// Version is that of the newest heading in CHANGELOG.md.
const Version = "0.1.0"
