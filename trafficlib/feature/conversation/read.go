package conversation

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/data/table"
)

// Packets is the TCP packets of a file.
type Packets struct {
	Table  *table.Table // Columns, and position and attack where the file has them
	Start  time.Time    // the moment of timestamp 0; zero where the file does not tell, as in a CSV
	Notice string       // what was read and what was left out, in one line
}

// Read reads the TCP packets of a file: a capture (see package capture), or a CSV (see package table) whose header
// names the columns as Wireshark's export, tshark -T fields -E header=y, or Columns do, in any order and case, with commas
// or tabs between them.
//
// In a capture a packet's protocol is the name that ports gives one of its ports, the lower one first, when it has a
// payload, and else TCP; nil stands for WellKnown. A CSV says the protocol itself.
//
// Packets stand in the order of time, also where the file has them in another; Notice says how many it has before the one in
// front of them.
//
// Progress goes to the sink in ctx, and when ctx is done Read stops with its error.
func Read(ctx context.Context, path string, ports map[uint16]string) (*Packets, error) {
	begin, err := sniff(path)
	if err != nil {
		return nil, fmt.Errorf("conversation: %w", err)
	}
	if capture.Sniff(begin) {
		return readCapture(ctx, path, ports)
	}
	return readCSV(path)
}

// sniff gives the first bytes of a file.
func sniff(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	begin := make([]byte, 4)
	n, err := io.ReadFull(f, begin)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return begin[:n], err
}
