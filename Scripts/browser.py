"""Headless Chromium, driven through its debugging pipe; needs nothing but Python."""

import base64
import json
import os
import re
import select
import subprocess
import tempfile
import threading
import time


class Failure(Exception):
    """Something that a check does not accept."""


def live_address(training):
    """The address of a training's page. What it prints from then on is read and forgotten: a training waits
    where nobody reads, as its lines soon fill a pipe."""
    for line in training.stdout:
        found = re.search(r"live page (http://\S+)", line)
        if found:
            threading.Thread(target=training.stdout.read, daemon=True).start()
            return found.group(1)
    raise Failure("the training gave no address of its page")


class Page:
    """One page; what it writes to its console as a problem is in `problems`."""

    def __init__(self, browser):
        self.folder = tempfile.TemporaryDirectory()
        to_browser, self.out = os.pipe()
        self.input, from_browser = os.pipe()
        # The browser reads descriptor 3 and writes descriptor 4.
        shell = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", shell, "bash", browser, "--headless=new", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe",
             "--hide-scrollbars", f"--user-data-dir={self.folder.name}", "about:blank"],
            pass_fds=(to_browser, from_browser), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer = b""
        self.number = 0
        self.session = None
        self.problems = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send(
            "Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log"]:
            self.send(f"{domain}.enable")

    def send(self, method, **parameters):
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") != number:
                continue
            if "error" in answer:
                raise Failure(f"{method}: {answer['error']}")
            return answer["result"]

    def receive(self, patience=60):
        deadline = time.monotonic() + patience
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.input], [], [], max(0, deadline - time.monotonic()))
            part = os.read(self.input, 1 << 20) if ready else b""
            if not part:
                raise Failure("the browser does not answer")
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(line)
        self.note(message.get("method"), message.get("params", {}))
        return message

    def note(self, method, details):
        if method == "Runtime.exceptionThrown":
            self.problems.append(str(details["exceptionDetails"].get("exception", details)))
        elif method == "Runtime.consoleAPICalled" and details["type"] in ("error", "warning", "assert"):
            self.problems.append(str(details["args"]))
        elif method == "Log.entryAdded" and details["entry"]["level"] in ("error", "warning"):
            self.problems.append(str(details["entry"]))
        elif method == "Page.javascriptDialogOpening":
            # Its answer comes among others; nothing waits for it.
            self.number += 1
            message = {"id": self.number, "method": "Page.handleJavaScriptDialog",
                       "params": {"accept": True}, "sessionId": self.session}
            os.write(self.out, json.dumps(message).encode() + b"\0")

    def size(self, width, height=900):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)

    def scheme(self, name):
        self.send("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": name}])

    def open(self, address):
        self.send("Page.navigate", url=address)

    def run(self, script):
        """The value of an expression of JavaScript."""
        result = self.send("Runtime.evaluate", expression=script, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in result:
            raise Failure(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait(self, script, what, seconds=30):
        """Waits until an expression is true."""
        deadline = time.monotonic() + seconds
        while True:
            # A page that is not there yet has no elements.
            try:
                if self.run(script):
                    return
                reason = ""
            except Failure as failure:
                reason = f": {failure}"
            if time.monotonic() > deadline:
                raise Failure(f"{what}: not within {seconds} s{reason}")
            time.sleep(0.1)

    def picture(self, path, **options):
        """A PNG file of the page; `clip` may name a part of it."""
        data = self.send("Page.captureScreenshot", captureBeyondViewport=True, **options)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def check_layout(self, where):
        """Fails where something is wider than the page, or labels of a picture overlap."""
        wide = self.run("""(() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth > width) return "the page";
          for (const element of document.body.querySelectorAll("body *")) {
            const box = element.getBoundingClientRect();
            if (box.width > 0 && box.right > width + 1) return element.outerHTML.slice(0, 200);
          }
          return null;
        })()""")
        if wide:
            raise Failure(f"{where}: too wide: {wide}")
        overlap = self.run("""(() => {
          for (const image of document.querySelectorAll("svg")) {
            const labels = [...image.querySelectorAll("text")].map(label =>
              ({ text: label.textContent, box: label.getBoundingClientRect() }))
              .filter(label => label.box.width > 0);
            for (let a = 0; a < labels.length; a++) for (let b = a + 1; b < labels.length; b++) {
              const [p, q] = [labels[a].box, labels[b].box];
              if (p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 2
                && q.top < p.bottom - 2) return `${labels[a].text} and ${labels[b].text}`;
            }
          }
          return null;
        })()""")
        if overlap:
            raise Failure(f"{where}: labels overlap: {overlap}")

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        self.folder.cleanup()
