"""Faults around a running kernel: interrupts at each stage of a cell, and the violent end of each process.

usage: faults.py KERNEL NAME…    where NAME is interrupts, kills or ends

After an interrupt the cell must have failed as interrupted, its processes must be gone, and the next cell must work.
The same holds after the end of a process that the kernel can replace. After the end of the kernel or its client,
nothing may be left within five seconds.
"""

import sys

from fault import Faults
from faults_ends import ends
from faults_interrupts import interrupts
from faults_kills import kills

if __name__ == "__main__":
    for part in sys.argv[2:]:
        {"interrupts": interrupts, "kills": kills, "ends": ends}[part](Faults(sys.argv[1]))
