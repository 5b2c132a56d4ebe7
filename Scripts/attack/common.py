"""What the attacks share: a small training, its right result, and how to run the command."""

import argparse
import hashlib
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time

# Statuses that the command documents; anything else, a signal above all, is a violation.
STATUSES = {0, 1, 64, 65, 66, 69, 70, 73, 78, 129, 130, 143}

TRAINING = [
    "train", "yin-yang", "--epochs", "3", "--quiet", "--threads", "2",
    "--set", "data.trainingLimit=400", "--set", "data.testLimit=100",
    "--set", "training.checkpointInterval=5",
]


class Attack:
    """Counts rounds and violations, and cleans up behind itself."""

    def __init__(self, name, rounds, short_rounds):
        parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
        parser.add_argument("command", help="the counterspike command")
        parser.add_argument("--rounds", type=int, help=f"default {rounds}")
        parser.add_argument("--short", action="store_true", help=f"{short_rounds} rounds")
        parser.add_argument("--seed", type=int, default=1)
        options = parser.parse_args()
        self.name = name
        self.command = str(pathlib.Path(options.command).resolve())
        self.rounds = options.rounds or (short_rounds if options.short else rounds)
        self.random = random.Random(options.seed)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"attack-{name}-"))
        self.violations = []
        self.done = 0
        self.skipped = None
        self.environment = dict(os.environ)
        self.environment.pop("COUNTERSPIKE_DATA", None)
        self.environment["XDG_CACHE_HOME"] = str(self.folder / "cache")

    def arguments(self, output, resume=False):
        if resume:
            return ["train", "--resume", str(output), "--quiet", "--threads", "2"]
        return TRAINING + ["--output", str(output)]

    def run(self, arguments, timeout=120, before=(), memory=None):
        """Runs the command to its end; returns its status, output and seconds."""
        def limit():
            if memory:
                resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        start = time.monotonic()
        try:
            result = subprocess.run(
                list(before) + [self.command] + arguments, cwd=self.folder, text=True,
                errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, env=self.environment, timeout=timeout,
                preexec_fn=limit if memory else None)
        except subprocess.TimeoutExpired:
            return None, f"no end after {timeout} s", timeout
        return result.returncode, result.stdout + result.stderr, time.monotonic() - start

    def start(self, arguments):
        return subprocess.Popen(
            [self.command] + arguments, cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment)

    def reference(self):
        """Trains undisturbed; returns the checkpoint's sum, the metrics, and the seconds it took."""
        output = self.folder / "reference"
        status, text, seconds = self.run(self.arguments(output))
        if status != 0:
            sys.exit(f"{self.name}: the undisturbed training ends with {status}: {text}")
        return self.result(output), seconds

    @staticmethod
    def result(output):
        """What must be the same whatever happened: the last checkpoint, and the epochs' numbers."""
        checkpoint = pathlib.Path(output) / "checkpoints" / "last.safetensors"
        metrics = pathlib.Path(output) / "metrics.jsonl"
        if not checkpoint.exists():
            return None
        sums = hashlib.sha256(checkpoint.read_bytes()).hexdigest()
        lines = metrics.read_text().splitlines() if metrics.exists() else []
        return sums, [line.split('"samplesPerSecond"')[0] for line in lines]

    def finish_training(self, output):
        """Goes on with a run, or begins it where there is none; returns status and text."""
        if (pathlib.Path(output) / "checkpoints" / "last.safetensors").exists():
            return self.run(self.arguments(output, resume=True))[:2]
        shutil.rmtree(output, ignore_errors=True)
        return self.run(self.arguments(output))[:2]

    def check_recovery(self, output, reference, what):
        status, text = self.finish_training(output)
        if status != 0:
            return self.violation(f"{what}: going on ends with {status}: {text.strip()}")
        if self.result(output) != reference:
            return self.violation(f"{what}: the result differs")
        left = [str(path) for path in pathlib.Path(output).rglob("*.tmp")]
        if left:
            return self.violation(f"{what}: left behind: {left}")
        return True

    def violation(self, text):
        self.violations.append(text)
        print(f"{self.name}: VIOLATION: {text}", file=sys.stderr)
        return False

    def end(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.skipped:
            print(f"{self.name}: skipped: {self.skipped}")
        else:
            print(f"{self.name}: {self.done} rounds, {len(self.violations)} violations")
        sys.exit(1 if self.violations else 0)
