"""The part of Scripts/check-live that drives the browser."""

import json
import os
import subprocess
import sys
import tempfile
import time

from browser import Failure, Page, live_address


# The name of a run's folder, which is to stay text.
MARKUP = "<img src=x onerror=alert(1)>"


def text(name):
    return f"document.getElementById('{name}').textContent"


def click(name):
    return f"document.getElementById('{name}').click()"


# A network with blocks, a recurrent layer and a readout, small enough to make many steps a second.
GRAPH = """
name: graph
data: {set: yin-yang, trainingLimit: 1000, testLimit: 100}
network:
  timeSteps: 8
  layers:
    - 40
    - {kind: residual, layers: [40, 40], join: current}
    - {kind: residual, layers: [40, 40]}
    - {kind: recurrent, size: 15}
    - {kind: readout, size: 3}
gradient: {rule: surrogate}
loss: {kind: softmax, reduction: mean}
"""


def layers(command, recipe):
    """The names of a network's layers whose neurons fire, and of those whose neurons never do."""
    text = subprocess.run([command, "inspect", recipe, "--json"], check=True, capture_output=True,
                          text=True).stdout
    found = [layer for layer in json.loads(text)["layers"] if layer.get("neurons")]
    return [[layer["name"] for layer in found if (layer["threshold"] is None) == never]
            for never in (False, True)]


def check(page, address, pictures, firing, silent):
    page.size(1280)
    page.open(address)
    page.wait(f"{text('phase')} === 'running'", "the page shows a running training")
    page.wait("document.querySelectorAll('#loss path').length > 0", "there is a curve of the loss")
    page.wait("document.querySelectorAll('#rates path').length > 0", "there are firing rates")
    page.wait("document.querySelectorAll('#raster .spike').length > 0", "there is a raster")
    for place in ("rates", "raster"):
        shown = page.run(f"document.getElementById('{place}').textContent")
        missing = [name for name in firing if name not in shown]
        if missing:
            raise Failure(f"{place} lack the layers {missing}")
        wrong = [name for name in silent if name in shown]
        if wrong:
            raise Failure(f"{place} have the layers {wrong}, which never fire")
    if page.run("document.querySelectorAll('img, main script').length"):
        raise Failure("the folder's name has become an element of the page")
    if MARKUP not in page.run(text("folder")):
        raise Failure("the page does not name the folder")
    curve = "document.querySelector('#loss path').getAttribute('d')"
    before = page.run(curve)
    page.wait(f"{curve} !== {before!r}", "the curve moves")
    page.wait(f"{text('left')}.includes(':') && {text('loss-now')} !== '–'", "there are numbers")
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            page.size(width)
            page.scheme(scheme)
            page.run("new Promise(done => setTimeout(done, 1500))")
            page.check_layout(f"at {width} pixels")
            if pictures:
                page.picture(os.path.join(pictures, f"live-{width}-{scheme}.png"))

    page.run(click("pause"))
    page.wait(f"{text('phase')} === 'paused'", "the training pauses")
    place = page.run(text("place"))
    time.sleep(2)
    if page.run(text("place")) != place:
        raise Failure("a paused training goes on")
    page.run(click("save"))
    page.wait("document.getElementById('notes').textContent.includes('saved after step')",
              "the training saves")
    page.run(click("pause"))
    page.wait(f"{text('phase')} === 'running'", "the training goes on")
    page.wait(f"{text('place')} !== {place!r}", "steps are made again")
    page.run(click("stop"))
    page.wait(f"{text('phase')} === 'stopped'", "the training stops")
    if not page.run("document.getElementById('stop').disabled"):
        raise Failure("a training that is over can be stopped")
    if page.problems:
        raise Failure(f"in the console: {page.problems}")


def train(command, browser, recipe, pictures):
    """Checks the page of a training; returns whether something is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        training = subprocess.Popen(
            [command, "train", recipe, "--epochs", "20000", "--live=0", "--output",
             f"{folder}/{MARKUP}"], stdout=subprocess.PIPE, text=True)
        page = None
        try:
            address = live_address(training)
            page = Page(browser)
            check(page, address, pictures, *layers(command, recipe))
            status = training.wait(30)
            if status != 130:
                raise Failure(f"a stopped training exits with {status}, not with 130")
        except Failure as failure:
            print(f"check-live: {os.path.basename(recipe)}: {failure}", file=sys.stderr)
            return True
        finally:
            if page:
                page.close()
            training.kill()
            training.wait()
    return False


def main():
    command, browser = sys.argv[1:3]
    pictures = sys.argv[3] if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory() as folder:
        graph = f"{folder}/graph.yaml"
        with open(graph, "w", encoding="utf-8") as file:
            file.write(GRAPH)
        for recipe, kept in (("yin-yang", pictures), (graph, None)):
            if train(command, browser, recipe, kept):
                return 1
    print("check-live: the page loads, moves, fits, pauses, saves and stops, also of a network "
          "with residual blocks, a recurrent layer and a readout", file=sys.stderr)
    return 0


sys.exit(main())
