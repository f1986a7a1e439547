"""The 27 checks of kernel-testbed (runtimed, 2026-06), restated with its own Go snippets.

usage: testbed.py KERNEL

As in the original, one kernel runs all checks. Here a partial pass is a failure, and so is a missing feature. Where
the original accepts more than its description says (any answer to a completion), these checks do not. The original
has no Go snippet for a rich result, since no Go kernel had one; the one here is its snippet for Deno: rows of letters.
"""

import sys
import uuid

from client import Kernel, Missing, check, say, want

LIMIT = 10.0  # seconds for a cell, a completion, an inspection
SOON = 5.0  # seconds for a reply that needs no work; later counts as never

GONBUI = 'import "github.com/janpfeifer/gonb/gonbui"\n'
HELLO = 'fmt.Println("hello")'
STDERR = 'fmt.Fprintln(os.Stderr, "error")'
EXPRESSION = "1 + 1"
INCOMPLETE = "func foo("
COMPLETE = "x := 1"
BROKEN = "func func"
INPUT = GONBUI + 'gonbui.RequestInput("Enter: ", false)'
VARIABLE = "testVariableForCompletion"
VARIABLE_SET = "testVariableForCompletion := 42"
VARIABLE_HALF = "testVariableFor"
DISPLAY = GONBUI + 'gonbui.DisplayHtml("<b>bold</b>")'
UPDATE = (
    GONBUI + 'id := gonbui.UniqueId()\ngonbui.UpdateHtml(id, "<b>initial</b>")\ngonbui.UpdateHtml(id, "<b>updated</b>")'
)
RICH = '[]struct {\n\tLetter    string\n\tFrequency float64\n}{{"A", 0.08167}, {"B", 0.01492}}'


class Testbed:
    def __init__(self, name):
        self.k = Kernel(name)
        self.info = self.k.info

    def execute(self, code, **more):
        return self.k.execute(code, timeout=LIMIT, idle=LIMIT, **more)

    def good(self, code, **more):
        reply = self.execute(code, **more)
        want(reply.status == "ok", f"{code!r}: status {reply.status}: {reply['content'].get('evalue', '')}")
        return reply

    def ask(self, kind, content, limit=SOON):
        reply = self.k.request(kind, content, timeout=limit)
        want(reply["msg_type"] == kind.replace("request", "reply"), f"a {reply['msg_type']}")
        want(reply.status in ("ok", "complete", "incomplete"), f"status {reply.status}")
        return reply["content"]

    # Tier 1: basic protocol

    def heartbeat_responds(self):
        want(self.k.beats(SOON), f"no beat within {SOON:.0f} s")

    def iopub_welcome(self):
        hello = [m for m in self.k.iopub if m["msg_type"] == "iopub_welcome"]
        want(hello, "no iopub_welcome after subscribing")
        want("subscription" in hello[0]["content"], f"it says {hello[0]['content']}")

    def kernel_info_reply_valid(self):
        want(self.info.get("status") == "ok", f"status {self.info.get('status')}")

    def kernel_info_has_language_info(self):
        want(self.info["language_info"]["name"] == "go", f"language_info {self.info['language_info']}")

    def kernel_info_has_protocol_version(self):
        want(self.info["protocol_version"].startswith("5."), self.info["protocol_version"])

    def execute_stdout(self):
        want("hello" in self.execute(HELLO).text(), "no 'hello' on stdout")

    def execute_stderr(self):
        want("error" in self.execute(STDERR).text("stderr"), "no 'error' on stderr")

    def execute_reply_ok(self):
        self.good(COMPLETE)

    def status_busy_idle_lifecycle(self):
        states = [m["content"]["execution_state"] for m in self.execute(COMPLETE).of("status")]
        want(states == ["busy", "idle"], f"states {states}")

    def execute_input_broadcast(self):
        codes = [m["content"]["code"] for m in self.execute(COMPLETE).of("execute_input")]
        want(codes == [COMPLETE], f"execute_input {codes}")

    # Tier 2: interactive

    def complete_request(self):
        self.execute(VARIABLE_SET)
        self.ask("complete_request", {"code": VARIABLE_HALF, "cursor_pos": len(VARIABLE_HALF)}, LIMIT)

    def inspect_request(self):
        self.execute(VARIABLE_SET)
        self.ask("inspect_request", {"code": VARIABLE, "cursor_pos": len(VARIABLE), "detail_level": 0}, LIMIT)

    def is_complete_complete(self):
        got = self.ask("is_complete_request", {"code": COMPLETE})
        want(got["status"] == "complete", got["status"])

    def is_complete_incomplete(self):
        got = self.ask("is_complete_request", {"code": INCOMPLETE})
        want(got["status"] == "incomplete", got["status"])

    def history_request(self):
        self.execute(COMPLETE)
        got = self.ask("history_request", {"hist_access_type": "tail", "n": 10, "output": False, "raw": True})
        want(got["history"] and got["history"][-1][2] == COMPLETE, f"the last line is {got['history'][-1:]}")

    def comm_info_request(self):
        got = self.ask("comm_info_request", {})
        want(isinstance(got["comms"], dict), f"comms {got.get('comms')}")

    def error_handling(self):
        reply = self.execute(BROKEN)
        want(reply.status == "error" or reply.of("error"), "no error in the reply or on iopub")

    # Tier 3: rich output

    def display_data(self):
        shown = self.good(DISPLAY).of("display_data")
        want(shown and "<b>bold</b>" in shown[0]["content"]["data"].get("text/html", ""), "no display_data of the HTML")

    def update_display_data(self):
        reply = self.good(UPDATE)
        kinds = [m["msg_type"] for m in reply.of("display_data", "update_display_data")]
        want(kinds == ["display_data", "update_display_data"], f"shown by {kinds}")

    def execute_result(self):
        got = self.good(EXPRESSION).of("execute_result")
        want(
            got and got[0]["content"]["data"].get("text/plain") == "2", f"execute_result {[m['content'] for m in got]}"
        )

    def rich_execute_result(self):
        got = self.good(RICH).of("execute_result")
        want(got and "text/html" in got[0]["content"]["data"], f"execute_result {[m['content'] for m in got]}")

    # Tier 4: advanced

    def stdin_input_request(self):
        reply = self.execute(INPUT, answer="test_input_42")
        want(reply.asked, "no input_request on stdin")
        want(reply.status == "ok", f"status {reply.status}")

    def comms_lifecycle(self):
        comm = f"test-comm-{uuid.uuid4()}"
        self.k.send("comm_open", {"comm_id": comm, "target_name": "jupyter.kernel_testbed.test", "data": {}})
        try:
            self.k.until(lambda m: m["msg_type"] == "comm_close" and m["content"]["comm_id"] == comm, 2, "a refusal")
        except Missing:  # accepted or ignored: both are right if the kernel still works
            self.k.send("comm_close", {"comm_id": comm, "data": {}})
            self.execute(COMPLETE)

    def interrupt_request(self):
        reply = self.k.interrupt(SOON)
        want(reply["msg_type"] == "interrupt_reply" and reply.status == "ok", f"{reply['msg_type']}: {reply.status}")

    def execution_count_increments(self):
        first, second = (self.execute(COMPLETE)["content"]["execution_count"] for _ in range(2))
        want(second == first + 1, f"counts {first}, {second}")

    def parent_header_correlation(self):
        reply = self.execute(HELLO)  # matched by the parent header, as are the iopub messages
        want(reply["parent_header"].get("msg_type") == "execute_request", f"parent {reply['parent_header']}")
        orphans = [m["msg_type"] for m in self.k.iopub if not m["parent_header"] and m["msg_type"] != "iopub_welcome"]
        want(not [kind for kind in orphans if kind != "status"], f"without a parent: {orphans}")

    # Last

    def shutdown_reply(self):
        reply = self.k.request("shutdown_request", {"restart": False}, "control", SOON)
        want(reply["msg_type"] == "shutdown_reply" and reply.status == "ok", f"{reply['msg_type']}: {reply.status}")
        end = 50
        while self.k.alive() and end:
            self.k.pump(0.1)
            end -= 1
        want(end, "the kernel still runs")


ORDER = [name for name in vars(Testbed) if not name.startswith("_") and name not in ("execute", "good", "ask")]

if __name__ == "__main__":
    t = Testbed(sys.argv[1])
    say(kernel={k: t.info.get(k) for k in ("protocol_version", "implementation", "implementation_version")})
    t.k.pump(0.2)
    for name in ORDER:
        check(name, getattr(t, name))
    t.k.close(now=True)
