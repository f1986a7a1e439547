package fit

import "github.com/trafficlab/trafficlab/trafficlib/model/snapshot"

// A Watcher looks on at a training: package tensorboard has one that writes what TensorBoard shows.
type Callback interface {
	// Point takes each point of the history, when it has been measured. An error ends the training.
	Point(m Checkpoint) error
}

// A Moment is what a Watcher sees: a point, and the model as it is there. Package tensorboard knows it under its own
// name, so that it need not know this package.
type Checkpoint = snapshot.Checkpoint
