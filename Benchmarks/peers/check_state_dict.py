"""Loads exported weights into PyTorch modules with safetensors, and brings PyTorch's own back.

    counterspike train mnist --set network.normalization=true --output RUN
    counterspike export RUN --state-dict net.safetensors
    counterspike evaluate RUN --predictions ours.csv --set data.testLimit=300
    python check_state_dict.py net.safetensors ours.csv images.npy COMMAND [MEAN DEVIATION]

images.npy holds the test images as bytes, [N, H, W]; COMMAND is the path of counterspike. The network is
15C5-P2-40C5-P2-300-10 at T = 5 with the recipe's neurons, written out in PyTorch. Its weights, saved by
safetensors after a change, are imported and exported again, and compared bit for bit.
"""

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn

STEPS, MEMBRANE, SYNAPSE, THRESHOLD = 5, 1 - 1 / 5, 1 - 1 / 2, 1.0


class Convolution(nn.Conv2d):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, 5, bias=False)
        self.normalization = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.normalization(super().forward(x))


class Network(nn.Module):
    def __init__(self, normalizes):
        super().__init__()
        self.conv_1, self.conv_2 = Convolution(1, 15), Convolution(15, 40)
        self.dense_1 = nn.Linear(640, 300, bias=False)
        self.output = nn.Linear(300, 10, bias=False)
        if not normalizes:
            for layer in (self.conv_1, self.conv_2):
                layer.normalization = nn.Identity()

    def forward(self, images):
        """The output's numbers of spikes."""
        state, spikes, seen = {}, 0, 0

        def fire(name, current):
            v, a = state.get(name, (0.0, 0.0))
            u = MEMBRANE * v + current
            s = (u > THRESHOLD).float()
            a = SYNAPSE * a + (1 - SYNAPSE) * s
            state[name] = u * (1 - s), a
            return s, a

        def pool(x):
            return 1.1 * nn.functional.avg_pool2d(x, 2, divisor_override=1)

        for _ in range(STEPS):
            seen = SYNAPSE * seen + (1 - SYNAPSE) * images
            x = pool(fire("conv_1", self.conv_1(seen))[1])
            x = pool(fire("conv_2", self.conv_2(x))[1])
            x = fire("dense_1", self.dense_1(x.flatten(1)))[1]
            spikes = spikes + fire("output", self.output(x))[0]
        return spikes


def load(network, path):
    """Every tensor has its place, and every place its tensor, but for PyTorch's count of batches."""
    missing, unexpected = network.load_state_dict(load_file(path), strict=False)
    wrong = [name for name in missing if not name.endswith("num_batches_tracked")] + unexpected
    if wrong:
        raise SystemExit(f"names that do not fit: {wrong}")


def main():
    path, table, images, command, *scale = sys.argv[1:]
    mean, deviation = (float(v) for v in scale) if scale else (0.1307, 0.3081)
    rows = list(csv.DictReader(open(table)))
    columns = [name for name in rows[0] if name.startswith("spikes ")]
    ours = np.array([[int(row[name]) for name in columns] for row in rows])
    x = torch.from_numpy(np.load(images)[: len(ours)].astype(np.float32) / 255)
    network = Network(any(".normalization." in name for name in load_file(path))).eval()
    load(network, path)
    with torch.no_grad():
        theirs = network(((x - mean) / deviation)[:, None]).numpy()
    print(
        f"into PyTorch: {int((theirs != ours).sum())} of {ours.size} spike counts differ, "
        f"{int(ours.sum())} spikes")
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(1 + 0.1 * torch.rand_like(parameter))
    saved = {
        name: tensor.contiguous()
        for name, tensor in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    with tempfile.TemporaryDirectory() as folder:
        save_file(saved, Path(folder, "theirs.safetensors"))
        normalizes = str(any(".normalization." in name for name in saved)).lower()
        for arguments in (
            ["import", "theirs.safetensors", "--recipe", "mnist", "--set",
             f"network.normalization={normalizes}", "--input-shape", "1,28,28", "--output",
             "in.safetensors"],
            ["export", "in.safetensors", "--state-dict", "out.safetensors"],
        ):
            subprocess.run([command, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        back = load_file(Path(folder, "out.safetensors"))
    if back.keys() != saved.keys():
        raise SystemExit(f"names that do not come back: {back.keys() ^ saved.keys()}")
    wrong = sum(int((back[name] != saved[name]).sum()) for name in saved)
    count = sum(tensor.numel() for tensor in saved.values())
    print(f"from PyTorch and back: {wrong} of {count} numbers differ")


if __name__ == "__main__":
    main()
