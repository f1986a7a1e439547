"""Completion and inspection, for contract.py."""

import statistics

from client import Kernel, want
from contract_base import Base


class Editor(Base):
    def _complete(self, code, at=None, limit=5.0):
        reply = self.ask("complete_request", {"code": code, "cursor_pos": len(code) if at is None else at}, limit)[
            "content"
        ]
        return reply, reply["matches"]

    def completion(self):
        for code, match in {
            "fmt.Printl": "Println",
            "%%\nfmt.Sprin": "Sprintf",
            'import "encoding/js': "encoding/json",
            "%go": "%goflags",
            'import "github.com/trafficlab/trafficlab/trafficlib/data/seq"\n\nseq.FixedLen': "FixedLength",
            "strings.ToUp": "ToUpper",
            "😀 := 1\nfmt.Printl": "Println",
        }.items():
            reply, got = self._complete(code)
            want(any(match in m for m in got), f"{code!r}: {got[:8]}")
            text = code[reply["cursor_start"] : reply["cursor_end"]]
            want(
                all(m.lower().startswith(text.lower().strip('"')) or text in m for m in got),
                f"{code!r} replaces {text!r} by {got[:5]}",
            )
        want(self._complete("fmt.Printl(", 10)[1] == ["Println"], "in the middle of a line")

    def completion_is_soon_after_the_start(self):
        k = Kernel(self.name)
        try:
            reply = k.request("complete_request", {"code": "fmt.Printl", "cursor_pos": 10}, timeout=20)
            took = reply["came"] - reply.sent
            want("Println" in " ".join(reply["content"]["matches"]), f"{reply['content']['matches'][:5]}")
            want(took < 1.0, f"the first one took {took:.2f} s")
            return f"the first one took {took:.2f} s"
        finally:
            k.close()

    def _warm(self, kind, content):
        took = []
        for _ in range(15):
            reply = self.ask(kind, content)
            took.append(reply["came"] - reply.sent)
        middle = statistics.median(took)
        want(middle < 0.3, f"{kind}: median {middle:.2f} s")
        return f"median {middle * 1000:.0f} ms"

    def completion_is_quick(self):
        return self._warm("complete_request", {"code": "fmt.Printl", "cursor_pos": 10})

    def inspection_is_quick(self):
        return self._warm("inspect_request", {"code": "fmt.Println", "cursor_pos": 9, "detail_level": 0})

    def completion_and_inspection_while_a_cell_runs(self):
        def work():
            want("Println" in " ".join(self._complete("fmt.Printl", limit=2)[1]), "completion")
            got = self.ask("inspect_request", {"code": "fmt.Println", "cursor_pos": 9, "detail_level": 0}, 2)["content"]
            want(got["found"], "inspection")

        return self.while_running(work)

    def inspection(self):
        for code, at, word in (
            ("fmt.Println(1)", 9, "formats"),
            ("strings.ToUpper", 15, "ToUpper"),
            ("%%\nx := strconv.Itoa(1)", 17, "Itoa"),
        ):
            got = self.ask("inspect_request", {"code": code, "cursor_pos": at, "detail_level": 0})["content"]
            want(got["found"] and word in got["data"]["text/plain"], f"{code!r}: {str(got)[:300]}")
        got = self.ask("inspect_request", {"code": "nothing_here", "cursor_pos": 3, "detail_level": 0})["content"]
        want(not got["found"] and got["data"] == {}, f"found {got}")

    def own_names_complete(self):
        self.good(
            "type Grapefruit struct{ Weight int }\n\nfunc squeezeGrapefruit(g Grapefruit) int {\n\treturn g.Weight\n}"
        )
        want("squeezeGrapefruit" in " ".join(self._complete("squeezeGr")[1]), f"{self._complete('squeezeGr')[1][:5]}")
        got = self.ask("inspect_request", {"code": "squeezeGrapefruit", "cursor_pos": 5, "detail_level": 0})["content"]
        want(got["found"], "inspection of a function of an earlier cell")

    def pager(self):
        for code in ("?fmt.Println", "fmt.Println?", "??strings.ToUpper"):
            payload = self.good(code)["content"]["payload"]
            want(
                len(payload) == 1 and payload[0]["source"] == "page" and payload[0]["data"]["text/plain"],
                f"{code!r}: {payload}",
            )
