"""How tensors lie in memory, as the kernels take them: 32-bit floats on the CPU, time outermost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .._errors import ArgumentError
from .._neurons import Windows


def require_floats(tensor: Tensor, name: str) -> None:
    if tensor.dtype != torch.float32 or tensor.device.type != "cpu":
        raise ArgumentError(
            f"{name} is {tensor.dtype} on {tensor.device}; it must be torch.float32 on cpu"
        )


def plain(tensor: Tensor, name: str) -> Tensor:
    """The tensor without gaps, a copy only where it has some."""
    require_floats(tensor, name)
    return tensor.contiguous()


def lying_as(
    tensor: Tensor | None, name: str, shape: Sequence[int], strides: Sequence[int]
) -> Tensor | None:
    """The tensor as the kernels take it, a copy only where it lies otherwise."""
    if tensor is None:
        return None
    require_floats(tensor, name)
    if tensor.shape != tuple(shape):
        raise ArgumentError(
            f"{name} has shape {tuple(tensor.shape)}; it must have {tuple(shape)}, one value a neuron"
        )
    if tensor.stride() == tuple(strides):
        return tensor
    return tensor.new_empty_strided(shape, strides).copy_(tensor)


def address(tensor: Tensor | None) -> int | None:
    # An empty tensor has no address, and no value that anybody would look at.
    return None if tensor is None else tensor.data_ptr() or 1 << 6


def not_divided(height: int, width: int, pool: tuple[int, int]) -> str:
    """What is wrong with windows that leave out neurons."""
    return (
        f"the neurons are {height}×{width}, which windows of {pool[0]}×{pool[1]} do not divide; choose "
        "windows that do, or leave out pool and pool the output"
    )


class Series(NamedTuple):
    """Shapes and strides of a series of neurons, by the currents that they get."""

    steps: int
    shape: tuple[int, ...]
    """Of one step's currents, and of a state."""
    strides: tuple[int, ...]
    """How one step's currents lie: as they are given if they fill their memory, whatever the order of their
    dimensions (channels last)."""
    repeats: bool
    pool: tuple[int, int] | None
    """Rows and columns of the windows that the output is summed over."""

    @classmethod
    def of(cls, current: Tensor, repeat: int | None, pool: Sequence[int] | None) -> Series:
        if repeat is None and (current.dim() < 1 or current.shape[0] < 1):
            raise ArgumentError(
                f"the currents have shape {tuple(current.shape)}; they must be [T, …] with T ≥ 1"
            )
        first = 1 if repeat is None else 0
        shape = tuple(current.shape)[first:]
        strides = current.stride()[first:]
        steps = current.shape[0] if repeat is None else repeat
        follows = repeat is not None or steps == 1
        end = _filled(shape, strides)
        if end is None or not (follows or current.stride(0) == end):
            strides = _dense(shape, range(len(shape) - 1, -1, -1))
        if pool is None:
            return cls(steps, shape, strides, repeat is not None, None)
        height, width = pool
        if len(shape) < 2:
            raise ArgumentError(
                f"the currents have shape {tuple(current.shape)}; pooling needs [T, …, height, width]"
            )
        if shape[-2] % height != 0 or shape[-1] % width != 0:
            raise ArgumentError(not_divided(shape[-2], shape[-1], (height, width)))
        if strides[-2] != shape[-1] * strides[-1]:  # Rows that do not follow each other.
            strides = _dense(shape, range(len(shape) - 1, -1, -1))
        return cls(steps, shape, strides, repeat is not None, (height, width))

    @property
    def neurons(self) -> int:
        """How many there are."""
        result = 1
        for size in self.shape:
            result *= size
        return result

    @property
    def currents(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Shape and strides of the currents."""
        if self.repeats:
            return self.shape, self.strides
        return (self.steps, *self.shape), (self.neurons, *self.strides)

    @property
    def output(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Shape and strides of the output, whose dimensions are in the currents' order."""
        if self.pool is None:
            return (self.steps, *self.shape), (self.neurons, *self.strides)
        height, width = self.pool
        shape = (*self.shape[:-2], self.shape[-2] // height, self.shape[-1] // width)
        order = sorted(range(len(shape)), key=lambda place: (self.strides[place], -place))
        return (self.steps, *shape), (self.neurons // (height * width), *_dense(shape, order))

    def windows(self, factor: float) -> Windows | None:
        """The windows of the pooling in memory."""
        if self.pool is None or self.neurons == 0:
            return None
        columns = self.shape[-1]
        channels = self.strides[-1] if self.shape[-2] * columns > 1 else 1
        return Windows(*self.pool, columns, channels, factor)

    def given(self, current: Tensor) -> Tensor:
        """The currents as the kernels take them."""
        require_floats(current, "current")
        shape, strides = self.currents
        if current.stride() == strides:
            return current
        return current.new_empty_strided(shape, strides).copy_(current)

    def state(self, *tensors: Tensor | None) -> list[Tensor | None]:
        """Membrane potential, psc and adaptation as the kernels take them."""
        names = ("membrane", "psc", "adaptation")
        return [
            lying_as(tensor, name, self.shape, self.strides) for tensor, name in zip(tensors, names)
        ]


def _filled(shape: Sequence[int], strides: Sequence[int]) -> int | None:
    """The size of a tensor that fills its memory, in any order of its dimensions; None: it does not."""
    expected = 1
    for stride, size in sorted(zip(strides, shape)):
        if size != 1 and stride != expected:
            return None
        expected *= size
    return expected


def _dense(shape: Sequence[int], order: Sequence[int]) -> tuple[int, ...]:
    """Strides without gaps, with dimensions from the innermost one in `order`."""
    strides = [1] * len(shape)
    expected = 1
    for place in order:
        strides[place] = expected
        expected *= shape[place]
    return tuple(strides)
