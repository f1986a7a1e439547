"""Cells that several programs use. GoNB alone can run all of them too."""

import random


def slow_build(statements=5_000):
    """Returns a cell that takes the compiler some ten seconds, with numbers that are in no cache."""
    seed = random.randrange(10**9)
    lines = [f"\tx{i} := f({seed + i}) + {i}*f({i + 1})" for i in range(statements)] + [
        f"\tm[{i}] = x{i}" for i in range(statements)
    ]
    return (
        'import "fmt"\n\nfunc slowToBuild() {\n\tf := func(i int) float64 {\n\t\tif i > 3 {\n'
        "\t\t\treturn float64(i)\n\t\t}\n\t\treturn 1.5\n\t}\n"
        "\tm := map[int]float64{}\n" + "\n".join(lines) + "\n\tfmt.Println(len(m))\n}\n\n%%\nslowToBuild()\n"
    )


SLEEP = 'import (\n\t"fmt"\n\t"time"\n)\n\n%%\nfmt.Println("begun")\ntime.Sleep(time.Hour)\n'

BUSY = 'import "fmt"\n\n%%\nfmt.Println("begun")\nfor i := 0; ; i++ {\n}\n'

# Its child ignores signals too.
DEAF = (
    'import (\n\t"fmt"\n\t"os/exec"\n\t"os/signal"\n\t"syscall"\n\t"time"\n)\n\n%%\n'
    "signal.Ignore(syscall.SIGINT, syscall.SIGTERM)\n"
    'exec.Command("sh", "-c", "trap \'\' INT TERM; while :; do sleep 321; done").Start()\n'
    'fmt.Println("begun")\ntime.Sleep(time.Hour)\n'
)

# It ends by itself when it is asked to.
HEEDS = (
    'import (\n\t"fmt"\n\t"os"\n\t"os/signal"\n\t"time"\n)\n\n%%\n'
    "stop := make(chan os.Signal, 1)\nsignal.Notify(stop, os.Interrupt)\n"
    'fmt.Println("begun")\n<-stop\nfmt.Println("saving")\ntime.Sleep(2 * time.Second)\nfmt.Println("saved")\n'
)

# Minutes of matrix products in the plugin, which is C++ called through cgo.
CGO = (
    'import (\n\t"fmt"\n\t"github.com/gomlx/gomlx/core/graph"\n'
    '\t"github.com/trafficlab/trafficlab/trafficlib/model/device"\n)\n\n%%\n'
    'b, err := device.Open("")\nif err != nil {\n\tpanic(err)\n}\nfmt.Println(b.Name())\n'
    "exec := graph.MustNewExec(b, func(x *graph.Node) *graph.Node {\n"
    "\tfor range 2000 {\n\t\tx = graph.Sin(graph.MatMul(x, x))\n\t}\n\treturn graph.ReduceAllSum(x)\n})\n"
    "rows := make([][]float32, 2048)\nfor i := range rows {\n\trows[i] = make([]float32, 2048)\n\trows[i][i] = 0.5\n}\n"
    'fmt.Println("begun")\nfmt.Println(exec.MustExec(rows)[0])\n'
)


def after(word="after"):
    return f'import "fmt"\n\n%%\nfmt.Println("{word}")\n'
