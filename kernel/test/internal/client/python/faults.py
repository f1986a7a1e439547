"""What may go wrong around a running kernel: interrupts at each stage of a cell, and the violent end of each process.

usage: faults.py KERNEL NAME…    where a NAME is interrupts, kills or ends

After an interrupt the cell must have failed as interrupted, what it ran must be gone, and the next cell must work. After
the end of a process that the kernel can do without, likewise; after that of the kernel or its client, nothing may be
left within five seconds.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import cells
from client import Kernel, Missing, check, gone, kill, named, processes, want

NEXT = 5.0  # seconds within which all is as before


def temporary():
    """What lies in the folder for temporary files; the connection file is not in it."""
    return [os.path.join(os.environ["TMPDIR"], name) for name in os.listdir(os.environ["TMPDIR"]) if name != "s"]


def of_gopls(pid):
    """Tells whether a process was started by gopls, which asks the go command for things in its own time."""
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
    """Processes of cells, builds and shells: all but the kernel's own."""
    own = re.compile(r"(^|/)(trafficlab|gonb|gopls|python[0-9.]*)( |$)|/image-[0-9a-f]+/host( |$)|telemetry|resource_tracker")
    return {pid: line for pid, line in processes().items() if not own.search(line.split(" --")[0][:200]) and "ipykernel" not in line and not of_gopls(pid)}


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
        want(reply.status == "ok" and reply.text() == "after\n", f"the next cell: {reply.status}, {reply.text()!r}, {reply['content'].get('evalue', '')!r}")


def begun(k, sent, word="begun", limit=120):
    k.until(lambda m: m["parent_header"].get("msg_id") == sent[0] and m["msg_type"] == "stream" and word in m["content"]["text"], limit, f"the word {word!r}")


def running(*names, limit=120):
    """Waits for a process of one of the names."""
    end = time.monotonic() + limit
    while not any(name == "gopls" or not of_gopls(pid) for name in names for pid in named(name)):
        want(time.monotonic() < end, f"no process {names} within {limit} s: {list(processes().values())}")
        time.sleep(0.02)


def interrupts(f):
    def case(name, code, started, limit, said="", then=None, well=False, stays=False):
        def work(k):
            sent = k.start_execute(code)
            started(k, sent)
            time.sleep(0.2)
            at = time.monotonic()
            answer = k.interrupt()
            took = time.monotonic() - at
            reply = k.reply(*sent, timeout=time.monotonic() - sent[1] + limit, idle=5.0)
            ended = reply["came"] - at
            want(answer.status == "ok", f"interrupt_reply: {answer.status}")
            errors = reply.of("error")
            if well:
                want(reply.status == "ok" and not errors, f"the cell's status is {reply.status}, with {len(errors)} error messages")
            else:
                want(reply.status == "error", f"the cell's status is {reply.status}")
                want(reply["content"].get("ename") == "Interrupted", f"ename {reply['content'].get('ename')!r}, evalue {reply['content'].get('evalue')!r}")
                want(len(errors) == 1, f"{len(errors)} error messages")
            want(said in reply.text(), f"it printed {reply.text()!r}, without {said!r}")
            if then:
                then(reply)
            left = {} if stays else gone(programs, 1.0)
            want(not left, f"still running: {list(left.values())}")
            f.next_works()
            return f"answered in {took:.2f} s, ended in {ended:.2f} s"

        f.case(name, work)

    out = lambda k, sent: begun(k, sent)  # noqa: E731
    case("interrupt in compile", cells.slow_build(), lambda k, sent: running("compile"), 3)
    case("interrupt in run", cells.SLEEP, out, 3, "begun")
    case("interrupt in a busy loop", cells.BUSY, out, 3, "begun")
    case("interrupt of what heeds it and ends well", cells.HEEDS, out, 6, "saved", well=True)
    case("interrupt of what heeds it and fails", cells.HEEDS + "os.Exit(1)\n", out, 6, "saved")
    case("interrupt of what is deaf", cells.DEAF, out, 20, "begun")
    case("interrupt in cgo", cells.CGO, out, 20, "begun")
    if f.name == "trafficlab":  # the same in a session that lives on
        bare = lambda code: code.replace("%%\n", "")  # noqa: E731
        case("session: interrupt in compile", cells.slow_build().replace("%%\n", ""), lambda k, sent: running("compile"), 3)
        case("session: interrupt of what waits", bare(cells.SLEEP), out, 4, "begun")
        case("session: interrupt in a busy loop", bare(cells.BUSY), out, 2, "begun")
        case("session: interrupt of what heeds it and ends well", bare(cells.HEEDS), out, 6, "saved", well=True)
        case("session: interrupt of what heeds it and fails", bare(cells.HEEDS) + "os.Exit(1)\n", out, 6, "saved")
        case("session: interrupt of what is deaf", bare(cells.DEAF), out, 4, "begun", stays=True)
        f.drop()  # with the child that it left
        case("session: interrupt in cgo", bare(cells.CGO), out, 20, "begun")
    case("interrupt in a shell line", "!echo begun; sleep 322", lambda k, sent: running("sleep"), 3)
    case("interrupt in a shell cell", "%%bash\necho begun\nsleep 323\necho too far", lambda k, sent: running("sleep"), 3,
         then=lambda reply: want("too far" not in reply.text(), "it went on"))
    case("interrupt in a shell line before Go", "!sleep 324\n" + cells.after("too far"), lambda k, sent: running("sleep"), 3,
         then=lambda reply: want("too far" not in reply.text(), "the Go behind it ran"))

    silent = socket.create_server(("127.0.0.1", 0))  # takes connections and says nothing
    k = f.kernel()
    k.execute(f"%env GOPROXY=http://127.0.0.1:{silent.getsockname()[1]}")
    case("interrupt in go get", 'import "example.com/none"\n\n%%\nnone.F()', lambda k, sent: running("go"), 3)
    f.kernel().execute("%env GOPROXY=off")
    silent.close()

    def queued(k):
        first = k.start_execute(cells.SLEEP)
        others = [k.start_execute(cells.after("queued")) for _ in range(3)]
        begun(k, first)
        k.interrupt()
        replies = [k.reply(*sent, timeout=60, idle=5) for sent in [first, *others]]
        want(replies[0].status == "error", f"the first: {replies[0].status}")
        want(all(r.status in ("aborted", "abort") for r in replies[1:]), f"the queued: {[r.status for r in replies[1:]]}")
        want(not any("queued" in r.text() for r in replies), "a queued cell ran")
        f.next_works()

    f.case("interrupt with cells waiting", queued)

    def idle(k):
        want(k.interrupt().status == "ok", "no reply")
        f.next_works()

    f.case("interrupt of nothing", idle)

    def thrice(k):
        sent = k.start_execute(cells.DEAF)
        begun(k, sent)
        for _ in range(3):
            k.interrupt()
        want(k.reply(*sent, timeout=120, idle=5.0).status == "error", "the cell ended well")
        want(not gone(programs, 1.0), f"still running: {list(programs().values())}")
        f.next_works()

    f.case("three interrupts", thrice)

    def signalled(k):
        sent = k.start_execute(cells.SLEEP)
        begun(k, sent)
        kill(k.pid, signal.SIGINT)  # as a terminal's Ctrl-C does to all that runs in it
        want(k.reply(*sent, timeout=60, idle=5.0).status == "error", "the cell ended well")
        f.next_works()

    f.case("SIGINT to the kernel", signalled)
    f.drop()


def kills(f):
    """Of what the kernel can do without."""

    def gonb_pids(k):
        pids = [p for p in named("gonb") if p != k.pid]
        want(pids, f"no GoNB behind the kernel: {list(processes().values())}")
        return pids

    def running_gonb(k):
        sent = k.start_execute(cells.SLEEP)
        begun(k, sent)
        for pid in gonb_pids(k):
            kill(pid)
        reply = k.reply(*sent, timeout=time.monotonic() - sent[1] + 10, idle=5.0)
        want(reply.status == "error" and len(reply.of("error")) == 1, f"status {reply.status}, {len(reply.of('error'))} errors")
        want(not gone(programs, 2.0), f"still running: {list(programs().values())}")
        f.next_works()
        want(len(named("gonb")) == 1 and len(named("gopls")) <= 2, f"running now: {list(processes().values())}")
        return f"{reply['content']['ename']}: {reply['content']['evalue']}"

    f.case("GoNB is killed in a cell", running_gonb)

    def idle_gonb(k):
        for pid in gonb_pids(k):
            kill(pid)
        time.sleep(0.5)
        f.next_works()

    f.case("GoNB is killed between cells", idle_gonb)

    def again_and_again(k):
        for _ in range(5):
            for pid in gonb_pids(k):
                kill(pid)
            k.execute(cells.after(), timeout=60)  # it may be on its way to the one that is gone, and may say so
            f.next_works()

    f.case("GoNB is killed five times", again_and_again)

    def stopped_gonb(k):
        sent = k.start_execute(cells.SLEEP)
        begun(k, sent)
        for pid in gonb_pids(k):
            kill(pid, signal.SIGSTOP)
        k.interrupt()
        reply = k.reply(*sent, timeout=time.monotonic() - sent[1] + 30, idle=5.0)
        want(reply.status == "error", f"status {reply.status}")
        f.next_works()

    f.case("GoNB hangs", stopped_gonb)

    def the_program(k):
        sent = k.start_execute(cells.SLEEP)
        begun(k, sent)
        for pid in programs():
            kill(pid)
        reply = k.reply(*sent, timeout=60, idle=5.0)
        want(reply.status == "error" and len(reply.of("error")) == 1, f"status {reply.status}, {len(reply.of('error'))} errors")
        f.next_works()
        return f"{reply['content']['ename']}: {reply['content']['evalue']}"

    f.case("the cell's program is killed", the_program)

    def the_compiler(k):
        sent = k.start_execute(cells.slow_build())
        running("compile")
        for pid in named("compile"):
            kill(pid)
        reply = k.reply(*sent, timeout=120, idle=5.0)
        want(reply.status == "error" and len(reply.of("error")) == 1, f"status {reply.status}, {len(reply.of('error'))} errors")
        want("gonb_" not in reply["content"]["evalue"], f"evalue {reply['content']['evalue']!r}")
        f.next_works()
        return f"{reply['content']['ename']}: {reply['content']['evalue']}"

    f.case("the compiler is killed", the_compiler)

    def gopls(k):
        k.request("complete_request", {"code": "%%\nfmt.Printl", "cursor_pos": 13}, timeout=30)
        running("gopls", limit=30)
        for _ in range(3):
            for pid in named("gopls"):
                kill(pid)
            for kind, content in (("complete_request", {"code": "%%\nfmt.Printl", "cursor_pos": 13}),
                                  ("inspect_request", {"code": "fmt.Println", "cursor_pos": 9, "detail_level": 0})):
                reply = k.request(kind, content, timeout=NEXT)
                want(reply.status == "ok", f"{kind}: status {reply.status}")
            f.next_works()
        want(len(named("gopls")) <= 2, f"running: {list(processes().values())}")

    f.case("gopls is killed", gopls)

    def background(k):
        at = time.monotonic()
        reply = k.execute("!sleep 325 >/dev/null 2>&1 </dev/null &\n", timeout=60)
        want(reply.status == "ok" and time.monotonic() - at < 10, f"{reply.status} after {time.monotonic() - at:.1f} s")
        reply = k.execute("!sleep 326 &\n", timeout=60)
        want(reply.status == "ok" and time.monotonic() - at < 20, f"with its output open: {reply.status} after {time.monotonic() - at:.1f} s")
        f.next_works()

    f.case("a background process", background)
    f.drop()


CLIENT = """
import sys, time
sys.path.insert(0, sys.argv[1])
import cells
from client import Kernel
k = Kernel(sys.argv[2])
k.request("complete_request", {"code": "fmt.Printl", "cursor_pos": 10}, timeout=30)
for code in sys.argv[3:]:
    sent = k.start_execute(getattr(cells, code))
    k.until(lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"], 120, "begun")
print("ready", k.pid, flush=True)
time.sleep(3600)
"""


def ends(f):
    """Of the kernel and of its client: nothing may be left."""

    def nothing(limit=NEXT):
        left = gone(lambda: list(processes().values()) + temporary(), limit)
        want(not left, f"left after {limit:.0f} s: {left}")

    def case(name, work):
        def whole():
            try:
                words = work()
                nothing()
                return words
            finally:
                f.drop()
                gone(temporary, 3)
                # Told, and out of the way of the next case; of a kernel and a client killed at once the connection file stays.
                runtime = os.environ["JUPYTER_RUNTIME_DIR"]
                for path in temporary() + [os.path.join(runtime, name) for name in os.listdir(runtime)]:
                    subprocess.run(["rm", "-rf", path], check=False)

        check(name, whole)

    def client(*codes):
        here = os.path.dirname(os.path.abspath(__file__))
        p = subprocess.Popen([sys.executable, "-c", CLIENT, here, f.name, *codes], stdout=subprocess.PIPE, text=True)
        line = p.stdout.readline().split()
        want(line[:1] == ["ready"], "the client did not get a kernel")
        return p, int(line[1])

    def killed_client(*codes):
        p, _ = client(*codes)
        p.kill()
        p.wait()

    case("the client is killed", killed_client)
    case("the client is killed in a cell", lambda: killed_client("SLEEP"))
    case("the client is killed in a deaf cell", lambda: killed_client("DEAF"))

    def killed_kernel(*codes):
        p, pid = client(*codes)
        kill(pid)
        p.kill()
        p.wait()

    case("the kernel is killed", killed_kernel)
    case("the kernel is killed in a cell", lambda: killed_kernel("SLEEP"))

    def lone_kernel():  # its client lives on
        k = Kernel(f.name)
        sent = k.start_execute(cells.DEAF)
        begun(k, sent)
        kill(k.pid)
        try:
            k.manager.provisioner.process.wait()
            nothing()
        finally:
            k.manager.cleanup_resources()
            k.disconnect()

    case("the kernel is killed, its client stays", lone_kernel)

    def by(how, code=None):
        k = Kernel(f.name)
        if code:
            begun(k, k.start_execute(code))
        at = time.monotonic()
        how(k)
        try:
            k.manager.provisioner.process.wait(NEXT)
        except subprocess.TimeoutExpired:
            raise Missing(f"the kernel runs on after {NEXT:.0f} s") from None
        took = time.monotonic() - at
        k.manager.cleanup_resources()
        k.disconnect()
        return f"ended in {took:.2f} s"

    def ask(k):
        reply = k.request("shutdown_request", {"restart": False}, "control", NEXT)
        want(reply.status == "ok", f"status {reply.status}")

    case("shutdown", lambda: by(ask))
    case("shutdown in a cell", lambda: by(ask, cells.SLEEP))
    case("shutdown in a deaf cell", lambda: by(ask, cells.DEAF))
    case("shutdown on the shell socket", lambda: by(lambda k: k.request("shutdown_request", {"restart": False}, "shell", NEXT)))
    case("SIGTERM", lambda: by(lambda k: kill(k.pid, signal.SIGTERM), cells.SLEEP))
    case("SIGHUP", lambda: by(lambda k: kill(k.pid, signal.SIGHUP)))

    def restart():
        k = Kernel(f.name)
        begun(k, k.start_execute(cells.SLEEP))
        k.manager.restart_kernel()
        k.disconnect()
        k.connect()
        k.wait_ready(30)
        reply = k.execute(cells.after(), timeout=60)
        want(reply.status == "ok" and reply["content"]["execution_count"] == 1, f"{reply['content']}")
        k.close()

    case("restart in a cell", restart)

    def watcher():
        k = Kernel(f.name)
        tmp = temporary()
        for pid in os.listdir("/proc"):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    line = file.read().decode()
            except (OSError, ValueError):
                continue
            if pid.isdigit() and int(pid) != k.pid and "\0watch\0" in line and any(t in line for t in tmp):
                kill(int(pid))
        k.execute(cells.after(), timeout=60)
        k.close()

    case("the watcher is killed, then shutdown", watcher)


if __name__ == "__main__":
    for part in sys.argv[2:]:
        {"interrupts": interrupts, "kills": kills, "ends": ends}[part](Faults(sys.argv[1]))
