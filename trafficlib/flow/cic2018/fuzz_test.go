package cic2018

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzLoad loads arbitrary bytes. What loads has as many rows as encoding/csv finds, if there are
// no quotes.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(head5 + "80,6,14/02/2018 08:31:01,3,Benign\n"))
	f.Add([]byte(head5 + "80,6,14/02/2018 08:31:01,Infinity,Benign\r\n\r\n" + head5 + "\"80\",6,1/2/2018 8:31,1e5,x"))
	f.Add([]byte("\xef\xbb\xbfdst_port,protocol,timestamp,a,a,label\n" +
		"80,17.0,2018-02-14 08:31:01 PM,-1.25,12345678901234567,Web Attack \x96 XSS\n"))
	dir := f.TempDir()
	if shm, err := os.MkdirTemp("/dev/shm", "trafficlab-fuzz-"); err == nil { // nothing waits for a disk there
		dir = shm
		f.Cleanup(func() { os.RemoveAll(shm) })
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<12 { // more of the same
			return
		}
		path := filepath.Join(dir, "a.csv")
		if err := os.WriteFile(path, text, 0o666); err != nil {
			t.Fatal(err)
		}
		s, err := Load(quiet(), filepath.Join(dir, "a.arrow"), keeping(Options{Sort: true}), path)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
			return
		}
		defer s.Close()
		if s.Head(10).String() == "" {
			t.Error("nothing to see")
		}
		if r := s.Report(); int64(s.NumRows()) != r.Rows || r.Read != r.Files[0].Rows {
			t.Errorf("%d rows, report\n%s", s.NumRows(), r)
		}
		if strings.Contains(string(text), `"`) {
			return
		}
		c := csv.NewReader(strings.NewReader(string(text)))
		c.FieldsPerRecord = -1
		rows, err := c.ReadAll()
		f := s.Report().Files[0]
		blank := 0
		for _, row := range rows {
			if strings.TrimSpace(strings.Join(row, "")) == "" {
				blank++
			}
		}
		if err == nil && len(rows)-1-blank != s.NumRows()+f.Headers+f.Unlabeled {
			t.Errorf("%d rows, %d headers and %d rows without a label, encoding/csv has %d", s.NumRows(), f.Headers,
				f.Unlabeled, len(rows)-1)
		}
	})
}
