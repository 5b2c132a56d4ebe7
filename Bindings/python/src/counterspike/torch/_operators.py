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
    "str settings, bool keeps_state, int? repeat=None) -> (Tensor, Tensor, Tensor, Tensor)",
    tags=(torch.Tag.pt2_compliant_tag,),
)
torch.library.define(
    "counterspike::neurons_backward",
    "(Tensor gradient, Tensor current, Tensor? membrane, Tensor? psc, Tensor? adaptation, "
    "Tensor? constants, str settings, bool needs_constants, int? repeat=None) -> (Tensor, Tensor)",
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


def _require_floats(tensor: Tensor, name: str) -> None:
    if tensor.dtype != torch.float32 or tensor.device.type != "cpu":
        raise ArgumentError(
            f"{name} is {tensor.dtype} on {tensor.device}; it must be torch.float32 on cpu"
        )


def _plain(tensor: Tensor | None, name: str, like: Tensor | None = None) -> Tensor | None:
    """The tensor as the kernels take it, a copy only where it lies otherwise than `like`."""
    if tensor is None:
        return None
    _require_floats(tensor, name)
    if like is None:
        return tensor.contiguous()
    if tensor.shape != like.shape:
        raise ArgumentError(
            f"{name} has shape {tuple(tensor.shape)}; it must have {tuple(like.shape)}, one value a neuron"
        )
    if tensor.stride() == like.stride():
        return tensor
    return tensor.new_empty_strided(like.shape, like.stride()).copy_(tensor)


def _strides(current: Tensor, repeat: int | None) -> tuple[int, ...]:
    """How the output lies: as the currents do if one step's fill their memory, whatever the order of their
    dimensions (channels last), with time outermost."""
    step = list(current.stride() if repeat is not None else current.stride()[1:])
    sizes = list(current.shape if repeat is not None else current.shape[1:])
    expected = 1
    for stride, size in sorted(zip(step, sizes)):
        if size != 1 and stride != expected:
            break
        expected *= size
    else:
        if repeat is not None or current.shape[0] == 1 or current.stride(0) == expected:
            return (expected, *step)
    step = []
    expected = 1
    for size in reversed(sizes):
        step.insert(0, expected)
        expected *= size
    return (expected, *step)


def _current(current: Tensor, repeat: int | None) -> tuple[Tensor, tuple[int, ...]]:
    """The currents as the kernels take them, and the strides of a series."""
    _require_floats(current, "current")
    strides = _strides(current, repeat)
    wanted = strides if repeat is None else strides[1:]
    if current.stride() != wanted:
        current = current.new_empty_strided(current.shape, wanted).copy_(current)
    return current, strides


def _address(tensor: Tensor | None) -> int | None:
    # An empty tensor has no address, and no value that anybody would look at.
    return None if tensor is None else tensor.data_ptr() or 1 << 6


def _sizes(current: Tensor, repeat: int | None = None) -> tuple[int, int]:
    if repeat is not None:
        return repeat, current.numel()
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
    repeat: int | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    steps, count = _sizes(current, repeat)
    c, strides = _current(current, repeat)
    output = c.new_empty_strided((steps, *_step_shape(current, repeat)), strides)
    one = output[0]
    before = [
        _plain(membrane, "membrane", one),
        _plain(psc, "psc", one),
        _plain(adaptation, "adaptation", one),
    ]
    after = [_like_step(output, keeps_state) for _ in range(3)]
    _neurons(settings).forward(
        steps,
        count,
        _address(c),
        _address(output),
        [_address(tensor) for tensor in before],
        [_address(tensor) if keeps_state else None for tensor in after],
        _constants(constants),
        torch.get_num_threads(),
        repeat is not None,
    )
    return output, after[0], after[1], after[2]


def _step_shape(current: Tensor, repeat: int | None) -> torch.Size:
    return current.shape if repeat is not None else current.shape[1:]


def _like_step(output: Tensor, keeps_state: bool) -> Tensor:
    """Memory for a state, which lies as one step of the output does; none if it is not kept."""
    if not keeps_state:
        return output.new_empty((0,))
    return output.new_empty_strided(output.shape[1:], output.stride()[1:])


@torch.library.register_fake("counterspike::neurons")
def _neurons_shapes(
    current: Tensor,
    membrane: Tensor | None,
    psc: Tensor | None,
    adaptation: Tensor | None,
    constants: Tensor | None,
    settings: str,
    keeps_state: bool,
    repeat: int | None = None,
) -> tuple[Tensor, ...]:
    steps = current.shape[0] if repeat is None else repeat
    shape = (steps, *_step_shape(current, repeat))
    output = current.new_empty_strided(shape, _strides(current, repeat))
    return (output, *(_like_step(output, keeps_state) for _ in range(3)))


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
    repeat: int | None = None,
) -> tuple[Tensor, Tensor]:
    steps, count = _sizes(current, repeat)
    c, strides = _current(current, repeat)
    shape = (steps, *_step_shape(current, repeat))
    g = _plain(gradient, "gradient", torch.empty_strided(shape, strides, device="meta"))
    assert g is not None
    one = g[0]
    before = [
        _plain(membrane, "membrane", one),
        _plain(psc, "psc", one),
        _plain(adaptation, "adaptation", one),
    ]
    deltas = torch.empty_like(c)
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
        repeat is not None,
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
    repeat: int | None = None,
) -> tuple[Tensor, Tensor]:
    strides = _strides(current, repeat)
    return (
        current.new_empty_strided(current.shape, strides if repeat is None else strides[1:]),
        current.new_empty((3 if needs_constants else 0,), dtype=torch.float64),
    )


def _save(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    current, membrane, psc, adaptation, constants, settings, _, repeat = inputs
    ctx.save_for_backward(current, membrane, psc, adaptation, constants)
    ctx.settings = settings
    ctx.repeat = repeat
    ctx.set_materialize_grads(False)


def _go_back(ctx: Any, gradient: Tensor | None, *of_state: Tensor | None) -> tuple[Any, ...]:
    if gradient is None:
        return (None,) * 8
    current, membrane, psc, adaptation, constants = ctx.saved_tensors
    needs_constants = constants is not None and ctx.needs_input_grad[4]
    deltas, sums = torch.ops.counterspike.neurons_backward(
        gradient,
        current,
        membrane,
        psc,
        adaptation,
        constants,
        ctx.settings,
        needs_constants,
        ctx.repeat,
    )
    return deltas, None, None, None, sums if needs_constants else None, None, None, None


torch.library.register_autograd("counterspike::neurons", _go_back, setup_context=_save)


@torch.library.impl("counterspike::neurons_step", "CPU")
def _step_forward(
    current: Tensor,
    membrane: Tensor | None,
    psc: Tensor | None,
    adaptation: Tensor | None,
    settings: str,
) -> tuple[Tensor, Tensor, Tensor]:
    c = _plain(current, "current")
    assert c is not None
    before = [
        _plain(membrane, "membrane", c),
        _plain(psc, "psc", c),
        _plain(adaptation, "adaptation", c),
    ]
    output, after, adapted = (torch.empty_like(c) for _ in range(3))
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
    c = _plain(current, "current")
    assert c is not None
    g = _plain(gradient, "gradient", c)
    behind = [
        _plain(of_membrane, "of_membrane", c),
        None,
        _plain(of_adaptation, "of_adaptation", c),
    ]
    before = [
        _plain(membrane, "membrane", c),
        _plain(psc, "psc", c),
        _plain(adaptation, "adaptation", c),
    ]
    deltas, *result = (torch.empty_like(c) for _ in range(4))
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
