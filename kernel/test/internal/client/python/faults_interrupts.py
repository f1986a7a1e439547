"""Interrupts at each stage of a cell, for faults.py."""

import signal
import socket
import time

import cells
from client import gone, kill, want
from fault import begun, programs, running


def interrupts(f):
    def case(name, code, started, limit, printed="", then=None, well=False, stays=False):
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
                want(
                    reply.status == "ok" and not errors,
                    f"the cell's status is {reply.status}, with {len(errors)} error messages",
                )
            else:
                want(reply.status == "error", f"the cell's status is {reply.status}")
                want(
                    reply["content"].get("ename") == "Interrupted",
                    f"ename {reply['content'].get('ename')!r}, evalue {reply['content'].get('evalue')!r}",
                )
                want(len(errors) == 1, f"{len(errors)} error messages")
            want(printed in reply.text(), f"it printed {reply.text()!r}, without {printed!r}")
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
    if f.name == "trafficlab":  # the same in a living session
        bare = lambda code: code.replace("%%\n", "")  # noqa: E731
        case(
            "session: interrupt in compile",
            cells.slow_build().replace("%%\n", ""),
            lambda k, sent: running("compile"),
            3,
        )
        case("session: interrupt of what waits", bare(cells.SLEEP), out, 4, "begun")
        case("session: interrupt in a busy loop", bare(cells.BUSY), out, 2, "begun")
        case("session: interrupt of what heeds it and ends well", bare(cells.HEEDS), out, 6, "saved", well=True)
        case("session: interrupt of what heeds it and fails", bare(cells.HEEDS) + "os.Exit(1)\n", out, 6, "saved")
        case("session: interrupt of what is deaf", bare(cells.DEAF), out, 4, "begun", stays=True)
        f.drop()  # and its child
        case("session: interrupt in cgo", bare(cells.CGO), out, 20, "begun")
    case("interrupt in a shell line", "!echo begun; sleep 322", lambda k, sent: running("sleep"), 3)
    case(
        "interrupt in a shell cell",
        "%%bash\necho begun\nsleep 323\necho too far",
        lambda k, sent: running("sleep"),
        3,
        then=lambda reply: want("too far" not in reply.text(), "it continued"),
    )
    case(
        "interrupt in a shell line before Go",
        "!sleep 324\n" + cells.after("too far"),
        lambda k, sent: running("sleep"),
        3,
        then=lambda reply: want("too far" not in reply.text(), "the Go code after it ran"),
    )

    silent = socket.create_server(("127.0.0.1", 0))  # accepts connections and never answers
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
        want(
            all(r.status in ("aborted", "abort") for r in replies[1:]), f"the queued: {[r.status for r in replies[1:]]}"
        )
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
        want(k.reply(*sent, timeout=120, idle=5.0).status == "error", "the cell succeeded")
        want(not gone(programs, 1.0), f"still running: {list(programs().values())}")
        f.next_works()

    f.case("three interrupts", thrice)

    def signaled(k):
        sent = k.start_execute(cells.SLEEP)
        begun(k, sent)
        kill(k.pid, signal.SIGINT)  # as Ctrl-C does in a terminal
        want(k.reply(*sent, timeout=60, idle=5.0).status == "error", "the cell succeeded")
        f.next_works()

    f.case("SIGINT to the kernel", signaled)
    f.drop()
