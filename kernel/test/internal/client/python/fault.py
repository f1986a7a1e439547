"""What the cases of faults.py share."""

import os
import re
import time

import cells
from client import Kernel, check, kill, named, processes, want

NEXT = 5.0  # seconds until everything works again


def temporary():
    """Returns the files in the folder for temporary files, which does not contain the connection file."""
    return [os.path.join(os.environ["TMPDIR"], name) for name in os.listdir(os.environ["TMPDIR"]) if name != "s"]


def of_gopls(pid):
    """Reports whether gopls started a process: it runs the go command at any time."""
    while pid > 1:
        try:
            with open(f"/proc/{pid}/stat") as f:
                name, rest = f.read().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            return False
        if name == "gopls":
            return True
        pid = int(rest.split()[1])
    return False


def programs():
    """Returns the processes of cells, builds and shells, without the kernel's own."""
    own = re.compile(
        r"(^|/)(trafficlab|gonb|gopls|python[0-9.]*)( |$)|/image-[0-9a-f]+/host( |$)|telemetry|resource_tracker"
    )
    return {
        pid: line
        for pid, line in processes().items()
        if not own.search(line.split(" --")[0][:200]) and "ipykernel" not in line and not of_gopls(pid)
    }


class Faults:
    def __init__(self, name):
        self.name, self.k = name, None

    def kernel(self):
        if self.k is None:
            self.k = Kernel(self.name)
            self.k.execute(cells.after("warm"))
        return self.k

    def drop(self):
        k, self.k = self.k, None
        if k is not None:
            k.close(now=True)
        for pid in processes():
            kill(pid)

    def case(self, name, work):
        def whole():
            try:
                return work(self.kernel())
            except BaseException:
                self.drop()
                raise

        check(name, whole)

    def next_works(self):
        reply = self.kernel().execute(cells.after(), timeout=60)
        want(
            reply.status == "ok" and reply.text() == "after\n",
            f"the next cell: {reply.status}, {reply.text()!r}, {reply['content'].get('evalue', '')!r}",
        )


def begun(k, sent, word="begun", limit=120):
    k.until(
        lambda m: (
            m["parent_header"].get("msg_id") == sent[0] and m["msg_type"] == "stream" and word in m["content"]["text"]
        ),
        limit,
        f"the word {word!r}",
    )


def running(*names, limit=120):
    """Waits for a process with one of the names."""
    end = time.monotonic() + limit
    while not any(name == "gopls" or not of_gopls(pid) for name in names for pid in named(name)):
        want(time.monotonic() < end, f"no process {names} within {limit} s: {list(processes().values())}")
        time.sleep(0.02)
