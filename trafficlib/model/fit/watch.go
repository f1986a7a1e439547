package fit

import "github.com/trafficlab/trafficlab/trafficlib/model/snapshot"

// A Callback is called during a training. Package tensorboard has one that writes event files,
// package original one that prints lines.
type Callback interface {
	// Point is called at each point of the history, once it is measured. An error ends the training.
	Point(m Checkpoint) error
}

// A Checkpoint is a point and the model as it is there. Package tensorboard knows it by its name in
// package snapshot, so that it need not import this one.
type Checkpoint = snapshot.Checkpoint
