package progress_test

import (
	"context"
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/progress"
)

// A sink is a function, or a type with a method Update.
func ExampleWith() {
	ctx := progress.With(context.Background(), progress.SinkFunc(func(u progress.Update) {
		fmt.Printf("%s: %d of %d %ss\n", u.Task, u.Done, u.Total, u.Unit)
	}))
	// Functions of the library that take ctx report like this:
	progress.From(ctx).Update(progress.Update{Task: "train", Unit: "step", Done: 60, Total: 100})
	// Output: train: 60 of 100 steps
}
