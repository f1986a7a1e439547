"""Times what somebody at a notebook waits for, of several kernels in turn.

usage: bench.py ROUNDS KERNEL…

Each kernel runs all the time; in each round each thing is measured of each kernel, one after the other. Every cell is
another program than those before, but where the point is that it is not. A time that cannot be had is null.
"""

import sys
import time

import cells
from probe import Kernel, Missing, say, want

GO_TRIVIAL = 'import "fmt"\n\n%%\nfmt.Println("hello", {})'
PY_TRIVIAL = 'print("hello", {})'
GO_SLEEP, PY_SLEEP = cells.SLEEP, "import time\nprint('begun', flush=True)\ntime.sleep(3600)"

# A cell that trains: what opens the backend, makes a model of 32 units and takes two steps. Its first line is the
# backend's name, as in the notebooks.
GO_TRAIN = '''import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"github.com/trafficlab/trafficlab/trafficlib/device"
	"github.com/trafficlab/trafficlab/trafficlib/fit"
	"github.com/trafficlab/trafficlab/trafficlib/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/seq"
)

%%
backend, err := device.Open("")
if err != nil {
	panic(err)
}
fmt.Println(device.Describe(backend))
rows := make([]float32, 20*4)
for i := range rows {
	rows[i] = float32((i*{}) % 7) / 7
}
ex := seq.NextStep{Set: seq.New(4, rows, rows), SequenceLen: 20}
dir := filepath.Join(os.TempDir(), "bench")
os.RemoveAll(dir)
_, err = fit.Train(context.Background(), backend, rnn.Forecaster{Features: 4, Hidden: 32, Dense: true}, ex, fit.Config{Dir: dir, Steps: 2, BatchSize: 2})
os.RemoveAll(dir)
if err != nil {
	panic(err)
}
fmt.Println("trained")
'''

number = int(time.time()) % 1_000_000  # so that no cache of an earlier run knows the cells


def fresh(code):
    global number
    number += 1
    return code.replace("{}", str(number))


def good(k, code, word):
    reply = k.execute(code, timeout=120)
    want(reply.status == "ok" and word in reply.text(), f"{k.name}: {reply['content']}")
    return reply


def is_go(k):
    return k.name != "ipykernel"


def trivial(k):
    reply = good(k, fresh(GO_TRIVIAL if is_go(k) else PY_TRIVIAL), "hello")
    return reply.idle - reply.sent


def again(k):
    code = fresh(GO_TRIVIAL if is_go(k) else PY_TRIVIAL)
    good(k, code, "hello")
    reply = good(k, code, "hello")
    return reply.idle - reply.sent


trained = {}
spent = {}


def train(k):
    if not is_go(k):
        raise Missing("has no GoMLX")
    trained[k.name] = fresh(GO_TRAIN)
    reply = good(k, trained[k.name], "trained")
    spent[k.name] = reply["metadata"].get("trafficlab", {})
    return reply.first("stream")


def part(name):
    """What our kernel says of the training cell before: how long the compiler and the linker took."""

    def measure(k):
        if name not in spent.get(k.name, {}):
            raise Missing("does not tell")
        return spent[k.name][name]

    return measure


def train_again(k):
    if k.name not in trained:
        raise Missing("has no GoMLX")
    return good(k, trained[k.name], "trained").first("stream")


def broken(k):
    reply = k.execute(fresh('import "fmt"\n\n%%\nfmt.Println(missing{})' if is_go(k) else "missing{}"), timeout=60)
    want(reply.status == "error", f"{k.name}: {reply['content']}")
    return reply.came - reply.sent


def interrupt(k):
    """As its kernelspec says: by a message, and of ipykernel by a signal."""
    if is_go(k):
        k.send("interrupt_request", {}, "control")
    else:
        k.manager.interrupt_kernel()


def while_busy(k):
    """On the control channel, where a client that looks for a stop asks."""
    sent = k.start_execute(GO_SLEEP if is_go(k) else PY_SLEEP)
    k.until(lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"], 60, "begun")
    try:
        reply = k.request("kernel_info_request", {}, "control", 3)
        return reply.came - reply.sent
    finally:
        interrupt(k)
        k.reply(*sent, timeout=time.monotonic() - sent[1] + 30, idle=5)


def stop(k):
    """From the interrupt to the reply of the cell."""
    sent = k.start_execute(GO_SLEEP if is_go(k) else PY_SLEEP)
    k.until(lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"], 60, "begun")
    at = time.monotonic()
    interrupt(k)
    return k.reply(*sent, timeout=time.monotonic() - sent[1] + 30, idle=5)["came"] - at


def completion(k):
    code = "fmt.Printl" if is_go(k) else "str.isal"
    reply = k.request("complete_request", {"code": code, "cursor_pos": len(code)}, timeout=30)
    return reply.came - reply.sent


def inspection(k):
    code = "fmt.Println" if is_go(k) else "str.isalpha"
    reply = k.request("inspect_request", {"code": code, "cursor_pos": len(code), "detail_level": 0}, timeout=30)
    return reply.came - reply.sent


def start(k):
    """Of a kernel of its own, which the next row uses as well."""
    lives[k.name] = Kernel(k.name)
    return lives[k.name].ready


def first_completion(k):
    fresh_one = lives.pop(k.name)
    try:
        return completion(fresh_one)
    finally:
        fresh_one.close(now=True)


lives = {}
ROWS = [
    ("trivial cell", trivial), ("the same cell again", again), ("cell that trains, to its first line", train),
    ("– of it the compiler", part("compile")), ("– of it the linker", part("link")), ("the same training cell again", train_again), ("compile error", broken), ("stop a running cell", stop),
    ("kernel_info while a cell runs", while_busy), ("completion", completion), ("inspection", inspection),
    ("start", start), ("completion just after the start", first_completion),
]


def main(rounds, names):
    kernels = {name: Kernel(name) for name in names}
    for k in kernels.values():  # what is done once for each kernel is no cell's time
        trivial(k)
    for r in range(-1, rounds):  # the first round fills caches and is not told
        for row, measure in ROWS:
            for k in kernels.values():
                if r < 0 and measure in (start, first_completion):
                    continue
                try:
                    seconds, words = measure(k), ""
                except Missing as e:
                    seconds, words = None, str(e)
                if r >= 0:
                    say(row=row, kernel=k.name, round=r, seconds=seconds, words=words)
    for k in kernels.values():
        k.close(now=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
