"""Runs the notebooks in this folder, each in at most 120 seconds, and keeps nothing of what they print."""

from __future__ import annotations

import importlib.util
import json
import pathlib
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def main() -> int:
    folder = pathlib.Path(__file__).parent
    failures = 0
    for path in sorted(folder.glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        cells = json.loads(text)["cells"]
        if any(cell.get("outputs") for cell in cells):
            print(f"{path.name}: has outputs; clear them before it is committed")
            failures += 1
        if "import torch" in text and importlib.util.find_spec("torch") is None:
            print(f"{path.name}: skipped: there is no torch")
            continue
        start = time.monotonic()
        notebook = nbformat.reads(text, as_version=4)
        try:
            NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
        except CellExecutionError as error:
            print(f"{path.name}: {error}")
            failures += 1
            continue
        print(f"{path.name}: in order, {time.monotonic() - start:.0f} s")
    return 1 if failures else 0


sys.exit(main())
