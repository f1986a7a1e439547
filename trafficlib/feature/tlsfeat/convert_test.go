package tlsfeat

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// updates is a sink that records its updates.
type updates []progress.Update

func same(t *testing.T, got, want *seq.Set) {
	t.Helper()
	if got.Len() != want.Len() || got.Features() != want.Features() {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want.Len() {
		if !slices.Equal(got.At(i), want.At(i)) {
			t.Fatalf("sequence %d: got %v, want %v", i, got.At(i), want.At(i))
		}
	}
}

func (u *updates) Update(p progress.Update) { *u = append(*u, p) }

func TestImportText(t *testing.T) {
	var seen updates
	dst := filepath.Join(t.TempDir(), "set.arrow")
	set, err := Import(progress.With(context.Background(), &seen), dst,
		put(t, "s.csv", "[1.0, 2.0], [3.0, 4.0], \n[5.0, 6.0]"))
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	same(t, set, seq.New(2, []float32{1, 2, 3, 4}, []float32{5, 6}))
	// sha256sum of the file's text.
	const sum = "0949917cfc798fa5580f750e35704e908f0a8746f13f06c7486060fb0a71caf7"
	want := []seq.Source{{Name: "s.csv", SHA256: sum}}
	if got := set.Lineage().Sources; !slices.Equal(got, want) {
		t.Errorf("the file says of its source: %v, want %v", got, want)
	}
	if last := seen[len(seen)-1]; len(seen) != 1 || !last.Final || last.Done != 2 || last.Total != 2 {
		t.Errorf("progress: %v", seen)
	}
	// A part of the set still records its source.
	part := filepath.Join(t.TempDir(), "part.arrow")
	if err := set.Head(1).Save(part); err != nil {
		t.Fatal(err)
	}
	if got, err := seq.Open(part); err != nil || !slices.Equal(got.Lineage().Sources, want) {
		t.Errorf("a saved view: %v, %v", got, err)
	}
}

func TestImportLeavesNothing(t *testing.T) {
	path := put(t, "s.csv", "[1.0, 2.0], \n[1.0, 2.0], \n[1.0, NaN], \n")
	stopped, stop := context.WithCancel(context.Background())
	stop()
	for name, c := range map[string]struct {
		ctx  context.Context
		want string
	}{
		"damaged": {context.Background(), fmt.Sprintf(`tlsfeat: %s:3: packet 1: feature 1: "NaN" is not a number`, path)},
		"stopped": {stopped, "tlsfeat: import: stopped after 0 of 3 sessions: context canceled"},
	} {
		dir := t.TempDir()
		_, err := Import(progress.With(c.ctx, new(updates)), filepath.Join(dir, "set.arrow"), path)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
		if name == "stopped" && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v is not context.Canceled", name, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind: %v, %v", name, left, err)
		}
	}
}

// The real normal sessions are unchanged after conversion to an Arrow file.
func TestImportReal(t *testing.T) {
	s, err := OpenSessionFile(shareddata.Dir(t, "tls_attack_146", "features_tls_2019-04-24_01-28-17_2.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	set, err := Import(progress.With(context.Background(), new(updates)),
		filepath.Join(t.TempDir(), "normal.arrow"), s.path)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	want := make([][]float32, s.Len())
	for i := range want {
		if want[i], err = s.At(i); err != nil {
			t.Fatal(err)
		}
	}
	same(t, set, seq.New(146, want...))
	if err := set.NextStep().Check(); err != nil {
		t.Error(err)
	}
	if !strings.HasPrefix(set.String(), "136 sequences of 146 features: 4958 steps, ") {
		t.Errorf("the set is %v", set)
	}
}

// Converting a file of many batches takes no more memory than one of a few.
func TestImportMemory(t *testing.T) {
	session := strings.Repeat("["+strings.Repeat("0.0, ", 145)+"1.5], ", 100) + "\n"
	const sessions = 1500 // 110 MB of text, 88 MB of numbers, 6 batches
	path := put(t, "s.csv", strings.Repeat(session, sessions))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	set, err := Import(progress.With(context.Background(), discard{}), filepath.Join(t.TempDir(), "set.arrow"), path)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	runtime.ReadMemStats(&after)
	// This counts all allocations: the batch grows to 16 MB in steps, which together are several times
	// that.
	if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 128 {
		t.Errorf("%d MB were allocated, want 128 at most", mb)
	}
	if set.Len() != sessions || set.At(sessions - 1)[145] != 1.5 {
		t.Errorf("got %v", set)
	}
}

type discard struct{}

func (discard) Update(progress.Update) {}
