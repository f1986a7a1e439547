package device_test

import (
	"fmt"

	"github.com/trafficlab/trafficlab/trafficlib/model/device"
)

func ExampleOpen() {
	backend, err := device.Open("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(device.Describe(backend))
	// Output: go
}
