"""Writes an executed notebook as one HTML file that needs no other file and no network.

python -m trafficlab_papermill.page EXECUTED PAGE FOLDER; the notebook's images are relative to the folder.
"""

import os
import sys

import nbformat
from jinja2 import DictLoader
from nbconvert import HTMLExporter

# JupyterLab's page, without the scripts that it loads from a content delivery network: our outputs are pictures
# and tables. Formulas stay as typed. Tabs, which indent Go, are four columns wide as in JupyterLab.
TEMPLATE = """{% extends "lab/index.html.j2" %}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block jupyter_widgets %}{% endblock %}
{% block notebook_css %}{{ super() }}<style>pre { tab-size: 4; }</style>{% endblock %}
"""


def drop_repeated_stderr(nb):
    """Removes the standard error of a failed cell if the error text repeats it."""
    for cell in nb.cells:
        failed = "\n".join("\n".join(o.traceback) for o in cell.get("outputs", []) if o.output_type == "error")
        if failed:
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr" or o.text.strip() not in failed]


def page(executed, folder):
    """Returns the notebook of a file as HTML."""
    exporter = HTMLExporter(
        template_file="page.html.j2",
        extra_loaders=[DictLoader({"page.html.j2": TEMPLATE})],
        embed_images=True,
        exclude_anchor_links=True,
    )
    name = os.path.splitext(os.path.basename(executed))[0]
    nb = nbformat.read(executed, as_version=4)
    nb.metadata.setdefault("title", name)
    drop_repeated_stderr(nb)
    html, _ = exporter.from_notebook_node(nb, {"metadata": {"name": name, "path": folder}})
    return html


def main():
    executed, path, folder = sys.argv[1:]
    html = page(executed, folder)
    with open(path, "w", encoding="utf-8") as f:
        f.write(html)


if __name__ == "__main__":
    main()
