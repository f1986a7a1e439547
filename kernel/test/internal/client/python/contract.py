"""What the kernel promises beyond what the two suites ask for.

usage: contract.py KERNEL
"""

import json
import os
import re
import statistics
import subprocess
import sys
import time

import cells
from probe import Kernel, check, gone, processes, want

GONBUI = 'import "github.com/janpfeifer/gonb/gonbui"\n'


class Contract:
    def __init__(self, name):
        self.name = name
        self.k = Kernel(name)
        self.k.execute("%%\nprintln(1)")

    def good(self, code, **more):
        reply = self.k.execute(code, **more)
        want(reply.status == "ok", f"{code!r}: {reply.status}: {reply['content'].get('ename')}: {reply['content'].get('evalue')}")
        return reply

    def ask(self, kind, content, limit=5.0, **more):
        reply = self.k.request(kind, content, timeout=limit, **more)
        want(reply.status != "error", f"{kind}: {reply['content']}")
        return reply

    def while_running(self, work, code=cells.SLEEP):
        sent = self.k.start_execute(code)
        self.k.until(lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"], 60, "the cell's first word")
        try:
            return work()
        finally:
            self.k.interrupt()
            self.k.reply(*sent, timeout=60 + time.monotonic() - sent[1], idle=5)

    # Protocol

    def kernel_info(self):
        info = self.k.info
        want(info["protocol_version"] == "5.5", f"protocol {info['protocol_version']}")
        want(isinstance(info.get("supported_features"), list), f"supported_features {info.get('supported_features')}")
        want(info["implementation"] and info["implementation_version"] and info["banner"], f"{info}")
        language = info["language_info"]
        for key, value in {"name": "go", "file_extension": ".go", "pygments_lexer": "go", "codemirror_mode": "go", "nbconvert_exporter": "script"}.items():
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
            return f"kernel_info in a running cell: median {statistics.median(took) * 1000:.1f} ms, worst {max(took) * 1000:.1f} ms" if statistics.median(took) < 0.05 else \
                want(False, f"median {statistics.median(took) * 1000:.0f} ms")

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
            ("kernel_info_request", {}, "shell"), ("kernel_info_request", {}, "control"), ("interrupt_request", {}, "control"),
            ("complete_request", {"code": "fmt.", "cursor_pos": 4}, "shell"),
            ("inspect_request", {"code": "fmt.Println", "cursor_pos": 9, "detail_level": 0}, "shell"),
            ("is_complete_request", {"code": "x"}, "shell"), ("comm_info_request", {}, "shell"),
            ("history_request", {"hist_access_type": "tail", "n": 1, "output": False, "raw": True}, "shell"),
            ("execute_request", {"code": "", "silent": False}, "shell"), ("execute_request", {"code": "", "silent": True}, "shell"),
        ):
            reply = self.k.request(kind, content, channel, 10, idle=5)
            states = [m["content"]["execution_state"] for m in reply.of("status")]
            want(states == ["busy", "idle"], f"{kind} on {channel}: {states}")

    def dates_have_microseconds(self):
        reply = self.good("%%\nprintln(1)")
        for m in [reply, *reply.iopub]:
            date = json.loads(self.k.session.pack(m["header"]))["date"] if not isinstance(m["header"]["date"], str) else m["header"]["date"]
            want(re.search(r"\.\d{6}", date), f"{m['msg_type']}: {date}")

    def counts(self):
        first = self.good("1 + 1")["content"]["execution_count"]
        for more in ({"silent": True}, {"store_history": False}):
            reply = self.good("2 + 2", **more)
            want("execution_count" in reply["content"], f"{more}: no execution_count")
            if "silent" in more:
                want([m["msg_type"] for m in reply.iopub if m["msg_type"] in ("execute_input", "execute_result")] == [], f"silent: {[m['msg_type'] for m in reply.iopub]}")
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
        sent = [self.k.start_execute(code, stop_on_error=False) for code in ("fmt.Println(missing)", cells.after("four"))]
        got = [self.k.reply(*s, timeout=60, idle=5).status for s in sent]
        want(got == ["error", "ok"], f"without stop_on_error: {got}")

    def is_complete(self):
        for code, status in {
            "": "complete", "x := 1": "complete", "func foo(": "incomplete", "if x {": "incomplete", "x := []int{\n1,": "incomplete",
            "func func": "invalid", "x := )": "invalid", "%%\nfmt.Println(": "incomplete", "!ls (": "complete",
            "// a comment": "complete", "for": "incomplete", "type T struct {": "incomplete", "s := `a": "incomplete", 's := "a': "invalid",
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
            got = other.request("history_request", {"hist_access_type": "tail", "n": 50, "output": False, "raw": True}, timeout=5)["content"]["history"]
            want(word in [h[2] for h in got], "a new kernel does not know the last one's cells")
            got = other.request("history_request", {"hist_access_type": "search", "pattern": word[:11] + "*", "n": 5, "output": False, "raw": True}, timeout=5)["content"]["history"]
            want([h[2] for h in got] == [word], f"search: {got}")
        finally:
            other.close()

    # Bare Go

    def bare_go(self):
        """Cells of statements, and what their last expression shows."""
        for code, result in {
            "a := 20\na + 1": "21",
            'import "strings"\nstrings.ToUpper("go")': None,
            "func twice(i int) int {\n\treturn 2 * i\n}\ntwice(4)": "8",
            "twice(5)": "10",
            "for range 3 {\n}\n": "",
            "b := 1\n_ = b": "",
            "7 // seven": "7",
            "7\n// seven\n": "7",
            "type pair struct{ A, B int }\npair{1, 2}": None,
            'map[string]int{"a": 1}': None,
            'strconv.Atoi("12")': None,
            'fmt.Sprint("a", 1)': None,
            'fmt.Println("x")': "",
            "func unused() {}": "",
            "%%\nfmt.Println(3)": "",
            "!echo line\n1 + 2": "3",
            "len(os.Args) > 0": "true",
            "x, y := 1, 2\nx, y = y, x\nx*10 + y": "21",
            "var z = 5": "",
            "z + 1": "6",
            "const limit = 3\nlimit": "3",
        }.items():
            reply = self.good(code)
            got = [m["content"]["data"]["text/plain"] for m in reply.of("execute_result")]
            want(len(got) == (result != ""), f"{code!r}: {len(got)} results {got}")
            if result:
                want(got == [result], f"{code!r}: {got}, want {result!r}")
        want("GO" in self.good('import "strings"\nstrings.ToUpper("go")').of("execute_result")[0]["content"]["data"]["text/plain"], "ToUpper")

    def cells_of_gonb_mean_what_they_meant(self):
        self.good("import (\n\t\"flag\"\n\t\"fmt\"\n)\n\nvar word = flag.String(\"word\", \"none\", \"\")")
        want(self.good("%% --word=given\nfmt.Println(*word)").text() == "given\n", "%% with flags")
        want(self.good("%args --word=other\nfunc main() {\n\tflag.Parse()\n\tfmt.Println(*word)\n}").text() == "other\n", "%args")
        want(self.good('func main() {\n\tfmt.Println("main")\n}').text() == "main\n", "func main")
        self.good("%env PROBE_WORD=set")
        want(self.good('import "os"\n%%\nfmt.Println(os.Getenv("PROBE_WORD"))').text() == "set\n", "%env")
        self.good("func init_probe() {\n\tfmt.Println(\"init\")\n}")
        want("init\n" in self.good("%%\nfmt.Println(1)").text(), "init_")
        self.good("%rm init_probe")
        self.good('%%writefile probe.txt\nwritten\n')
        want(self.good("!cat probe.txt && rm probe.txt").text().strip() == "written", "%%writefile")
        want("probe_test" in self.good('import "testing"\n\nfunc TestProbe(t *testing.T) {\n\tt.Log("probe_test")\n}\n\n%test').text(), "%test")
        want(self.good("%%bash\necho $((6 * 7))").text() == "42\n", "%%bash")

    def a_table_is_shown_as_html(self):
        reply = self.good('[]struct {\n\tName string\n\tN int\n}{{"a & b", 1}, {"c", 2}}')
        data = reply.of("execute_result")[0]["content"]["data"]
        html = data.get("text/html", "")
        want("<table" in html and "Name" in html and "a &amp; b" in html, f"{data}")
        want("a & b" in data["text/plain"], f"{data}")

    # Errors

    def failing(self, code, ename, evalue, traceback=(), text=None):
        reply = self.k.execute(code)
        want(reply.status == "error", f"{code!r}: status {reply.status}")
        errors = reply.of("error")
        shown = [m["msg_type"] for m in reply.of("stream", "display_data", "execute_result", "error")]
        want(len(errors) == 1, f"{code!r}: messages {shown}")
        e = errors[0]["content"]
        want((reply["content"]["ename"], reply["content"]["evalue"]) == (e["ename"], e["evalue"]), f"{code!r}: the reply says {reply['content']}")
        want(e["ename"] == ename, f"{code!r}: ename {e['ename']!r}, want {ename}")
        want(evalue in e["evalue"], f"{code!r}: evalue {e['evalue']!r}, want {evalue!r}")
        want("\n" not in e["evalue"], f"{code!r}: evalue {e['evalue']!r}")
        lines = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(e["traceback"]))
        for word in traceback:
            want(re.search(word, lines), f"{code!r}: traceback lacks {word!r}:\n{lines}")
        want(not re.search(r"<\w+[ >]|gonb_[0-9a-f]{8}", lines), f"{code!r}: traceback holds HTML or paths:\n{lines}")
        if text is not None:
            want(reply.text() + reply.text("stderr") == text, f"{code!r}: streams {reply.text()!r} {reply.text('stderr')!r}, want {text!r}")
        return reply

    def compile_errors(self):
        for code in ("a := 1\n_ = a\nfmt.Println(missing)", "%%\na := 1\nfmt.Println(a, missing)"):
            count = self.failing(code, "CompileError", "undefined: missing", ["undefined: missing", r"(?i)line 3"], "")["content"]["execution_count"]
            self.failing(code, "CompileError", "undefined: missing", [rf"(?i)cell *\[?{count + 1}\b"])
        self.failing("func func", "CompileError", "expected", [r"(?i)line 1"], "")
        self.failing('import "no/such/place"\n\n%%\nplace.Do()', "CompileError", "no/such/place", [], "")
        self.failing("%%\npackage.Do()", "CompileError", "expected", [r"(?i)line 2"], "")
        self.failing("func f() int {\n\treturn \"a\"\n}", "CompileError", "cannot use", [r"(?i)line 2"], "")

    def panics(self):
        self.failing('fmt.Println("before")\npanic("of mine")', "Panic", "of mine", ["of mine", r"(?i)line 2"], "before\n")
        self.failing("%%\nvar p *int\nfmt.Println(*p)", "Panic", "nil pointer dereference", [r"(?i)line 3"], "")
        self.failing("a := []int{1}\ni := 5\nfmt.Println(a[i])", "Panic", "index out of range", [r"(?i)line 3"], "")
        self.failing("func deep(i int) {\n\tif i == 0 {\n\t\tpanic(fmt.Errorf(\"deep down\"))\n\t}\n\tdeep(i - 1)\n}\n\n%%\ndeep(2)", "Panic", "deep down", [r"(?i)line 3"], "")

    def exits(self):
        self.failing('fmt.Fprintln(os.Stderr, "bad data")\nos.Exit(3)', "ExitError", "", ["3"], "bad data\n")
        self.failing("!false", "ExitError", "1")
        self.failing("!echo hi; exit 7", "ExitError", "7", [], "hi\n")
        self.failing("%%bash\necho hi\nexit 8", "ExitError", "8", [], "hi\n")
        self.failing("!false\n" + cells.after("too far"), "ExitError", "1", [], "")
        self.failing("!no-such-command-here", "ExitError", "127")

    # Output

    def nothing_rich_is_lost(self):
        reply = self.good(GONBUI + '\n%%\nfor i := range 2000 {\n\tgonbui.DisplayHTML(fmt.Sprint("<i>", i, "</i>"))\n}', timeout=120)
        got = [int(re.search(r"<i>(\d+)", m["content"]["data"]["text/html"])[1]) for m in reply.of("display_data")]
        want(got == list(range(2000)), f"{len(got)} of 2000, in order: {got == sorted(got)}")

    def order_of_text_and_rich(self):
        code = GONBUI + '\n%%\nfor i := range 100 {\n\tfmt.Println("t", i)\n\tgonbui.DisplayHTML(fmt.Sprint("<i>", i, "</i>"))\n}\nfmt.Println("end")'
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
            want(got == expected, f"{len(got)} of 200, first out of place at {first}: {got[first:first + 6] if first is not None else ''}")

    def text_comes_as_it_is_printed(self):
        reply = self.good('import "time"\n\n%%\nfmt.Print("a\\rb\\r")\ntime.Sleep(1500*time.Millisecond)\nfmt.Print("c\\n\\x1b[31mred\\x1b[0m")')
        streams = reply.of("stream")
        want(reply.text() == "a\rb\rc\n\x1b[31mred\x1b[0m", f"{reply.text()!r}")
        want(len(streams) >= 2 and streams[-1]["came"] - streams[0]["came"] > 1, "it came all at once")

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
        want(any(re.search(r"(?i)(left out|missing|more|omitted|cut|dropped|limit)", m["content"].get("text", "")[-2000:]) for m in reply.of("stream")), "no word about what is missing")
        want(after - before < 60, f"grew by {after - before:.0f} MB")
        return f"{got / 1e6:.1f} MB of 100 came, the kernel grew by {after - before:.0f} MB"

    def displays_are_updated(self):
        reply = self.good(GONBUI + '\n%%\nid := gonbui.UniqueID()\ngonbui.UpdateHTML(id, "a")\ngonbui.UpdateHTML(id, "b")')
        got = [(m["msg_type"], m["content"]["transient"]["display_id"]) for m in reply.of("display_data", "update_display_data")]
        want([kind for kind, _ in got] == ["display_data", "update_display_data"] and got[0][1] == got[1][1], f"{got}")

    def output_is_cleared(self):
        for code, wait in (('fmt.Println("old")\nnb.Clear()\nfmt.Println("new")', True), ('%clear\nfmt.Println("new")', False)):
            reply = self.good('import "github.com/trafficlab/trafficlab/trafficlib/nb"\n' + code)
            got = [m["content"].get("text", m["content"].get("wait")) for m in reply.of("stream", "clear_output", "display_data")]
            want(got == (["old\n"] if wait else []) + [wait, "new\n"], f"{code!r}: {got}")

    def input_is_asked_for(self):
        code = GONBUI + 'import (\n\t"bufio"\n\t"os"\n)\n\n%%\ngonbui.RequestInput("Name: ", {})\nline, _ := bufio.NewReader(os.Stdin).ReadString(\'\\n\')\nfmt.Printf("%q\\n", line)'
        for password in ("false", "true"):
            reply = self.good(code.replace("{}", password), answer="grace")
            want(len(reply.asked) == 1, f"{len(reply.asked)} input requests")
            asked = reply.asked[0]["content"]
            want(asked["prompt"] == "Name: " and str(asked["password"]).lower() == password, f"{asked}")
            want("grace" in reply.text(), f"the cell read {reply.text()!r}")
        reply = self.k.execute(code.replace("{}", "false"), timeout=20)  # nobody can be asked
        want(reply.status in ("ok", "error") and not reply.asked, f"not allowed: {reply.status}, asked {len(reply.asked)} times")

    def comms(self):
        self.k.send("comm_open", {"comm_id": "c1", "target_name": "no.such.target", "data": {}})
        self.k.until(lambda m: m["msg_type"] == "comm_close" and m["content"]["comm_id"] == "c1", 5, "comm_close of an unknown target")
        want("c1" not in self.ask("comm_info_request", {})["content"]["comms"], "it lists a comm that it refused")
        self.k.send("comm_open", {"comm_id": "c2", "target_name": "gonb_comm", "data": {}})
        want("c2" in self.ask("comm_info_request", {})["content"]["comms"], "comm_info lacks an open comm")
        want("c2" not in self.ask("comm_info_request", {"target_name": "other"})["content"]["comms"], "comm_info does not look at the target")
        self.k.send("comm_close", {"comm_id": "c2", "data": {}})
        want("c2" not in self.ask("comm_info_request", {})["content"]["comms"], "comm_info has a closed comm")

    def user_expressions(self):
        reply = self.good("n := 3\nn", user_expressions={"a": "1 + 1"})
        want(set(reply["content"].get("user_expressions", {})) <= {"a"}, f"{reply['content']}")

    # Completion and inspection

    def complete(self, code, at=None, limit=5.0):
        reply = self.ask("complete_request", {"code": code, "cursor_pos": len(code) if at is None else at}, limit)["content"]
        return reply, reply["matches"]

    def completion(self):
        for code, match in {
            "fmt.Printl": "Println", "%%\nfmt.Sprin": "Sprintf", 'import "encoding/js': "encoding/json", "%go": "%goflags",
            'import "github.com/trafficlab/trafficlab/trafficlib/data/seq"\n\nseq.FixedLen': "FixedLength", "strings.ToUp": "ToUpper",
            "😀 := 1\nfmt.Printl": "Println",
        }.items():
            reply, got = self.complete(code)
            want(any(match in m for m in got), f"{code!r}: {got[:8]}")
            text = code[reply["cursor_start"]:reply["cursor_end"]]
            want(all(m.lower().startswith(text.lower().strip('"')) or text in m for m in got), f"{code!r} replaces {text!r} by {got[:5]}")
        want(self.complete("fmt.Printl(", 10)[1] == ["Println"], "in the middle of a line")

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

    def warm(self, kind, content):
        took = []
        for _ in range(15):
            reply = self.ask(kind, content)
            took.append(reply["came"] - reply.sent)
        middle = statistics.median(took)
        want(middle < 0.3, f"{kind}: median {middle:.2f} s")
        return f"median {middle * 1000:.0f} ms"

    def completion_is_quick(self):
        return self.warm("complete_request", {"code": "fmt.Printl", "cursor_pos": 10})

    def inspection_is_quick(self):
        return self.warm("inspect_request", {"code": "fmt.Println", "cursor_pos": 9, "detail_level": 0})

    def completion_and_inspection_while_a_cell_runs(self):
        def work():
            want("Println" in " ".join(self.complete("fmt.Printl", limit=2)[1]), "completion")
            got = self.ask("inspect_request", {"code": "fmt.Println", "cursor_pos": 9, "detail_level": 0}, 2)["content"]
            want(got["found"], "inspection")

        return self.while_running(work)

    def inspection(self):
        for code, at, word in (("fmt.Println(1)", 9, "formats"), ("strings.ToUpper", 15, "ToUpper"), ("%%\nx := strconv.Itoa(1)", 17, "Itoa")):
            got = self.ask("inspect_request", {"code": code, "cursor_pos": at, "detail_level": 0})["content"]
            want(got["found"] and word in got["data"]["text/plain"], f"{code!r}: {str(got)[:300]}")
        got = self.ask("inspect_request", {"code": "nothing_here", "cursor_pos": 3, "detail_level": 0})["content"]
        want(not got["found"] and got["data"] == {}, f"found {got}")

    def own_names_complete(self):
        self.good("type Grapefruit struct{ Weight int }\n\nfunc squeezeGrapefruit(g Grapefruit) int {\n\treturn g.Weight\n}")
        want("squeezeGrapefruit" in " ".join(self.complete("squeezeGr")[1]), f"{self.complete('squeezeGr')[1][:5]}")
        got = self.ask("inspect_request", {"code": "squeezeGrapefruit", "cursor_pos": 5, "detail_level": 0})["content"]
        want(got["found"], "inspection of a function of an earlier cell")

    def pager(self):
        for code in ("?fmt.Println", "fmt.Println?", "??strings.ToUpper"):
            payload = self.good(code)["content"]["payload"]
            want(len(payload) == 1 and payload[0]["source"] == "page" and payload[0]["data"]["text/plain"], f"{code!r}: {payload}")

    # Surroundings

    def two_kernels_at_once(self):
        other = Kernel(self.name)
        try:
            other.execute('func who() string {\n\treturn "other"\n}')
            self.good('func who() string {\n\treturn "first"\n}')
            sent = other.start_execute("%%\nfmt.Println(who())")
            want(self.good("%%\nfmt.Println(who())").text() == "first\n", "the first kernel's")
            want(other.reply(*sent, timeout=60, idle=5).text() == "other\n", "the other kernel's")
            sent = self.k.start_execute(cells.SLEEP)
            self.k.until(lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"], 60, "begun")
            other.interrupt()
            want(other.execute(cells.after("free"), timeout=60).text() == "free\n", "the other kernel waits for the first")
            want(not [m for m in self.k.pump(0.5) if m[1]["msg_type"] == "execute_reply"], "one kernel's interrupt stopped the other's cell")
            self.k.interrupt()
            self.k.reply(*sent, timeout=60, idle=5)
        finally:
            other.close()
        want(self.good(cells.after("still")).text() == "still\n", "the first kernel, when the other has ended")

    def ipc(self):
        k = Kernel(self.name, transport="ipc")
        try:
            want(k.execute(cells.after("by ipc")).text() == "by ipc\n", "a cell")
            want(k.beats(), "the heartbeat")
        finally:
            k.close()

    def another_home(self):
        k = Kernel(self.name, env={"HOME": "/nonexistent"})
        try:
            want(k.execute(cells.after("homeless"), timeout=120).text() == "homeless\n", "a cell")
        finally:
            k.close()

    def environment(self):
        got = self.good('import "os"\n\n%%\nfor _, name := range []string{"GOFLAGS", "GOPROXY", "TMPDIR", "TRAFFICLAB_WORK", "GONB_PIPE"} {\n\tfmt.Println(name, os.Getenv(name) != "")\n}').text()
        want(got.count("true") == 5, got)
        tmp = os.environ["TMPDIR"]
        for name in os.listdir(tmp):
            path = os.path.join(tmp, name)
            if os.path.isdir(path) and name != "s":
                want(os.stat(path).st_mode & 0o077 == 0, f"{path} is open to others: {oct(os.stat(path).st_mode)}")

    def bad_connection_files(self):
        argv = self.k.manager.kernel_spec.argv
        for name, text in {"missing": None, "empty": "", "garbage": "{", "a list": "[]", "no ports": '{"ip": "127.0.0.1", "transport": "tcp", "key": "a"}',
                           "a strange transport": '{"transport": "pgm", "ip": "x", "shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5, "key": "", "signature_scheme": "hmac-sha256"}',
                           }.items():
            path = os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], "kernel-bad.json")
            if text is not None:
                with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as f:
                    f.write(text)
            try:
                p = subprocess.run([a.replace("{connection_file}", path) for a in argv], capture_output=True, text=True, timeout=10)
            except subprocess.TimeoutExpired:
                os.remove(path)
                want(False, f"{name}: the kernel starts")
            said = (p.stdout + p.stderr).strip()
            want(p.returncode == 1, f"{name}: status {p.returncode}")
            want(said and "panic" not in said and said.count("\n") == 0, f"{name}: it said {said!r}")
            if os.path.exists(path):
                os.remove(path)

    def readable_connection_file(self):
        """One that others can read holds a key that they know."""
        k = self.k
        path = os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], "kernel-open.json")
        info = {key: value.decode() if isinstance(value, bytes) else value for key, value in k.manager.get_connection_info().items()}
        for port in ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"):
            info[port] = 0
        with open(path, "w") as f:
            json.dump(info, f)
        os.chmod(path, 0o644)
        try:
            p = subprocess.run([a.replace("{connection_file}", path) for a in k.manager.kernel_spec.argv], capture_output=True, text=True, timeout=10)
            said = (p.stdout + p.stderr).strip()
            want(p.returncode != 0 and "600" in said, f"status {p.returncode}, it said {said!r}")
        except subprocess.TimeoutExpired:
            want(False, "the kernel started")
        finally:
            if os.path.exists(path):
                os.remove(path)


ORDER = [n for n in vars(Contract) if not n.startswith("_") and n not in ("good", "ask", "while_running", "failing", "complete", "warm")]

if __name__ == "__main__":
    c = Contract(sys.argv[1])
    for name in [n for n in ORDER if len(sys.argv) < 3 or n in sys.argv[2:]]:
        if not check(name.replace("_", " "), getattr(c, name)):
            c.k.close(now=True)  # what has failed may have left it busy
            c = Contract(sys.argv[1])
    c.k.close()
    gone(processes, 5)
