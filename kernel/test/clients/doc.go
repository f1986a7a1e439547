// Package clients runs the kernel under other programs that run notebooks and cells: nbclient,
// papermill, nbconvert and jupyter console, called as by a user who does not know our command.
package clients
