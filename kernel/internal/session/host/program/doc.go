// Command program is the host: the process in which the cells of a session live.
//
// It takes commands on descriptor 3, a line of JSON each (package live/message), and returns what
// becomes of cells there. What cells print goes to its standard output and error. It is compiled by
// package host, with a list of the packages that cells may import, and linked by the cell linker;
// with Go's own tools it can be neither.
package main
