package tensorboard_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/trafficlab/trafficlab/trafficlib/result/tensorboard"
)

func ExampleCreate() {
	dir, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	run := tensorboard.Folder(dir) // tensorboard --logdir dir shows it
	w, err := tensorboard.Create(run)
	if err != nil {
		log.Fatal(err)
	}
	for step, loss := range []float64{0.4, 0.2, 0.1} {
		if err := w.Scalar("loss", step, loss); err != nil {
			log.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	files, err := os.ReadDir(run)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(filepath.Base(run), len(files), strings.HasPrefix(files[0].Name(), "events.out.tfevents."))
	// Output: run-1 1 true
}
