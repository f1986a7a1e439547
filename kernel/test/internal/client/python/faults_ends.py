"""The end of the kernel or its client, for faults.py."""

import os
import signal
import subprocess
import sys
import time

import cells
from client import Kernel, Missing, check, gone, kill, processes, want
from fault import NEXT, begun, temporary


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
    """Ends the kernel or its client: nothing may be left."""

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
                # Report it, and remove it for the next case. If kernel and client are killed, the connection file stays.
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

    def lone_kernel():  # its client lives
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
            raise Missing(f"the kernel still runs after {NEXT:.0f} s") from None
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
    case(
        "shutdown on the shell socket",
        lambda: by(lambda k: k.request("shutdown_request", {"restart": False}, "shell", NEXT)),
    )
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
