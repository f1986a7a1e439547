package snapshot_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// Opening a folder of several snapshots opens the latest one.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "snapshot")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s := &snapshot.Snapshot{
		Model:   snapshot.Model{Kind: "forecaster", Description: []byte(`{"features":1}`)},
		Data:    snapshot.Data{Names: []string{"bytes"}},
		Weights: snapshot.Tensors{"dense/kernel": {Shape: []int{2, 1}, Data: []float32{0.5, -1}}},
	}
	for _, s.Step = range []int{100, 200} {
		if err := s.Save(dir); err != nil {
			log.Fatal(err)
		}
	}
	latest, err := snapshot.Open(dir)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(filepath.Base(latest.Path), latest.Names)
	fmt.Println(latest.Weights)
	// Output:
	// step-000200 [bytes]
	// dense/kernel [2 1]
}
