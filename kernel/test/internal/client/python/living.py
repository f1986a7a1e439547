"""Living sessions under long use.

usage: living.py KERNEL CELLS RESETS KILLS

First CELLS cells with known values: four fifths of them in one kernel, the rest in one whose host collects garbage
continuously and overwrites what it frees. Among them are redefinitions, panics, exits, cells that do not compile,
and interrupts of cells that loop or wait. Then RESETS times some cells and %reset. At last KILLS hosts are killed in
the middle of a cell. Sizes are reported from time to time.
"""

import os
import re
import statistics
import sys
import time

from client import Kernel, gone, kill, processes, say, want
from values import IMPORTS, Values

HOST = "host"  # the name of the program of a session's host
# The time limit for the reply of a stopped cell. The kernel ends a loop within one second and a wait within two.
STOPPED = 30


def hosts():
    return {pid for pid, line in processes().items() if os.path.basename(line.split()[0]) == HOST}


def programs():
    """Returns the names of all processes, except those that the kernel starts at any time."""
    names = [os.path.basename(line.split()[0]) for line in processes().values()]
    return sorted(n for n in names if n not in ("gopls", "go"))


def files():
    return sum(len(names) for _, _, names in os.walk(os.environ["TMPDIR"]))


def host_size():
    """Returns the size of the host that runs cells, the largest if another is ready.

    The values are megabytes of private memory, proportional memory (PSS), and descriptors.
    """
    best = {"mb": 0, "pss": 0, "fds": 0}
    for pid in hosts():
        try:
            with open(f"/proc/{pid}/smaps_rollup") as f:
                text = f.read()
            mine = (
                sum(int(re.search(rf"^{k}:\s+(\d+)", text, re.M)[1]) for k in ("Private_Clean", "Private_Dirty")) / 1024
            )
            pss = int(re.search(r"^Pss:\s+(\d+)", text, re.M)[1]) / 1024
            fds = len(os.listdir(f"/proc/{pid}/fd"))
        except OSError:
            continue
        if mine > best["mb"]:
            best = {"mb": round(mine, 1), "pss": round(pss, 1), "fds": fds}
    return best


# Cells that do not succeed, with the expected name of the error. Each changes a value first.
FAILURES = [
    ('panic("on purpose")', "Panic", "on purpose"),
    ("var none []int\n_ = none[len(none)]", "Panic", "index out of range"),
    ('var none map[string]int\nnone["a"] = 1', "Panic", "nil map"),
    (
        'func() {\n\tdefer func() { panic(fmt.Errorf("again: %v", recover())) }()\n\tpanic("once")\n}()',
        "Panic",
        "again: once",
    ),
    ("os.Exit(3)", "ExitError", "3"),
    ('log.Fatal("the end")', "ExitError", "1"),
    (
        (
            'done := make(chan bool)\ngo func() {\n\tdefer close(done)\n\tpanic("aside")\n}()\n'
            "<-done\ntime.Sleep(time.Second)"
        ),
        "Panic",
        "aside",
    ),
]
ENDLESS = [
    "for {\n}",
    "for i := 0; ; i++ {\n\tif i < 0 {\n\t\tbreak\n\t}\n}",
    (
        "func() {\n\tvar f func(int) int\n\tf = func(n int) int {\n\t\tif n <= 1 {\n\t\t\treturn 1\n"
        "\t\t}\n\t\treturn f(n-1) + f(n-2)\n\t}\n\tf(100)\n}()"
    ),
    "time.Sleep(time.Hour)",
    "<-make(chan int)",
    "select {}",
    "func() {\n\tvar m sync.Mutex\n\tm.Lock()\n\tm.Lock()\n}()",
]


class Worker:
    """Runs cells in a kernel and compares their output with what they must print."""

    def __init__(self, name, seed, **env):
        self.k = Kernel(name, env=env)
        self.values = Values(seed)
        self.rng = self.values.rng
        self.wrong, self.count, self.took, self.stops = [], 0, [], []
        self.kinds = {"made": 0, "failed": 0, "stopped": 0, "refused": 0}
        self.expect(IMPORTS, "")
        self.fresh = host_size()
        self.took.clear()

    def expect(self, code, text):
        reply = self.k.execute(code, timeout=120)
        self.count += 1
        self.took.append(reply.came - reply.sent)
        if reply.status != "ok":
            self.note(code, f"failed: {reply['content'].get('ename')}: {reply['content'].get('evalue')}")
        elif reply.text() != text:
            self.note(code, f"printed {reply.text()[-500:]!r}, must print {text[-500:]!r}")

    def note(self, code, words):
        self.wrong.append(f"cell {self.count}: {words}\n{code}")

    def fail(self):
        code, text = self.values.steps(2)
        ends, name, words = self.rng.choice(FAILURES)
        reply = self.k.execute(code + ends, timeout=120)
        self.count += 1
        self.kinds["failed"] += 1
        c = reply["content"]
        if (
            c["status"] != "error"
            or c["ename"] != name
            or words not in "\n".join([c["evalue"], *c["traceback"]])
            or not reply.text().startswith(text)
        ):
            self.note(
                code + ends,
                f"must end as {name} with {words!r} and print {text!r}, ended as {c} and printed {reply.text()!r}",
            )

    def refuse(self):
        """A cell that does not compile changes nothing: later cells check the values that it names."""
        number = self.rng.choice(sorted(self.values.all))
        code = f'v{number} = missing{number}\nfmt.Println("never")'
        reply = self.k.execute(code, timeout=120)
        self.count += 1
        self.kinds["refused"] += 1
        if reply.status != "error" or reply["content"]["ename"] != "CompileError" or reply.text():
            self.note(code, f"must be a CompileError, is {reply['content']}")

    def stop(self):
        code, text = self.values.steps(2)
        code += 'fmt.Println("begun")\n' + self.rng.choice(ENDLESS)
        sent = self.k.start_execute(code)
        self.k.until(lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"], 120, f"begun: {code}")
        at = time.monotonic()
        self.k.interrupt()
        reply = self.k.reply(*sent, timeout=at - sent[1] + STOPPED, idle=5)
        self.count += 1
        self.kinds["stopped"] += 1
        self.stops.append(reply.came - at)
        c = reply["content"]
        if c["status"] != "error" or c["ename"] != "Interrupted" or text + "begun\n" != reply.text():
            self.note(code, f"must be interrupted after {text!r}, ended as {c} and printed {reply.text()!r}")

    def make(self):
        drop, code, text = self.values.new()
        self.kinds["made"] += 1
        if drop and self.rng.random() < 0.5:
            code, drop = drop + code, ""
        if drop:
            self.expect(drop, "")
        self.expect(code, text)

    def one(self):
        dice = self.rng.random()
        if len(self.values.all) < 8 or dice < 0.15:
            self.make()
        elif dice < 0.20:
            self.fail()
        elif dice < 0.22:
            self.refuse()
        elif dice < 0.25:
            self.stop()
        else:
            self.expect(*self.values.steps(self.rng.randint(1, 5)))

    def work(self, cells, part):
        end, next_sample = self.count + cells, 0
        begin = self.count
        while self.count < end:
            self.one()
            if self.count - begin >= next_sample + max(1, cells // 10):
                next_sample = self.count - begin
                say(
                    living=part,
                    cells=next_sample,
                    host=host_size(),
                    files=files(),
                    median=round(statistics.median(self.took), 3),
                    wrong=len(self.wrong),
                )
                self.took.clear()

    def tell(self, part):
        say(
            part=part,
            cells=self.count,
            **self.kinds,
            wrong=self.wrong[:5],
            wrongs=len(self.wrong),
            stop=round(max(self.stops, default=0), 2),
            fresh=self.fresh,
            host=host_size(),
        )


def collected(w):
    """Returns the size of the host after a garbage collection."""
    w.expect("debug.FreeOSMemory()\ndebug.FreeOSMemory()", "")
    return host_size()


def resets(w, count):
    """Runs sessions of some fifty cells that hold megabytes, each followed by %reset."""
    for number in range(count):
        for _ in range(40):
            w.make() if len(w.values.all) < 8 else w.expect(*w.values.steps(3))
        w.expect(
            (
                "big := make([][]byte, 64)\nfor i := range big {\n"
                "\tbig[i] = bytes.Repeat([]byte{1}, 1<<20)\n}\nfmt.Println(len(big))"
            ),
            "64\n",
        )
        before = host_size()
        reply = w.k.execute("%reset", timeout=60)
        want(reply.status == "ok", f"%reset: {reply['content']}")
        w.values.all.clear()
        w.expect(IMPORTS, "")
        say(reset=number, before=before, after=host_size(), fresh=w.fresh, files=files())


KILLED = [
    'fmt.Println("begun")\nfor {\n}',
    'fmt.Println("begun")\ntime.Sleep(time.Hour)',
    'cmd := exec.Command("sleep", "1234")\ncmd.Start()\nfmt.Println("begun")\ncmd.Wait()',
    'fmt.Println("begun")\nfor i := 0; ; i++ {\n\tfmt.Println(i)\n\ttime.Sleep(time.Millisecond)\n}',
    (
        'go func() {\n\tfor {\n\t}\n}()\nos.WriteFile(os.TempDir()+"/kept", nil, 0o600)\n'
        'os.Remove(os.TempDir()+"/kept")\nfmt.Println("begun")\nselect {}'
    ),
]


def kills(w, count):
    """Kills hosts in the middle of a cell. Reports what is left, and the time of the next cell."""
    w.expect('import "os/exec"\nheld := []int{1}\nfmt.Println(held)', "[1]\n")
    time.sleep(1)  # the next host is ready
    running, kept = programs(), files()
    for number in range(count):
        before = hosts()
        sent = w.k.start_execute(KILLED[number % len(KILLED)])
        w.k.until(lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"], 120, "begun")
        busy = max(before, key=cpu_or_memory)
        kill(busy)
        at = time.monotonic()
        reply = w.k.reply(*sent, timeout=at - sent[1] + 60, idle=5)
        lost = reply["content"].get("ename")
        next_one = w.k.execute(
            f'import ("fmt"; "os"; "os/exec"; "time")\nheld := []int{{{number}}}\nfmt.Println(held)', timeout=60
        )
        ok = (
            lost == "SessionLost"
            and next_one.text() == f"[{number}]\n"
            and (number == 0 or "held" in reply["content"]["evalue"])
        )
        w.k.pump(0)
        left = gone(
            lambda: (
                ([p for p in before - {busy} - hosts()] and ["another host has ended"])
                + ([f"process {busy}"] if busy in processes() else [])
                + [f"now runs {p}" for p in set(programs()) - set(running)]
                + ([f"{files()} files, {kept} before"] if files() > kept else [])
            ),
            5,
        )
        say(
            kill=number,
            ok=ok,
            words="" if ok else f"{reply['content']}, then {next_one['content']} {next_one.text()!r}",
            told=round(reply.came - at, 3),
            next=round(next_one.came - next_one.sent, 3),
            left=left,
        )


def cpu_or_memory(pid):
    """Returns the host that has run cells: it has many private pages, a host that is only ready has few."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as f:
            return int(re.search(r"^Private_Dirty:\s+(\d+)", f.read(), re.M)[1])
    except OSError:
        return 0


def main(kernel, cells, reset, kill_count):
    part = cells // 5
    w = Worker(kernel, 1)
    w.work(cells - part, "cells")
    w.tell("cells")
    resets(w, reset)
    if kill_count:
        kills(w, kill_count)
    if w.wrong:
        say(part="after", cells=0, wrong=w.wrong[:5], wrongs=len(w.wrong))
    w.k.close()
    if part:
        hard = Worker(kernel, 2, GOGC="1", GODEBUG="clobberfree=1")
        hard.expect("fmt.Println(debug.SetGCPercent(1))", "1\n")  # else the test would be void
        hard.work(part, "GOGC=1")
        hard.tell("GOGC=1")
        hard.k.close()
    say(
        ended=True,
        left=gone(
            lambda: (
                list(processes().values())
                + [os.path.join(os.environ["TMPDIR"], n) for n in os.listdir(os.environ["TMPDIR"])]
            ),
            5,
        ),
    )


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
