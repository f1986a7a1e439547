"""The messaging protocol, for contract.py."""

import json
import os
import re
import statistics
import time

import cells
from client import Kernel, want
from contract_base import Base


class Protocol(Base):
    def kernel_info(self):
        info = self.k.info
        want(info["protocol_version"] == "5.5", f"protocol {info['protocol_version']}")
        want(isinstance(info.get("supported_features"), list), f"supported_features {info.get('supported_features')}")
        want(info["implementation"] and info["implementation_version"] and info["banner"], f"{info}")
        language = info["language_info"]
        for key, value in {
            "name": "go",
            "file_extension": ".go",
            "pygments_lexer": "go",
            "codemirror_mode": "go",
            "nbconvert_exporter": "script",
        }.items():
            want(language.get(key) == value, f"language_info.{key} is {language.get(key)!r}, want {value!r}")
        want("go" in language["mimetype"], language["mimetype"])
        want(re.fullmatch(r"1\.\d+(\.\d+)?.*", language["version"]), f"language version {language['version']!r}")

    def answers_while_a_cell_runs(self):
        def work():
            took = []
            for _ in range(20):
                for channel in ("control", "shell"):
                    reply = self.k.request("kernel_info_request", {}, channel, 5)
                    took.append(reply["came"] - reply.sent)
            return (
                f"kernel_info in a running cell: median {statistics.median(took) * 1000:.1f} ms, worst {max(took) * 1000:.1f} ms"
                if statistics.median(took) < 0.05
                else want(False, f"median {statistics.median(took) * 1000:.0f} ms")
            )

        return self.while_running(work)

    def answers_while_a_cell_is_built(self):
        sent = self.k.start_execute(cells.slow_build(3000))
        took = []
        for _ in range(20):
            reply = self.k.request("kernel_info_request", {}, "control", 5)
            took.append(reply["came"] - reply.sent)
            time.sleep(0.02)
        self.k.interrupt()
        self.k.reply(*sent, timeout=60, idle=5)
        want(statistics.median(took) < 0.1, f"median {statistics.median(took) * 1000:.0f} ms")
        return f"median {statistics.median(took) * 1000:.1f} ms"

    def busy_and_idle_around_every_request(self):
        for kind, content, channel in (
            ("kernel_info_request", {}, "shell"),
            ("kernel_info_request", {}, "control"),
            ("interrupt_request", {}, "control"),
            ("complete_request", {"code": "fmt.", "cursor_pos": 4}, "shell"),
            ("inspect_request", {"code": "fmt.Println", "cursor_pos": 9, "detail_level": 0}, "shell"),
            ("is_complete_request", {"code": "x"}, "shell"),
            ("comm_info_request", {}, "shell"),
            ("history_request", {"hist_access_type": "tail", "n": 1, "output": False, "raw": True}, "shell"),
            ("execute_request", {"code": "", "silent": False}, "shell"),
            ("execute_request", {"code": "", "silent": True}, "shell"),
        ):
            reply = self.k.request(kind, content, channel, 10, idle=5)
            states = [m["content"]["execution_state"] for m in reply.of("status")]
            want(states == ["busy", "idle"], f"{kind} on {channel}: {states}")

    def dates_have_microseconds(self):
        reply = self.good("%%\nprintln(1)")
        for m in [reply, *reply.iopub]:
            date = (
                json.loads(self.k.session.pack(m["header"]))["date"]
                if not isinstance(m["header"]["date"], str)
                else m["header"]["date"]
            )
            want(re.search(r"\.\d{6}", date), f"{m['msg_type']}: {date}")

    def counts(self):
        first = self.good("1 + 1")["content"]["execution_count"]
        for more in ({"silent": True}, {"store_history": False}):
            reply = self.good("2 + 2", **more)
            want("execution_count" in reply["content"], f"{more}: no execution_count")
            if "silent" in more:
                want(
                    [m["msg_type"] for m in reply.iopub if m["msg_type"] in ("execute_input", "execute_result")] == [],
                    f"silent: {[m['msg_type'] for m in reply.iopub]}",
                )
        reply = self.good("3 + 3")
        want(reply["content"]["execution_count"] == first + 1, f"{first}, then {reply['content']['execution_count']}")
        same = {m["content"]["execution_count"] for m in reply.of("execute_input", "execute_result")}
        want(same == {first + 1}, f"the messages of cell {first + 1} say {same}")

    def stop_on_error(self):
        fails = 'time.Sleep(300 * time.Millisecond)\npanic("late")'  # after the others have been sent
        sent = [self.k.start_execute(code) for code in (fails, cells.after("one"), cells.after("two"))]
        replies = [self.k.reply(*s, timeout=60, idle=5) for s in sent]
        got = [r.status for r in replies]
        want(got == ["error", "aborted", "aborted"], f"{got}")
        want(self.good(cells.after("three")).text() == "three\n", "the next cell")
        sent = [
            self.k.start_execute(code, stop_on_error=False) for code in ("fmt.Println(missing)", cells.after("four"))
        ]
        got = [self.k.reply(*s, timeout=60, idle=5).status for s in sent]
        want(got == ["error", "ok"], f"without stop_on_error: {got}")

    def is_complete(self):
        for code, status in {
            "": "complete",
            "x := 1": "complete",
            "func foo(": "incomplete",
            "if x {": "incomplete",
            "x := []int{\n1,": "incomplete",
            "func func": "invalid",
            "x := )": "invalid",
            "%%\nfmt.Println(": "incomplete",
            "!ls (": "complete",
            "// a comment": "complete",
            "for": "incomplete",
            "type T struct {": "incomplete",
            "s := `a": "incomplete",
            's := "a': "invalid",
        }.items():
            got = self.k.request("is_complete_request", {"code": code}, timeout=5)["content"]
            want(got["status"] == status, f"{code!r}: {got['status']}, want {status}")
            if code.endswith("{"):
                want(got.get("indent") == "\t", f"{code!r}: indent {got.get('indent')!r}")

    def history_is_kept(self):
        word = f"// {os.urandom(4).hex()}\n1 + 1"
        self.good(word)
        other = Kernel(self.name)
        try:
            got = other.request(
                "history_request", {"hist_access_type": "tail", "n": 50, "output": False, "raw": True}, timeout=5
            )["content"]["history"]
            want(word in [h[2] for h in got], "a new kernel does not know the last one's cells")
            got = other.request(
                "history_request",
                {"hist_access_type": "search", "pattern": word[:11] + "*", "n": 5, "output": False, "raw": True},
                timeout=5,
            )["content"]["history"]
            want([h[2] for h in got] == [word], f"search: {got}")
        finally:
            other.close()
