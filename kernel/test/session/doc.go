// Package session tests that values live on between cells: cells run one after the other in a
// session, and each has to print what is written below it.
//
// The cells are in testdata, in files that anyone can add to. A file has sequences; each begins
// with a line === and its title, and has a session of its own. Cells are separated by a line ---.
// Below a cell, after a line =>, is what it has to leave: what it prints on both streams, and then,
// each on lines of its own,
//
//	# what the session has to say of it
//	= the value of its last expression
//	error Cell[2]:1:5: a message of the compiler
//	panic: the message of a panic
//	at Cell[1]:2, for each frame of a cell
//	exit 3
//
// A cell without => has to leave nothing. Lines with <...> match any text in its place.
package session
