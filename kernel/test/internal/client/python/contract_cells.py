"""Cells of bare Go, and errors, for contract.py."""

import re

import cells
from client import want
from contract_base import Base


class BareGo(Base):
    def bare_go(self):
        """Cells of statements, and the value of their last expression."""
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
        want(
            "GO"
            in self.good('import "strings"\nstrings.ToUpper("go")').of("execute_result")[0]["content"]["data"][
                "text/plain"
            ],
            "ToUpper",
        )

    def cells_of_gonb_mean_what_they_meant(self):
        self.good('import (\n\t"flag"\n\t"fmt"\n)\n\nvar word = flag.String("word", "none", "")')
        want(self.good("%% --word=given\nfmt.Println(*word)").text() == "given\n", "%% with flags")
        want(
            self.good("%args --word=other\nfunc main() {\n\tflag.Parse()\n\tfmt.Println(*word)\n}").text() == "other\n",
            "%args",
        )
        want(self.good('func main() {\n\tfmt.Println("main")\n}').text() == "main\n", "func main")
        self.good("%env PROBE_WORD=set")
        want(self.good('import "os"\n%%\nfmt.Println(os.Getenv("PROBE_WORD"))').text() == "set\n", "%env")
        self.good('func init_note() {\n\tfmt.Println("init")\n}')
        want("init\n" in self.good("%%\nfmt.Println(1)").text(), "init_")
        self.good("%rm init_note")
        self.good("%%writefile note.txt\nwritten\n")
        want(self.good("!cat note.txt && rm note.txt").text().strip() == "written", "%%writefile")
        want(
            "note_test"
            in self.good('import "testing"\n\nfunc TestNote(t *testing.T) {\n\tt.Log("note_test")\n}\n\n%test').text(),
            "%test",
        )
        want(self.good("%%bash\necho $((6 * 7))").text() == "42\n", "%%bash")

    def a_table_is_shown_as_html(self):
        reply = self.good('[]struct {\n\tName string\n\tN int\n}{{"a & b", 1}, {"c", 2}}')
        data = reply.of("execute_result")[0]["content"]["data"]
        html = data.get("text/html", "")
        want("<table" in html and "Name" in html and "a &amp; b" in html, f"{data}")
        want("a & b" in data["text/plain"], f"{data}")


class Errors(Base):
    def _failing(self, code, ename, evalue, traceback=(), text=None):
        reply = self.k.execute(code)
        want(reply.status == "error", f"{code!r}: status {reply.status}")
        errors = reply.of("error")
        shown = [m["msg_type"] for m in reply.of("stream", "display_data", "execute_result", "error")]
        want(len(errors) == 1, f"{code!r}: messages {shown}")
        e = errors[0]["content"]
        want(
            (reply["content"]["ename"], reply["content"]["evalue"]) == (e["ename"], e["evalue"]),
            f"{code!r}: the reply says {reply['content']}",
        )
        want(e["ename"] == ename, f"{code!r}: ename {e['ename']!r}, want {ename}")
        want(evalue in e["evalue"], f"{code!r}: evalue {e['evalue']!r}, want {evalue!r}")
        want("\n" not in e["evalue"], f"{code!r}: evalue {e['evalue']!r}")
        lines = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(e["traceback"]))
        for word in traceback:
            want(re.search(word, lines), f"{code!r}: traceback lacks {word!r}:\n{lines}")
        want(not re.search(r"<\w+[ >]|gonb_[0-9a-f]{8}", lines), f"{code!r}: traceback holds HTML or paths:\n{lines}")
        if text is not None:
            want(
                reply.text() + reply.text("stderr") == text,
                f"{code!r}: streams {reply.text()!r} {reply.text('stderr')!r}, want {text!r}",
            )
        return reply

    def compile_errors(self):
        for code in ("a := 1\n_ = a\nfmt.Println(missing)", "%%\na := 1\nfmt.Println(a, missing)"):
            count = self._failing(
                code, "CompileError", "undefined: missing", ["undefined: missing", r"(?i)line 3"], ""
            )["content"]["execution_count"]
            self._failing(code, "CompileError", "undefined: missing", [rf"(?i)cell *\[?{count + 1}\b"])
        self._failing("func func", "CompileError", "expected", [r"(?i)line 1"], "")
        self._failing('import "no/such/place"\n\n%%\nplace.Do()', "CompileError", "no/such/place", [], "")
        self._failing("%%\npackage.Do()", "CompileError", "expected", [r"(?i)line 2"], "")
        self._failing('func f() int {\n\treturn "a"\n}', "CompileError", "cannot use", [r"(?i)line 2"], "")

    def panics(self):
        self._failing(
            'fmt.Println("before")\npanic("of mine")', "Panic", "of mine", ["of mine", r"(?i)line 2"], "before\n"
        )
        self._failing("%%\nvar p *int\nfmt.Println(*p)", "Panic", "nil pointer dereference", [r"(?i)line 3"], "")
        self._failing("a := []int{1}\ni := 5\nfmt.Println(a[i])", "Panic", "index out of range", [r"(?i)line 3"], "")
        self._failing(
            (
                'func deep(i int) {\n\tif i == 0 {\n\t\tpanic(fmt.Errorf("deep down"))\n\t}\n'
                "\tdeep(i - 1)\n}\n\n%%\ndeep(2)"
            ),
            "Panic",
            "deep down",
            [r"(?i)line 3"],
            "",
        )

    def exits(self):
        self._failing('fmt.Fprintln(os.Stderr, "bad data")\nos.Exit(3)', "ExitError", "", ["3"], "bad data\n")
        self._failing("!false", "ExitError", "1")
        self._failing("!echo hi; exit 7", "ExitError", "7", [], "hi\n")
        self._failing("%%bash\necho hi\nexit 8", "ExitError", "8", [], "hi\n")
        self._failing("!false\n" + cells.after("too far"), "ExitError", "1", [], "")
        self._failing("!no-such-command-here", "ExitError", "127")
