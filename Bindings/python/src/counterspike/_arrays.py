"""Arrays as the library takes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._errors import ArgumentError

Floats = NDArray[np.float32]


def floats(x: ArrayLike, name: str) -> Floats:
    """Numbers as the library takes them: 32-bit floats in one piece, a copy only where they are not."""
    try:
        values = np.asarray(x)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ArgumentError(f"{name} is no array of numbers: {' '.join(str(error).split())}") from error
    if values.dtype == object or values.dtype.kind not in "fiub":
        raise ArgumentError(f"{name} is of {values.dtype}; give numbers")
    if values.size == 0:
        raise ArgumentError(f"{name} has shape {values.shape}; give at least one sample")
    return np.ascontiguousarray(values, np.float32)
