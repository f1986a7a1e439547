// Command tryplugin opens a backend and multiplies two small matrices on it. It is a program of its
// own because a broken plugin ends the process that loads it, and so that the kernel command does
// not link XLA.
//
//	tryplugin -list    prints the plugins that package device finds, as JSON
//	tryplugin NAME     opens the backend NAME, "" for the one that a notebook gets, and describes it
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/trafficlab/trafficlab/trafficlib/model/device"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: tryplugin -list | NAME")
		os.Exit(2)
	}
	do := try
	if os.Args[1] == "-list" {
		do = list
	}
	if err := do(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func list(string) error {
	type plugin struct{ Name, Path, Err string }
	found := []plugin{}
	for _, p := range device.Plugins() {
		f := plugin{Name: p.Name, Path: p.Path}
		if p.Err != nil {
			f.Err = p.Err.Error()
		}
		found = append(found, f)
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

func try(name string) error {
	b, err := device.Open(name)
	if err != nil {
		return err
	}
	defer b.Finalize()
	got, err := graph.CallOnce(b, graph.MatMul, [][]float32{{1, 2}, {3, 4}}, [][]float32{{5, 6}, {7, 8}})
	if err != nil {
		return err
	}
	want := [][]float32{{19, 22}, {43, 50}}
	if v, ok := got.Value().([][]float32); !ok || fmt.Sprint(v) != fmt.Sprint(want) {
		return fmt.Errorf("tryplugin: wrong product: %v, want %v", got.Value(), want)
	}
	fmt.Println(device.Describe(b))
	return nil
}
