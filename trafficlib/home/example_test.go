package home_test

import (
	"fmt"
	"log"
	"os"

	"github.com/trafficlab/trafficlab/trafficlib/home"
)

func ExampleDir() {
	if err := os.Setenv("TRAFFICLAB_HOME", "/srv/trafficlab"); err != nil {
		log.Fatal(err)
	}
	defer os.Unsetenv("TRAFFICLAB_HOME")
	dir, err := home.Dir()
	if err != nil {
		log.Fatal(err)
	}
	plugin, err := home.Plugin()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(dir)
	fmt.Println(plugin)
	// Output:
	// /srv/trafficlab
	// /srv/trafficlab/pjrt/pjrt_c_api_cpu_plugin.so
}
