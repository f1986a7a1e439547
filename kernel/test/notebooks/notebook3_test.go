package notebooks

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/kerneltest"
)

// third is the notebook on the volume of a backbone.
const third = "3-backbone-volume.ipynb"

func TestNotebook3(t *testing.T) {
	text := bundled(t, third)
	wants(t, text, "kept 1283 of 12822 frames", "180 intervals of 5s", "36 intervals of 5m0s",
		"3 training days, 180 intervals of the test day",
		"5 s, windows of  2: 534 examples", "9 pairs: precision 0.818, recall 1.000, F1 0.900", "10  "+
			"0.909", "scratch  comes to a loss of")
	if lstm := number(t, text, "relative error: LSTM"); !(lstm > 0.05 && lstm < 0.25) {
		t.Errorf("relative error of the LSTM %v", lstm)
	}
}

// TestNotebook3Real runs the notebook on the real days: training on 2016, testing on 2019, then on
// CAIDA's link. The counts and the baselines do not depend on the training.
func TestNotebook3Real(t *testing.T) {
	data := kerneltest.Checkout(t, "..", "shared", "data", "mawi_caida_tma")
	if _, err := os.Stat(data); err != nil {
		kerneltest.Skip(t, "no shared/data/mawi_caida_tma beside the checkout")
	}
	text := runCells(t, third, []string{"GOMLX_BACKEND="}, "-p", "data="+data, "-p", "tuneSteps=40")
	wants(t, text, "mawi_clean_dataset_20160109.csv: 180 intervals of 5s",
		"dirA: 36 intervals of CAIDA's statistics, 0 gaps",
		"1 training days, 180 intervals of the test day", "7 ranges, 52 of 180 intervals labeled",
		"0.108707", "0.112975", "scratch", "frozen")
	if lstm := number(t, text, "relative error: LSTM"); !(lstm > 0.05 && lstm < 0.25) {
		t.Errorf("relative error of the LSTM %v", lstm)
	}
}

// TestNotebook3Packets runs the notebook on captures and on a CSV file made by tshark, without
// another link, in intervals of 10 s.
func TestNotebook3Packets(t *testing.T) {
	dir := t.TempDir()
	lan, err := os.ReadFile(kerneltest.Checkout(t, "notebooks", "data", "tcp", "lan.pcap.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"day1.pcap.gz", "day2.pcap.gz"} {
		if err := os.WriteFile(filepath.Join(dir, name), lan, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	text := runCells(t, third, []string{"GOMLX_BACKEND=go"}, "-p", "data="+dir, "-p", "rate=2", "-p", "interval=10",
		"-p", "epochs=2",
		"-p", "tuneSteps=4", "-p", "hidden=8")
	wants(t, text, "kept 6411 of 12822 frames", "1 training days", "backend: go")
}

// TestNotebook3Download downloads the days and the other link from a server laid out like the two
// archives. One day is missing; the link has the requested direction. Without the server the error
// is one line.
func TestNotebook3Download(t *testing.T) {
	stats := kerneltest.Checkout(t, "..", "shared", "data", "mawi_caida_tma", "caida_pcap_stats", "dirB")
	names, err := filepath.Glob(filepath.Join(stats, "*.pcap.stats"))
	if err != nil || len(names) == 0 {
		kerneltest.Skip(t, "no shared/data/mawi_caida_tma beside the checkout")
	}
	mux := http.NewServeMux()
	for _, day := range []string{"20190107", "20190121"} { // not the 14th
		mux.HandleFunc("/mawi/2019/"+day+"1400.pcap.gz", func(w http.ResponseWriter, r *http.Request) {
			http.ServeFile(w, r, kerneltest.Checkout(t, "notebooks", "data", "tcp", "lan.pcap.gz"))
		})
	}
	mux.HandleFunc("/caida/{$}", func(w http.ResponseWriter, r *http.Request) {
		for _, name := range names {
			fmt.Fprintf(w, "<a href=%q>%[1]s</a>\n", filepath.Base(name))
		}
	})
	mux.Handle("/caida/", http.StripPrefix("/caida/", http.FileServer(http.Dir(stats))))
	server := httptest.NewServer(mux)
	defer server.Close()
	args := []string{"-p", "download=true", "-p", "date=2019-01-07", "-p", "dateDest=2019-01-21", "-p", "mawiBase=" +
		server.URL + "/mawi",
		"-p", "caidaBase=" + server.URL +
			"/caida", "-p", "direction=dirB", "-p", "rate=2", "-p", "epochs=2", "-p", "tuneSteps=4", "-p", "hidden=8"}
	text := runCells(t, third, []string{"GOMLX_BACKEND=go"}, args...)
	wants(t, text, "Mon 2019-01-14  not in the archive", "201901211400.pcap.gz: 6411 frames", "1 training days",
		"time_series_df_dirB.csv: 24 intervals")

	server.Close()
	refuses(t, third, []string{"GOMLX_BACKEND=go"}, "cannot be reached", args...)
}

// TestNotebook3Damaged runs the notebook on invalid day files: the run fails with a one-line
// error that says what and where.
func TestNotebook3Damaged(t *testing.T) {
	refusals(t, third, nil, []refusal{{"no number", folder, map[string]string{
		"day1.csv": "timestamp,bytes\nnoon,1\n10,2\n", "day2.csv": "timestamp,bytes\n5,1\n10,many\n",
	}, "volume.ReadDays(", `day2.csv:3: column "bytes": "many"`}})
}
