// Package session tests that values persist between cells: it runs sequences of cells in a session
// and compares the output of each cell with the text below it.
//
// The cells are in the files in testdata, to which anyone can add. A file holds sequences; each
// begins with a line === and its title, and has a session of its own. Cells are separated by a line
// ---. Below a cell, after a line =>, is its expected result: the output on both streams, then,
// each on lines of its own,
//
//	# a notice of the session
//	= the value of its last expression
//	error Cell[2]:1:5: a message of the compiler
//	panic: the message of a panic
//	at Cell[1]:2, for each frame of a cell
//	exit 3
//
// A cell without => must have an empty result. In an expected line <...> matches any text.
package session
