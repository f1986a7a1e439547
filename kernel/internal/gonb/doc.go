// Package gonb runs cells through GoNB, a Go kernel for Jupyter that makes a program of each cell.
//
// It takes a cell as the user typed it and the [Host] that the cell belongs to. It returns why the
// cell failed, with the lines of the user's cells, and how long building took. GoNB decides which
// declarations hold and how they become one program; the kernel builds that program, runs it and
// reads its output. [New] starts nothing: the process starts with the first cell that needs it, or
// with [GoNB.Start].
//
// # Where GoNB is needed
//
// On linux/amd64 cells run in the living session (package session), and GoNB does what the session
// does not: cells with %% and other lines that make a program of its own (%main, %exec, %test,
// %wasm), cells with %isolated, %args, %capture or %goflags, cells with cgo or //go: directives,
// GoNB's widgets, and special lines that are GoNB's own (%ls, %track, %widgets, %help,
// %%writefile). On other systems there is no session, and GoNB runs every cell of Go.
//
// The kernel itself handles whatever needs neither: lines for the shell, cells for other programs
// (%%bash, %%sh, %%script), %cd, %env, %clear, and input for shell lines. [GoNB.Set] passes the
// settings on.
//
// # How a cell runs
//
// Package cellsource writes the cell for GoNB, and [GoNB.Run] sends it, as a Jupyter client, over
// Unix sockets in a private folder (process.go). GoNB writes a Go file of all declarations and the
// cell's statements. Then it starts, one after the other, goimports, go get, go build, and the
// program that it has built. Each of these is the shim, a small program that is first on GoNB's
// PATH: it passes its arguments, environment and standard streams to the kernel and ends with the
// status that it receives (shims.go, command shim). The kernel takes these steps as follows
// (steps.go, builder.go).
//
//   - goimports: the plain cases are handled in this process (gobuild.FixImports), which saves a
//     tenth of a second for each cell. The others run the real goimports.
//   - go get: with GOPROXY=off there is nothing to get, and the status is 0 at once. Otherwise the
//     real command runs.
//   - go build: gobuild compiles and links without the go command where it can, adds the function
//     that shows the value of the last expression, and links the changed gonbui (package patch).
//     GoNB finds the shim at the place of the program.
//   - The program: the host runs it, so that interrupts, output, displays and exit statuses are
//     handled as for any other cell.
//
// Without the shims GoNB would run these commands itself: a cell would take several times longer,
// an interrupt would reach GoNB and not the program, rich output at the end of a program would be
// lost, and nothing would tell a failed program from one that printed to standard error.
//
// # The detour that remains
//
// A GoNB that starts after other cells have run, because it is started late, because it crashed or
// after %reset, knows none of their declarations, and GoNB keeps a declaration only if its cell was
// built. So it is sent the declarations of earlier cells, and the steps of such a cell succeed
// without building or running anything (GoNB.catchUp, builder.skip).
//
// Which line of a cell became which line of GoNB's file, GoNB reports for compiler errors only. For
// panics, and for loggers that print the line of a call, places.go finds it by the text.
package gonb
