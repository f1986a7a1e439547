package mawi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/capture"
	"github.com/trafficlab/trafficlab/trafficlib/source/fetch"
)

var quick = fetch.Options{Wait: time.Millisecond, Tries: 2}

// TestGet downloads the Mondays of a January from a server that lacks one of them.
func TestGet(t *testing.T) {
	data, err := os.ReadFile("../../../notebooks/data/tcp/lan.pcap.gz")
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		if strings.Contains(r.URL.Path, "20190114") {
			http.NotFound(w, r)
			return
		}
		w.Write(data)
	}))
	defer s.Close()
	dir := t.TempDir()
	days, err := Get(t.Context(), dir, Query{Base: s.URL + "/mawi/samplepoint-F/", Date: "2019-01-01",
		DateDest: "2019-01-21"}, quick)
	if err != nil {
		t.Fatal(err)
	}
	if want := "/mawi/samplepoint-F/2019/201901071400.pcap.gz"; len(days) != 3 || asked[0] != want {
		t.Errorf("%d days, asked for %v, want first %s", len(days), asked, want)
	}
	paths := days.Paths()
	if want := filepath.Join(dir, "2019", "01", "201901211400.pcap.gz"); len(paths) != 2 || paths[1] != want {
		t.Fatalf("paths %v, want last %s", paths, want)
	}
	if r, err := capture.Open(paths...); err != nil {
		t.Error(err)
	} else {
		r.Close()
	}
	if said := days.String(); !strings.Contains(said, "Mon 2019-01-14  not in the archive") {
		t.Errorf("said\n%s", said)
	}
	if _, err := Get(t.Context(), dir, Query{Base: s.URL + "/mawi/samplepoint-F", Date: "2019-01-01",
		DateDest: "2019-01-21"}, quick); err != nil || len(asked) != 4 {
		t.Errorf("again: %v, asked %d times in all, want 4", err, len(asked))
	}
}

// TestTrouble checks that a failed download is not taken for a day that is not in the archive.
func TestTrouble(t *testing.T) {
	for what, answer := range map[string]func(http.ResponseWriter){
		"replied 500": func(w http.ResponseWriter) { w.WriteHeader(500) },
		"HTML page: not a capture": func(w http.ResponseWriter) {
			w.Write([]byte("<html><body>The page you are looking for has moved</body></html>"))
		},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w) }))
		days, err := Get(t.Context(), t.TempDir(), Query{Base: s.URL, Date: "2019-01-07", DateDest: "2019-01-14"},
			quick)
		s.Close()
		if err == nil || !strings.Contains(err.Error(), what) || errors.Is(err, fetch.ErrNotFound) || len(days) != 0 {
			t.Errorf("%s: %v, %d days", what, err, len(days))
		}
	}
}

func TestDays(t *testing.T) {
	days, err := Query{Date: "2019-01-07", DateDest: "2019-01-28"}.Days()
	if err != nil || len(days) != 4 || URL(Base,
		days[3]) != "http://mawi.wide.ad.jp/mawi/samplepoint-F/2019/201901281400.pcap.gz" {
		t.Errorf("%v, %v", days, err)
	}
	days, err = Query{Date: "2016-02-27", DateDest: "2016-03-01",
		Weekdays: []time.Weekday{time.Saturday, time.Monday, time.Tuesday}}.Days()
	if err != nil || len(days) != 3 || days[1].Day() != 29 {
		t.Errorf("%v, %v", days, err)
	}
	for want, q := range map[string]Query{
		`date "7.1.2019" is not a day`:       {Date: "7.1.2019", DateDest: "2019-01-28"},
		`date_dest "" is not a day`:          {Date: "2019-01-07"},
		"2019-01-01 is before date 2019-01-": {Date: "2019-01-07", DateDest: "2019-01-01"},
		"more than 30 years":                 {Date: "1019-01-07", DateDest: "2019-01-01"},
	} {
		if _, err := q.Days(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", q, err, want)
		}
	}
}
