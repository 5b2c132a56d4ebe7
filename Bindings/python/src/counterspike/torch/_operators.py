"""The neurons as PyTorch operators, whose kernels are Counterspike's.

Tensors are of 32-bit floats on the CPU, with time outermost; their memory is used as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .._neurons import neurons as _neurons
from ._memory import Series, address, lying_as

torch.library.define(
    "counterspike::neurons",
    "(Tensor current, Tensor? membrane, Tensor? psc, Tensor? adaptation, Tensor? constants, "
    "str settings, bool keeps_state, int? repeat=None, int[]? pool=None, float pool_factor=1.0) "
    "-> (Tensor, Tensor, Tensor, Tensor)",
    tags=(torch.Tag.pt2_compliant_tag,),
)
torch.library.define(
    "counterspike::neurons_backward",
    "(Tensor gradient, Tensor current, Tensor? membrane, Tensor? psc, Tensor? adaptation, "
    "Tensor? constants, str settings, bool needs_constants, int? repeat=None, int[]? pool=None, "
    "float pool_factor=1.0) -> (Tensor, Tensor)",
    tags=(torch.Tag.pt2_compliant_tag,),
)


def _constants(constants: Tensor | None) -> list[float] | None:
    if constants is None:
        return None
    values: list[float] = constants.tolist()
    return values


def _states(current: Tensor, series: Series, keeps_state: bool) -> list[Tensor]:
    """Memory for the state behind the last step; none if it is not kept."""
    if not keeps_state:
        return [current.new_empty((0,)) for _ in range(3)]
    return [current.new_empty_strided(series.shape, series.strides) for _ in range(3)]


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
    pool: Sequence[int] | None = None,
    pool_factor: float = 1.0,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    series = Series.of(current, repeat, pool)
    c = series.given(current)
    output = c.new_empty_strided(*series.output)
    before = series.state(membrane, psc, adaptation)
    after = _states(c, series, keeps_state)
    _neurons(settings).forward(
        series.steps,
        series.neurons,
        address(c),
        address(output),
        [address(tensor) for tensor in before],
        [address(tensor) if keeps_state else None for tensor in after],
        _constants(constants),
        torch.get_num_threads(),
        series.repeats,
        series.windows(pool_factor),
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
    repeat: int | None = None,
    pool: Sequence[int] | None = None,
    pool_factor: float = 1.0,
) -> tuple[Tensor, ...]:
    series = Series.of(current, repeat, pool)
    return (
        current.new_empty_strided(*series.output),
        *_states(current, series, keeps_state),
    )


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
    pool: Sequence[int] | None = None,
    pool_factor: float = 1.0,
) -> tuple[Tensor, Tensor]:
    series = Series.of(current, repeat, pool)
    c = series.given(current)
    g = lying_as(gradient, "gradient", *series.output)
    before = series.state(membrane, psc, adaptation)
    deltas = torch.empty_like(c)
    sums = _neurons(settings).backward(
        series.steps,
        series.neurons,
        address(c),
        address(g),
        address(deltas),
        [address(tensor) for tensor in before],
        _constants(constants),
        needs_constants,
        torch.get_num_threads(),
        series.repeats,
        series.windows(pool_factor),
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
    pool: Sequence[int] | None = None,
    pool_factor: float = 1.0,
) -> tuple[Tensor, Tensor]:
    return (
        current.new_empty_strided(*Series.of(current, repeat, pool).currents),
        current.new_empty((3 if needs_constants else 0,), dtype=torch.float64),
    )


def _save(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    current, membrane, psc, adaptation, constants, settings, _, *ctx.options = inputs
    ctx.save_for_backward(current, membrane, psc, adaptation, constants)
    ctx.settings = settings
    ctx.set_materialize_grads(False)


def _go_back(ctx: Any, gradient: Tensor | None, *of_state: Tensor | None) -> tuple[Any, ...]:
    if gradient is None:
        return (None,) * 10
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
        *ctx.options,
    )
    return deltas, None, None, None, sums if needs_constants else None, *(None,) * 5


torch.library.register_autograd("counterspike::neurons", _go_back, setup_context=_save)
torch.library.register_autocast("counterspike::neurons", "cpu", torch.float32)
