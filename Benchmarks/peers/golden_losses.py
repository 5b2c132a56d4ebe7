#!/usr/bin/env python3
"""Writes Tests/CounterspikeTests/Golden/peers/losses.safetensors: losses and their gradients on made-up
outputs, computed by snnTorch, SpikingJelly and PyTorch.

    python3 -m venv peers/.venv && peers/.venv/bin/pip install -r peers/requirements.txt
    peers/.venv/bin/python peers/golden_losses.py

Every `<name>.loss` and `<name>.gradient` is as that package returns it; the metadata says by which
factor its reduction differs from a sum over the batch.
"""

import json
import struct
from importlib.metadata import version
from pathlib import Path

import snntorch.functional as SF
import torch
from spikingjelly.activation_based import functional as spikingjelly

T, B, K = 10, 6, 10
FILE = Path(__file__).resolve().parents[2] / "Tests/CounterspikeTests/Golden/peers/losses.safetensors"


def write(path, tensors, metadata):
    header, data = {"__metadata__": metadata}, b""
    for name, tensor in sorted(tensors.items()):
        values = tensor.detach().to(torch.float32).flatten().tolist()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + 4 * len(values)],
        }
        data += struct.pack(f"<{len(values)}f", *values)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    random = torch.Generator().manual_seed(13)
    rates = torch.rand(B, K, generator=random)
    spikes = (torch.rand(T, B, K, generator=random) < rates).float()
    spikes[:, 0, 3] = 0  # a silent neuron
    membrane = torch.randn(T, B, K, generator=random)
    labels = torch.randint(K, (B,), generator=random)
    weights = 0.25 + torch.rand(K, generator=random)
    numbers = torch.randn(B, K, generator=random)
    trains = torch.randn(T, B, K, generator=random)
    tensors = {
        "spikes": spikes,
        "membrane": membrane,
        "labels": labels,
        "weights": weights,
        "numbers": numbers,
        "trains": trains,
    }
    factors = {}

    def add(name, loss, output, factor):
        output = output.clone().requires_grad_(True)
        value = loss(output)
        value.sum().backward()
        tensors[f"{name}.loss"] = value.sum().reshape(1)
        tensors[f"{name}.gradient"] = output.grad
        factors[name] = factor

    cross_entropy = torch.nn.functional.cross_entropy
    squares = torch.nn.functional.mse_loss
    add("snntorch.ce_rate", lambda s: SF.ce_rate_loss()(s, labels), spikes, B)
    add(
        "snntorch.ce_rate_weighted",
        lambda s: SF.ce_rate_loss(weight=weights)(s, labels),
        spikes,
        B,
    )
    add("snntorch.ce_count", lambda s: SF.ce_count_loss()(s, labels), spikes, B)
    add(
        "snntorch.ce_max_membrane",
        lambda u: SF.ce_max_membrane_loss()(u, labels),
        membrane,
        B,
    )
    add(
        "snntorch.mse_count",
        lambda s: SF.mse_count_loss(correct_rate=0.8, incorrect_rate=0.1)(s, labels),
        spikes,
        B / T,
    )
    add(
        "snntorch.mse_membrane",
        lambda u: SF.mse_membrane_loss()(u, labels),
        membrane,
        B,
    )
    # It changes its labels.
    add("snntorch.ce_temporal", lambda s: SF.ce_temporal_loss()(s, labels.clone()), spikes, B)
    add(
        "spikingjelly.tet",
        lambda u: spikingjelly.temporal_efficient_training_cross_entropy(u, labels),
        membrane,
        B,
    )
    one_hot = torch.nn.functional.one_hot(labels, K).float()
    add("torch.rate_squares", lambda s: squares(s.mean(0), one_hot), spikes, B)
    add(
        "torch.smoothed",
        lambda u: cross_entropy(u[-1], labels, label_smoothing=0.1),
        membrane,
        B,
    )
    add(
        "torch.smoothed_mean",
        lambda u: cross_entropy(u.mean(0), labels, label_smoothing=0.2),
        membrane,
        B,
    )
    # PyTorch's mean over weighted samples divides by the sum of their weights, snnTorch's by B.
    add(
        "torch.weighted",
        lambda u: cross_entropy(u.mean(0), labels, weight=weights),
        membrane,
        weights[labels].sum().item(),
    )
    add("torch.numbers", lambda u: squares(u[-1], numbers), membrane, B)
    add("torch.trains", lambda u: squares(u, trains), membrane, B)

    metadata = {f"factor.{name}": repr(float(factor)) for name, factor in factors.items()}
    for package in ["torch", "snntorch", "spikingjelly"]:
        metadata[package] = version(package)
    write(FILE, tensors, metadata)
    for name in factors:
        print(f"{name:28} {tensors[name + '.loss'].item():10.6f}")


if __name__ == "__main__":
    main()
