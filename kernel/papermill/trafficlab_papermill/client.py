"""The client that runs the cells of one notebook and says what happens."""

import re
import time

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from traitlets import Any, Float

from . import limit

# What a terminal understands and a file does not: colours, cursor moves, titles.
ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[@-_]")

LANGUAGE = {"file_extension": ".go", "mimetype": "text/x-go", "name": "go", "pygments_lexer": "go"}


class Silent:
    """What a report is told. This one keeps it to itself."""

    def cell_started(self, number, count, heading):
        """A code cell begins, number from 1."""

    def progress(self, line):
        """The running cell has come further."""

    def cell_ended(self, seconds):
        """The running cell has ended, well or not."""

    def failed(self, number, heading, words):
        """The notebook ends here, because of what the words say."""


class Client(PapermillNotebookClient):
    """Runs the cells in order up to the first that fails without the tag raises-exception."""

    notebook_timeout = Float(None, allow_none=True, help="seconds for all cells together")
    report = Any(help="where to tell what happens, see Silent")

    def __init__(self, nb_man, **kwargs):
        kwargs.setdefault("coalesce_streams", True)  # how a pipe cuts what a cell prints differs from run to run
        super().__init__(nb_man, **kwargs)
        self.report = self.report or Silent()
        self.cell_timeout, self.timeout_func = self.timeout, self.seconds_left
        self.deadline = None
        self.kept = limit.Cell()

    def seconds_left(self, _cell):
        """The time that the next cell has, None for no limit."""
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
        """Runs a cell; gives the words of its failure, None when it went well or was meant to fail."""
        start = time.monotonic()
        self.nb_man.cell_start(cell, index)
        self.kept = limit.Cell()
        words = None
        try:
            try:
                self.execute_cell(cell, index)
            finally:
                self.write_rest(cell)  # the kernel has not said that it is idle when it is gone or out of time
        except CellTimeoutError:
            self.shutdown_kernel = "immediate"  # it is busy and would not hear a request
            words = f"stopped after {time.monotonic() - start:.0f} s, by the time limit\n{failure_text(cell)}".strip()
        except DeadKernelError:
            words = "the kernel is gone"
        except Exception as e:  # every end of a cell is told, and the notebook saved
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
        # Not asked of the kernel, which may be gone; it says the same and its version, which would be a change.
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
            self.write_rest(cell)  # before streams are joined
        return super().process_message(msg, cell, cell_index)

    def write_rest(self, cell):
        """Puts the ends of long streams behind what the cell has left."""
        for name, text in self.kept.end():
            cell.outputs.append(new_output("stream", name=name, text=text))


def plain(text):
    """The text without what only a terminal understands."""
    return ESCAPES.sub("", text).replace("\r\n", "\n")


# Where GoNB builds a cell: a temporary folder, with a name drawn by chance that is the package's name too.
# The path is looked for from its beginning alone, or a long line would take time by the square of its length.
BUILD = re.compile(r"^# gonb_[0-9a-f]{8}\n|(?<![^\s'\"])[^\s'\"]*/gonb_[0-9a-f]{8}/", re.MULTILINE)


def without_build(text):
    """The text without the folder in which the cell was built."""
    return BUILD.sub("", text)


def last_heading(markdown):
    """The text of the last heading of a markdown cell, the one that the code below it stands under; "" without one."""
    fenced, heading = False, ""
    for line in markdown.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        match = None if fenced else re.match(r"#{1,6}\s+(.+?)\s*#*$", line)
        if match:
            heading = match.group(1)
    return heading


def failure_text(cell):
    """What a failed cell has said: its standard error, then what the kernel added."""
    streams = [o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr"]
    words = without_build(plain("".join(streams))).strip()
    for o in cell.outputs:
        if o.output_type == "error":
            added = without_build(plain("\n".join(o.traceback) or o.evalue)).strip()
            if added and added not in words:
                words = f"{words}\n{added}".strip()
    return words


def mark_failed(cell, words):
    """Leaves the words in the cell's error output, so that whoever reads only that learns more than the exit status."""
    for o in cell.outputs:
        if o.output_type == "error":
            o.evalue, o.traceback = words.split("\n", 1)[0], words.split("\n")
            return
    first, *_ = words.split("\n", 1)
    cell.outputs.append(new_output("error", ename="ERROR", evalue=first, traceback=words.split("\n")))


def settle_expected(cell):
    """Keeps the error of a cell that was meant to fail as text: papermill takes any error output for a failed run."""
    for i, o in enumerate(cell.outputs):
        if o.output_type == "error":
            text = limit.shortened(plain("\n".join(o.traceback) or o.evalue))
            cell.outputs[i] = new_output("stream", name="stderr", text=text.rstrip("\n") + "\n")
