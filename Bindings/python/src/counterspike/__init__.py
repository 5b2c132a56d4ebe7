"""Spiking neural networks trained on a CPU by neighborhood aggregation."""

from ._classifier import Classifier
from ._errors import (
    ArgumentError,
    ClosedError,
    CounterspikeError,
    DivergedError,
    FileError,
    LibraryError,
    MismatchError,
    NotFittedError,
    RecipeError,
)
from ._library import version
from ._network import LayerTrace, Network
from ._training import train

__version__ = version()

__all__ = [
    "ArgumentError",
    "Classifier",
    "ClosedError",
    "CounterspikeError",
    "DivergedError",
    "FileError",
    "LayerTrace",
    "LibraryError",
    "MismatchError",
    "Network",
    "NotFittedError",
    "RecipeError",
    "__version__",
    "train",
]
