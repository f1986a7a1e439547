package params

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"
)

const cell = `%noautoget
// How to train.
var (
	lr     float64 = 0.1 // learning rate
	epochs         = 3
	data   string  = "" // a folder or a file
	fast           = false
	// Sizes of the layers.
	sizes []int = []int{32, 16}
	shift  = -0.5
	names  = []string{"a"}
	small  int8
	wait   time.Duration = 2 * time.Second
	ratio  float32 = 0.3
	other  map[string]int
	x, y   = 1, 2.5
)
var seed uint64 = 1 // of the split
`

func TestDeclared(t *testing.T) {
	got, err := Declared(cell)
	if err != nil {
		t.Fatal(err)
	}
	want := []Param{
		{"lr", "float64", "0.1", "learning rate"},
		{"epochs", "int", "3", ""},
		{"data", "string", `""`, "a folder or a file"},
		{"fast", "bool", "false", ""},
		{"sizes", "[]int", "[]int{32, 16}", "Sizes of the layers."},
		{"shift", "float64", "-0.5", ""},
		{"names", "[]string", `[]string{"a"}`, ""},
		{"small", "int8", "", ""},
		{"wait", "time.Duration", "2 * time.Second", ""},
		{"ratio", "float32", "0.3", ""},
		{"other", "map[string]int", "", ""},
		{"x", "int", "1", ""},
		{"y", "float64", "2.5", ""},
		{"seed", "uint64", "1", "of the split"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestDeclaredNamesTheLine(t *testing.T) {
	_, err := Declared("var a int = 1\nvar b int = = 2")
	if err == nil || !strings.HasPrefix(err.Error(), "kernel: parameters cell:2:") ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one line that names line 2", err)
	}
}

func TestInject(t *testing.T) {
	for _, c := range []struct {
		name, value, want string // the value as JSON; the declaration, or the error after "kernel: "
	}{
		{"lr", `"1"`, "lr float64 = 1"},
		{"lr", `1`, "lr float64 = 1"},
		{"lr", `"1e-3"`, "lr float64 = 0.001"},
		{"lr", `"NaN"`, `parameter "lr": "NaN" is not a valid float64`},
		{"lr", `"fast"`, `parameter "lr": "fast" is not a valid float64`},
		{"lr", `true`, `parameter "lr": true is not a valid float64`},
		{"lr", `null`, `parameter "lr": null is not a valid float64`},
		{"ratio", `"0.1"`, "ratio float32 = 0.1"},
		{"ratio", `"1e39"`, `parameter "ratio": "1e39" is not a valid float32`},
		{"epochs", `"12"`, "epochs int = 12"},
		{"epochs", `12`, "epochs int = 12"},
		{"epochs", `"1.5"`, `parameter "epochs": "1.5" is not a valid int`},
		{"epochs", `1.0`, `parameter "epochs": 1.0 is not a valid int`},
		{"epochs", `""`, `parameter "epochs": "" is not a valid int`},
		{"small", `"-129"`, `parameter "small": "-129" is not a valid int8`},
		{"small", `"-128"`, "small int8 = -128"},
		{"seed", `"-1"`, `parameter "seed": "-1" is not a valid uint64`},
		{"seed", `18446744073709551615`, "seed uint64 = 18446744073709551615"},
		{"fast", `"true"`, "fast bool = true"},
		{"fast", `true`, "fast bool = true"},
		{"fast", `"yes"`, `parameter "fast": "yes" is not a valid bool`},
		{"data", `"../flows"`, `data string = "/home/me/flows"`},
		{"data", `"/abs"`, `data string = "/abs"`},
		{"data", `""`, `data string = ""`},
		{"data", `"a\"b\n"`, `data string = "/home/me/here/a\"b\n"`},
		{"data", `7`, `parameter "data": 7 is not a string (plain papermill passes it as one with -r instead of -p)`},
		{"sizes", `"[1, 2]"`, "sizes []int = []int{1, 2}"},
		{"sizes", `[1, 2]`, "sizes []int = []int{1, 2}"},
		{"sizes", `[1.5]`, `parameter "sizes": 1.5 is not a valid int`},
		{"sizes", `"1, 2"`, `parameter "sizes": "1, 2" is not a list such as [1, 2]`},
		{"names", `["x"]`, `names []string = []string{"x"}`},
		{"wait", `"1m30s"`, "wait time.Duration = 90000000000"},
		{"wait", `"90"`, `parameter "wait": "90" is not a duration such as 1m30s`},
		{"other", `"x"`, `parameter "other": a value of type "map[string]int" can only be changed in the notebook`},
		{"none", `"x"`, `parameter "none": not declared by the notebook, which declares: ` +
			`lr, epochs, data, fast, sizes, shift, names, small, wait, ratio, other, x, y, seed`},
	} {
		values := map[string]any{}
		in := json.NewDecoder(strings.NewReader(`{"` + c.name + `":` + c.value + `}`))
		in.UseNumber()
		if err := in.Decode(&values); err != nil {
			t.Fatal(err)
		}
		got, err := Inject(cell, values, "/home/me/here")
		want := "// Parameters\nvar (\n\t" + c.want + "\n)\n"
		if err != nil {
			got, want = err.Error(), "kernel: "+c.want
		}
		if got != want {
			t.Errorf("%s = %s:\ngot  %s\nwant %s", c.name, c.value, got, want)
		}
	}
}

func TestInjectWithoutCell(t *testing.T) {
	_, err := Inject("", map[string]any{"lr": "1"}, "/")
	if err == nil || !strings.Contains(err.Error(), `is a cell tagged "parameters"?`) {
		t.Errorf("got %v", err)
	}
}

func TestVerb(t *testing.T) {
	var out strings.Builder
	if err := Verb(strings.NewReader(`{"cell": "var n int = 1", "values": {"n": 2}, "dir": "/"}`), &out); err != nil {
		t.Fatal(err)
	}
	if want := "// Parameters\nvar (\n\tn int = 2\n)\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	out.Reset()
	if err := Verb(strings.NewReader(`{"cell": "var n int = 1 // how many"}`), &out); err != nil {
		t.Fatal(err)
	}
	if want := `[{"name":"n","type":"int","default":"1","help":"how many"}]` + "\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// The injected source must be Go that declares the one name, whatever the value contains: it is
// compiled into every cell.
func FuzzInject(f *testing.F) {
	for _, v := range []string{"1", "x\"; panic(1) //", "`", "[1]", `["a\n"]`, "\x00", "é"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, name := range []string{"lr", "epochs", "data", "fast", "sizes", "names", "seed"} {
			source, err := Inject(cell, map[string]any{name: value}, "/d")
			if err != nil {
				if strings.ContainsAny(err.Error(), "\n\r") {
					t.Errorf("more than a line: %q", err)
				}
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+source, 0)
			if err != nil {
				t.Fatalf("%s = %q: %v\n%s", name, value, err, source)
			}
			if len(file.Decls) != 1 {
				t.Errorf("%s = %q: %d declarations", name, value, len(file.Decls))
			}
		}
	})
}
