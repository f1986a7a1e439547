// Package snapshot keeps a trained model in files: its weights, what rebuilds it, what its inputs
// are, and where its training stood.
//
// A snapshot is a folder with two files in standard formats: model.safetensors holds every tensor,
// snapshot.json the rest: the description of the model, the names and the encoder of its inputs and
// how their rows were made, so that its path is all that is needed to use it again. It is written
// under a temporary name and renamed: it is whole, or it is not there. Open refuses what is
// damaged, and says which file and where.
//
// The package knows no model: package fit fills snapshots, and makes models out of them.
package snapshot

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/trafficlab/trafficlab/trafficlib/internal/atomicfile"
)

// The files of a snapshot, and the version of their layout.
const (
	weightsFile = "model.safetensors"
	recordFile  = "snapshot.json"
	format      = "trafficlab-snapshot"
	version     = 1
)

// A Snapshot is a model at one moment of its training.
type Snapshot struct {
	Model   Model           // what the weights belong to
	Data                    // what its inputs are
	Step    int             // optimizer steps taken
	Epoch   int             // whole passes over the data taken
	State   json.RawMessage // what package fit needs to resume from here; nil in an imported model
	History History         // the figures up to this step
	Weights Tensors         // the weights, by name
	Slots   Tensors         // the optimizer's own tensors, by name; empty in an imported model

	Path string `json:"-"` // the folder that it was read from or written to
}

// Data describes the rows that a model reads, as the set that it learned from does (seq.Lineage).
// All of it may be missing.
type Data struct {
	Names   []string        `json:"features,omitempty"` // of the features
	Recipe  json.RawMessage `json:"recipe,omitempty"`   // how rows are made, a seq.Recipe
	Encoder json.RawMessage `json:"encoder,omitempty"`  // what rows go through, as package encode writes it
}

// Model says what kind of model it is, and describes it, as package rnn has it.
type Model struct {
	Kind        string          `json:"kind"`
	Description json.RawMessage `json:"description"`
}

// record is snapshot.json.
type record struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Model   Model  `json:"model"`
	Data
	Step    int             `json:"step"`
	Epoch   int             `json:"epoch"`
	Weights string          `json:"weights_sha256"`
	State   json.RawMessage `json:"training,omitempty"`
	History History         `json:"history,omitempty"`
}

// In the weights file the optimizer's tensors stand beside the weights under this prefix.
const slotPrefix = "optimizer/"

// Path names the snapshot of a step among those in the folder dir.
func Path(dir string, step int) string { return filepath.Join(dir, fmt.Sprintf("step-%06d", step)) }

// Save writes the snapshot into a folder in dir that is named after its step, dir/step-000140, and
// sets s.Path. A snapshot of the same step is replaced.
func (s *Snapshot) Save(dir string) error {
	path := Path(dir, s.Step)
	err := atomicfile.WriteDir(path, func(tmp string) error {
		all := Tensors{}
		for name, t := range s.Weights {
			all[name] = t
		}
		for name, t := range s.Slots {
			all[slotPrefix+name] = t
		}
		sum := sha256.New()
		if err := writeFile(filepath.Join(tmp, weightsFile), all, sum); err != nil {
			return err
		}
		r := record{
			Format: format, Version: version, Model: s.Model, Data: s.Data, Step: s.Step, Epoch: s.Epoch,
			Weights: hex.EncodeToString(sum.Sum(nil)), State: s.State, History: s.History,
		}
		text, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		return writeSynced(filepath.Join(tmp, recordFile), append(text, '\n'))
	})
	if err != nil {
		return fmt.Errorf("snapshot: %s: %w", path, err)
	}
	s.Path = path
	return nil
}

// Open reads the snapshot in the folder path; if path holds snapshots, the latest of them.
func Open(path string) (*Snapshot, error) {
	text, err := os.ReadFile(filepath.Join(path, recordFile))
	if errors.Is(err, os.ErrNotExist) {
		all, listErr := List(path)
		if listErr != nil {
			return nil, listErr
		}
		if len(all) == 0 {
			return nil, fmt.Errorf("snapshot: %s: no snapshot here: no %s and no folder step-…", path, recordFile)
		}
		return Open(all[len(all)-1])
	}
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	file := filepath.Join(path, recordFile)
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("snapshot: %s: %s", file, jsonPlace(text, err))
	}
	if r.Format != format || r.Version != version {
		return nil, fmt.Errorf("snapshot: %s: format %q version %d, want %q version %d", file, r.Format,
			r.Version, format, version)
	}
	weights := filepath.Join(path, weightsFile)
	data, err := os.ReadFile(weights)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	all, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %s: %w", weights, err)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != r.Weights {
		return nil, fmt.Errorf("snapshot: %s: SHA-256 is %x…, %s was written for %.8s…", weights, sum[:4],
			recordFile, r.Weights)
	}
	// The file is indented for its readers; JSON inside it comes back as it was given to Save.
	for _, raw := range []*json.RawMessage{&r.Model.Description, &r.Recipe, &r.Encoder, &r.State} {
		var b bytes.Buffer
		if json.Compact(&b, *raw) == nil {
			*raw = b.Bytes()
		}
	}
	s := &Snapshot{
		Model: r.Model, Data: r.Data, Step: r.Step, Epoch: r.Epoch, State: r.State, History: r.History,
		Weights: Tensors{}, Slots: Tensors{}, Path: path,
	}
	for name, t := range all {
		if rest, ok := cutPrefix(name); ok {
			s.Slots[rest] = t
		} else {
			s.Weights[name] = t
		}
	}
	return s, nil
}

// List returns the paths of the snapshots in a folder, from the first step to the last. A folder
// that does not exist holds none.
func List(dir string) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(escape(dir), "step-*", recordFile))
	if err != nil {
		return nil, fmt.Errorf("snapshot: %s: %w", dir, err)
	}
	for i := range found {
		found[i] = filepath.Dir(found[i])
	}
	sortBySteps(found)
	return found, nil
}

// String is a line such as "forecaster lstm features=146 · step 140 · epoch 70 · 171112 weights".
func (s *Snapshot) String() string {
	return fmt.Sprintf("%s %s · step %d · epoch %d · %d weights", s.Model.Kind, s.Model.Description, s.Step,
		s.Epoch, s.Weights.Size())
}
