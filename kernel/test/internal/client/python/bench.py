"""Measures what a person at a notebook waits for, with several kernels in turn.

usage: bench.py ROUNDS KERNEL…

All kernels run all the time. In each round each quantity is measured with each kernel, one after another.
Unless the point is a repeated cell, each cell is a new program. A time that is not available is null. The first
kernel is ours: it gets bare Go where the others get a program.
"""

import os
import re
import sys
import time

import cells
from bench_loops import GO_LOOPS, LOOPS
from client import Kernel, Missing, say, want

GO_TRIVIAL = 'import "fmt"\n\n%%\nfmt.Println("hello", NUMBER)'
GO_PROGRAM = GO_TRIVIAL + "\n// a program of its own"
PY_TRIVIAL = 'print("hello", NUMBER)'
GO_SLEEP, PY_SLEEP = cells.SLEEP, "import time\nprint('begun', flush=True)\ntime.sleep(3600)"

# A cell that trains an LSTM of 32 units. It prints the backend's name, as in the notebooks, and a line per step.
GO_TRAIN = """import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"github.com/trafficlab/trafficlab/trafficlib/model/device"
	"github.com/trafficlab/trafficlab/trafficlib/model/fit"
	"github.com/trafficlab/trafficlab/trafficlib/model/rnn"
	"github.com/trafficlab/trafficlab/trafficlib/data/seq"
)

type told struct{}

func (told) Point(m fit.Checkpoint) error {
	_, err := fmt.Println("step", m.Step)
	return err
}

%%
backend, err := device.Open("")
if err != nil {
	panic(err)
}
fmt.Println(device.Describe(backend))
rows := make([]float32, 20*4)
for i := range rows {
	rows[i] = float32((i*NUMBER) % 7) / 7
}
ex := seq.NextStep{Set: seq.New(4, rows, rows), SequenceLen: 20}
dir := filepath.Join(os.TempDir(), "bench")
os.RemoveAll(dir)
untrained, err := fit.New(rnn.Forecaster{Features: 4, Hidden: 32, Dense: true}, 0)
if err != nil {
	panic(err)
}
_, err = fit.Train(context.Background(), backend, untrained, ex,
	fit.Config{Dir: dir, Steps: 2, BatchSize: 2, EvalEvery: 1, Callbacks: told{}})
os.RemoveAll(dir)
if err != nil {
	panic(err)
}
fmt.Println("trained")
"""

# Values for the completion of members.
GO_MEMBERS = (
    "type Trial struct{ Alpha, Beta int }\n\nfunc (t *Trial) Gamma() int { return t.Alpha }\n\n"
    "var trialNUMBER = &Trial{Beta: NUMBER}\n"
)
PY_MEMBERS = "class Trial:\n    def Gamma(self): pass\n    Alpha = Beta = 1\n\ntrialNUMBER = Trial()\n"

number = int(time.time()) % 1_000_000  # so that the cells are in no cache of an earlier run


def fresh(code):
    global number
    number += 1
    return code.replace("NUMBER", str(number))


def good(k, code, word):
    reply = k.execute(code, timeout=120)
    want(reply.status == "ok" and word in reply.text(), f"{k.name}: {reply['content']}")
    return reply


def is_go(k):
    return k.name != "ipykernel"


def bare(k, code):
    """Returns Go for a kernel: ours needs no line for GoNB."""
    return code.replace("%%\n", "") if k.name == ours else code


def hello(k):
    return fresh(bare(k, GO_TRIVIAL) if is_go(k) else PY_TRIVIAL)


def trivial(k):
    reply = good(k, hello(k), "hello")
    return reply.idle - reply.sent


def program(k):
    """The trivial cell in the form for GoNB."""
    if not is_go(k):
        raise Missing("has no programs")
    reply = good(k, fresh(GO_PROGRAM), "hello")
    return reply.idle - reply.sent


def again(k):
    code = hello(k)
    good(k, code, "hello")
    reply = good(k, code, "hello")
    return reply.idle - reply.sent


trained = {}


def train(k):
    """The first training of a session."""
    if not is_go(k):
        raise Missing("has no GoMLX")
    return train_cell(k).first("stream")


def train_cell(k):
    code = fresh(bare(k, GO_TRAIN))
    reply = good(lives[k.name], code, "trained")
    trained[k.name] = code, reply
    return reply


def to_step(reply):
    """Returns the seconds to the line of the first step."""
    return next(m["came"] - reply.sent for m in reply.of("stream") if "step 1" in m["content"]["text"])


def last_trained(k):
    if k.name not in trained:
        raise Missing("has no GoMLX")
    return trained[k.name][1]


def first_step(k):
    """Belongs to the training before."""
    return to_step(last_trained(k))


def part(name):
    """The times of the compiler and the linker that our kernel reports for the training cell before."""

    def measure(k):
        spent = last_trained(k)["metadata"].get("trafficlab", {})
        if name not in spent:
            raise Missing("not reported")
        return spent[name]

    return measure


def train_later(k):
    """Another cell with the same model and other data."""
    last_trained(k)
    return to_step(train_cell(k))


def train_again(k):
    last_trained(k)
    return good(lives[k.name], trained[k.name][0], "trained").first("stream")


def broken(k):
    reply = k.execute(
        fresh(bare(k, 'import "fmt"\n\n%%\nfmt.Println(missingNUMBER)') if is_go(k) else "missingNUMBER"), timeout=60
    )
    want(reply.status == "error", f"{k.name}: {reply['content']}")
    return reply.came - reply.sent


def interrupt(k):
    """In the way of its kernelspec: with a message, or for ipykernel with a signal."""
    if is_go(k):
        k.send("interrupt_request", {}, "control")
    else:
        k.manager.interrupt_kernel()


def while_busy(k):
    """On the control channel, where clients ask during a cell."""
    sent = k.start_execute(bare(k, GO_SLEEP) if is_go(k) else PY_SLEEP)
    k.until(lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"], 60, "begun")
    try:
        reply = k.request("kernel_info_request", {}, "control", 3)
        return reply.came - reply.sent
    finally:
        interrupt(k)
        k.reply(*sent, timeout=time.monotonic() - sent[1] + 30, idle=5)


def stop(k):
    """From the interrupt to the reply of the cell."""
    sent = k.start_execute(bare(k, GO_SLEEP) if is_go(k) else PY_SLEEP)
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


def member(k):
    """For a value that a cell has just made."""
    good(k, fresh(GO_MEMBERS if is_go(k) else PY_MEMBERS), "")
    code = f"trial{number}." if k.name in (ours, "ipykernel") else f"%%\ntrial{number}."
    reply = k.request("complete_request", {"code": code, "cursor_pos": len(code)}, timeout=30)
    found = [m.rsplit(".", 1)[-1] for m in reply["content"]["matches"]]
    want({"Alpha", "Beta"} <= set(found), f"{k.name} completes {found}")
    return reply.came - reply.sent


def start(k):
    """With a new kernel, which the next rows use as well."""
    lives[k.name] = Kernel(k.name)
    return lives[k.name].ready


def first_completion(k):
    return completion(lives[k.name])


def memory(program, figure):
    """Returns the megabytes of a kernel, or of a program that it has started."""

    def measure(k):
        pids = (
            [k.pid]
            if program is None
            else [pid for pid, ppid in parents().items() if ppid == k.pid and program_of(pid) == program]
        )
        want(pids, f"no {program}")
        total = 0
        for pid in pids:
            with open(f"/proc/{pid}/smaps_rollup") as f:
                total += int(re.search(rf"^{figure}:\s+(\d+)", f.read(), re.M)[1]) / 1024
        return total

    return measure


def parents():
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as f:
                found[int(pid)] = int(f.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            pass
    return found


def program_of(pid):
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return ""


def loops(k):
    """Measures each loop in a session of our kernel, and as a program."""
    for way, code in (("session", bare(k, GO_LOOPS)), ("program", "%isolated\n" + bare(k, GO_LOOPS))):
        reply = good(k, code, "fib")
        for name, seconds in re.findall(r"^(\w+) ([\d.e-]+)$", reply.text(), re.M):
            yield LOOPS[name], way, float(seconds)


ours = ""
lives = {}
ROWS = [
    ("trivial cell", trivial),
    ("the same cell again", again),
    ("trivial cell written for GoNB", program),
    ("compile error", broken),
    ("stop a running cell", stop),
    ("kernel_info while a cell runs", while_busy),
    ("completion", completion),
    ("completion of a value's members", member),
    ("inspection", inspection),
    ("start", start),
    ("completion just after the start", first_completion),
    ("first cell that trains, to its first line", train),
    ("– of it the compiler", part("compile")),
    ("– of it the linker", part("link")),
    ("– to its first step", first_step),
    ("later cell that trains the same model, to its first step", train_later),
    ("the same training cell again", train_again),
]
MEMORY = [
    ("kernel, RSS", memory(None, "Rss")),
    ("kernel, PSS", memory(None, "Pss")),
    ("host of its cells, RSS", memory("host", "Rss")),
    ("host of its cells, PSS", memory("host", "Pss")),
]


def main(rounds, names):
    global ours
    ours = names[0]
    kernels = {name: Kernel(name) for name in names}
    for k in kernels.values():  # work that each kernel does only once
        trivial(k)

    def measured(row, measure, k, r, unit):
        try:
            seconds, words = measure(k), ""
        except (Missing, KeyError) as e:
            seconds, words = None, str(e)
        if r >= 0:
            say(row=row, kernel=k.name, round=r, seconds=seconds, unit=unit, words=words)

    for r in range(-1, rounds):  # the first round fills caches and is not reported
        for row, measure in ROWS:
            for k in kernels.values():
                measured(row, measure, k, r, "s")
        for k in lives.values():
            k.close(now=True)
        lives.clear()
        trained.clear()
        for row, measure in MEMORY:
            for k in kernels.values():
                measured(row, measure, k, r, "MB")
        for loop, way, seconds in loops(kernels[ours]):
            if r >= 0:
                say(loop=loop, way=way, round=r, seconds=seconds)
    for k in kernels.values():
        k.close(now=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
