"""What the parts of contract.py share."""

import time

import cells
from client import Kernel, want

GONBUI = 'import "github.com/janpfeifer/gonb/gonbui"\n'


class Base:
    def __init__(self, name):
        self.name = name
        self.k = Kernel(name)
        self.k.execute("%%\nprintln(1)")

    def good(self, code, **more):
        reply = self.k.execute(code, **more)
        want(
            reply.status == "ok",
            f"{code!r}: {reply.status}: {reply['content'].get('ename')}: {reply['content'].get('evalue')}",
        )
        return reply

    def ask(self, kind, content, limit=5.0, **more):
        reply = self.k.request(kind, content, timeout=limit, **more)
        want(reply.status != "error", f"{kind}: {reply['content']}")
        return reply

    def while_running(self, work, code=cells.SLEEP):
        sent = self.k.start_execute(code)
        self.k.until(
            lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"], 60, "the cell's first word"
        )
        try:
            return work()
        finally:
            self.k.interrupt()
            self.k.reply(*sent, timeout=60 + time.monotonic() - sent[1], idle=5)
