package conversation

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/data/encode"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// Compare describes encoded packets, and the predictions in their place, in words: a row for each,
// numbered from first on, with the length, the protocol and the flags (those above a half) and the
// classes of the ports of both. Rows are those of an encoder that was fitted with Features. It
// panics if there are not as many of one as of the other.
func Compare(c *encode.TableEncoder, want, got []float32, first int) *table.Table {
	if len(want) != len(got) {
		panic(fmt.Sprintf("conversation: Compare: %d true and %d predicted values", len(want), len(got)))
	}
	w, g := words(c, want), words(c, got)
	packet := make([]int64, len(w.length))
	for i := range packet {
		packet[i] = int64(first + i)
	}
	return table.New(table.Col("packet", packet),
		table.Col("bytes", w.length), table.Col("predicted bytes", g.length),
		table.Col("protocol, flags", w.symbol), table.Col("predicted", g.symbol),
		table.Col("ports", w.ports), table.Col("predicted ports", g.ports))
}

// worded is packets in words.
type worded struct {
	length        []int64
	symbol, ports []string
}

func words(c *encode.TableEncoder, rows []float32) worded {
	n := len(rows) / c.Features()
	w := worded{make([]int64, n), make([]string, n), make([]string, n)}
	for _, d := range c.Decode(rows) {
		for i := range n {
			switch {
			case d.Name == "length":
				w.length[i] = int64(math.Round(d.Numbers[i]))
			case d.Name == "protocol":
				w.symbol[i] = d.Texts[i] + w.symbol[i]
			case slices.Contains(Flags, d.Name) && d.Numbers[i] > 0.5:
				w.symbol[i] += " " + d.Name
			case strings.HasPrefix(d.Name, "src_port"):
				w.ports[i] = d.Texts[i] + w.ports[i]
			case strings.HasPrefix(d.Name, "dst_port"):
				w.ports[i] += " → " + d.Texts[i]
			}
		}
	}
	return w
}
