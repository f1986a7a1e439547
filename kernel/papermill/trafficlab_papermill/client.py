"""The client that runs the cells of a notebook and reports what happens."""

import re
import time

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from traitlets import Any, Float

from . import limit

# Terminal escapes: colors, cursor moves, titles.
ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[@-_]")

LANGUAGE = {"file_extension": ".go", "mimetype": "text/x-go", "name": "go", "pygments_lexer": "go"}


class Silent:
    """The interface of a report. This one prints nothing."""

    def cell_started(self, number, count, heading):
        """A code cell starts; numbers count from 1."""

    def progress(self, line):
        """The running cell has made progress."""

    def cell_ended(self, seconds):
        """The running cell has ended, successfully or not."""

    def failed(self, number, heading, words):
        """The notebook ends here, with this error text."""


class Client(PapermillNotebookClient):
    """Runs the cells in order, up to the first that fails without the tag raises-exception."""

    notebook_timeout = Float(None, allow_none=True, help="seconds for all cells together")
    report = Any(help="receives what happens, see Silent")

    def __init__(self, nb_man, **kwargs):
        kwargs.setdefault("coalesce_streams", True)  # how a pipe splits output differs from run to run
        super().__init__(nb_man, **kwargs)
        self.report = self.report or Silent()
        self.cell_timeout, self.timeout_func = self.timeout, self.seconds_left
        self.deadline = None
        self.kept = limit.Cell()

    def seconds_left(self, _cell):
        """Returns the time limit of the next cell, or None."""
        limits = [self.cell_timeout] if self.cell_timeout and self.cell_timeout > 0 else []
        if self.deadline is not None:
            limits.append(max(1, round(self.deadline - time.monotonic())))
        return min(limits, default=None)

    def papermill_execute_cells(self):
        if self.notebook_timeout:
            self.deadline = time.monotonic() + self.notebook_timeout
        count = sum(cell.cell_type == "code" for cell in self.nb.cells)
        number, heading = 0, ""
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type == "markdown":
                heading = last_heading(cell.source) or heading
            if cell.cell_type != "code" or not cell.source.strip():
                number += cell.cell_type == "code"
                self.nb_man.cell_start(cell, index)
                self.nb_man.cell_complete(cell, cell_index=index)
                continue
            number += 1
            self.report.cell_started(number, count, heading)
            words = self.run_one(cell, index)
            if words is not None:
                self.report.failed(number, heading, words)
                break

    def run_one(self, cell, index):
        """Runs a cell. Returns its error text, or None if it passed or was expected to fail."""
        start = time.monotonic()
        self.nb_man.cell_start(cell, index)
        self.kept = limit.Cell()
        words = None
        try:
            try:
                self.execute_cell(cell, index)
            finally:
                self.write_rest(cell)  # after a timeout, or if the kernel is gone, no idle message does it
        except CellTimeoutError:
            self.shutdown_kernel = "immediate"  # a busy kernel would not see a request
            words = f"stopped after {time.monotonic() - start:.0f} s, by the time limit\n{failure_text(cell)}".strip()
        except DeadKernelError:
            words = "the kernel died"
        except Exception as e:  # report every failure, and save the notebook
            words = failure_text(cell) or str(e)
        if words is not None:
            words = limit.shortened(words)
            mark_failed(cell, words)
            self.nb_man.cell_exception(cell, cell_index=index)
        else:
            settle_expected(cell)
        self.report.cell_ended(time.monotonic() - start)
        self.nb_man.cell_complete(cell, cell_index=index)
        return words

    def execute(self, **kwargs):
        self.reset_execution_trackers()
        with self.setup_kernel(**kwargs):
            self.papermill_execute_cells()
        # Not from the kernel, which may be gone, and whose version would change the notebook.
        self.nb.metadata["language_info"] = dict(LANGUAGE)
        return self.nb

    def process_message(self, msg, cell, cell_index):
        kind, content = msg["msg_type"], msg["content"]
        shows = kind in ("display_data", "update_display_data", "execute_result")
        if shows and content.get("metadata", {}).get("trafficlab", {}).get("progress"):
            self.report.progress(plain("".join(content["data"].get("text/plain", ""))))
        if kind == "clear_output" and not content.get("wait"):
            self.kept = limit.Cell()
        elif (shows or kind == "stream") and self.clear_before_next_output:
            self.kept = limit.Cell()
        if shows and not self.kept.shows(content["data"], content.get("transient", {}).get("display_id")):
            return None
        if kind == "stream":
            text = self.kept.text(content["name"], content["text"])
            if not text:
                return None
            msg = {**msg, "content": {**content, "text": text}}
        if kind == "status" and content["execution_state"] == "idle":
            self.write_rest(cell)  # before streams are merged
        return super().process_message(msg, cell, cell_index)

    def write_rest(self, cell):
        """Appends the ends of long streams to the outputs of the cell."""
        for name, text in self.kept.end():
            cell.outputs.append(new_output("stream", name=name, text=text))


def plain(text):
    """Returns the text without terminal escapes."""
    return ESCAPES.sub("", text).replace("\r\n", "\n")


# The temporary folder in which GoNB builds a cell. Its random name is also that of the package. The path is
# matched only from its beginning; otherwise a long line would take quadratic time.
BUILD = re.compile(r"^# gonb_[0-9a-f]{8}\n|(?<![^\s'\"])[^\s'\"]*/gonb_[0-9a-f]{8}/", re.MULTILINE)


def without_build(text):
    """Returns the text without the folder in which the cell was built."""
    return BUILD.sub("", text)


def last_heading(markdown):
    """Returns the last heading of a markdown cell, or ""."""
    fenced, heading = False, ""
    for line in markdown.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        match = None if fenced else re.match(r"#{1,6}\s+(.+?)\s*#*$", line)
        if match:
            heading = match.group(1)
    return heading


def failure_text(cell):
    """Returns the error text of a failed cell: its standard error, then what the kernel added."""
    streams = [o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr"]
    words = without_build(plain("".join(streams))).strip()
    for o in cell.outputs:
        if o.output_type == "error":
            added = without_build(plain("\n".join(o.traceback) or o.evalue)).strip()
            if added and added not in words:
                words = f"{words}\n{added}".strip()
    return words


def mark_failed(cell, words):
    """Writes the error text to the cell's error output, so that it says more than the exit status."""
    for o in cell.outputs:
        if o.output_type == "error":
            o.evalue, o.traceback = words.split("\n", 1)[0], words.split("\n")
            return
    first, *_ = words.split("\n", 1)
    cell.outputs.append(new_output("error", ename="ERROR", evalue=first, traceback=words.split("\n")))


def settle_expected(cell):
    """Turns the error output of a cell that was expected to fail into text: to papermill any error is a failed run."""
    for i, o in enumerate(cell.outputs):
        if o.output_type == "error":
            text = limit.shortened(plain("\n".join(o.traceback) or o.evalue))
            cell.outputs[i] = new_output("stream", name="stderr", text=text.rstrip("\n") + "\n")
