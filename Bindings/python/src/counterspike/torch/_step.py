"""One time step of neurons as a PyTorch operator."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .._neurons import neurons as _neurons
from ._memory import address, lying_as, plain


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


@torch.library.impl("counterspike::neurons_step", "CPU")
def _step_forward(
    current: Tensor,
    membrane: Tensor | None,
    psc: Tensor | None,
    adaptation: Tensor | None,
    settings: str,
) -> tuple[Tensor, Tensor, Tensor]:
    c = plain(current, "current")
    before = [
        lying_as(membrane, "membrane", c.shape, c.stride()),
        lying_as(psc, "psc", c.shape, c.stride()),
        lying_as(adaptation, "adaptation", c.shape, c.stride()),
    ]
    output, after, adapted = (torch.empty_like(c) for _ in range(3))
    _neurons(settings).forward(
        1,
        current.numel(),
        address(c),
        address(output),
        [address(tensor) for tensor in before],
        [address(after), None, address(adapted)],
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
    c = plain(current, "current")
    g = lying_as(gradient, "gradient", c.shape, c.stride())
    behind = [
        lying_as(of_membrane, "of_membrane", c.shape, c.stride()),
        None,
        lying_as(of_adaptation, "of_adaptation", c.shape, c.stride()),
    ]
    before = [
        lying_as(membrane, "membrane", c.shape, c.stride()),
        lying_as(psc, "psc", c.shape, c.stride()),
        lying_as(adaptation, "adaptation", c.shape, c.stride()),
    ]
    deltas, *result = (torch.empty_like(c) for _ in range(4))
    _neurons(settings).step_backward(
        current.numel(),
        address(c),
        address(g),
        [address(tensor) for tensor in behind],
        address(deltas),
        [address(tensor) for tensor in result],
        [address(tensor) for tensor in before],
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
torch.library.register_autocast("counterspike::neurons_step", "cpu", torch.float32)
