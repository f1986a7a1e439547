package flowsim

import (
	"bytes"
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	for _, wide := range []bool{false, true} {
		var b bytes.Buffer
		f := File{Rows: 20000, Wide: wide, Long: wide, Headers: 3, Old: 4, Seed: 1}
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		headers, old, infinite, benign := 0, 0, 0, 0
		for i, line := range lines {
			if got, want := strings.Count(line, ","), strings.Count(lines[0], ","); got != want {
				t.Fatalf("line %d has %d commas, want %d: %s", i+1, got, want, line)
			}
			for what, n := range map[string]*int{lines[0]: &headers, "/1970 ": &old, "Infinity": &infinite, ",Benign": &benign} {
				if strings.Contains(line, what) {
					*n++
				}
			}
		}
		if len(lines) != 20004 || headers != 4 || old != 4 || infinite == 0 || benign < 13000 || benign > 16000 {
			t.Errorf("%d lines, %d headers, %d of 1970, %d infinite, %d benign", len(lines), headers, old, infinite, benign)
		}
		t.Logf("%d bytes a row", b.Len()/len(lines))
		var again bytes.Buffer
		if err := f.Write(&again); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Errorf("the same file is another the second time, %v", err)
		}
	}
}
