"""What a layer's gradient says of single spikes, against the loss with that spike changed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from .._errors import ArgumentError
from ._lif import LIF, LIFState


@dataclass(frozen=True)
class LayerAudit:
    """How well the gradient of one layer predicts the effect of single spikes."""

    name: str
    rule: str
    flips: int
    """How many spikes were inverted."""
    effective: int
    """How many of them changed the loss."""
    correlation: float | None
    """Of the predicted and the true change of the loss; None: one of them does not vary."""
    sign_agreement: float | None
    """Share of the flips with an effect whose sign is predicted right; None: none has an effect."""
    scale: float | None
    """Slope of the predicted over the true change; 1 is right."""
    predicted: tuple[float, ...]
    true: tuple[float, ...]


@dataclass(frozen=True)
class Descent:
    """The loss behind steps of several lengths against the gradient of all parameters."""

    before: float
    steps: tuple[float, ...]
    """Lengths, as a share of the parameters' norm."""
    losses: tuple[float, ...]

    @property
    def lowest(self) -> float:
        """The lowest loss of all steps."""
        return min(self.losses)


@dataclass(frozen=True)
class TorchAudit:
    """The result of :func:`counterspike.torch.audit`; as text, a table."""

    loss: float
    layers: tuple[LayerAudit, ...]
    descent: Descent | None
    """None: the model has no trained parameter, or its gradient is zero."""

    def table(self) -> list[dict[str, Any]]:
        """One row a layer, such as ``pandas.DataFrame`` takes."""
        names = ("name", "rule", "flips", "effective", "correlation", "sign_agreement", "scale")
        return [{name: getattr(layer, name) for name in names} for layer in self.layers]

    def __str__(self) -> str:
        head = ["layer", "rule", "flips", "with effect", "r", "sign", "scale"]
        rows = [head]
        for layer in self.layers:
            numbers = (layer.correlation, layer.sign_agreement, layer.scale)
            rows.append(
                [layer.name, layer.rule, str(layer.flips), str(layer.effective)]
                + ["–" if number is None else f"{number:.2f}" for number in numbers]
            )
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        lines = [
            "  ".join(
                cell.ljust(width) if column < 2 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths))
            ).rstrip()
            for row in rows
        ]
        if self.descent is not None:
            lines.append(f"loss {self.loss:.6g}; behind steps against the gradient:")
            lines += [
                f"  {100 * step:g} % of the parameters' norm: {loss:.6g}"
                for step, loss in zip(self.descent.steps, self.descent.losses)
            ]
        return "\n".join(lines)


def audit(
    model: nn.Module,
    batch: tuple[Any, Any] | Any,
    loss: Callable[..., Tensor],
    *,
    flips: int = 100,
    seed: int = 1,
    steps: Sequence[float] = (0.001, 0.003, 0.01, 0.03, 0.1),
) -> TorchAudit:
    """Measures which gradient tells the truth about single spikes, layer by layer.

    A neuron and a time step are drawn and the spike there is inverted. The neuron goes on from the threshold,
    reset if a spike was made and not if one was removed. The model is run again with that layer's output, and the
    difference of the losses is the truth. The gradient predicts δ·(θ − u) for it, with δ the derivative of the
    loss with respect to the neuron's current and u the membrane potential; this is what `counterspike audit`
    does for recipes.

    The model stays as it is: its parameters, gradients, buffers, mode and PyTorch's random numbers. Dropout
    draws the same in every run. Every flip costs one run of the model.

    Args:
        model: holds :class:`LIF` layers, each of them called once in a forward pass.
        batch: ``(x, y)``, or x alone. The loss must be computed from all of it.
        loss: ``loss(model(x), y)``, or ``loss(model(x))`` where the batch is x alone; one number.
        flips: inverted spikes a layer.
        seed: of what is drawn; the same seed gives the same result.
        steps: lengths of the descent's steps, as a share of the parameters' norm.

    Raises:
        ArgumentError: the model has no such layer, or one that cannot be audited.
    """
    if not isinstance(flips, int) or isinstance(flips, bool) or flips < 1:
        raise ArgumentError(f"flips is {flips!r}; give a whole number from 1")
    if any(not (math.isfinite(step) and step > 0) for step in steps):
        raise ArgumentError(f"steps are {tuple(steps)}; give numbers > 0")
    x, *y = batch if isinstance(batch, (tuple, list)) else (batch,)
    if len(y) > 1:
        raise ArgumentError(f"the batch has {len(y) + 1} parts; give (x, y), or x alone")
    layers = _layers(model)

    def value() -> Tensor:
        result = loss(model(x), *y)
        if not isinstance(result, Tensor) or result.numel() != 1:
            raise ArgumentError("the loss is not one number; let it return a tensor of one value")
        return result

    with _unchanged(model) as restore:
        currents: dict[str, list[Tensor]] = {name: [] for name in layers}
        with _recorded(layers, currents), torch.enable_grad():
            before = value()
            called = {name: len(inputs) for name, inputs in currents.items()}
            _check_calls(called)
            if not math.isfinite(before.item()):
                raise ArgumentError(f"the loss is {before.item()}; it must be a finite number")
            parameters: list[Tensor] = [p for p in model.parameters() if p.requires_grad]
            inputs = [currents[name][0] for name in layers]
            gradients = torch.autograd.grad(before, inputs + parameters, allow_unused=True)
        generator = torch.Generator().manual_seed(seed)
        results = []
        with torch.no_grad():
            restore()
            base = value().double().item()
            for (name, layer), c, delta in zip(layers.items(), inputs, gradients):
                slope = torch.zeros_like(c) if delta is None else delta
                results.append(
                    _layer(name, layer, c.detach(), slope, flips, generator, base, value, restore)
                )
            descent = _descent(
                parameters, gradients[len(inputs) :], tuple(steps), base, value, restore
            )
    return TorchAudit(base, tuple(results), descent)


def _layers(model: nn.Module) -> dict[str, LIF]:
    """The layers by their names in the model."""
    found = {name or "model": part for name, part in model.named_modules() if isinstance(part, LIF)}
    if not found:
        raise ArgumentError("the model has no layer LIF; build it with counterspike.torch.LIF")
    for name, layer in found.items():
        if type(layer).forward is not LIF.forward:
            raise ArgumentError(
                f"the layer “{name}” is a {type(layer).__name__}, which sees one time step at a time; use LIF, "
                "which sees all of them"
            )
    return found


def _check_calls(called: dict[str, int]) -> None:
    for name, count in called.items():
        if count != 1:
            raise ArgumentError(
                f"the layer “{name}” was called {count} times in one forward pass; it must be called once"
            )


@contextmanager
def _recorded(
    layers: dict[str, LIF], currents: dict[str, list[Tensor]]
) -> Iterator[None]:
    """Keeps what the layers get; their currents have a derivative of their own."""

    def before(name: str) -> Callable[..., Any]:
        def keep(_: nn.Module, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
            current = named.pop("current", None) if not arguments else arguments[0]
            state = named.get("state", arguments[1] if len(arguments) > 1 else None)
            if state is not None and any(part is not None for part in state):
                raise ArgumentError(f"the layer “{name}” goes on from a state; call it without one")
            current = current if current.requires_grad else current.clone().requires_grad_()
            currents[name].append(current)
            return (current, *arguments[1:]), named

        return keep

    handles = [
        layer.register_forward_pre_hook(before(name), with_kwargs=True)
        for name, layer in layers.items()
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _unchanged(model: nn.Module) -> Iterator[Callable[[], None]]:
    """Gives what brings parameters, buffers and random numbers back to what they were, and does so at the end."""
    tensors: list[Tensor] = [*model.parameters(), *model.buffers()]
    kept = [(tensor, tensor.detach().clone()) for tensor in tensors]
    random = torch.get_rng_state()

    def restore() -> None:
        with torch.no_grad():
            for tensor, values in kept:
                tensor.copy_(values)
        torch.set_rng_state(random)

    try:
        yield restore
    finally:
        restore()


def _layer(
    name: str,
    layer: LIF,
    c: Tensor,
    slope: Tensor,
    flips: int,
    generator: torch.Generator,
    base: float,
    value: Callable[[], Tensor],
    restore: Callable[[], None],
) -> LayerAudit:
    count = c[0].numel()
    times = torch.randint(c.shape[0], (flips,), generator=generator).tolist()
    neurons = torch.randint(count, (flips,), generator=generator).tolist()
    series = c.reshape(c.shape[0], count)
    slopes = slope.reshape(c.shape[0], count)
    predicted, true = [], []
    for t, neuron in zip(times, neurons):
        changed, distance = flipped(layer, series[:, neuron], t)
        predicted.append(float(slopes[t, neuron].double()) * distance)

        def replace(
            _: nn.Module, __: Any, result: Any, neuron: int = neuron, changed: Tensor = changed
        ) -> Any:
            output, *state = result if isinstance(result, tuple) else (result,)
            output = output.clone()
            output.view(output.shape[0], count)[:, neuron] = changed
            return (output, *state) if state else output

        handle = layer.register_forward_hook(replace)
        try:
            restore()
            true.append(value().double().item() - base)
        finally:
            handle.remove()
    return LayerAudit(name, layer.rule, flips, *agreement(predicted, true))


def flipped(layer: LIF, current: Tensor, step: int) -> tuple[Tensor, float]:
    """The output of one neuron with the spike of a step inverted, and θ − u there.

    Args:
        current: ``[T]``, from rest.
    """
    m = 1 - 1 / layer.tau_m
    d = 0.0 if layer.tau_s is None else 1 - 1 / layer.tau_s
    # What the kernels say of the steps before: the same rounding decides the same spikes.
    state = LIFState()
    head: list[Tensor] = []
    if step > 0:
        before, state = layer(current[:step, None], return_state=True)
        head = [before[:, 0]]
    v = 0.0 if state.membrane is None else state.membrane.item()
    a = 0.0 if state.psc is None else state.psc.item()
    b = 0.0 if state.adaptation is None else state.adaptation.item()
    here, _ = layer(current[step : step + 1, None], state, return_state=True)
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
        parts.append(layer(current[step + 1 :, None], behind)[:, 0])
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


def _descent(
    parameters: list[Tensor],
    gradients: Sequence[Tensor | None],
    steps: tuple[float, ...],
    before: float,
    value: Callable[[], Tensor],
    restore: Callable[[], None],
) -> Descent | None:
    pairs = [(p, g.detach()) for p, g in zip(parameters, gradients) if g is not None]
    length = math.sqrt(sum(float(g.double().square().sum()) for _, g in pairs))
    norm = math.sqrt(sum(float(p.detach().double().square().sum()) for p, _ in pairs))
    if not steps or length == 0 or norm == 0 or not math.isfinite(length):
        return None
    losses = []
    for step in steps:
        restore()
        for parameter, gradient in pairs:
            parameter.sub_(gradient, alpha=step * norm / length)
        losses.append(value().double().item())
    return Descent(before, steps, tuple(losses))
