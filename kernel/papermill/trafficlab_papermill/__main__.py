"""Runs one notebook for `trafficlab run`: python -m trafficlab_papermill, with a job as JSON on standard input."""

import json
import logging
import os
import sys

import papermill
from papermill.exceptions import PapermillExecutionError

from .engine import ParameterError
from .inplace import refresh
from .report import Lines


def braced(path):
    """Returns a path for papermill, which takes braces for parameters."""
    return path.replace("{", "{{").replace("}", "}}")


def first_line(text):
    """Returns the first line that is not blank."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def main():
    """Returns the exit status: 0 if all cells passed, 1 if one failed, 2 if none has run."""
    job = json.load(sys.stdin)
    report = Lines(os.path.basename(job["notebook"]), sys.stdout)
    logging.getLogger("papermill").setLevel(logging.ERROR)  # we report unknown parameters ourselves
    try:
        nb = papermill.execute_notebook(
            braced(job["notebook"]),
            braced(job["output"]),
            parameters=job["values"] or None,
            kernel_name="trafficlab",
            language="go",
            progress_bar=False,
            cwd=None,
            execution_timeout=job["cell_timeout"],
            notebook_timeout=job["timeout"],
            report=report,
        )
    except KeyboardInterrupt:
        report.write("\ninterrupted\n")
        return 1
    except PapermillExecutionError:
        return 1  # the report has printed it
    except ParameterError as e:
        print(e.message, file=sys.stderr)
        return 2
    except Exception as e:  # a full disk, a kernel that does not start
        print(f"kernel: {job['notebook']}: {first_line(str(e)) or type(e).__name__}", file=sys.stderr)
        return 2
    if job["inplace"]:
        refresh(job["notebook"], nb, job["hide"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
