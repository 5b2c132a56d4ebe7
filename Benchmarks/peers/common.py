"""What all peers share: the batch, the network's shape, the loss, and how a step is measured.

The network is 15C5-P2-40C5-P2-300-10 on still images of 28x28, every layer followed by leaky
integrate-and-fire neurons (membrane time constant 5 steps, threshold 1, reset to zero) behind an
exponential synapse (time constant 2 steps). Shapes are [T, B, C, H, W] or [T, B, N].
"""

import argparse
import json
import math
import statistics
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from torch import nn

MEMBRANE_TIME = 5.0
SYNAPSE_TIME = 2.0
THRESHOLD = 1.0
CLASSES = 10


def made_up_batch(samples):
    """The batch that `counterspike bench` trains on: white noise, a hash of each value's place."""
    h = numpy.arange(samples * 784, dtype=numpy.uint32)
    with numpy.errstate(over="ignore"):
        h ^= h >> 16
        h *= numpy.uint32(0x85EBCA6B)
        h ^= h >> 13
        h *= numpy.uint32(0xC2B2AE35)
        h ^= h >> 16
    values = (h.astype(numpy.float64) / 2**32 - 0.5) * math.sqrt(12)
    images = torch.from_numpy(values.astype(numpy.float32)).reshape(samples, 1, 28, 28)
    return images, torch.arange(samples) % CLASSES


class Weights(nn.Module):
    """The four layers' weights, without biases, initialized as ours are."""

    def __init__(self):
        super().__init__()
        self.conv_1 = nn.Conv2d(1, 15, 5, bias=False)
        self.conv_2 = nn.Conv2d(15, 40, 5, bias=False)
        self.dense_1 = nn.Linear(640, 300, bias=False)
        self.output = nn.Linear(300, CLASSES, bias=False)
        for layer in (self.dense_1, self.output):
            nn.init.kaiming_normal_(layer.weight)

    def scale_weights(self, factor):
        """For neurons whose synapse adds its input whole where ours weighs it by 1 - d."""
        with torch.no_grad():
            for weight in self.parameters():
                weight.mul_(factor)


def pool(x):
    """Sums over 2x2 windows; our factor of 1.1 is left out, which saves the peers a pass."""
    return F.avg_pool2d(x, 2, divisor_override=1)


def all_steps(layer, x):
    """One call of `layer` for all T times B images instead of one a step."""
    return layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])


def still_currents(conv, images, steps):
    """The first layer sees the same image at every step: one convolution serves them all."""
    return conv(images).unsqueeze(0).expand(steps, -1, -1, -1, -1)


def filter_matrix(steps):
    """Row t holds the synapse's answer at t to spikes at 0 ... t."""
    d = 1 - 1 / SYNAPSE_TIME
    t = torch.arange(steps)
    lag = t[:, None] - t[None, :]
    return torch.where(lag >= 0, (1 - d) * d ** lag.clamp(min=0).float(), torch.zeros(()))


class KernelLoss:
    """Half the squared distance of filtered output and filtered target trains, summed."""

    def __init__(self, steps):
        self.filter = filter_matrix(steps)
        self.target = self.filter @ self.filter @ torch.ones(steps)

    def of_psc(self, psc, labels):
        wanted = self.target[:, None, None] * F.one_hot(labels, CLASSES)
        return 0.5 * (psc - wanted).square().sum()

    def of_spikes(self, spikes, labels):
        return self.of_psc(torch.einsum("ts,sbn->tbn", self.filter, spikes), labels)


def peak_bytes():
    """The most memory that this process has held."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None


def arguments(variants, more=lambda parser: None):
    parser = argparse.ArgumentParser()
    more(parser)
    parser.add_argument("--time-steps", type=int, default=5)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--variant", choices=variants, default=variants[0])
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument(
        "--bfloat16", action="store_true", help="PyTorch's autocast around forward pass and loss"
    )
    parser.add_argument("--compile", action="store_true", help="torch.compile around the network")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    return options


def measure(program, version, options, network, forward_loss, batch=None):
    """Times training steps and prints one JSON object.

    forward_loss(images, labels) gives the loss; backward pass and AdamW, in PyTorch's fused form,
    are the same for all.
    """
    imported = peak_bytes()
    images, labels = batch or made_up_batch(options.batch)
    if options.channels_last:
        network = network.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    if options.compile:
        # In place, so that the caller's forward_loss goes through it.
        network.compile()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-9, weight_decay=0.01, fused=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.bfloat16):
            loss = forward_loss(images, labels)
        loss.backward()
        optimizer.step()
        return loss

    for _ in range(3):
        loss = step()
    times = []
    processor = time.process_time()
    while len(times) < 5 or sum(times) < options.seconds:
        begin = time.perf_counter()
        step()
        times.append(time.perf_counter() - begin)
    processor = (time.process_time() - processor) / len(times)
    json.dump(
        {
            "program": program,
            "version": version,
            "torch": torch.__version__,
            "variant": options.variant,
            "channelsLast": options.channels_last,
            "bfloat16": options.bfloat16,
            "compiled": options.compile,
            "timeSteps": options.time_steps,
            "batchSize": options.batch,
            "threads": options.threads,
            "steps": len(times),
            "stepMilliseconds": {
                "median": 1e3 * statistics.median(times),
                "minimum": 1e3 * min(times),
                "processor": 1e3 * processor,
            },
            "peakBytes": peak_bytes(),
            "importedBytes": imported,
            "loss": loss.item(),
        },
        sys.stdout,
    )
    print()
