package main

// expected lists the tests of Go that cannot be cells, with the reason.
var expected = map[string]string{
	"zerosize.go":             "it wants two variables of no size to have one address, which Go does not promise",
	"nilptr.go":               "it wants 256 MB of address space that nothing lies in",
	"fixedbugs/issue21808.go": "it writes to two streams, which are told apart",
	"fixedbugs/issue5963.go": "its first goroutine ends before the program does: a cell ends with the goroutine " +
		"that it began in",
}
