// Command flows makes the day files of notebook 4: simulated flows in the format of
// CSE-CIC-IDS2018.
//
//	go run ./notebooks/data/make/flows
//
// It writes notebooks/data/flows/days.zip: ten files with the names and the columns of the
// published ones and a thousandth of their size. They have the attacks of each day at about the
// same hours, and the defects of the published files: headers in the middle, rows of 1970,
// infinities, a 12-hour clock, a tenth day with four additional columns. A flow is drawn from a
// profile of its label (package flowsim). The same seed makes the same file.
package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/flow/flowsim"
)

// A day is one of the published files. The hours of the attacks are about those of its description;
// rare attacks take longer, so that there are windows of them.
type day struct {
	name    string
	rows    int
	headers int // number of headers in the middle
	old     int // number of rows of 1970
	attacks []flowsim.Label
}

// attack returns the label of an attack between two hours, during which it is so many times as
// frequent as benign flows.
func attack(name string, times, from, to float64) flowsim.Label {
	l := flowsim.Label{Name: name, From: (from - 8) / 10, To: (to - 8) / 10}
	l.Share = times * (l.To - l.From)
	return l
}

var days = []day{
	{"Wednesday-14-02-2018", 600, 0, 0, []flowsim.Label{attack("FTP-BruteForce", 1, 10.5, 12.2),
		attack("SSH-Bruteforce", 1, 14, 15.5)}},
	{"Thursday-15-02-2018", 450, 0, 2, []flowsim.Label{attack("DoS attacks-GoldenEye", 2, 9.4, 10.2),
		attack("DoS attacks-Slowloris", 2, 10.9, 11.7)}},
	{"Friday-16-02-2018", 600, 1, 0, []flowsim.Label{attack("DoS attacks-SlowHTTPTest", 2, 10.2, 11.2),
		attack("DoS attacks-Hulk", 4, 13.7, 14.5)}},
	{"Thuesday-20-02-2018", 600, 0, 0, []flowsim.Label{attack(flowsim.LOIC, 2, 10.2, 11.3)}},
	{"Wednesday-21-02-2018", 600, 0, 0, []flowsim.Label{attack("DDOS attack-LOIC-UDP", 1, 10.1, 10.8),
		attack("DDOS attack-HOIC", 5, 14, 15.1)}},
	{"Thursday-22-02-2018", 450, 0, 1, []flowsim.Label{attack("Brute Force -Web", 1, 10.3, 11.5),
		attack("Brute Force -XSS", 1, 13.8, 14.8), attack("SQL Injection", 1, 16, 16.8)}},
	{"Friday-23-02-2018", 450, 0, 1, []flowsim.Label{attack("Brute Force -Web", 1, 10, 11.2),
		attack("Brute Force -XSS", 1, 13, 14.2), attack("SQL Injection", 1, 15, 15.8)}},
	{"Wednesday-28-02-2018", 450, 3, 0, []flowsim.Label{attack("Infilteration", 1, 10.8, 12.1)}},
	{"Thursday-01-03-2018", 450, 2, 0, []flowsim.Label{attack("Infilteration", 1, 9.9, 10.9),
		attack("Infilteration", 1, 14, 15.6)}},
	{"Friday-02-03-2018", 600, 0, 0, []flowsim.Label{attack("Bot", 1, 10.2, 11.6), attack("Bot", 1, 14.4, 15.9)}},
}

func main() {
	log.SetFlags(0)
	dst := filepath.Join("notebooks", "data", "flows", "days.zip")
	var b bytes.Buffer
	err := pack(&b)
	if err == nil {
		err = os.WriteFile(dst, b.Bytes(), 0o666)
	}
	if err != nil {
		log.Fatalf("%v (run this from the root of the checkout)", err)
	}
}

// pack writes the archive.
func pack(w io.Writer) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser,
		error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	for i, d := range days {
		start, err := time.Parse("02-01-2006", d.name[strings.Index(d.name, "-")+1:])
		if err != nil {
			return err
		}
		f := flowsim.File{Rows: d.rows, Digits: 4, Run: 4, Start: start, Headers: d.headers, Old: d.old,
			Seed: uint64(400 + i), Labels: d.attacks}
		for _, a := range d.attacks {
			f.Wide = f.Wide || a.Name == flowsim.LOIC
		}
		f.Labels = append([]flowsim.Label{{Name: "Benign", Share: 1}}, f.Labels...)
		out, err := z.CreateHeader(&zip.FileHeader{Name: d.name + "_TrafficForML_CICFlowMeter.csv", Method: zip.Deflate,
			Modified: start})
		if err != nil {
			return err
		}
		if err := f.Write(out); err != nil {
			return err
		}
	}
	return z.Close()
}
