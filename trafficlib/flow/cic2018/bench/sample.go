package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/flow/flowsim"
)

// makeFile makes the file that all sides read: rows of the shape and the labels of the nine files,
// with the header in the middle as often as in them, and the fourteen rows of 1970. Eight parts are
// made at a time.
func makeFile(path string, rows int, headers bool) error {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	const parts = 8
	for k := range parts {
		f := flowsim.File{Rows: rows * (k + 1) / parts, Long: k > 2, Start: dates[k], Seed: uint64(k + 1)}
		f.Rows -= rows * k / parts
		if headers {
			f.Headers, f.Old = 7, 2
		}
		w := io.Writer(out)
		if k > 0 {
			w = &noHeader{w: out}
		}
		if err := f.Write(w); err != nil {
			return err
		}
	}
	return out.Close()
}

// noHeader leaves the first line out.
type noHeader struct {
	w    io.Writer
	past bool
}

func (n *noHeader) Write(p []byte) (int, error) {
	q := p
	if !n.past {
		_, rest, ok := strings.Cut(string(p[:min(len(p), 1<<16)]), "\n")
		if !ok {
			return len(p), nil
		}
		q, n.past = p[min(len(p), 1<<16)-len(rest):], true
	}
	if _, err := n.w.Write(q); err != nil {
		return 0, err
	}
	return len(p), nil
}

var dates = []time.Time{date(2, 14), date(2, 15), date(2, 16), date(2, 21), date(2, 22), date(2, 23), date(2, 28),
	date(3, 1), date(3, 2)}

func date(month time.Month, day int) time.Time {
	return time.Date(2018, month, day, 0, 0, 0, 0, time.UTC)
}

// makeDays makes ten day files in a folder, with the names, the labels and the headers of the
// published ones; rows of the nine together, and as many as the published tenth has beside them, in
// 84 columns.
func makeDays(dir string, rows int) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	share := map[string]float64{}
	for _, l := range flowsim.Labels {
		share[l.Name] = l.Share
	}
	days := []struct {
		name    string
		of      float64 // rows of the published file
		headers int
		old     int
		attacks []string
	}{ // sums of the published counts by day
		{"Wednesday-14-02-2018", 1048575, 0, 0, []string{"FTP-BruteForce", "SSH-Bruteforce"}},
		{"Thursday-15-02-2018", 1048575, 0, 8, []string{"DoS attacks-GoldenEye", "DoS attacks-Slowloris"}},
		{"Friday-16-02-2018", 1048574, 1, 0, []string{"DoS attacks-Hulk", "DoS attacks-SlowHTTPTest"}},
		{"Wednesday-21-02-2018", 1048575, 0, 0, []string{"DDOS attack-HOIC", "DDOS attack-LOIC-UDP"}},
		{"Thursday-22-02-2018", 1048575, 0, 3, []string{"Brute Force -Web", "Brute Force -XSS", "SQL Injection"}},
		{"Friday-23-02-2018", 1048575, 0, 3, nil},
		{"Wednesday-28-02-2018", 613071, 33, 0, []string{"Infilteration"}},
		{"Thursday-01-03-2018", 331100, 25, 0, nil},
		{"Friday-02-03-2018", 1048575, 0, 0, []string{"Bot"}},
		{"Thuesday-20-02-2018", 7948748, 0, 0, []string{flowsim.LOIC}},
	}
	const nine = 8284195
	for i, d := range days {
		when, err := time.Parse("02-01-2006", d.name[strings.Index(d.name, "-")+1:])
		if err != nil {
			return err
		}
		f := flowsim.File{Rows: int(d.of / nine * float64(rows)), Start: when, Seed: uint64(i + 100),
			Headers: d.headers, Old: d.old}
		left := d.of
		for _, a := range d.attacks {
			n := share[a]
			if a == flowsim.LOIC {
				n, f.Wide, f.Long = 576191, true, true
			}
			f.Labels = append(f.Labels, flowsim.Label{Name: a, Share: n})
			left -= n
		}
		f.Labels = append(f.Labels, flowsim.Label{Name: "Benign", Share: left})
		out, err := os.Create(filepath.Join(dir, d.name+"_TrafficForML_CICFlowMeter.csv"))
		if err != nil {
			return err
		}
		err = f.Write(out)
		if cerr := out.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
	}
	return nil
}
