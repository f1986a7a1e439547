"""All checks of jupyter_kernel_test, enabled by providing every sample that it accepts.

usage: suite.py KERNEL [SECONDS]

Each check has a kernel of its own, so that a confused kernel spoils no other check, and half a minute or SECONDS,
because the suite waits for some replies without a limit. A skipped check counts as failed.
"""

import signal
import sys
import unittest

import jupyter_kernel_test as suite

from client import check, want

LIMIT = int(sys.argv[2]) if len(sys.argv) > 2 else 30  # seconds per check

IMPORT = 'import "github.com/janpfeifer/gonb/gonbui"\n'


class Kernel(suite.KernelTests):
    language_name = "go"
    file_extension = ".go"

    code_hello_world = 'fmt.Println("hello, world")'
    code_stderr = 'fmt.Fprintln(os.Stderr, "a warning")'
    completion_samples = [
        {"text": "fmt.Printl", "matches": {"Println"}},
        {"text": "x := strings.HasP", "matches": {"HasPrefix"}},
        {"text": "%goworkf", "matches": {"%goworkfix"}},
    ]
    complete_code_samples = [
        "x := 1",
        'fmt.Println("a")',
        "func f() int {\n\treturn 1\n}",
        "%%\nx := 1\n_ = x",
        "!ls",
        "1 + 1",
    ]
    incomplete_code_samples = ["func foo(", "for i := range 3 {", "s := `open", "x := 1 +", "/* a comment"]
    invalid_code_samples = ["func func", "x := 1)", "import = 7q"]
    code_page_something = "?fmt.Println"
    code_generate_error = "fmt.Println(missing)"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "1 + 1", "result": "2"},
        {"code": "1.5 * 2.5", "result": "3.75"},
    ]
    code_display_data = [
        {"code": IMPORT + 'gonbui.DisplayHTML("<b>bold</b>")', "mime": "text/html"},
        {"code": IMPORT + 'gonbui.DisplayMarkdown("**bold**")', "mime": "text/markdown"},
        {"code": IMPORT + "gonbui.DisplayImage(image.NewGray(image.Rect(0, 0, 4, 4)))", "mime": "image/png"},
    ]
    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "1?+*1"
    code_inspect_sample = "fmt.Println"
    code_clear_output = "%clear"


class Welcome(suite.IopubWelcomeTests):
    support_iopub_welcome = True


class Result(unittest.TestResult):
    """Keeps the message of each failed part of a check."""

    def __init__(self):
        super().__init__()
        self.parts = []

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.parts.append(f"{subtest.params}: {err[0].__name__}: {err[1]}")


def run(case):
    result = Result()
    # Repeatedly, since the end of one part of a check starts the next.
    signal.setitimer(signal.ITIMER_REAL, LIMIT, 2)
    try:
        unittest.TestSuite([case]).run(result)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    parts = result.parts + [text.strip().split("\n")[-1] for _, text in result.errors + result.failures]
    want(not result.skipped, f"skipped: {[why for _, why in result.skipped]}")
    want(result.wasSuccessful(), "; ".join(parts))


def main(name):
    Kernel.kernel_name = Welcome.kernel_name = name

    def ring(*_):
        raise AssertionError(f"no reply within {LIMIT} s")

    signal.signal(signal.SIGALRM, ring)
    for cls in (Kernel, Welcome):
        for test in unittest.TestLoader().getTestCaseNames(cls):
            check(test, lambda cls=cls, test=test: run(cls(test)))


if __name__ == "__main__":
    main(sys.argv[1])
