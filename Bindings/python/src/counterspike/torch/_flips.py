"""Single spikes that are inverted, and how well their effect is predicted."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ._lif import LIF, LIFState


def flipped(layer: LIF, current: Tensor, step: int) -> tuple[Tensor, float]:
    """The output of one neuron, not pooled, with the spike of a step inverted, and θ − u there.

    Args:
        current: ``[T]``, from rest.
    """
    m = 1 - 1 / layer.tau_m
    d = 0.0 if layer.tau_s is None else 1 - 1 / layer.tau_s
    # What the kernels say of the steps before: the same rounding decides the same spikes.
    state = LIFState()
    head: list[Tensor] = []
    if step > 0:
        before, state = layer.unpooled(current[:step, None], return_state=True)
        head = [before[:, 0]]
    v = 0.0 if state.membrane is None else state.membrane.item()
    a = 0.0 if state.psc is None else state.psc.item()
    b = 0.0 if state.adaptation is None else state.adaptation.item()
    here, _ = layer.unpooled(current[step : step + 1, None], state, return_state=True)
    # a[t] = d·a[t−1] + (1 − d)·s[t]: the spike is what the output has beyond the decay.
    spikes = 1.0 if here.item() - d * a > (1 - d) / 2 else 0.0
    other = 1.0 - spikes
    adaptation = layer.adaptation or {}
    strength = float(adaptation.get("strength", 0.0))
    theta = layer.threshold + strength * b
    u = m * v + float(current[step])
    if layer.reset == "zero":
        v = theta * (1 - other)
    elif layer.reset == "subtraction":
        v = theta - layer.threshold * other  # Without adaptation, as the kernels do.
    else:
        v = theta
    a = d * a + (1 - d) * other
    rho = 1 - 1 / float(adaptation.get("time_constant", 1.0))
    b = rho * b + (1 - rho) * other
    parts = [*head, torch.tensor([a], dtype=current.dtype)]
    if step + 1 < current.shape[0]:
        behind = LIFState(
            torch.tensor([v]),
            None if layer.tau_s is None else torch.tensor([a]),
            torch.tensor([b]) if layer.adaptation is not None else None,
        )
        parts.append(layer.unpooled(current[step + 1 :, None], behind)[:, 0])
    return torch.cat(parts), theta - u


def agreement(
    predicted: Sequence[float], true: Sequence[float]
) -> tuple[int, float | None, float | None, float | None, tuple[float, ...], tuple[float, ...]]:
    """How many have an effect, correlation, sign agreement and scale, and the numbers themselves."""
    p = torch.tensor(predicted, dtype=torch.float64)
    t = torch.tensor(true, dtype=torch.float64)
    has_effect = t != 0
    effective = int(has_effect.sum())
    correlation = sign = scale = None
    centred = (p - p.mean(), t - t.mean())
    lengths = [float(part.norm()) for part in centred]
    # What rounding leaves of a difference that is zero does not count.
    if all(length > 1e-6 * float(part.norm()) for length, part in zip(lengths, (p, t))):
        correlation = float(centred[0] @ centred[1]) / (lengths[0] * lengths[1])
        correlation = min(max(correlation, -1.0), 1.0)
    if effective:
        sign = float((p.sign() == t.sign())[has_effect].double().mean())
        scale = float(p @ t) / float(t @ t)
    return effective, correlation, sign, scale, tuple(predicted), tuple(true)
