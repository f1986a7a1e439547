"""A kernel under long use.

usage: soak.py KERNEL ROUNDS SHOWN CELLS

First ROUNDS lives of a kernel, each with a cell that succeeds, one that fails and one that is interrupted, ended by
shutdown, kill or restart; then nothing may be left. Next SHOWN cells that each show a hundred outputs and print a
hundred lines, without waiting at their ends; all must arrive. Last CELLS different cells in one kernel, whose memory
and descriptors are reported from time to time.
"""

import os
import re
import statistics
import sys
import time

import cells
from client import Kernel, gone, kill, processes, say, want


def temporary():
    return [os.path.join(os.environ["TMPDIR"], name) for name in os.listdir(os.environ["TMPDIR"])]


def life(name, number):
    k = Kernel(name)
    try:
        reply = k.execute(f'fmt.Println("life", {number})', timeout=60)
        want(reply.text() == f"life {number}\n", f"a cell printed {reply.text()!r}: {reply['content']}")
        want(k.execute("fmt.Println(missing)", timeout=60).status == "error", "a cell with an error succeeded")
        sent = k.start_execute(cells.SLEEP)
        k.until(lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"], 60, "begun")
        k.interrupt()
        want(k.reply(*sent, timeout=60, idle=5).status == "error", "an interrupted cell succeeded")
        k.request("complete_request", {"code": "fmt.Printl", "cursor_pos": 10}, timeout=10)
        how = ("shutdown", "kill", "restart")[number % 3]
        if how == "restart":
            k.manager.restart_kernel()
            k.disconnect()
            k.connect()
            k.wait_ready(30)
            want(k.execute("fmt.Println(1)", timeout=60).status == "ok", "a cell after the restart")
        if how == "kill":
            kill(k.pid)
    finally:
        k.close()
    left = gone(lambda: list(processes().values()) + temporary(), 5)
    say(life=number, end=how, start=round(k.ready, 3), left=left)


def shown(name, count):
    k = Kernel(name)
    code = (
        'import (\n\t"fmt"\n\t"github.com/janpfeifer/gonb/gonbui"\n)\n\n%%\nfor i := range 100 {\n'
        '\tfmt.Println("t", CELL, i)\n\tgonbui.DisplayHTML(fmt.Sprint("<i>", CELL, " ", i, "</i>"))\n}\n'
    )
    total = lost = displaced = 0
    start = time.monotonic()
    for cell in range(count):
        reply = k.execute(code.replace("CELL", str(cell)), timeout=60)
        want(reply.status == "ok", f"cell {cell}: {reply['content']}")
        got = []
        for m in reply.of("stream", "display_data"):
            if m["msg_type"] == "stream":
                got += [("t", *map(int, p)) for p in re.findall(r"t (\d+) (\d+)", m["content"]["text"])]
            else:
                got.append(("r", *map(int, re.search(r"<i>(\d+) (\d+)", m["content"]["data"]["text/html"]).groups())))
        expected = [(kind, cell, i) for i in range(100) for kind in "tr"]
        total += 100
        lost += len(set(expected) - set(got)) + len(got) - len(set(got))
        displaced += got != expected
    k.close()
    say(shown=total, lost=lost, displaced=displaced, seconds=round(time.monotonic() - start, 1))


def sizes(k):
    """Returns the sizes of the lasting processes: megabytes of private memory, and descriptors."""
    out = {}
    for pid, line in {**processes(), k.pid: k.name}.items():
        program = "kernel" if pid == k.pid else os.path.basename(line.split()[0])
        if program not in ("kernel", "host", "gonb", "gopls") or "telemetry" in line:
            continue
        try:
            with open(f"/proc/{pid}/status") as f:
                memory = int(re.search(r"RssAnon:\s+(\d+)", f.read())[1]) / 1024
            descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        except OSError:
            continue
        had = out.get(program, {"mb": 0, "fds": 0})
        out[program] = {"mb": round(had["mb"] + memory, 1), "fds": had["fds"] + descriptors}
    return out


def files():
    """Counts the files in the folder for temporary files.

    Three files of each cell are not counted, which a session keeps for later cells until %reset: living.py does that.
    """
    of_cells = re.compile(r"/session/\d+\.(a|elf|tab)$")
    return sum(
        len(dirs) + sum(not of_cells.search(os.path.join(at, n)) for n in names)
        for at, dirs, names in os.walk(os.environ["TMPDIR"])
    )


def many(name, count):
    k = Kernel(name)
    took = []
    for i in range(count):
        if i % 20 == 7:
            want(k.execute(f"fmt.Println(missing{i})", timeout=60).status == "error", "a cell with an error succeeded")
        elif i % 20 == 13:
            text = f"fmt.Printl{'n' * (i % 2)}"
            k.request("complete_request", {"code": text, "cursor_pos": len(text)}, timeout=10)
            k.request("inspect_request", {"code": "fmt.Println", "cursor_pos": 9, "detail_level": 0}, timeout=10)
            want(k.execute(f"!echo {i}", timeout=60).text() == f"{i}\n", "a shell line")
        elif i % 50 == 29:
            sent = k.start_execute(cells.SLEEP)
            k.until(lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"], 60, "begun")
            k.interrupt()
            k.reply(*sent, timeout=60, idle=5)
        else:
            reply = k.execute(f"fmt.Println({i}*7)", timeout=60)
            want(reply.text() == f"{i * 7}\n", f"cell {i} printed {reply.text()!r}: {reply['content']}")
            took.append(reply["came"] - reply.sent)
        if (i + 1) % max(1, count // 20) == 0:
            time.sleep(0.3)
            say(cells=i + 1, sizes=sizes(k), files=files(), median=round(statistics.median(took), 3))
            took.clear()
    k.close()
    say(ended=True, left=gone(lambda: list(processes().values()) + temporary(), 5))


if __name__ == "__main__":
    kernel, (rounds, show, count) = sys.argv[1], map(int, sys.argv[2:5])
    for i in range(rounds):
        life(kernel, i)
    if show:
        shown(kernel, show)
    if count:
        many(kernel, count)
