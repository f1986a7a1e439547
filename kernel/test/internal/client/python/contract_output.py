"""Output and input of cells, for contract.py."""

import os
import re

from client import processes, want
from contract_base import GONBUI, Base


class Output(Base):
    def nothing_rich_is_lost(self):
        reply = self.good(
            GONBUI + '\n%%\nfor i := range 2000 {\n\tgonbui.DisplayHTML(fmt.Sprint("<i>", i, "</i>"))\n}', timeout=120
        )
        got = [int(re.search(r"<i>(\d+)", m["content"]["data"]["text/html"])[1]) for m in reply.of("display_data")]
        want(got == list(range(2000)), f"{len(got)} of 2000, in order: {got == sorted(got)}")

    def order_of_text_and_rich(self):
        code = GONBUI + (
            '\n%%\nfor i := range 100 {\n\tfmt.Println("t", i)\n'
            '\tgonbui.DisplayHTML(fmt.Sprint("<i>", i, "</i>"))\n}\nfmt.Println("end")'
        )
        for _ in range(3):
            reply = self.good(code)
            got = []
            for m in reply.of("stream", "display_data"):
                if m["msg_type"] == "stream":
                    got += [f"t{n}" for n in re.findall(r"t (\d+)", m["content"]["text"])]
                else:
                    got.append("r" + re.search(r"<i>(\d+)", m["content"]["data"]["text/html"])[1])
            expected = [f"{kind}{i}" for i in range(100) for kind in "tr"]
            first = next((i for i, (a, b) in enumerate(zip(got + [""], expected + [""])) if a != b), None)
            want(
                got == expected,
                f"{len(got)} of 200, first out of place at {first}: {got[first : first + 6] if first is not None else ''}",
            )

    def text_comes_as_it_is_printed(self):
        reply = self.good(
            (
                'import "time"\n\n%%\nfmt.Print("a\\rb\\r")\ntime.Sleep(1500*time.Millisecond)\n'
                'fmt.Print("c\\n\\x1b[31mred\\x1b[0m")'
            )
        )
        streams = reply.of("stream")
        want(reply.text() == "a\rb\rc\n\x1b[31mred\x1b[0m", f"{reply.text()!r}")
        want(len(streams) >= 2 and streams[-1]["came"] - streams[0]["came"] > 1, "all of it arrived at once")

    def much_text_does_not_grow_the_kernel(self):
        def resident():
            total = 0
            for pid, line in processes().items():
                if pid == self.k.pid or os.path.basename(line.split()[0]) == "gonb":
                    with open(f"/proc/{pid}/status") as f:
                        total += int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])
            return total / 1024

        before = resident()
        reply = self.k.execute("!head -c 100000000 /dev/zero | tr '\\0' 'x' | fold -w 99", timeout=120)
        after = resident()
        want(reply.status == "ok", f"status {reply.status}")
        got = len(reply.text()) + len(reply.text("stderr"))
        want(got < 20_000_000, f"{got / 1e6:.0f} MB of text came")
        want(
            any(
                re.search(
                    r"(?i)(left out|missing|more|omitted|cut|dropped|limit)", m["content"].get("text", "")[-2000:]
                )
                for m in reply.of("stream")
            ),
            "no word about what is missing",
        )
        want(after - before < 60, f"grew by {after - before:.0f} MB")
        return f"{got / 1e6:.1f} MB of 100 came, the kernel grew by {after - before:.0f} MB"

    def displays_are_updated(self):
        reply = self.good(
            GONBUI + '\n%%\nid := gonbui.UniqueID()\ngonbui.UpdateHTML(id, "a")\ngonbui.UpdateHTML(id, "b")'
        )
        got = [
            (m["msg_type"], m["content"]["transient"]["display_id"])
            for m in reply.of("display_data", "update_display_data")
        ]
        want([kind for kind, _ in got] == ["display_data", "update_display_data"] and got[0][1] == got[1][1], f"{got}")

    def output_is_cleared(self):
        for code, wait in (
            ('fmt.Println("old")\nnb.Clear()\nfmt.Println("new")', True),
            ('%clear\nfmt.Println("new")', False),
        ):
            reply = self.good('import "github.com/trafficlab/trafficlab/trafficlib/nb"\n' + code)
            got = [
                m["content"].get("text", m["content"].get("wait"))
                for m in reply.of("stream", "clear_output", "display_data")
            ]
            want(got == (["old\n"] if wait else []) + [wait, "new\n"], f"{code!r}: {got}")

    def input_is_asked_for(self):
        code = GONBUI + (
            'import (\n\t"bufio"\n\t"os"\n)\n\n%%\ngonbui.RequestInput("Name: ", {})\n'
            "line, _ := bufio.NewReader(os.Stdin).ReadString('\\n')\nfmt.Printf(\"%q\\n\", line)"
        )
        for password in ("false", "true"):
            reply = self.good(code.replace("{}", password), answer="grace")
            want(len(reply.asked) == 1, f"{len(reply.asked)} input requests")
            asked = reply.asked[0]["content"]
            want(asked["prompt"] == "Name: " and str(asked["password"]).lower() == password, f"{asked}")
            want("grace" in reply.text(), f"the cell read {reply.text()!r}")
        reply = self.k.execute(code.replace("{}", "false"), timeout=20)  # input is not allowed
        want(
            reply.status in ("ok", "error") and not reply.asked,
            f"not allowed: {reply.status}, asked {len(reply.asked)} times",
        )

    def comms(self):
        self.k.send("comm_open", {"comm_id": "c1", "target_name": "no.such.target", "data": {}})
        self.k.until(
            lambda m: m["msg_type"] == "comm_close" and m["content"]["comm_id"] == "c1",
            5,
            "comm_close of an unknown target",
        )
        want("c1" not in self.ask("comm_info_request", {})["content"]["comms"], "it lists a comm that it refused")
        self.k.send("comm_open", {"comm_id": "c2", "target_name": "gonb_comm", "data": {}})
        want("c2" in self.ask("comm_info_request", {})["content"]["comms"], "comm_info lacks an open comm")
        want(
            "c2" not in self.ask("comm_info_request", {"target_name": "other"})["content"]["comms"],
            "comm_info does not look at the target",
        )
        self.k.send("comm_close", {"comm_id": "c2", "data": {}})
        want("c2" not in self.ask("comm_info_request", {})["content"]["comms"], "comm_info has a closed comm")

    def user_expressions(self):
        reply = self.good("n := 3\nn", user_expressions={"a": "1 + 1"})
        want(set(reply["content"].get("user_expressions", {})) <= {"a"}, f"{reply['content']}")
