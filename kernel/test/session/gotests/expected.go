package main

// expected says why some of Go's tests cannot be cells.
var expected = map[string]string{}
