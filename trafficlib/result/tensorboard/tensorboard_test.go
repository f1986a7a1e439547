package tensorboard

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/trafficlab/trafficlab/kernel/test/waits"
	"github.com/trafficlab/trafficlab/trafficlib/home"
	"github.com/trafficlab/trafficlab/trafficlib/internal/pyenv"
	"github.com/trafficlab/trafficlab/trafficlib/internal/shareddata"
	"github.com/trafficlab/trafficlab/trafficlib/model/snapshot"
)

// write writes a run of two epochs with everything that can be written.
func write(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	path := Folder(dir)
	if filepath.Base(path) != "run-1" {
		t.Errorf("folder %s", path)
	}
	r, err := NewRun(path)
	if err != nil {
		t.Fatal(err)
	}
	accuracy := 0.75
	for epoch := 1; epoch <= 2; epoch++ {
		err := r.Point(snapshot.Checkpoint{
			Point: snapshot.Point{Step: 10 * epoch, Epoch: epoch,
				Train: snapshot.Figures{Loss: 1 / float64(epoch), Accuracy: &accuracy},
				Valid: &snapshot.Figures{Loss: 2 / float64(epoch)}},
			LearningRate: 0.001, Model: snapshot.Model{Kind: "classifier",
				Description: json.RawMessage(`{"hidden":32}`)},
			Weights: snapshot.Tensors{"lstm/bias": {Shape: []int{3}, Data: []float32{0, 0, 0}},
				"dense/kernel": {Shape: []int{2, 2}, Data: []float32{-1, 0, 0.5, 2}}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	picture, err := os.CreateTemp(t.TempDir(), "*.png")
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(picture, image.NewGray(image.Rect(0, 0, 20, 10))); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(picture.Name())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Train.Image("loss", 1, data); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if again := Folder(dir); filepath.Base(again) != "run-2" {
		t.Errorf("the next folder is %s", again)
	}
	return dir
}

// TestFrame reads a file back as TFRecords, with their checksums.
func TestFrame(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(write(t), "run-1", "*", "events.out.tfevents.*"))
	if err != nil || len(paths) != 2 {
		t.Fatalf("%v, %v", paths, err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for ; len(data) > 0; n++ {
			size := binary.LittleEndian.Uint64(data)
			event := data[12 : 12+size]
			if binary.LittleEndian.Uint32(data[8:]) != masked(data[:8]) ||
				binary.LittleEndian.Uint32(data[12+size:]) != masked(event) {
				t.Fatalf("%s: event %d: wrong checksum", path, n)
			}
			data = data[16+size:]
		}
		if n < 3 {
			t.Errorf("%s: %d events", path, n)
		}
	}
	// The published example of the masked checksum: CRC-32C of "123456789" is e3069283.
	sum := uint32(0xe3069283)
	if got := masked([]byte("123456789")); got != (sum>>15|sum<<17)+0xa282ead8 {
		t.Errorf("checksum %x", got)
	}
}

// TestReader lists the tags and the values with TensorBoard's own reader.
func TestReader(t *testing.T) {
	h, err := home.Dir()
	if err != nil {
		t.Fatal(err)
	}
	python := filepath.Join(h, "venv", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		shareddata.Skip(t, "no Python with tensorboard: go run ./kernel setup")
	}
	cmd := exec.Command(python, "testdata/read.py", write(t))
	cmd.Env = pyenv.Alone()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var told map[string]struct {
		Plugin string
		Class  int
		Events [][]any
	}
	if err := json.Unmarshal(out, &told); err != nil {
		t.Fatal(err)
	}
	near := func(a any, b float64) bool { x, ok := a.(float64); return ok && math.Abs(x-b) < 1e-6 }
	for tag, want := range map[string][]float64{
		"run-1/train:epoch_loss": {1, 0.5}, "run-1/train:epoch_accuracy": {0.75,
			0.75}, "run-1/train:epoch_learning_rate": {0.001, 0.001}, "run-1/validation:epoch_loss": {2, 1},
	} {
		got := told[tag]
		if got.Plugin != "scalars" || got.Class != 1 || len(got.Events) != 2 {
			t.Errorf("%s: %+v", tag, got)
			continue
		}
		for k, v := range want {
			if !near(got.Events[k][0], float64(k)) || !near(got.Events[k][1], v) {
				t.Errorf("%s: %v, want %v at %d", tag, got.Events[k], v, k)
			}
		}
	}
	kernel := told["run-1/train:dense/kernel/histogram"]
	if kernel.Plugin != "histograms" || len(kernel.Events) != 2 {
		t.Fatalf("histogram: %+v", kernel)
	}
	rows := kernel.Events[0][1].([]any)
	var count float64
	for _, row := range rows {
		count += row.([]any)[2].(float64)
	}
	first, last := rows[0].([]any), rows[len(rows)-1].([]any)
	if len(rows) != 30 || count != 4 || !near(first[0], -1) || !near(last[1], 2) || !near(last[2], 1) {
		t.Errorf("histogram of %v values, %v … %v", count, first, last)
	}
	if bias := told["run-1/train:lstm/bias/histogram"].Events[1][1]; !reflect.DeepEqual(bias,
		[]any{[]any{-0.5, 0.5, 3.}}) {
		t.Errorf("of one value: %v", bias)
	}
	model := told["run-1/train:model"]
	if text, _ := model.Events[0][1].(string); model.Plugin != "text" || !strings.Contains(text, `"hidden": 32`) ||
		!strings.Contains(text, "| dense/kernel | [2 2] | 4 |") {
		t.Errorf("text: %+v", model)
	}
	if picture := told["run-1/train:loss"]; picture.Plugin != "images" || picture.Events[0][1].([]any)[0] != "20" ||
		picture.Events[0][1].([]any)[1] != "10" {
		t.Errorf("image: %+v", picture)
	}
}

func TestRefused(t *testing.T) {
	w, err := Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for want, err := range map[string]error{
		`scalar "a": NaN is not finite`:     w.Scalar("a", 1, math.NaN()),
		`histogram "a": no values`:          w.Histogram("a", 1, nil),
		`histogram "a": +Inf is not finite`: w.Histogram("a", 1, []float32{1, float32(math.Inf(1))}),
		`image "a": not a PNG`:              w.Image("a", 1, []byte("GIF89a")),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := Create("/dev/null/x"); err == nil {
		t.Error("a folder in a file")
	}
}

// TestServer starts TensorBoard and requests the curves, as its page does.
func TestServer(t *testing.T) {
	h, err := home.Dir()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(h, "venv", "bin", "tensorboard")
	if _, err := os.Stat(program); err != nil {
		shareddata.Skip(t, "no tensorboard: go run ./kernel setup")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--logdir", write(t), "--host", "127.0.0.1", "--port", port)
	cmd.Env = pyenv.Alone()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer func() {
		_ = cmd.Process.Kill() // it may have exited
		<-ended
	}()
	get := func(path string) string {
		answer, err := http.Get("http://" + address + path)
		if err != nil {
			return ""
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			return ""
		}
		return string(text)
	}
	waits.Until(t, "TensorBoard has read the curves", func() bool {
		tags := get("/data/plugin/scalars/tags")
		if len(ended) > 0 {
			t.Fatalf("it ended with %q:\n%s", tags, said.String())
		}
		return strings.Contains(tags, "epoch_learning_rate") && strings.Contains(tags, "validation")
	})
	var points [][3]float64
	curve := get("/data/plugin/scalars/scalars?tag=epoch_loss&run=" + url.QueryEscape("run-1/train"))
	if err := json.Unmarshal([]byte(curve), &points); err != nil || len(points) != 2 || points[0][1] != 0 ||
		points[0][2] != 1 || points[1][2] != 0.5 {
		t.Errorf("%v: %s", err, curve)
	}
	for plugin, want := range map[string]string{"histograms": "dense/kernel/histogram", "text": "model",
		"images": "loss"} {
		if got := get("/data/plugin/" + plugin + "/tags"); !strings.Contains(got, want) {
			t.Errorf("%s: %s", plugin, got)
		}
	}
}

// TestBySteps checks that points by steps have their step numbers, under tags of their own.
func TestBySteps(t *testing.T) {
	dir := t.TempDir()
	r, err := NewRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	m := snapshot.Checkpoint{Point: snapshot.Point{Step: 300, Epoch: 1, Train: snapshot.Figures{Loss: 1}},
		LearningRate: 1, Model: snapshot.Model{Kind: "x", Description: json.RawMessage(`{}`)}}
	if err := r.BySteps().Point(m); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "train", "*"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("%v, %v", paths, err)
	}
	data, err := os.ReadFile(paths[0])
	if err != nil || !strings.Contains(string(data), "step_loss") || strings.Contains(string(data), "epoch_") ||
		!bytes.Contains(data, []byte{0x10, 0xac, 0x02}) {
		t.Errorf("%q, %v", data, err)
	}
}
