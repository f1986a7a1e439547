"""Limits the output of a cell, since a loop can print more than any reader, editor or HTML page can take.

The beginning and the end of each stream are kept, with a line between them that says how much was cut. No
more than that is held in memory while the cell runs.
"""

import json

LINES = 1_000  # of standard output and of standard error each; half from the beginning, half from the end
CHARACTERS = 100_000  # the same; nbclient needs quadratic time for a line
DISPLAYS = 200  # charts, tables and so on
DISPLAYED = 20_000_000  # characters of all displays together, as written to the file


class Text:
    """One stream: add returns what is kept at once, end returns the rest."""

    def __init__(self):
        self.lines, self.characters = LINES // 2, CHARACTERS // 2  # left for the beginning
        self.tail = ""
        self.cut_lines = self.cut_characters = 0
        self.broken = False  # the beginning ends inside a line

    def add(self, text):
        at = 0 if self.tail else beginning(text, self.lines, self.characters)
        head, rest = text[:at], text[at:]
        self.lines -= head.count("\n")
        self.characters -= len(head)
        if head:
            self.broken = not head.endswith("\n")
        self.tail += rest
        if len(self.tail) > 2 * CHARACTERS:
            self.trim()
        return head

    def trim(self):
        at = ending(self.tail, LINES // 2, CHARACTERS // 2)
        self.cut_lines += self.tail.count("\n", 0, at)
        self.cut_characters += at
        self.tail = self.tail[at:]

    def end(self):
        self.trim()
        tail, self.tail = self.tail, ""
        if self.cut_characters == 0:
            return tail
        notice = (
            f"… {self.cut_lines:,} lines with {self.cut_characters:,} characters cut here: "
            f"a cell keeps {LINES:,} lines and {CHARACTERS:,} characters …\n"
        )
        return ("\n" if self.broken else "") + notice + tail


def beginning(text, lines, characters):
    """Returns the end of the first lines of the text, or of its first characters if that is smaller."""
    at = 0
    for _ in range(lines):
        at = text.find("\n", at, characters) + 1
        if at == 0:
            return min(len(text), characters)
    return at


def ending(text, lines, characters):
    """Returns the start of the last lines of the text, or of its last characters if that is greater."""
    start = max(0, len(text) - characters)
    at = len(text) - text.endswith("\n")
    for _ in range(lines):
        at = text.rfind("\n", start, at)
        if at < 0:
            return start
    return at + 1


def shortened(text):
    """Returns a complete text, cut to the limits of a stream."""
    whole = Text()
    return whole.add(text) + whole.end()


class Cell:
    """The output of a cell: its streams by name, and its displays."""

    def __init__(self):
        self.streams = {}
        self.sizes = {}  # of the displays, by display ID or number
        self.left_out = self.left_out_characters = 0

    def text(self, name, text):
        """Returns the part of the text that is kept at once, perhaps nothing."""
        return self.streams.setdefault(name, Text()).add(text)

    def shows(self, data, display_id):
        """Reports whether there is room for a display, new or replacing the one with this ID."""
        size = sum(len(v) if isinstance(v, str) else len(json.dumps(v)) for v in data.values())
        key = display_id or len(self.sizes)
        others = sum(n for k, n in self.sizes.items() if k != key)
        if others + size > DISPLAYED or (key not in self.sizes and len(self.sizes) >= DISPLAYS):
            self.left_out += 1
            self.left_out_characters += size
            return False
        self.sizes[key] = size
        return True

    def end(self):
        """Yields what remains when the cell has ended, as pairs of a stream's name and text."""
        for name, stream in self.streams.items():
            if text := stream.end():
                yield name, text
        if self.left_out:
            yield (
                "stdout",
                (
                    f"… {self.left_out:,} displays with {self.left_out_characters:,} characters cut: "
                    f"a cell keeps {DISPLAYS} displays and {DISPLAYED:,} characters of them …\n"
                ),
            )
        self.__init__()
