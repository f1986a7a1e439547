package conversation

import (
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// Symbols returns the packets of each conversation as words of their protocol and flags, "TELNET
// ack push", for baselines that count words.
func Symbols(t *table.Table) [][]string {
	protocols := t.Strings("protocol")
	set := make([][]float64, len(Flags))
	for k, name := range Flags {
		set[k] = t.Float64s(name)
	}
	known := map[string]string{} // each word is kept once
	words := make([]string, t.NumRows())
	var b strings.Builder
	for i := range words {
		b.Reset()
		b.WriteString(protocols[i])
		for k, name := range Flags {
			if set[k][i] == 1 { // not a missing value
				b.WriteString(" " + name)
			}
		}
		word, ok := known[b.String()]
		if !ok {
			word = b.String()
			known[word] = word
		}
		words[i] = word
	}
	at := starts(t)
	of := make([][]string, len(at)-1)
	for k := range of {
		of[k] = words[at[k]:at[k+1]]
	}
	return of
}
