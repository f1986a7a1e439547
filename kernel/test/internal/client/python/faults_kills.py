"""The violent end of processes that the kernel can replace, for faults.py."""

import signal
import time

import cells
from client import gone, kill, named, processes, want
from fault import NEXT, begun, programs, running


def kills(f):
    """Kills processes that the kernel can replace."""

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
        want(
            reply.status == "error" and len(reply.of("error")) == 1,
            f"status {reply.status}, {len(reply.of('error'))} errors",
        )
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
            k.execute(cells.after(), timeout=60)  # it may have been sent to the killed one, and may report that
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
        want(
            reply.status == "error" and len(reply.of("error")) == 1,
            f"status {reply.status}, {len(reply.of('error'))} errors",
        )
        f.next_works()
        return f"{reply['content']['ename']}: {reply['content']['evalue']}"

    f.case("the cell's program is killed", the_program)

    def the_compiler(k):
        sent = k.start_execute(cells.slow_build())
        running("compile")
        for pid in named("compile"):
            kill(pid)
        reply = k.reply(*sent, timeout=120, idle=5.0)
        want(
            reply.status == "error" and len(reply.of("error")) == 1,
            f"status {reply.status}, {len(reply.of('error'))} errors",
        )
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
            for kind, content in (
                ("complete_request", {"code": "%%\nfmt.Printl", "cursor_pos": 13}),
                ("inspect_request", {"code": "fmt.Println", "cursor_pos": 9, "detail_level": 0}),
            ):
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
        want(
            reply.status == "ok" and time.monotonic() - at < 20,
            f"with its output open: {reply.status} after {time.monotonic() - at:.1f} s",
        )
        f.next_works()

    f.case("a background process", background)
    f.drop()
