"""Spiking neural networks trained on a CPU by neighborhood aggregation."""

from ._errors import (
    ArgumentError,
    ClosedError,
    CounterspikeError,
    DivergedError,
    FileError,
    LibraryError,
    MismatchError,
    RecipeError,
    StoppedError,
)
from ._library import version

__version__ = version()

__all__ = [
    "ArgumentError",
    "ClosedError",
    "CounterspikeError",
    "DivergedError",
    "FileError",
    "LibraryError",
    "MismatchError",
    "RecipeError",
    "StoppedError",
    "__version__",
]
