"""The engine that runs notebooks on the trafficlab kernel, and the translator that writes parameters in Go.

Papermill has an entry point for engines but none for translators, so importing this module registers both.
The engine becomes the default of plain `papermill in.ipynb out.ipynb`. Notebooks of other kernels go to
papermill's own engine.
"""

import json
import os
import shutil
import subprocess

import click
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillException
from papermill.iorw import papermill_io
from papermill.log import logger
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators
from papermill.utils import find_first_tagged_cell_index

from .client import Client


class ParameterError(PapermillException, click.ClickException):
    """A parameter that the notebook does not accept. The command line prints it as one line."""


class GoTranslator(Translator):
    """Writes values as Go literals. The engine, which sees the whole notebook, then replaces them with typed ones."""

    @classmethod
    def translate_none(cls, val):
        return "nil"

    @classmethod
    def translate_str(cls, val):
        return json.dumps(val)

    @classmethod
    def translate_list(cls, val):
        return "[]any{" + ", ".join(map(cls.translate, val)) + "}"

    @classmethod
    def translate_dict(cls, val):
        return "map[string]any{" + ", ".join(f"{json.dumps(k)}: {cls.translate(v)}" for k, v in val.items()) + "}"

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}"

    @classmethod
    def assign(cls, name, str_val):
        return f"var {name} = {str_val}"

    @classmethod
    def inspect(cls, parameters_cell):
        program = kernel_program("trafficlab")
        if program is None:
            return []
        declared = json.loads(ask(program, {"cell": parameters_cell.source}))
        return [Parameter(p["name"], p["type"] or "None", p["default"], p["help"]) for p in declared or []]


class Engine(NBClientEngine):
    """Checks the parameters before anything runs, tells the kernel the notebook, and reports in plain text.

    Besides papermill's own arguments it takes notebook_timeout, in seconds, and report, an object with the
    methods of client.Silent.
    """

    @classmethod
    def execute_notebook(cls, nb, kernel_name, output_path=None, input_path=None, **kwargs):
        program = kernel_program(kernel_name)
        if program is None:
            return NBClientEngine.execute_notebook(
                nb, kernel_name, output_path=output_path, input_path=input_path, **kwargs
            )
        caller = caller_folder()
        set_types(nb, program, caller)
        environment = {"TRAFFICLAB_HEADLESS": "1"}
        local = isinstance(input_path, str) and os.path.isfile(os.path.join(caller, input_path))
        notebook = os.path.join(caller, input_path) if local else os.path.join(caller, "untitled.ipynb")
        environment["TRAFFICLAB_NOTEBOOK"] = os.path.abspath(notebook)
        if isinstance(output_path, str) and "://" not in output_path:
            work = os.path.splitext(os.path.join(caller, output_path))[0] + ".work"
            environment["TRAFFICLAB_WORK"] = fresh_folder(work)
        return super().execute_notebook(
            nb, kernel_name, output_path=output_path, input_path=input_path, environment=environment, **kwargs
        )

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, environment=None, input_path=None, **kwargs):
        if environment is None:
            return super().execute_managed_notebook(nb_man, kernel_name, input_path=input_path, **kwargs)
        execution_timeout = kwargs.pop("execution_timeout", None)
        client = Client(
            nb_man,
            kernel_name=kernel_name,
            timeout=execution_timeout or kwargs.pop("timeout", None),
            startup_timeout=kwargs.pop("start_timeout", 60),
            log=logger,
            **kwargs,
        )
        return client.execute(env={**os.environ, **environment})


def kernel_program(kernel_name):
    """Returns the program of a kernel if it is ours, else None."""
    try:
        argv = KernelSpecManager().get_kernel_spec(kernel_name).argv
    except NoSuchKernel:
        return None
    return argv[0] if argv[1:2] == ["launch"] and os.path.basename(argv[0]) == "trafficlab" else None


def ask(program, question):
    """Asks `trafficlab params`, which parses Go."""
    answer = subprocess.run(
        [program, "params"], input=json.dumps(question, default=str), capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        raise ParameterError(answer.stderr.strip())
    return answer.stdout


def set_types(nb, program, caller):
    """Rewrites the injected cell so that each value has the type that the parameters cell declares."""
    values = nb.metadata.get("papermill", {}).get("parameters")
    if not values:
        return
    declared = find_first_tagged_cell_index(nb, "parameters")
    cell = nb.cells[declared].source if declared >= 0 else ""
    injected = nb.cells[find_first_tagged_cell_index(nb, "injected-parameters")]
    injected.source = ask(program, {"cell": cell, "values": values, "dir": caller})


def caller_folder():
    """Returns the folder that papermill was called in; it may have changed folders since."""
    return getattr(papermill_io.get_handler("local"), "_cwd", None) or os.getcwd()


WORK_MARK = ".trafficlab-work"


def fresh_folder(path):
    """Makes an empty work folder, so that a run does not depend on an earlier one. Only a folder of ours is emptied."""
    if os.path.exists(os.path.join(path, WORK_MARK)):
        shutil.rmtree(path)
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, WORK_MARK), "w", encoding="utf-8"):
        pass
    return path


papermill_translators.register("go", GoTranslator)
papermill_engines.register(None, Engine)
