package tlsfeat

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
)

// AppendLine appends a session as a line of a session file: a list of numbers for each packet, each
// followed by a comma and a blank, and a newline. Numbers have no more digits than they need.
func (s *Session) AppendLine(dst []byte) []byte {
	var sorted [Width]cell
	for i := range s.Rows() {
		// Cells are in the order in which they were found, of which there are few.
		n := 0
		if s.come(i) {
			sorted[0], n = cell{1, Come}, 1
		}
		for _, c := range s.cells(i) {
			k := n
			for ; k > 0 && sorted[k-1].at > c.at; k-- {
				sorted[k] = sorted[k-1]
			}
			sorted[k] = c
			n++
		}
		dst = append(dst, '[')
		next := 0
		for _, c := range sorted[:n] {
			dst = append(dst, zeroText[:2*(int(c.at)-next)]...)
			if whole := int64(c.value); float64(whole) == c.value {
				dst = strconv.AppendInt(dst, whole, 10)
			} else {
				dst = strconv.AppendFloat(dst, c.value, 'f', -1, 64)
			}
			dst = append(dst, ',')
			next = int(c.at) + 1
		}
		dst = append(dst, zeroText[:2*(Width-next)]...)
		dst = append(dst[:len(dst)-1], "], "...)
	}
	return append(dst, '\n')
}

// zeroText is a row of zeros, each with a comma.
var zeroText = strings.Repeat("0,", Width)

// WriteInfo writes the layout as a CSV file, a header and a line for each feature; ReadNames reads
// it.
func WriteInfo(w io.Writer) error {
	c := csv.NewWriter(w)
	c.Write([]string{"Network Layer", "TLS Protocol Name", "Feature Name", "Type", "Enum Value"})
	for _, f := range Features() {
		c.Write([]string{f.Layer, f.Message, f.Name, f.Type, f.Value})
	}
	c.Flush()
	return c.Error() // the first error of all the writes
}

// mostPart is the size at which the next part of a session file begins, as in llmhyy/tls_attack.
const mostPart = 100 << 20

// Export writes the sessions of captures, as capture.Open takes them, as text, to a folder that it
// makes or replaces: numbered parts of a session file, features_tls_1.csv and so on, which Join and
// Import take; features_info.csv, the layout; and sessions.csv, a line for each session with its
// ends, server name and version. The folder is there whole or not at all. Captures without any
// session are an error. Progress goes to the sink in ctx, and when ctx is done Export stops with
// its error.
func Export(ctx context.Context, dir string, o Options, paths ...string) (e Extracted, err error) {
	err = atomicfile.WriteDir(dir, func(dir string) error {
		w := &folder{dir: dir}
		e, err = extracted(ctx, o, paths, w.write)
		return w.close(err)
	})
	return e, err
}

// A folder is what Export writes.
type folder struct {
	dir   string
	parts int
	count int // sessions
	file  *os.File
	out   *bufio.Writer // to file
	size  int
	line  []byte
	list  *os.File
	index *csv.Writer
}

// write writes a session.
func (w *folder) write(s *Session) error {
	if w.index == nil {
		var err error
		if w.list, err = os.Create(filepath.Join(w.dir, "sessions.csv")); err != nil {
			return err
		}
		w.index = csv.NewWriter(w.list)
		w.index.Write([]string{"session", "start", "seconds", "client", "server", "server_name", "version",
			"cipher_suite", "packets", "before"})
	}
	w.line = s.AppendLine(w.line[:0])
	if w.file == nil || w.size+len(w.line) > mostPart {
		if err := w.next(); err != nil {
			return err
		}
	}
	w.size += len(w.line)
	w.count++
	w.index.Write([]string{strconv.Itoa(w.count), time.Unix(0, s.Start).UTC().Format(time.RFC3339Nano),
		strconv.FormatFloat(s.Duration().Seconds(), 'f', -1, 64),
		s.Client.String(), s.Server.String(), s.ServerName, VersionName(s.Version), strconv.Itoa(int(s.Suite)),
		strconv.Itoa(s.Packets), s.Before})
	_, err := w.out.Write(w.line)
	return err
}

// next begins the next part.
func (w *folder) next() error {
	if err := w.closePart(); err != nil {
		return err
	}
	w.parts++
	var err error
	w.file, err = os.Create(filepath.Join(w.dir, fmt.Sprintf("features_tls_%d.csv", w.parts)))
	w.out, w.size = bufio.NewWriterSize(w.file, 1<<18), 0
	return err
}

func (w *folder) closePart() error {
	if w.file == nil {
		return nil
	}
	err := w.out.Flush()
	if shut := w.file.Close(); err == nil {
		err = shut
	}
	w.file = nil
	return err
}

// close ends the files. The first error counts.
func (w *folder) close(err error) error {
	keep := func(e error) {
		if err == nil {
			err = e
		}
	}
	keep(w.closePart())
	if w.index != nil {
		w.index.Flush()
		keep(w.index.Error())
		keep(w.list.Close())
	}
	if err != nil {
		return err
	}
	info, err := os.Create(filepath.Join(w.dir, "features_info.csv"))
	if err != nil {
		return err
	}
	keep(WriteInfo(info))
	keep(info.Close())
	return err
}

// VersionName names a version of TLS by its number, "TLS 1.2" for 0x0303.
func VersionName(v uint16) string {
	switch v {
	case 0:
		return ""
	case 0x0002, 0x0200:
		return "SSL 2.0"
	case 0x0300:
		return "SSL 3.0"
	case 0x0301, 0x0302, 0x0303, 0x0304:
		return fmt.Sprintf("TLS 1.%d", v&0xff-1)
	}
	return fmt.Sprintf("%#04x", v)
}
