"""Runs an exported .nir file in snnTorch, SpikingJelly and Norse, and compares the output's spikes.

    counterspike export RUN --nir net.nir
    counterspike evaluate RUN --predictions ours.csv --set data.testLimit=300
    python check_nir.py net.nir ours.csv images.npy 5 [MEAN DEVIATION]

images.npy holds the test images as bytes, [N, H, W], and 5 is the number of time steps.
"""

import csv
import sys

import nir
import numpy as np
import torch


def snntorch(graph, x, steps):
    from snntorch.import_nir import import_from_nir

    net = import_from_nir(graph)
    state, total = None, 0
    for _ in range(steps):
        y, state = net(x, state)
        total = total + y
    return total


def spikingjelly(graph, x, steps):
    from spikingjelly.activation_based.nir_exchange import import_from_nir

    net = import_from_nir(graph, dt=1e-4)
    state, total = None, 0
    for _ in range(steps):
        y, state = net(x, state)
        total = total + y
    return total


def norse(graph, x, steps):
    import norse.torch as nt

    net = nt.from_nir(graph, dt=1e-4)
    state, total = None, 0
    for _ in range(steps):
        y, state = net(x, state)
        total = total + y
    return total


def main():
    path, table, images, steps, *scale = sys.argv[1:]
    mean, deviation = (float(v) for v in scale) if scale else (0.1307, 0.3081)
    rows = list(csv.DictReader(open(table)))
    columns = [name for name in rows[0] if name.startswith("spikes ")]
    ours = np.array([[int(row[name]) for name in columns] for row in rows])
    x = torch.from_numpy(np.load(images)[: len(ours)].astype(np.float32) / 255)
    x = ((x - mean) / deviation)[:, None]
    for run in [snntorch, spikingjelly, norse]:
        try:
            with torch.no_grad():
                theirs = run(nir.read(path), x, int(steps)).numpy().reshape(ours.shape)
            print(
                f"{run.__name__}: {int((theirs != ours).sum())} of {ours.size} spike counts differ, "
                f"{int(ours.sum())} spikes")
        except Exception as error:
            print(f"{run.__name__}: {type(error).__name__}: {str(error)[:200]}")


if __name__ == "__main__":
    main()
