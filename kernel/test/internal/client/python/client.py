"""A client of a Jupyter kernel that records every message on every channel, with its time.

jupyter_client starts and ends the kernel and signs the messages. The sockets are used directly, because the
channels of jupyter_client hide what the checks are about. The programs of this folder print what they find, one
line of JSON each.
"""

import json
import os
import signal
import sys
import time
import traceback
import uuid

import zmq
from jupyter_client.manager import KernelManager
from jupyter_client.session import Session

MARK = "TRAFFICLAB_SANDBOX"  # set in the environment of every process that these programs start


def say(**fields):
    print(json.dumps(fields), flush=True)


class Missing(Exception):
    """Something did not arrive, or was not as expected."""


def want(condition, words):
    if not condition:
        raise Missing(words)


class Reply(dict):
    """The reply to a request, as a message, with the messages on the other channels until then."""

    iopub = ()
    asked = ()  # input_request messages
    sent = 0.0  # times of the request, of the reply and of the idle status
    came = 0.0
    idle = 0.0

    @property
    def status(self):
        return self["content"].get("status")

    def of(self, *kinds):
        return [m for m in self.iopub if m["msg_type"] in kinds]

    def text(self, name="stdout"):
        return "".join(m["content"]["text"] for m in self.of("stream") if m["content"]["name"] == name)

    def first(self, kind):
        """Returns the seconds from the request to the first message of a kind."""
        return next((m["came"] - self.sent for m in self.iopub if m["msg_type"] == kind), None)


class Kernel:
    """A running kernel and a client of it."""

    def __init__(self, name, transport="tcp", wait=60.0, env=None, cwd=None):
        self.name = name
        self.manager = KernelManager(kernel_name=name, transport=transport)
        # Named as a Jupyter server does, since widgets identify the kernel by that name.
        self.manager.connection_file = os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], f"kernel-{uuid.uuid4()}.json")
        if transport == "ipc":
            self.manager.ip = os.path.join(os.environ["TMPDIR"], "s")
        self.started = time.monotonic()
        self.manager.start_kernel(env={**os.environ, **(env or {})}, cwd=cwd)
        self.connect()
        self.info = self.wait_ready(wait)
        self.ready = time.monotonic() - self.started

    def connect(self):
        info = self.manager.get_connection_info()
        key = info["key"] if isinstance(info["key"], bytes) else info["key"].encode()
        self.session = Session(key=key, signature_scheme=info["signature_scheme"])
        self.context = zmq.Context()
        self.context.linger = 0
        self.sockets = {}
        self.urls = {}
        for name in ("shell", "control", "stdin", "iopub", "hb"):
            kind = {"iopub": zmq.SUB, "hb": zmq.REQ}.get(name, zmq.DEALER)
            s = self.context.socket(kind)
            if kind == zmq.DEALER:
                s.identity = self.session.bsession
            if kind == zmq.SUB:
                s.rcvhwm = 0
                s.subscribe(b"")
            port = info[f"{name}_port"]
            between = "-" if info["transport"] == "ipc" else ":"
            self.urls[name] = f"{info['transport']}://{info['ip']}{between}{port}"
            s.connect(self.urls[name])
            self.sockets[name] = s
        self.iopub = []  # all messages
        self.kept = []  # replies that have not been requested yet

    def wait_ready(self, wait):
        """Requests kernel_info until the reply comes and iopub is connected."""
        end = time.monotonic() + wait
        while True:
            left = end - time.monotonic()
            want(left > 0, f"the kernel did not answer within {wait:.0f} s of its start")
            want(self.manager.provisioner is None or self.alive(), "the kernel ended at its start")
            try:
                reply = self.request("kernel_info_request", {}, timeout=min(left, 1.0), idle=1.0)
            except Missing:
                continue
            return reply["content"]

    def alive(self):
        process = getattr(self.manager.provisioner, "process", None)
        return process is not None and process.poll() is None

    @property
    def pid(self):
        return self.manager.provisioner.pid

    def send(self, kind, content, channel="shell", header=None, metadata=None):
        """Sends a message and returns its ID."""
        msg = self.session.msg(kind, content, metadata=metadata)
        if header:
            msg["header"].update(header)
        self.session.send(self.sockets[channel], msg)
        return msg["header"]["msg_id"]

    def pump(self, seconds):
        """Reads the messages that have arrived or arrive within the time. Returns them with their channels."""
        poller = zmq.Poller()
        names = {}
        for name, s in self.sockets.items():
            if name != "hb":
                poller.register(s, zmq.POLLIN)
                names[s] = name
        got = []
        for s, _ in poller.poll(max(0, seconds) * 1000):
            while True:
                try:
                    frames = s.recv_multipart(zmq.NOBLOCK)
                except zmq.Again:
                    break
                came = time.monotonic()
                _, frames = self.session.feed_identities(frames)
                msg = self.session.deserialize(frames)
                msg["came"] = came
                got.append((names[s], msg))
        for name, msg in got:
            (self.iopub if name == "iopub" else self.kept).append(msg)
            msg["channel"] = name
        return got

    def request(self, kind, content, channel="shell", timeout=10.0, idle=0.0, answer=None):
        """Sends a request and returns the reply on the same channel.

        After the reply it waits up to idle seconds for the idle status. Input requests are answered with answer.
        """
        sent = time.monotonic()
        msg_id = self.send(kind, content, channel)
        return self.reply(msg_id, sent, channel, timeout, idle, answer)

    def reply(self, msg_id, sent, channel="shell", timeout=10.0, idle=0.0, answer=None):
        end, reply, wrong, asked = sent + timeout, None, "", []
        seen = 0
        done = None
        mine = []
        while True:
            for m in self.iopub[seen:]:
                if m["parent_header"].get("msg_id") == msg_id:
                    mine.append(m)
                    if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                        done = m["came"]
            seen = len(self.iopub)
            for m in list(self.kept):
                if m["parent_header"].get("msg_id") != msg_id:
                    continue
                self.kept.remove(m)
                if m["msg_type"] == "input_request":
                    asked.append(m)
                    if answer is not None:
                        self.session.send(
                            self.sockets["stdin"], "input_reply", {"value": answer, "status": "ok"}, parent=m
                        )
                elif m["channel"] == channel:
                    reply = m
                else:
                    wrong = f", but one on the {m['channel']} channel"
            now = time.monotonic()
            if reply is not None and (done is not None or not idle):
                break
            if reply is not None and now > max(end, reply["came"] + idle):
                raise Missing("no idle status after the reply")
            if reply is None and not self.alive() and not self.pump(0.2):
                raise Missing("the kernel has ended")
            if reply is None and now > end:
                raise Missing(f"no reply on the {channel} channel within {timeout:.0f} s{wrong}")
            self.pump(min(0.5, max(0.001, end - now)))
        out = Reply(reply)
        out.iopub, out.asked, out.sent, out.came, out.idle = mine, asked, sent, reply["came"], done or 0.0
        for m in mine:  # they are read only once, and a soak has many
            self.iopub.remove(m) if len(self.iopub) < 200 else None
        if len(self.iopub) >= 200:
            self.iopub.clear()
        return out

    def execute(self, code, timeout=60.0, idle=10.0, answer=None, **more):
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": answer is not None,
            "stop_on_error": True,
            **more,
        }
        return self.request("execute_request", content, "shell", timeout, idle, answer)

    def start_execute(self, code, **more):
        """Sends a cell without waiting; pass the result to reply."""
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
            **more,
        }
        sent = time.monotonic()
        return self.send("execute_request", content), sent

    def until(self, test, seconds, what):
        """Reads until an iopub message passes the test, and returns it."""
        end, seen = time.monotonic() + seconds, 0
        while True:
            for m in self.iopub[seen:]:
                if test(m):
                    return m
            seen = len(self.iopub)
            ended = [m for m in self.kept if m["msg_type"] == "execute_reply" and m["content"]["status"] != "ok"]
            want(not ended, f"{what}: not before a cell ended: {ended[:1] and ended[0]['content']}")
            want(time.monotonic() < end, f"{what}: not within {seconds:.0f} s")
            self.pump(0.1)

    def beats(self, timeout=5.0):
        s = self.sockets["hb"]
        s.send(b"ping")
        return bool(s.poll(timeout * 1000)) and s.recv() == b"ping"

    def interrupt(self, timeout=10.0):
        return self.request("interrupt_request", {}, "control", timeout)

    def close(self, now=False):
        """Ends the kernel as a server does, and kills what remains."""
        try:
            self.manager.shutdown_kernel(now=now)
        finally:
            self.disconnect()

    def disconnect(self):
        for s in self.sockets.values():
            s.close(0)
        self.context.term()


def processes(mark=None):
    """Returns the other processes of this run: process ID → command line."""
    mark = f"{MARK}={mark or os.environ[MARK]}".encode()
    found = {}
    for pid in os.listdir("/proc"):
        if not pid.isdigit() or int(pid) == os.getpid():
            continue
        try:
            with open(f"/proc/{pid}/environ", "rb") as f:
                environ = f.read().split(b"\0")
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                line = f.read().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue
        if mark in environ and line:
            found[int(pid)] = line
    return found


def named(word):
    """Returns the process IDs of this run's programs with a name."""
    return [pid for pid, line in processes().items() if os.path.basename(line.split()[0]) == word]


def gone(test, seconds):
    """Waits until the test returns nothing. Returns its result when the time is up."""
    end = time.monotonic() + seconds
    while True:
        left = test()
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.05)


def kill(pid, sig=signal.SIGKILL):
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        pass


def check(name, work, **more):
    """Runs a check and reports its result."""
    start = time.monotonic()
    try:
        words = work()
        say(check=name, ok=True, words=words or "", seconds=round(time.monotonic() - start, 3), **more)
        return True
    except Missing as e:
        say(check=name, ok=False, words=str(e), seconds=round(time.monotonic() - start, 3), **more)
    except Exception as e:  # a check that breaks has failed
        traceback.print_exc(file=sys.stderr)
        say(check=name, ok=False, words=f"{type(e).__name__}: {e}", seconds=round(time.monotonic() - start, 3), **more)
    return False
