// Command make writes the session files that the first notebook reads when it is given no others.
//
//	go run ./notebooks/data/make
//
// from the root of the checkout. The same seed gives the same bytes.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/internal/tlssim"
)

// How much is made: enough to train on in a minute, small enough to keep beside the notebook.
const (
	seed        = 2019
	parts       = 3
	perPart     = 40
	floods      = 20
	defaultDest = "notebooks/data/tls"
)

func main() {
	dest := flag.String("out", defaultDest, "folder for the files")
	flag.Parse()
	if err := build(*dest); err != nil {
		fmt.Fprintln(os.Stderr, "make:", err)
		os.Exit(1)
	}
}

// build writes all files below dest.
func build(dest string) error {
	if dest == defaultDest {
		if _, err := os.Stat(filepath.Dir(dest)); err != nil {
			return fmt.Errorf("%w (run this from the root of the checkout, or name a folder with -out)", err)
		}
	}
	for i := range parts {
		name := fmt.Sprintf("features_tls_normal_%d.csv", i+1)
		if err := sessions(filepath.Join(dest, "features_tls_normal", name), uint64(i), perPart, tlssim.Normal); err != nil {
			return err
		}
	}
	if err := sessions(filepath.Join(dest, "renegotiation_features_tls_1.csv"), parts, floods, tlssim.Flood); err != nil {
		return err
	}
	return write(filepath.Join(dest, "features_info.csv"), tlssim.WriteInfo)
}

// sessions writes a file of n sessions. Each file has a random stream of its own, so that one can grow without
// changing the others.
func sessions(path string, stream uint64, n int, one func(*rand.Rand) []tlssim.Packet) error {
	rng := rand.New(rand.NewPCG(seed, stream))
	all := make([][]tlssim.Packet, n)
	for i := range all {
		all[i] = one(rng)
	}
	return write(path, func(w io.Writer) error { return tlssim.Write(w, all) })
}

func write(path string, fill func(io.Writer) error) error {
	var b bytes.Buffer
	if err := fill(&b); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o666)
}
