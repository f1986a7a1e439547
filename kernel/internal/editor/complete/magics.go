package complete

import "strings"

// magics are the special commands.
var magics = []struct{ name, help string }{
	{"%%", "%% [ARGS]: the rest of the cell is func main, run with these arguments"},
	{"%%bash", "%%bash: the rest of the cell goes to bash"},
	{"%%script", "%%script PROGRAM [ARGS]: the rest of the cell is the program's input"},
	{"%%sh", "%%sh: the rest of the cell goes to sh"},
	{"%%writefile", "%%writefile [-a] FILE: writes the rest of the cell to the file, or appends it"},
	{"%args", "%args ARGS: arguments of the cell's program"},
	{"%autoget", "%autoget: run go get before a build"},
	{"%capture", "%capture [-a] FILE: writes the output of the cell to the file as well"},
	{"%cd", "%cd [DIR]: changes the working folder, or prints it"},
	{"%clear", "%clear: removes what the cell has shown so far"},
	{"%del", "%del NAME…: forgets names, and the values that they hold"},
	{"%env", "%env NAME VALUE: sets an environment variable for the cells that follow"},
	{"%exec", "%exec FUNC [ARGS]: runs a function as the program"},
	{"%goflags", "%goflags [FLAGS]: flags of go build"},
	{"%goworkfix", "%goworkfix: adds the modules of go.work to go.mod"},
	{"%help", "%help: explains the special commands"},
	{"%isolated", "%isolated: at the top, runs the cell as a program of its own"},
	{"%list", "%list: lists declarations"},
	{"%ls", "%ls: lists declarations"},
	{"%main", "%main [ARGS]: the same as %%"},
	{"%noautoget", "%noautoget: do not run go get before a build"},
	{"%remove", "%remove NAME…: forgets declarations"},
	{"%rerun", "%rerun [CELLS]: runs the cells that made the values again, in order: " +
		"all, or those with these numbers, such as 3 5-7"},
	{"%reset", "%reset [go.mod]: forgets all declarations"},
	{"%rm", "%rm NAME…: forgets declarations"},
	{"%test", "%test [ARGS]: runs the tests of the cell"},
	{"%time", "%time STATEMENT: runs it and prints how long it took"},
	{"%timeit", "%timeit EXPRESSION: runs it often and prints what one run takes"},
	{"%track", "%track [DIR]: tracks changes of files"},
	{"%untrack", "%untrack DIR: no longer tracks them"},
	{"%version", "%version: shows GoNB's version"},
	{"%who", "%who: lists the names of the session with type, size and value"},
	{"%whos", "%whos: the same as %who"},
	{"%widgets", "%widgets: connects GoNB's widgets"},
	{"%with_inputs", "%with_inputs: the next shell line may ask for input"},
	{"%with_password", "%with_password: the next shell line may ask for a password"},
}

// Magic returns the help for a special command, by MIME type.
func Magic(name string) map[string]any {
	if strings.HasPrefix(name, "!") {
		return plain("!COMMAND: runs a line of the shell, which fails the cell if it fails. " +
			"!*COMMAND runs it in the folder of GoNB's module.")
	}
	for _, m := range magics {
		if m.name == name {
			return plain(m.help)
		}
	}
	return nil
}
