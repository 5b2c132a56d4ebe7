"""PyTorch's own threads for our neurons, too.

OpenMP's threads wait for more work in a loop for some milliseconds. Threads of ours, beside them, would get half a
processor.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import torch

from .._library import library


def _libraries() -> Iterator[str]:
    """Names of the OpenMP library that PyTorch may have loaded: its own, or the system's."""
    folder = Path(torch.__file__).parent
    for place in (folder / "lib", folder.parent / "torch.libs"):
        for name in ("libgomp*.so*", "libiomp5*.so*", "libomp*.so*"):
            yield from map(str, sorted(place.glob(name)))
    yield from ("libgomp.so.1", "libiomp5.so", "libomp.so")


def share() -> bool:
    """Lets the neurons work on PyTorch's threads; False: they keep threads of their own."""
    if not sys.platform.startswith("linux"):
        return False
    if "parallel backend: OpenMP" not in torch.__config__.parallel_info():
        return False
    for name in _libraries():
        try:
            # Only what is loaded already, so that no second OpenMP comes into the process.
            openmp = ctypes.CDLL(name, mode=os.RTLD_NOLOAD | os.RTLD_LAZY)
            parallel = ctypes.cast(openmp.GOMP_parallel, ctypes.c_void_p)
        except (OSError, AttributeError):
            continue
        library.counterspike_use_threads(parallel)
        return True
    return False
