package tlssim

import (
	"bufio"
	"io"
	"strconv"
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
