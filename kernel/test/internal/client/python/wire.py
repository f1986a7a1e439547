"""Malformed and misleading messages that a kernel must survive.

usage: wire.py KERNEL

Each case is sent to the shell socket and, where possible, to the control socket. Afterwards the kernel must still run
and answer on both within five seconds. A kernel that is gone is replaced for the next case.
"""

import hashlib
import hmac
import json
import os
import socket
import sys
import time

import zmq

from client import Kernel, check, want

LIMIT = 5.0
DELIMITER = b"<IDS|MSG>"


class Wire:
    def __init__(self, name):
        self.name, self.k = name, None

    def kernel(self):
        if self.k is None:
            self.k = Kernel(self.name)
        return self.k

    def drop(self):
        k, self.k = self.k, None
        if k is not None:
            k.close(now=True)

    def signed(self, *parts):
        """Returns frames with the right signature."""
        mac = hmac.new(self.kernel().session.key, digestmod=hashlib.sha256)
        for p in parts:
            mac.update(p)
        return [DELIMITER, mac.hexdigest().encode(), *parts]

    def message(self, kind="kernel_info_request", content=b"{}", parent=b"{}", metadata=b"{}", **header):
        """Returns the frames of a message; the content may be a value or JSON."""
        h = {
            "msg_id": os.urandom(8).hex(),
            "username": "u",
            "session": "s",
            "date": "2026-01-01T00:00:00.000000Z",
            "msg_type": kind,
            "version": "5.3",
            **header,
        }
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        return self.signed(json.dumps(h).encode(), parent, metadata, content)

    def put(self, *messages, channels=("shell", "control")):
        for frames in messages:
            for c in channels:
                self.kernel().sockets[c].send_multipart(frames)

    def still_there(self, code="1"):
        k = self.kernel()
        for channel in ("shell", "control"):
            k.request("kernel_info_request", {}, channel, LIMIT)
        want(k.alive(), "the kernel has ended")

    def case(self, name, send):
        def work():
            try:
                self.kernel()
                words = send()
                self.still_there()
                return words
            except BaseException:
                self.drop()
                raise

        check(name, work)


def main(name):
    w = Wire(name)
    good = w.message

    def corrupted(change):
        frames = good()
        frames[1] = change(frames[1])
        w.put(frames)

    w.case("bad signature", lambda: corrupted(lambda s: b"0" * len(s)))
    w.case("no signature", lambda: corrupted(lambda s: b""))
    w.case("half a signature", lambda: corrupted(lambda s: s[:32]))
    w.case("long signature", lambda: corrupted(lambda s: s + b"00"))
    w.case("no delimiter", lambda: w.put(good()[1:]))
    w.case("two delimiters", lambda: w.put([DELIMITER] + good()))
    w.case("one empty frame", lambda: w.put([b""]))
    for n in range(1, 6):
        w.case(f"{n} frames and no delimiter", lambda n=n: w.put([b"frame"] * n))
    for n in range(0, 5):
        w.case(f"{n} frames behind the delimiter", lambda n=n: w.put(good()[: n + 1]))
        if n:
            w.case(f"{n} frames, well signed", lambda n=n: w.put(w.signed(*[b"{}"] * (n - 1))))
    w.case("300 extra frames", lambda: w.put(good() + [b"buffer"] * 300))

    def replayed():
        k, frames = w.kernel(), good(msg_id="replayed")
        w.put(frames, frames, frames, channels=("shell",))
        time.sleep(0.3)
        k.pump(0.5)
        got = [m for m in k.kept if m["parent_header"].get("msg_id") == "replayed"]
        k.kept = [m for m in k.kept if m not in got]
        want(len(got) == 1, f"{len(got)} replies to one message that came three times")

    w.case("replayed", replayed)

    def replayed_cell():
        k, path = w.kernel(), os.path.join(os.environ["TMPDIR"], "ran")
        frames = good("execute_request", {"code": f"!echo x >> {path}", "silent": False})
        w.put(frames, frames, channels=("shell",))
        k.execute("!true")
        with open(path) as f:
            times = f.read().count("x")
        os.remove(path)
        want(times == 1, f"a cell that came twice ran {times} times")

    w.case("replayed cell", replayed_cell)

    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    lists = b"[" * 1_000_000 + b"]" * 1_000_000
    w.case(
        "deep content",
        lambda: w.put(good("execute_request", b'{"code": ' + deep + b"}"), good("execute_request", lists)),
    )
    w.case("deep header", lambda: w.put(w.signed(deep, b"{}", b"{}", b"{}"), w.signed(lists, b"{}", b"{}", b"{}")))
    w.case(
        "no JSON",
        lambda: w.put(
            w.signed(b"header", b"parent", b"meta", b"content"), good(content=b'{"a":'), good(content=b"\xff\xfe")
        ),
    )
    for what, value in {"null": b"null", "a list": b"[]", "a number": b"7", "a string": b'"x"'}.items():
        w.case(f"header is {what}", lambda value=value: w.put(w.signed(value, b"{}", b"{}", b"{}")))
        w.case(f"content is {what}", lambda value=value: w.put(good("execute_request", value), good(content=value)))
        w.case(f"parent and metadata are {what}", lambda value=value: w.put(good(parent=value), good(metadata=value)))
    for field in ("msg_id", "msg_type", "session", "username", "date", "version"):
        w.case(
            f"wrong type: {field}",
            lambda field=field: w.put(good(**{field: 7}), good(**{field: None}), good(**{field: ["x"]})),
        )

    wrong = {
        "execute_request": [
            {},
            {"code": 5},
            {"code": None},
            {"code": ["x"]},
            {"code": "", "silent": "yes"},
            {"code": "", "user_expressions": 3},
        ],
        "complete_request": [{}, {"code": 5, "cursor_pos": 1}]
        + [{"code": "fmt.", "cursor_pos": p} for p in ("x", -5, 10**9, 1e30, None, 1.5)],
        "inspect_request": [{}, {"code": 5}]
        + [{"code": "fmt.Println", "cursor_pos": p, "detail_level": d} for p, d in (("x", 0), (-1, 7), (10**9, "y"))],
        "is_complete_request": [{}, {"code": 5}, {"code": None}],
        "history_request": [
            {},
            {"hist_access_type": 7},
            {"hist_access_type": "tail", "n": "x"},
            {"hist_access_type": "tail", "n": -3},
            {"hist_access_type": "range", "session": "a", "start": {}, "stop": []},
            {"hist_access_type": "search", "pattern": "[" * 1000},
        ],
        "comm_info_request": [{"target_name": 5}],
        "comm_open": [{}, {"comm_id": 5, "target_name": []}],
        "comm_msg": [{}, {"comm_id": "none", "data": 3}],
        "comm_close": [{}, {"comm_id": "none"}],
        "interrupt_request": [7],
        "kernel_info_request": [[1, 2]],
    }
    for kind, contents in wrong.items():
        w.case(f"wrong types: {kind}", lambda kind=kind, contents=contents: w.put(*[good(kind, c) for c in contents]))
    w.case(
        "unknown message types",
        lambda: w.put(
            *[
                good(kind)
                for kind in ("", "nonsense_request", "a" * 10_000, "execute_reply", "status", "shutdown_reply")
            ]
        ),
    )
    w.case(
        "input that nobody asked for",
        lambda: w.put(
            good("input_reply", {"value": "x"}), good("input_reply", 5), good("nonsense"), channels=("stdin",)
        ),
    )

    def big_cell():
        code = "// " + "x" * 10_000_000 + '\nfmt.Println("after ten megabytes")'
        reply = w.kernel().execute(code, timeout=60)
        want(reply.status in ("ok", "error"), f"status {reply.status}")
        return f"status {reply.status}"

    w.case("10 MB of code", big_cell)

    def big_others():
        code, k = "x" * 10_000_000, w.kernel()
        for kind, content in {
            "complete_request": {"code": code, "cursor_pos": len(code)},
            "is_complete_request": {"code": code},
            "inspect_request": {"code": code, "cursor_pos": 5, "detail_level": 0},
        }.items():
            k.request(kind, content, timeout=30)

    w.case("10 MB to complete, inspect, judge", big_others)
    w.case("a flood", lambda: w.put(*[[b"x"] * (i % 7 + 1) for i in range(5_000)]))
    w.case("a flood of questions", lambda: w.put(*[good() for _ in range(500)], channels=("control",)))

    def strangers():
        k, held = w.kernel(), []
        for i in range(100):
            for c in ("shell", "iopub", "hb", "control", "stdin"):
                host, port = k.urls[c].removeprefix("tcp://").split(":")
                s = socket.create_connection((host, int(port)), timeout=5)
                s.sendall(
                    (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\xff\0\0\0\0\0\0\0\1\x7f", b"\xff" * 1000, b"")[i % 4]
                )
                held.append(s) if i % 2 else s.close()
        time.sleep(0.5)
        w.still_there()
        for s in held:
            s.close()

    w.case("connections that are no ZeroMQ", strangers)

    def heart():
        k = w.kernel()
        want(k.beats(), "no beat")
        s = k.context.socket(zmq.DEALER)  # may send what a REQ socket may not
        s.connect(k.urls["hb"])
        for frames in ([b""], [b"x"], [b"", b"a", b"b"], [b"x" * 1_000_000]):
            s.send_multipart(frames)
        time.sleep(0.2)
        s.close(0)
        want(k.beats(), "no beat after odd ones")

    w.case("odd heartbeats", heart)

    def two_clients():
        k, other = w.kernel(), object.__new__(Kernel)
        other.manager = k.manager
        other.connect()
        try:
            mine, theirs = k.request("kernel_info_request", {}), other.request("kernel_info_request", {})
            want(
                mine["parent_header"]["session"] != theirs["parent_header"]["session"],
                "one client got the other's reply",
            )
            k.execute("!echo seen by all")
            other.until(
                lambda m: m["msg_type"] == "stream" and "seen by all" in m["content"]["text"],
                LIMIT,
                "output for the other client",
            )
            want(not other.kept, "the other client got a reply that was not for it")
        finally:
            other.disconnect()

    w.case("two clients", two_clients)

    def slow_client():
        k = w.kernel()
        s = k.context.socket(zmq.SUB)
        s.rcvhwm = 1
        s.rcvbuf = 1024
        s.subscribe(b"")
        s.connect(k.urls["iopub"])
        time.sleep(0.2)
        try:
            reply = k.execute("!seq 300000", timeout=60)
            want(reply.status == "ok" and reply.text(), "the cell failed")
        finally:
            s.close(0)

    w.case("a client that does not read", slow_client)

    def last():
        reply = w.kernel().execute("%%\nprintln(6*7)")
        want(reply.status == "ok" and "42" in reply.text("stderr"), f"a cell afterwards: status {reply.status}")

    w.case("a cell after all that", last)
    w.drop()


if __name__ == "__main__":
    main(sys.argv[1])
