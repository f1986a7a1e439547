"""Writes the outputs of a run into the notebook that was run."""

import os
import tempfile

import nbformat

from .client import without_build


def refresh(path, executed, hide):
    """Replaces the outputs of the notebook at path with those of its executed copy, and nothing else.

    Cells that papermill added are skipped; the copy's metadata and times are not used. hide lists pairs of a
    path of this machine and its replacement. The file is replaced atomically.
    """
    nb = nbformat.read(path, as_version=4)
    added = {"injected-parameters", "papermill-error-cell-tag"}
    cells = [c for c in executed.cells if not added & set(c.metadata.get("tags", []))]
    if [c.source for c in cells] != [c.source for c in nb.cells]:
        raise SystemExit(f"kernel: {path}: changed during the run; its outputs were not replaced")
    for kept, ran in zip(nb.cells, cells):
        kept.metadata.pop("execution", None)
        kept.metadata.pop("papermill", None)
        if kept.cell_type == "code":
            kept.outputs = [hidden(o, hide) for o in ran.outputs]
            kept.execution_count = ran.execution_count
    nb.metadata.pop("papermill", None)
    nb.metadata["language_info"] = executed.metadata["language_info"]
    nbformat.validate(nb)
    folder = os.path.dirname(os.path.abspath(path))
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".trafficlab-", suffix=".ipynb")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as f:
            f.write(nbformat.writes(nb, version=nbformat.NO_CONVERT).rstrip("\n") + "\n")
        os.chmod(temporary, os.stat(path).st_mode & 0o777)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def hidden(value, hide):
    """Returns the value with the paths of this machine replaced, also in nested values."""
    if isinstance(value, str):
        for path, name in hide:
            value = value.replace(path, name)
        return without_build(value)
    if isinstance(value, list):
        return [hidden(v, hide) for v in value]
    if isinstance(value, dict):
        return type(value)((k, hidden(v, hide)) for k, v in value.items())
    return value
