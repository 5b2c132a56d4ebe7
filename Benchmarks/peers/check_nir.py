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


def snntorch():
    from snntorch.import_nir import import_from_nir

    return import_from_nir


def spikingjelly():
    from spikingjelly.activation_based.nir_exchange import import_from_nir

    return lambda graph: import_from_nir(graph, dt=1e-4)


def norse():
    import norse.torch as nt

    return lambda graph: nt.from_nir(graph, dt=1e-4)


def counts(net, x, steps):
    """The spikes of each output neuron."""
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
    failed = False
    for program in [snntorch, spikingjelly, norse]:
        try:
            with torch.no_grad():
                net = program()(nir.read(path))
                theirs = counts(net, x, int(steps)).numpy().reshape(ours.shape)
            differing = int((theirs != ours).sum())
            failed = failed or differing > 0
            print(
                f"{program.__name__}: {differing} of {ours.size} spike counts differ, "
                f"{int(ours.sum())} spikes")
        except Exception as error:
            # The others are still tried: some cannot read every node.
            failed = True
            print(f"{program.__name__}: {type(error).__name__}: {str(error)[:200]}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
