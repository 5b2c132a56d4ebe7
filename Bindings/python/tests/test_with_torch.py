"""PyTorch and its OpenMP threads beside ours, whichever was there first."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("torch")

CODE = """
import threading
{imports}
import numpy as np
torch.set_num_threads(2)
x = np.random.default_rng(0).normal(size=(64, 1, 12, 12)).astype("f"); y = np.arange(64) % 3
recipe = "network: {{layers: 4C3-P2-3, timeSteps: 4}}\\ntraining: {{epochs: 2, batchSize: 16}}"
a = torch.randn(300, 300)
product = a @ a
alone = counterspike.train(recipe, x, y, threads=2)
wrong = []
def work():
    for _ in range(50):
        if not torch.equal(a @ a, product): wrong.append(1)
        torch.nn.functional.conv2d(a[None, None], a[None, None, :5, :5])
thread = threading.Thread(target=work); thread.start()
beside = counterspike.train(recipe, x, y, threads=2)
thread.join()
assert not wrong and torch.get_num_threads() == 2
assert all((beside.weights[name] == w).all() for name, w in alone.weights.items())
print(sum(float(np.abs(w).sum()) for w in alone.weights.values()))
"""


def test_both_orders_of_import_give_the_same():
    results = set()
    for imports in ("import torch\nimport counterspike", "import counterspike\nimport torch"):
        result = subprocess.run(
            [sys.executable, "-c", CODE.format(imports=imports)],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        results.add(result.stdout)
    assert len(results) == 1
