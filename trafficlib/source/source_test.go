package source

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/trafficlib/internal/deptest"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
)

func TestDeps(t *testing.T) {
	deptest.Never(t, deptest.GoMLX, deptest.XLA, deptest.GoNB, deptest.Plot, deptest.HTTP, deptest.Arrow)
}

func folder(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, name)
		var err error
		if strings.HasSuffix(name, "/") {
			err = os.Mkdir(path, 0o777)
		} else {
			err = os.WriteFile(path, nil, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestPick(t *testing.T) {
	dir := folder(t, "n_10.csv", "n_2.csv", "n_1.csv", "parts/", "attack_n_1.csv", "notes.txt", "LICENSE",
		".hidden.csv")
	roles := []Role{
		{Name: "attack", Pattern: "attack*"},
		{Name: "normal", Pattern: "parts, *n_*.csv"}, // matches attack_n_1.csv too, but comes second
		{Name: "minmax", Pattern: "*minmax*", Optional: true},
	}
	f, err := Pick(dir, roles)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range f.Of("normal") {
		if filepath.Dir(p) != dir {
			t.Errorf("%s is not in %s", p, dir)
		}
		names = append(names, filepath.Base(p))
	}
	if want := []string{"n_1.csv", "n_2.csv", "n_10.csv", "parts"}; !slices.Equal(names, want) {
		t.Errorf("normal: %v, want %v", names, want)
	}
	if len(f.Of("attack")) != 1 || f.Of("minmax") != nil {
		t.Errorf("attack: %v, minmax: %v", f.Of("attack"), f.Of("minmax"))
	}
	want := "role    file\nattack  attack_n_1.csv\nnormal  n_1.csv\nnormal  n_2.csv\nnormal  n_10.csv\nnormal " +
		" parts\n" +
		"minmax  none\nignored: LICENSE, notes.txt\n"
	if f.String() != want {
		t.Errorf("got\n%swant\n%s", f, want)
	}
	if bundle, err := f.MIME(); err != nil || bundle["text/plain"] != want {
		t.Errorf("MIME: %v, %v", bundle, err)
	}
}

func TestPickFile(t *testing.T) {
	path := filepath.Join(folder(t, "x.csv"), "x.csv")
	f, err := Pick(path, []Role{{Name: "normal", Pattern: "never*"}, {Name: "attack", Pattern: "*", Optional: true}})
	if err != nil || !slices.Equal(f.Of("normal"), []string{path}) || f.Of("attack") != nil {
		t.Errorf("%v, %v", f, err)
	}
}

func TestPickRefuses(t *testing.T) {
	many := folder(t, "1.txt", "2.txt", "10.txt", "a", "b", "c", "d")
	file := filepath.Join(many, "a")
	empty := folder(t)
	two := []Role{{Name: "normal", Pattern: "*.csv"}, {Name: "attack", Pattern: "*.pcap"}}
	for _, c := range []struct {
		data  string
		roles []Role
		want  string
	}{
		{"", two, "source: no path given: want a file or a folder"},
		{many, two, "source: " + many + `: nothing matches "*.csv" for the role "normal"; ` +
			`the folder holds 1.txt, 2.txt, 10.txt, a, b and 2 more`},
		{empty, two, "source: " + empty + `: nothing matches "*.csv" for the role "normal"; the folder holds nothing`},
		{file, two, "source: " + file + `: a single file cannot play the role "attack" too: want a folder`},
		{many, []Role{{Name: "x", Pattern: "[a"}}, `source: role "x": pattern "[a" is malformed`},
		{many + "/absent", two, "source: stat " + many + "/absent: no such file or directory"},
	} {
		if _, err := Pick(c.data, c.roles); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestNatural(t *testing.T) {
	want := []string{"", "a", "a01", "a1", "a2", "a2b", "a10", "a010b", "a99999999999999999999998",
		"a99999999999999999999999", "b"}
	for i := range want {
		for k := range want {
			got := natural(want[i], want[k])
			if got < 0 != (i < k) || got > 0 != (i > k) {
				t.Errorf("natural(%q, %q) = %d", want[i], want[k], got)
			}
		}
	}
}

// TestPickReal picks from a folder that holds normal and attack sessions, limits and much else.
func TestPickReal(t *testing.T) {
	f, err := Pick(shareddata.Dir(t, "tls_attack_146"), []Role{
		{Name: "normal", Pattern: "features_tls_*.csv"},
		{Name: "attack", Pattern: "malware_features_tls_*.csv"},
		{Name: "minmax", Pattern: "features_minmax_normal_*.csv"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"normal", "attack", "minmax"} {
		if len(f.Of(role)) != 1 {
			t.Errorf("%s: %v, want one file", role, f.Of(role))
		}
	}
	if !slices.Contains(f.Ignored, "SOURCE.txt") {
		t.Errorf("ignored: %v", f.Ignored)
	}
}

func TestExcept(t *testing.T) {
	dir := folder(t, "attack-1.pcap", "a.pcap", "b.pcap.gz", "c.csv")
	f, err := Pick(dir, []Role{{Name: "normal", Pattern: "*.pcap*, !attack*"}, {Name: "attack", Pattern: "attack*"},
		{Name: "none", Pattern: "!*", Optional: true}})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Of("normal")) != 2 || len(f.Of("attack")) != 1 || len(f.Of("none")) != 0 ||
		!slices.Equal(f.Ignored, []string{"c.csv"}) {
		t.Errorf("got\n%s", f)
	}
	if g := (Files{}).With("days", "b", "a").With("other"); !slices.Equal(g.Of("days"), []string{"b", "a"}) ||
		!g.Has("other") {
		t.Errorf("made of nothing: %v", g)
	}
	g := f.With("normal", "elsewhere")
	if !slices.Equal(g.Of("normal"), []string{"elsewhere"}) || len(f.Of("normal")) != 2 || !f.Has("none") ||
		f.Has("nobody") {
		t.Errorf("got\n%s, before\n%s", g, f)
	}
}
