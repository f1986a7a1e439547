package caida

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/source/fetch"
)

var quick = fetch.Options{Wait: time.Millisecond, Tries: 2}

// TestGet downloads the real statistics from a server that lists them as Apache does, and compares
// the series with those of the original.
func TestGet(t *testing.T) {
	real := shareddata.Dir(t, "mawi_caida_tma", "caida_pcap_stats")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/pcap/")
		if name == "" {
			fmt.Fprint(w, `<html><a href="?C=N;O=D">Name</a> <a href="/datasets/">Parent</a>
				<a href="a.pcap.gz">a.pcap.gz</a>`)
			for _, dir := range []string{"dirB", "dirA"} {
				entries, _ := os.ReadDir(filepath.Join(real, dir))
				for _, e := range entries {
					fmt.Fprintf(w, "<a href=\"%s\">%s</a>\n", e.Name(), e.Name())
				}
			}
			return
		}
		for _, dir := range []string{"dirA", "dirB"} {
			if data, err := os.ReadFile(filepath.Join(real, dir, name)); err == nil {
				w.Write(data)
				return
			}
		}
		http.NotFound(w, r)
	}))
	defer s.Close()
	dir := t.TempDir()
	all, err := Get(t.Context(), dir, s.URL+"/pcap", quick)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].Direction != "dirA" || all[0].Series.Len() != 36 || all[1].Series.Len() != 24 {
		t.Fatalf("%d links", len(all))
	}
	for _, l := range all {
		got, err := os.ReadFile(l.Path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(shareddata.Dir(t, "mawi_caida_tma", "caida_"+filepath.Base(l.Path)))
		if err != nil {
			t.Fatal(err)
		}
		if a, b := sorted(got), sorted(want); !slices.Equal(a, b) {
			t.Errorf("%s differs", l.Path)
		}
	}
}

func sorted(data []byte) []string {
	all := strings.Fields(strings.ReplaceAll(string(data), " ", "T"))
	slices.Sort(all)
	return all
}

func TestInDirection(t *testing.T) {
	all := []Link{{Direction: "dirA"}, {Direction: "dirB"}}
	if l, err := InDirection(all, "dirB"); err != nil || l.Direction != "dirB" {
		t.Errorf("%v, %v", l, err)
	}
	if _, err := InDirection(all, "dirC"); err == nil || !strings.Contains(err.Error(), `"dirC", only of dirA, dirB`) {
		t.Errorf("no such direction: %v", err)
	}
	if _, err := InDirection([]Link{{}}, "dirA"); err != nil {
		t.Errorf("a link without directions: %v", err)
	}
}

// TestListed checks that only links to files in the folder of the page count.
func TestListed(t *testing.T) {
	folder, err := url.Parse("https://example.org/data/pcap/")
	if err != nil {
		t.Fatal(err)
	}
	page := `<A HREF='x.dirA.pcap.stats'> <a href="x.dirA.pcap.stats"> <a href="/data/pcap/y.pcap.stats">
		<a href="https://example.org/data/pcap/z&#46;pcap.stats"> <a href="../up.pcap.stats">
		<a href="http://example.org/data/pcap/scheme.pcap.stats"> <a href="//evil.example/data/pcap/host.pcap.stats">
		<a href="sub/in.pcap.stats"> <a href=".hidden.pcap.stats"> <a href="..%2fslash.pcap.stats">
		<a href="%zz.pcap.stats"> <a href="x.pcap.stats.md5">`
	if got, want := listed(folder, page), []string{"x.dirA.pcap.stats", "y.pcap.stats",
		"z.pcap.stats"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTrouble(t *testing.T) {
	for want, answer := range map[string]func(w http.ResponseWriter, r *http.Request){
		"links to no *.pcap.stats": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<html></html>") },
		"not found":                http.NotFound,
		"HTML page: not statistics": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, `<html><a href="a.pcap.stats">a</a></html>`)
		},
		`a.pcap.stats:1: the end, without`: func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/") {
				fmt.Fprint(w, `<html><a href="a.pcap.stats">a</a></html>`)
				return
			}
			fmt.Fprint(w, "First timestamp: 1\n")
		},
	} {
		s := httptest.NewServer(http.HandlerFunc(answer))
		_, err := Get(t.Context(), t.TempDir(), s.URL, quick)
		s.Close()
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "caida: ") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
