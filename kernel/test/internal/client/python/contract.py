"""What the kernel promises beyond the two test suites.

usage: contract.py KERNEL
"""

import sys

from client import check, gone, processes
from contract_cells import BareGo, Errors
from contract_editor import Editor
from contract_environment import Environment
from contract_output import Output
from contract_protocol import Protocol

PARTS = (Protocol, BareGo, Errors, Output, Editor, Environment)


class Contract(*PARTS):
    """All checks, with one kernel."""


CHECKS = [name for part in PARTS for name in vars(part) if not name.startswith("_")]

if __name__ == "__main__":
    c = Contract(sys.argv[1])
    for name in [n for n in CHECKS if len(sys.argv) < 3 or n in sys.argv[2:]]:
        if not check(name.replace("_", " "), getattr(c, name)):
            c.k.close(now=True)  # after a failure it may be busy
            c = Contract(sys.argv[1])
    c.k.close()
    gone(processes, 5)
