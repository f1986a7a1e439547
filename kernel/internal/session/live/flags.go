package live

import (
	"flag"
	"os"
	"sync"
)

// base holds the flags that libraries have declared when the host starts.
var base = sync.OnceValue(func() []*flag.Flag {
	var all []*flag.Flag
	flag.VisitAll(func(f *flag.Flag) { all = append(all, f) })
	return all
})

// freshFlags resets the command line to its state at the start of the program, so that a cell that
// declares a flag can run again.
func freshFlags() {
	all := base()
	flag.CommandLine = flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	for _, f := range all {
		flag.Var(f.Value, f.Name, f.Usage)
	}
}
