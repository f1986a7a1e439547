// Package clients runs the kernel under the programs that people run notebooks and cells with: nbclient, papermill,
// nbconvert and jupyter console, as somebody calls them who knows nothing of the command.
package clients
