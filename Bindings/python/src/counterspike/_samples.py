"""Samples with classes or numbers, on their way to the library."""

from __future__ import annotations

from collections.abc import Iterable
from ctypes import byref, c_int64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._arrays import Floats, floats
from ._errors import ArgumentError
from ._handles import Handle
from ._library import Status, check, library

Batch = tuple[Floats, NDArray[Any]]


def batches(x: Any, y: Any) -> list[Batch]:
    """Samples with classes or numbers, batch by batch, each sample `[C, H, W]` or `[T, C, H, W]`."""
    if y is None and hasattr(x, "__array__"):
        raise ArgumentError("y is missing; give the class of each sample")
    pairs: Iterable[Any] = [(x, y)] if y is not None else x
    try:
        iterator = iter(pairs)
    except TypeError as error:
        raise ArgumentError(
            f"x is a {type(x).__name__}; give an array with y, or batches (x, y)"
        ) from error
    found: list[Batch] = []
    for pair in iterator:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ArgumentError("a batch is no pair (x, y); give samples and their classes")
        found.append((_sample_form(floats(pair[0], "x")), _targets(pair[1])))
        if len(found[-1][0]) != len(found[-1][1]):
            what = "classes" if found[-1][1].ndim == 1 else "targets"
            raise ArgumentError(
                f"there are {len(found[-1][0])} samples and {len(found[-1][1])} {what}; give each "
                "sample its own"
            )
    if not found:
        raise ArgumentError("there are no batches; give at least one sample")
    for place, what in ((0, "samples"), (1, "targets")):
        shapes = {part[place].shape[1:] for part in found}
        if len(shapes) > 1:
            raise ArgumentError(
                f"batches have {what} of the shapes {sorted(shapes)}; give all one shape"
            )
    return found


def class_count(found: list[Batch]) -> int:
    """One more than the largest class; of numbers, how many there are a sample."""
    if found[0][1].ndim > 1:
        return int(found[0][1].shape[-1])
    return max(int(part.max()) for _, part in found) + 1


def _sample_form(values: Floats) -> Floats:
    if values.ndim == 2:
        return values.reshape(*values.shape, 1, 1)
    if values.ndim in (4, 5):
        return values
    raise ArgumentError(
        f"x has shape {values.shape}; give [B, N], [B, C, H, W] or [B, T, C, H, W]"
    )


def _targets(y: Any) -> NDArray[Any]:
    """Classes `[B]`, or numbers `[B, K]` or `[B, T, K]`."""
    try:
        values = np.asarray(y)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ArgumentError(f"y is no array of numbers: {' '.join(str(error).split())}") from error
    if values.dtype.kind == "f" and values.ndim in (1, 2, 3) and values.size:
        numbers = floats(values, "y")
        if numbers.ndim > 1:
            return numbers
        # Classes that a table or a computation made floats of would train another network.
        if np.array_equal(numbers, np.round(numbers)):
            raise ArgumentError(
                f"y is of {values.dtype} and holds whole numbers; give classes as a whole number type, and "
                "numbers for the loss squaredError as [B, 1]"
            )
        return numbers[:, None]
    if values.ndim != 1 or values.dtype.kind not in "iu" or values.size == 0:
        raise ArgumentError(
            f"y is of {values.dtype} with shape {values.shape}; give the class of each sample as a whole "
            "number, or for the loss squaredError numbers of a floating type"
        )
    if values.min() < 0 or values.max() > 2**31 - 2:
        wrong = values.min() if values.min() < 0 else values.max()
        raise ArgumentError(f"y has the class {wrong}; classes are counted from 0")
    return np.ascontiguousarray(values, np.int32)


def held(found: list[Batch], classes: int) -> Handle:
    """A copy of them that the library holds."""
    if not isinstance(classes, (int, np.integer)) or not 1 <= classes < 2**31:
        raise ArgumentError(f"classes is {classes!r}; give a whole number from 1")
    shape = found[0][0].shape[1:]
    lengths = (c_int64 * len(shape))(*shape)
    targets = found[0][1].shape[1:]
    if targets:
        handle = Handle(
            "samples",
            library.counterspike_samples_create_numbers,
            library.counterspike_samples_destroy,
            lengths,
            len(shape),
            (c_int64 * len(targets))(*targets),
            len(targets),
        )
        append = library.counterspike_samples_append_numbers
    else:
        handle = Handle(
            "samples",
            library.counterspike_samples_create,
            library.counterspike_samples_destroy,
            lengths,
            len(shape),
            int(classes),
        )
        append = library.counterspike_samples_append
    status = Status()
    for values, part in found:
        check(
            append(
                handle.address, len(part), values.ctypes.data, part.ctypes.data, byref(status)
            ),
            status,
        )
    return handle
