// Package tensorboard writes the history of a training to event files, which TensorBoard shows.
//
// It takes points of a history, weights, texts and pictures. It writes a folder with one folder for
// each curve, train and validation, as the callback of Keras does; point TensorBoard at the folder
// above several runs to compare them. A [Run] is a callback for package fit. No TensorFlow is
// involved: an event file is a sequence of protocol buffers with checksums, and this package writes
// four of their kinds, scalars, histograms, texts and images.
//
// A file grows during the training, so that TensorBoard can show it before the end, and it is valid
// up to the last complete record. Values that are not finite are errors, because TensorBoard hides
// curves that contain them.
package tensorboard

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// A Writer writes an event file. Create makes it, and Close must be called.
type Writer struct {
	f    *os.File
	path string
	now  func() time.Time
}

// files counts the files of this process, to make their names unique.
var files atomic.Int64

// Create creates an event file in dir, which it creates if it is missing.
func Create(dir string) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("tensorboard: %w", err)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	name := fmt.Sprintf("events.out.tfevents.%010d.%s.%d.%d.v2", time.Now().Unix(), host, os.Getpid(), files.Add(1))
	path := filepath.Join(dir, name)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, fmt.Errorf("tensorboard: %w", err)
	}
	w := &Writer{f: f, path: path, now: time.Now}
	if err := w.put(versionEvent(w.seconds())); err != nil {
		f.Close()
		return nil, err
	}
	return w, nil
}

func (w *Writer) seconds() float64 { return float64(w.now().UnixNano()) / 1e9 }

func (w *Writer) put(event []byte) error {
	if _, err := w.f.Write(record(event)); err != nil {
		return fmt.Errorf("tensorboard: %w", err)
	}
	return nil
}

func (w *Writer) add(tag string, step int, v value) error {
	return w.put(summaryEvent(w.seconds(), int64(step), tag, v))
}

func finite(what, tag string, v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("tensorboard: %s %q: %v is not finite", what, tag, v)
	}
	return nil
}

// Scalar adds a point of a curve.
func (w *Writer) Scalar(tag string, step int, v float64) error {
	if err := finite("scalar", tag, v); err != nil {
		return err
	}
	return w.add(tag, step, scalar(v))
}

// Histogram adds a histogram of values in 30 bins of equal width, as the callback of Keras does. It
// is an error if there are no values.
func (w *Writer) Histogram(tag string, step int, values []float32) error {
	if len(values) == 0 {
		return fmt.Errorf("tensorboard: histogram %q: no values", tag)
	}
	for _, v := range values {
		if err := finite("histogram", tag, float64(v)); err != nil {
			return err
		}
	}
	return w.add(tag, step, histogram(values))
}

// Text adds a text in Markdown.
func (w *Writer) Text(tag string, step int, text string) error {
	return w.add(tag, step, markdown(strings.ToValidUTF8(text, "\ufffd")))
}

// Image adds a PNG picture.
func (w *Writer) Image(tag string, step int, png []byte) error {
	width, height, err := sizeOf(png)
	if err != nil {
		return fmt.Errorf("tensorboard: image %q: %w", tag, err)
	}
	return w.add(tag, step, picture(png, width, height))
}

// Close closes the file.
func (w *Writer) Close() error {
	if err := w.f.Close(); err != nil {
		return fmt.Errorf("tensorboard: %w", err)
	}
	return nil
}

// A Run writes a training to a folder: below train the loss, the accuracy, the learning rate and
// histograms of all weights, below validation the loss and the accuracy, by epoch, under the tags
// of the callback of Keras. It is a Callback of package fit. NewRun makes it, and Close must be
// called.
type Run struct {
	Train, Validation *Writer

	byStep bool
	model  bool // the description of the model has been written
}

// Folder returns the path of a new run below dir: the first of run-1, run-2 and so on that does not
// exist. Two trainings in one folder would be drawn as one curve.
func Folder(dir string) string {
	for n := 1; ; n++ {
		path := filepath.Join(dir, fmt.Sprintf("run-%d", n))
		if _, err := os.Stat(path); err != nil {
			return path
		}
	}
}

// NewRun creates the files of a run in dir.
func NewRun(dir string) (*Run, error) {
	train, err := Create(filepath.Join(dir, "train"))
	if err != nil {
		return nil, err
	}
	validation, err := Create(filepath.Join(dir, "validation"))
	if err != nil {
		train.Close()
		return nil, err
	}
	return &Run{Train: train, Validation: validation}, nil
}

// BySteps has the run count steps and not epochs, for a training whose points come by steps
// (fit.Config.Every).
func (r *Run) BySteps() *Run {
	r.byStep = true
	return r
}

// Point writes a point.
func (r *Run) Point(m snapshot.Checkpoint) error {
	at, prefix := m.Epoch-1, "epoch_" // Keras counts epochs from 0
	if r.byStep {
		at, prefix = m.Step, "step_"
	}
	if !r.model {
		if err := r.describe(m); err != nil {
			return err
		}
		r.model = true
	}
	if err := figures(r.Train, prefix, at, m.Train); err != nil {
		return err
	}
	if err := r.Train.Scalar(prefix+"learning_rate", at, m.LearningRate); err != nil {
		return err
	}
	if m.Valid != nil {
		if err := figures(r.Validation, prefix, at, *m.Valid); err != nil {
			return err
		}
	}
	for _, name := range names(m.Weights) {
		if err := r.Train.Histogram(name+"/histogram", at, m.Weights[name].Data); err != nil {
			return err
		}
	}
	return nil
}

func figures(w *Writer, prefix string, at int, f snapshot.Figures) error {
	if err := w.Scalar(prefix+"loss", at, f.Loss); err != nil {
		return err
	}
	if f.Accuracy == nil {
		return nil
	}
	return w.Scalar(prefix+"accuracy", at, *f.Accuracy)
}

func names(weights snapshot.Tensors) []string {
	var all []string
	for name := range weights {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// describe writes a text with the description of the model and a table of its weights.
func (r *Run) describe(m snapshot.Checkpoint) error {
	var b strings.Builder
	description, err := json.MarshalIndent(m.Model.Description, "    ", "  ")
	if err != nil {
		return fmt.Errorf("tensorboard: %w", err)
	}
	total := 0
	fmt.Fprintf(&b, "**%s**\n\n    %s\n\n| weight | shape | parameters |\n|---|---|---|\n", m.Model.Kind, description)
	for _, name := range names(m.Weights) {
		t := m.Weights[name]
		total += len(t.Data)
		fmt.Fprintf(&b, "| %s | %v | %d |\n", name, t.Shape, len(t.Data))
	}
	fmt.Fprintf(&b, "| all | | %d |\n", total)
	return r.Train.Text("model", 0, b.String())
}

// Close closes both files.
func (r *Run) Close() error {
	err := r.Train.Close()
	if e := r.Validation.Close(); err == nil {
		err = e
	}
	return err
}
