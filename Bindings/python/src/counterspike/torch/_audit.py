"""What a layer's gradient says of single spikes, against the loss with that spike changed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from .._errors import ArgumentError
from ._flips import agreement, flipped
from ._lif import LIF
from ._results import Descent, LayerAudit, TorchAudit


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
            repeat = named.pop("repeat", None)
            if repeat is not None:  # Every step has a spike, and a derivative, of its own.
                current = current.expand(repeat, *current.shape)
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
        if layer.pool is not None:  # What its window gets.
            original = layer.unpooled(series[:, neuron, None])[:, 0]
            changed = layer.pool_factor * (changed - original)
        predicted.append(float(slopes[t, neuron].double()) * distance)

        def replace(
            _: nn.Module, __: Any, result: Any, neuron: int = neuron, changed: Tensor = changed
        ) -> Any:
            output, *state = result if isinstance(result, tuple) else (result,)
            output = output.contiguous().clone()
            values = output.view(output.shape[0], -1)
            if layer.pool is None:
                values[:, neuron] = changed
            else:
                values[:, _window_of(neuron, c.shape, layer.pool)] += changed
            return (output, *state) if state else output

        handle = layer.register_forward_hook(replace)
        try:
            restore()
            true.append(value().double().item() - base)
        finally:
            handle.remove()
    return LayerAudit(name, layer.rule, flips, *agreement(predicted, true))


def _window_of(neuron: int, shape: Sequence[int], pool: tuple[int, int]) -> int:
    """Where the window of a neuron lies in a step's output."""
    height, width = shape[-2:]
    plane, place = divmod(neuron, height * width)
    row, column = divmod(place, width)
    rows, columns = height // pool[0], width // pool[1]
    return (plane * rows + row // pool[0]) * columns + column // pool[1]


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
