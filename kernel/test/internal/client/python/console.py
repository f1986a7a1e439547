"""Types into jupyter console in a terminal.

usage: console.py KERNEL
"""

import os
import re
import signal
import sys
import time

import pexpect

from client import check, want

ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[@-_=>]")


class Console:
    def __init__(self, name):
        self.c = pexpect.spawn(
            sys.executable,
            ["-m", "jupyter_console", "--kernel", name],
            encoding="utf-8",
            timeout=30,
            dimensions=(40, 120),
            env={**os.environ, "TERM": "xterm"},
        )
        self.seen = ""
        self.prompt(1)

    def until(self, pattern, limit=30):
        """Reads until the output since the last call, without terminal escapes, matches."""
        end = time.monotonic() + limit
        while True:
            if m := re.search(pattern, ESCAPES.sub("", self.seen)):
                return m
            want(time.monotonic() < end, f"no {pattern!r} within {limit} s in {ESCAPES.sub('', self.seen)[-500:]!r}")
            try:
                self.seen += self.c.read_nonblocking(4096, 0.3)
                if "\x1b[6n" in self.seen[-200:]:  # a query for the cursor position
                    self.c.send("\x1b[1;1R")
                    self.seen = self.seen.replace("\x1b[6n", "")
            except pexpect.TIMEOUT:
                pass
            except pexpect.EOF:
                want(False, f"it ended: {ESCAPES.sub('', self.seen)[-500:]!r}")

    def prompt(self, number):
        self.until(rf"In \[{number}\]:")

    def type(self, text):
        self.seen = ""
        self.c.send(text)


def main(name):
    box = {}

    def starts():
        box["c"] = Console(name)

    if not check("it starts", starts):
        return
    c = box["c"]

    def expression():
        c.type("6 * 7\r")
        c.until(r"Out\[1\]:\s*42")
        c.prompt(2)

    def printed():
        c.type('fmt.Println("typed")\r')
        c.until(r"\ntyped")
        c.prompt(3)

    def several_lines():
        """It asks whether the cell is complete, and continues with the indent of the reply."""
        c.type("for i := range 3 {\r")
        c.until(r"\.\.\.:")
        c.type("fmt.Println(100 + i)\r")
        time.sleep(1)
        c.type("\x08}\r\r")
        c.until(r"102")
        c.prompt(4)

    def error():
        c.type("fmt.Println(missing)\r")
        c.until("undefined: missing")
        c.prompt(5)

    def tab():
        c.type("fmt.Printl\t")
        c.until("fmt.Println")
        c.type('("completed")\r')
        c.until(r"\ncompleted")
        c.prompt(6)

    def interrupted():
        c.type("\x15time.Sleep(time.Hour)\r")
        time.sleep(3)
        c.type("\x03")
        c.until("(?i)interrupt")
        c.prompt(7)

    def ends():
        c.type("\x04")
        time.sleep(1)
        c.type("y\r")
        end = time.monotonic() + 20
        while c.c.isalive() and time.monotonic() < end:
            try:
                c.c.read_nonblocking(4096, 0.3)
            except (pexpect.TIMEOUT, pexpect.EOF):
                pass
        want(not c.c.isalive(), "it did not end")

    for name, work in (
        ("an expression", expression),
        ("a line printed", printed),
        ("several lines", several_lines),
        ("an error", error),
        ("Tab", tab),
        ("Ctrl-C", interrupted),
        ("Ctrl-D", ends),
    ):
        check(name, work)
    if c.c.isalive():
        c.c.kill(signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
