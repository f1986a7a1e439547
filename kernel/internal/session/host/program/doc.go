// Command program is the host: the process in which the cells of a session live.
//
// It receives commands on descriptor 3, one line of JSON each (package live/message), and reports
// there how cells end. What cells print goes to its standard output and standard error. Package
// host compiles it, with a list of the packages that cells may import, and the cell linker links
// it; Go's own tools cannot.
package main
