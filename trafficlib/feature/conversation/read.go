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

// Packets are the TCP packets of a file.
type Packets struct {
	Table  *table.Table // Columns, and position and attack if the file has them
	Start  time.Time    // the moment of timestamp 0; zero if the file does not record it, as a CSV
	Notice string       // what was read and what was left out, in one line
}

// Read reads the TCP packets of a file: a capture (see package capture), or a CSV (see package
// table) whose header names the columns as Wireshark's export, tshark -T fields -E header=y, or
// Columns do, in any order and case, separated by commas or tabs.
//
// The protocol of a packet in a capture is the name in ports of one of its ports, the lower one
// first, if it has a payload, and else TCP; nil stands for WellKnown. A CSV states the protocol
// itself.
//
// Packets are in the order of time, even if the file has them in another; Notice says how many are
// earlier there than the packet before them.
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

// sniff returns the first bytes of a file.
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
