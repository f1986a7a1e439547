package capture

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket/layers"
)

// sampleOf writes a capture to a file, samples it, and reads the sample.
func sampleOf(t *testing.T, data []byte, s Sampling) ([]Packet, Sampled) {
	t.Helper()
	dir := t.TempDir()
	src, dst := filepath.Join(dir, "in.pcap"), filepath.Join(dir, "out.pcap")
	if err := os.WriteFile(src, data, 0o666); err != nil {
		t.Fatal(err)
	}
	done, err := Sample(t.Context(), src, dst, s)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.ReadFile(dst)
	if err != nil {
		t.Fatal(err)
	}
	packets, report, err := all(out)
	if err != nil || report.Damage != "" || int64(len(packets)) != done.Kept {
		t.Fatalf("%d packets of a sample of %d, %v, %v", len(packets), done.Kept, report, err)
	}
	return packets, done
}

// numbered returns a capture of n frames, a millisecond apart, which begin with their numbers.
func numbered(t *testing.T, n int) ([]byte, [][]byte) {
	frames := make([][]byte, n)
	for i := range frames {
		frames[i] = frame(t, ether, ip4(nil), syn)
		frames[i][0], frames[i][1] = byte(i>>8), byte(i)
	}
	return pcap(t, layers.LinkTypeEthernet, frames...), frames
}

func numbers(packets []Packet) (at []int) {
	for _, p := range packets {
		at = append(at, int(p.Data[0])<<8|int(p.Data[1]))
	}
	return at
}

func TestSampleSystematic(t *testing.T) {
	data, frames := numbered(t, 250)
	for _, s := range []Sampling{{}, {Rate: 7}, {Rate: 1}} {
		packets, done := sampleOf(t, data, s)
		rate := s.Rate
		if rate == 0 {
			rate = 100
		}
		var want []int
		for i := 0; i < 250; i += rate {
			want = append(want, i)
		}
		if got := numbers(packets); !slices.Equal(got, want) || done.Frames != 250 {
			t.Errorf("rate %d: kept %v of %d, want %v", rate, got, done.Frames, want)
		}
		for k, p := range packets {
			if i := want[k]; !bytes.Equal(p.Data, frames[i]) ||
				!p.Time().Equal(begin.Add(time.Duration(i)*time.Millisecond)) || p.Length != len(frames[i]) {
				t.Fatalf("rate %d: frame %d is not as it was: %v, %d bytes", rate, i, p.Time(), p.Length)
			}
		}
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(data)
	w.Close()
	packets, _ := sampleOf(t, z.Bytes(), Sampling{Rate: 50})
	if got := numbers(packets); !slices.Equal(got, []int{0, 50, 100, 150, 200}) {
		t.Errorf("gzipped: kept %v", got)
	}
}

func TestSampleTime(t *testing.T) {
	data, _ := numbered(t, 100)
	packets, _ := sampleOf(t, data, Sampling{Method: TimeSystematic, Every: 2500 * time.Microsecond})
	if got, want := numbers(packets)[:6], []int{0, 3, 5, 8, 10, 13}; !slices.Equal(got, want) {
		t.Errorf("every 2.5 ms of 1 ms: kept %v, want %v", got, want)
	}
	// The due times depend on the clock alone: a gap in the traffic neither shifts the later ones
	// nor is made up for.
	p, err := Sampling{Method: TimeSystematic, Every: 10}.Picker()
	if err != nil {
		t.Fatal(err)
	}
	var kept []int64
	for _, at := range []int64{5, 6, 14, 15, 16, 99, 100, 104, 105} {
		if p.Next(at) {
			kept = append(kept, at)
		}
	}
	if want := []int64{5, 15, 99, 105}; !slices.Equal(kept, want) {
		t.Errorf("with a gap: kept those at %v, want %v", kept, want)
	}
}

// TestSampleChance checks how many frames are kept, and how evenly, by the distributions they are
// drawn from. The seeds are fixed, and the limits are five standard deviations.
func TestSampleChance(t *testing.T) {
	const frames = 1_000_000
	run := func(s Sampling, gap int64) (kept int, each []int) {
		p, err := s.Picker()
		if err != nil {
			t.Fatal(err)
		}
		each = make([]int, 100)
		for i := range frames {
			if p.Next(int64(i) * gap) {
				kept++
				each[i%100]++
			}
		}
		return kept, each
	}
	kept, each := run(Sampling{Method: CountRandom, Keep: 3, Seed: 1}, 1)
	if kept != 3*frames/100 {
		t.Errorf("3 of each 100 of %d: kept %d", frames, kept)
	}
	for i, n := range each {
		if mean, sd := 300.0, math.Sqrt(10000*0.03*0.97); math.Abs(float64(n)-mean) > 5*sd {
			t.Errorf("place %d was kept %d times, want about %v", i, n, mean)
		}
	}
	kept, _ = run(Sampling{Method: CountUniform, Seed: 1}, 1)
	if mean, sd := float64(frames)/100, math.Sqrt(frames*0.01*0.99); math.Abs(float64(kept)-mean) > 5*sd {
		t.Errorf("a chance of 1/100: kept %d of %d", kept, frames)
	}
	// Frames arrive each microsecond. The mean interval is 100 µs, to which the wait for the next
	// frame adds half a microsecond.
	kept, _ = run(Sampling{Method: TimePoisson, Every: 100 * time.Microsecond, Seed: 1}, 1000)
	if mean := frames / 100.5; math.Abs(float64(kept)-mean) > 5*math.Sqrt(mean) {
		t.Errorf("times of mean 100 µs: kept %d of frames each µs, want about %.0f", kept, mean)
	}
	a, _ := run(Sampling{Method: CountUniform, Seed: 7}, 1)
	b, _ := run(Sampling{Method: CountUniform, Seed: 7}, 1)
	if a != b {
		t.Errorf("the same seed kept %d and %d", a, b)
	}
}

func TestSampleRefused(t *testing.T) {
	dir := t.TempDir()
	data, _ := numbered(t, 20)
	src, dst := filepath.Join(dir, "in.pcap"), filepath.Join(dir, "out.pcap")
	if err := os.WriteFile(src, data, 0o666); err != nil {
		t.Fatal(err)
	}
	for want, s := range map[string]Sampling{`method "all"`: {Method: "all"}, "rate -1": {Rate: -1},
		"keep 5 of 3": {Rate: 3, Keep: 5}, "every -1s": {Every: -time.Second}} {
		if _, err := Sample(t.Context(), src, dst, s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", s, err, want)
		}
	}
	if _, err := Sample(t.Context(), filepath.Join(dir, "none.pcap"), dst, Sampling{}); !errors.Is(err,
		os.ErrNotExist) {
		t.Errorf("no capture: %v", err)
	}
	if _, err := os.Stat(dst); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a sample that failed left a file: %v", err)
	}
	// A truncated capture yields what comes before the end, and says so.
	if err := os.WriteFile(src, data[:len(data)-10], 0o666); err != nil {
		t.Fatal(err)
	}
	done, err := Sample(t.Context(), src, dst, Sampling{Rate: 1})
	if err != nil || done.Kept != 19 || !strings.Contains(done.String(),
		"kept 19 of 19 frames; damaged after frame 19") {
		t.Errorf("cut off: %v, %v", done, err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	many, _ := numbered(t, 1<<14)
	if err := os.WriteFile(src, many, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Sample(stopped, src, dst, Sampling{}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}
