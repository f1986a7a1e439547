"""Prints the progress of a headless run."""

import time

INTERVAL = 5.0  # seconds between progress lines of one cell


class Lines:
    """Prints a line per cell, `[3/27] Train … 12.3 s`, and from time to time the progress within the cell."""

    def __init__(self, notebook, out):
        self.notebook = notebook
        self.out = out
        self.label = ""
        self.open = False  # the line of the cell still lacks its time
        self.printed = 0.0  # time of the last progress line
        self.waiting = ""  # a progress line that came too soon

    def write(self, text):
        self.out.write(text)
        self.out.flush()

    def cell_started(self, number, count, heading):
        self.label = f"[{number}/{count}] {heading}".rstrip() + " …"
        self.write(self.label)
        self.open, self.printed, self.waiting = True, time.monotonic(), ""

    def progress(self, line):
        line = " ".join(line.split())
        if not line:
            return
        self.waiting = line
        if time.monotonic() - self.printed >= INTERVAL:
            self.show_progress()

    def show_progress(self):
        if self.open:
            self.write("\n")
            self.open = False
        self.write(f"    {self.waiting}\n")
        self.printed, self.waiting = time.monotonic(), ""

    def cell_ended(self, seconds):
        if self.waiting:
            self.show_progress()
        self.write(f" {seconds:.1f} s\n" if self.open else f"{self.label} {seconds:.1f} s\n")
        self.open = False

    def failed(self, number, heading, words):
        where = f"{self.notebook}, cell {number}" + (f" ({heading})" if heading else "")
        lines = words.split("\n")
        if len(lines) > 80:
            lines = lines[:40] + [f"… {len(lines) - 80} lines …"] + lines[-40:]
        self.write(f"FAILED in {where}:\n" + "".join(f"    {line}\n" for line in lines))
