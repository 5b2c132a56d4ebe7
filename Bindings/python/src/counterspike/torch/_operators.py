"""The neurons as PyTorch operators, whose kernels are Counterspike's.

Tensors are of 32-bit floats on the CPU, with time outermost; their memory is used as it is.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .._neurons import neurons as _neurons
from .._errors import ArgumentError

torch.library.define(
    "counterspike::neurons",
    "(Tensor current, Tensor? membrane, Tensor? psc, Tensor? adaptation, Tensor? constants, "
    "str settings, bool keeps_state) -> (Tensor, Tensor, Tensor, Tensor)",
    tags=(torch.Tag.pt2_compliant_tag,),
)
torch.library.define(
    "counterspike::neurons_backward",
    "(Tensor gradient, Tensor current, Tensor? membrane, Tensor? psc, Tensor? adaptation, "
    "Tensor? constants, str settings, bool needs_constants) -> (Tensor, Tensor)",
    tags=(torch.Tag.pt2_compliant_tag,),
)
torch.library.define(
    "counterspike::neurons_step",
    "(Tensor current, Tensor? membrane, Tensor? psc, Tensor? adaptation, str settings) "
    "-> (Tensor, Tensor, Tensor)",
    tags=(torch.Tag.pt2_compliant_tag,),
)
torch.library.define(
    "counterspike::neurons_step_backward",
    "(Tensor gradient, Tensor? of_membrane, Tensor? of_adaptation, Tensor current, "
    "Tensor? membrane, Tensor? psc, Tensor? adaptation, str settings) "
    "-> (Tensor, Tensor, Tensor, Tensor)",
    tags=(torch.Tag.pt2_compliant_tag,),
)


def _plain(tensor: Tensor | None, name: str, like: torch.Size | None = None) -> Tensor | None:
    """The tensor as the kernels take it, a copy only where it does not lie in one piece."""
    if tensor is None:
        return None
    if tensor.dtype != torch.float32 or tensor.device.type != "cpu":
        raise ArgumentError(
            f"{name} is {tensor.dtype} on {tensor.device}; it must be torch.float32 on cpu"
        )
    if like is not None and tensor.shape != like:
        raise ArgumentError(
            f"{name} has shape {tuple(tensor.shape)}; it must have {tuple(like)}, one value a neuron"
        )
    return tensor.contiguous()


def _address(tensor: Tensor | None) -> int | None:
    # An empty tensor has no address, and no value that anybody would look at.
    return None if tensor is None else tensor.data_ptr() or 1 << 6


def _sizes(current: Tensor) -> tuple[int, int]:
    if current.dim() < 1 or current.shape[0] < 1:
        raise ArgumentError(
            f"the currents have shape {tuple(current.shape)}; they must be [T, …] with T ≥ 1"
        )
    steps = current.shape[0]
    return steps, current.numel() // steps


def _constants(constants: Tensor | None) -> list[float] | None:
    if constants is None:
        return None
    values: list[float] = constants.tolist()
    return values


@torch.library.impl("counterspike::neurons", "CPU")
def _neurons_forward(
    current: Tensor,
    membrane: Tensor | None,
    psc: Tensor | None,
    adaptation: Tensor | None,
    constants: Tensor | None,
    settings: str,
    keeps_state: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    steps, count = _sizes(current)
    shape = current.shape[1:]
    c = _plain(current, "current")
    assert c is not None
    before = [
        _plain(membrane, "membrane", shape),
        _plain(psc, "psc", shape),
        _plain(adaptation, "adaptation", shape),
    ]
    output = torch.empty(current.shape)
    after = [torch.empty(shape if keeps_state else (0,)) for _ in range(3)]
    _neurons(settings).forward(
        steps,
        count,
        _address(c),
        _address(output),
        [_address(tensor) for tensor in before],
        [_address(tensor) if keeps_state else None for tensor in after],
        _constants(constants),
        torch.get_num_threads(),
    )
    return output, after[0], after[1], after[2]


@torch.library.register_fake("counterspike::neurons")
def _neurons_shapes(
    current: Tensor,
    membrane: Tensor | None,
    psc: Tensor | None,
    adaptation: Tensor | None,
    constants: Tensor | None,
    settings: str,
    keeps_state: bool,
) -> tuple[Tensor, ...]:
    shape = current.shape[1:] if keeps_state else (0,)
    return (current.new_empty(current.shape), *(current.new_empty(shape) for _ in range(3)))


@torch.library.impl("counterspike::neurons_backward", "CPU")
def _neurons_backward(
    gradient: Tensor,
    current: Tensor,
    membrane: Tensor | None,
    psc: Tensor | None,
    adaptation: Tensor | None,
    constants: Tensor | None,
    settings: str,
    needs_constants: bool,
) -> tuple[Tensor, Tensor]:
    steps, count = _sizes(current)
    shape = current.shape[1:]
    c = _plain(current, "current")
    g = _plain(gradient, "gradient", current.shape)
    before = [
        _plain(membrane, "membrane", shape),
        _plain(psc, "psc", shape),
        _plain(adaptation, "adaptation", shape),
    ]
    deltas = torch.empty(current.shape)
    sums = _neurons(settings).backward(
        steps,
        count,
        _address(c),
        _address(g),
        _address(deltas),
        [_address(tensor) for tensor in before],
        _constants(constants),
        needs_constants,
        torch.get_num_threads(),
    )
    if not needs_constants:
        return deltas, torch.empty(0, dtype=torch.float64)
    return deltas, torch.tensor(sums, dtype=torch.float64)


@torch.library.register_fake("counterspike::neurons_backward")
def _neurons_backward_shapes(
    gradient: Tensor,
    current: Tensor,
    membrane: Tensor | None,
    psc: Tensor | None,
    adaptation: Tensor | None,
    constants: Tensor | None,
    settings: str,
    needs_constants: bool,
) -> tuple[Tensor, Tensor]:
    return (
        current.new_empty(current.shape),
        current.new_empty((3 if needs_constants else 0,), dtype=torch.float64),
    )


def _save(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    current, membrane, psc, adaptation, constants, settings, _ = inputs
    ctx.save_for_backward(current, membrane, psc, adaptation, constants)
    ctx.settings = settings
    ctx.set_materialize_grads(False)


def _go_back(ctx: Any, gradient: Tensor | None, *of_state: Tensor | None) -> tuple[Any, ...]:
    nothing = (None,) * 7
    if gradient is None:
        return nothing
    current, membrane, psc, adaptation, constants = ctx.saved_tensors
    needs_constants = constants is not None and ctx.needs_input_grad[4]
    deltas, sums = torch.ops.counterspike.neurons_backward(
        gradient, current, membrane, psc, adaptation, constants, ctx.settings, needs_constants
    )
    return deltas, None, None, None, sums if needs_constants else None, None, None


torch.library.register_autograd("counterspike::neurons", _go_back, setup_context=_save)


@torch.library.impl("counterspike::neurons_step", "CPU")
def _step_forward(
    current: Tensor,
    membrane: Tensor | None,
    psc: Tensor | None,
    adaptation: Tensor | None,
    settings: str,
) -> tuple[Tensor, Tensor, Tensor]:
    shape = current.shape
    c = _plain(current, "current")
    before = [
        _plain(membrane, "membrane", shape),
        _plain(psc, "psc", shape),
        _plain(adaptation, "adaptation", shape),
    ]
    output, after, adapted = (torch.empty(shape) for _ in range(3))
    _neurons(settings).forward(
        1,
        current.numel(),
        _address(c),
        _address(output),
        [_address(tensor) for tensor in before],
        [_address(after), None, _address(adapted)],
        threads=torch.get_num_threads(),
    )
    return output, after, adapted


@torch.library.register_fake("counterspike::neurons_step")
def _step_shapes(
    current: Tensor,
    membrane: Tensor | None,
    psc: Tensor | None,
    adaptation: Tensor | None,
    settings: str,
) -> tuple[Tensor, ...]:
    return tuple(current.new_empty(current.shape) for _ in range(3))


@torch.library.impl("counterspike::neurons_step_backward", "CPU")
def _step_backward(
    gradient: Tensor,
    of_membrane: Tensor | None,
    of_adaptation: Tensor | None,
    current: Tensor,
    membrane: Tensor | None,
    psc: Tensor | None,
    adaptation: Tensor | None,
    settings: str,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    shape = current.shape
    c = _plain(current, "current")
    g = _plain(gradient, "gradient", shape)
    behind = [
        _plain(of_membrane, "of_membrane", shape),
        None,
        _plain(of_adaptation, "of_adaptation", shape),
    ]
    before = [
        _plain(membrane, "membrane", shape),
        _plain(psc, "psc", shape),
        _plain(adaptation, "adaptation", shape),
    ]
    deltas, *result = (torch.empty(shape) for _ in range(4))
    _neurons(settings).step_backward(
        current.numel(),
        _address(c),
        _address(g),
        [_address(tensor) for tensor in behind],
        _address(deltas),
        [_address(tensor) for tensor in result],
        [_address(tensor) for tensor in before],
        torch.get_num_threads(),
    )
    return deltas, result[0], result[1], result[2]


@torch.library.register_fake("counterspike::neurons_step_backward")
def _step_backward_shapes(gradient: Tensor, *others: Any) -> tuple[Tensor, ...]:
    current = others[2]
    return tuple(current.new_empty(current.shape) for _ in range(4))


def _save_step(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    *tensors, settings = inputs
    ctx.save_for_backward(*tensors)
    ctx.settings = settings
    ctx.set_materialize_grads(False)


def _step_back(
    ctx: Any, gradient: Tensor | None, of_membrane: Tensor | None, of_adaptation: Tensor | None
) -> tuple[Any, ...]:
    current, membrane, psc, adaptation = ctx.saved_tensors
    if gradient is None and of_membrane is None and of_adaptation is None:
        return (None,) * 5
    if gradient is None:
        gradient = torch.zeros_like(current)
    deltas, *of_state = torch.ops.counterspike.neurons_step_backward(
        gradient,
        of_membrane,
        of_adaptation,
        current,
        membrane,
        psc,
        adaptation,
        ctx.settings,
    )
    needs = ctx.needs_input_grad[1:4]
    return (deltas, *(tensor if need else None for tensor, need in zip(of_state, needs)), None)


torch.library.register_autograd(
    "counterspike::neurons_step", _step_back, setup_context=_save_step
)

for _name in ("neurons", "neurons_step"):
    torch.library.register_autocast(f"counterspike::{_name}", "cpu", torch.float32)
