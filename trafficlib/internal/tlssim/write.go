package tlssim

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"

	"github.com/trafficlab/trafficlab/trafficlib/feature/tlsfeat"
)

// Write writes a session file: a line for each session, with a JSON list for each packet and a
// comma and a space after each list, also after the last. Numbers have as few digits as possible.
func Write(w io.Writer, sessions [][]Packet) error {
	b := bufio.NewWriter(w)
	var line []byte
	for _, s := range sessions {
		line = line[:0]
		for _, p := range s {
			line = append(line, '[')
			for i, x := range p {
				if i > 0 {
					line = append(line, ',')
				}
				line = strconv.AppendFloat(line, x, 'f', -1, 64)
			}
			line = append(line, "], "...)
		}
		if _, err := b.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return b.Flush()
}

// WriteInfo puts out the layout as a CSV file, one line a feature under a header.
func WriteInfo(w io.Writer) error {
	c := csv.NewWriter(w)
	c.Write([]string{"Network Layer", "TLS Protocol Name", "Feature Name", "Type", "Enum Value"})
	for _, f := range tlsfeat.Features() {
		c.Write([]string{f.Layer, f.Message, f.Name, f.Type, f.Value})
	}
	c.Flush()
	return c.Error() // the first error of all the writes
}
