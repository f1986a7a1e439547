package seq

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/progress"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

// updates is a sink that keeps what it is told.
type updates []progress.Update

func (u *updates) Update(p progress.Update) { *u = append(*u, p) }

func TestConvert(t *testing.T) {
	s, err := OpenSessions(put(t, "s.csv", "[1.0, 2.0], [3.0, 4.0], \n[5.0, 6.0]"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var seen updates
	dst := filepath.Join(t.TempDir(), "set.arrow")
	set, err := Convert(progress.With(context.Background(), &seen), s, dst)
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	same(t, set, New(2, []float32{1, 2, 3, 4}, []float32{5, 6}))
	// sha256sum of the file's text.
	const sum = "0949917cfc798fa5580f750e35704e908f0a8746f13f06c7486060fb0a71caf7"
	if set.meta[metaSource] != "s.csv" || set.meta[metaSHA256] != sum || set.meta["trafficlab.features"] != "2" {
		t.Errorf("the file says of its source: %v", set.meta)
	}
	if last := seen[len(seen)-1]; len(seen) != 1 || !last.Final || last.Done != 2 || last.Total != 2 {
		t.Errorf("progress: %v", seen)
	}
	// What is cut out of it still tells where it is from.
	part := filepath.Join(t.TempDir(), "part.arrow")
	if err := set.Head(1).Save(part); err != nil {
		t.Fatal(err)
	}
	if got, err := Open(part); err != nil || got.meta[metaSHA256] != sum {
		t.Errorf("a saved view: %v, %v", got, err)
	}
}

func TestConvertLeavesNothing(t *testing.T) {
	s, err := OpenSessions(put(t, "s.csv", "[1.0, 2.0], \n[1.0, 2.0], \n[1.0, NaN], \n"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stopped, stop := context.WithCancel(context.Background())
	stop()
	for name, c := range map[string]struct {
		ctx  context.Context
		want string
	}{
		"damaged": {context.Background(), fmt.Sprintf(`seq: %s:3: packet 1: feature 1: "NaN" is not a number`, s.path)},
		"stopped": {stopped, "seq: convert: stopped after 0 of 3 sessions: context canceled"},
	} {
		dir := t.TempDir()
		_, err := Convert(progress.With(c.ctx, new(updates)), s, filepath.Join(dir, "set.arrow"))
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

// The real normal sessions, by way of an Arrow file, are the sessions that were read.
func TestConvertReal(t *testing.T) {
	s, err := OpenSessions(shareddata.Dir(t, "tls_attack_146", "features_tls_2019-04-24_01-28-17_2.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	set, err := Convert(progress.With(context.Background(), new(updates)), s, filepath.Join(t.TempDir(), "normal.arrow"))
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
	same(t, set, New(146, want...))
	if err := (NextStep{Set: set}).Check(); err != nil {
		t.Error(err)
	}
	if !strings.HasPrefix(set.String(), "136 sequences of 146 features: 4958 steps, ") {
		t.Errorf("the set is %v", set)
	}
}

// A file of many batches takes no more memory to convert than one of a few.
func TestConvertMemory(t *testing.T) {
	session := strings.Repeat("["+strings.Repeat("0.0, ", 145)+"1.5], ", 100) + "\n"
	const sessions = 1500 // 110 MB of text, 88 MB of numbers, 6 batches
	s, err := OpenSessions(put(t, "s.csv", strings.Repeat(session, sessions)))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	set, err := Convert(progress.With(context.Background(), discard{}), s, filepath.Join(t.TempDir(), "set.arrow"))
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	runtime.ReadMemStats(&after)
	// All that was ever allocated: the batch grows to 16 MB by steps, which together are several times that.
	if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 128 {
		t.Errorf("%d MB were allocated, want 128 at most", mb)
	}
	if set.Len() != sessions || set.At(sessions - 1)[145] != 1.5 {
		t.Errorf("got %v", set)
	}
}

type discard struct{}

func (discard) Update(progress.Update) {}
