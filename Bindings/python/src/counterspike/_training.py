"""Training on arrays and batches."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from ctypes import byref, c_int64, create_string_buffer
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._errors import ArgumentError, FileError, RecipeError
from ._handles import Handle
from ._library import Status, check, library
from ._network import Floats, Network, floats

Event = dict[str, Any]


def train(
    recipe: str | os.PathLike[str] | Mapping[str, Any],
    x: Any,
    y: ArrayLike | None = None,
    *,
    validation: Any = None,
    classes: int | None = None,
    callback: Callable[[Event], bool | None] | None = None,
    threads: int = 0,
) -> Network:
    """Trains a network by a recipe on samples in memory.

    The result has the same bytes as that of the command for the same recipe and the same numbers. Ctrl-C stops
    the training behind the present step and raises KeyboardInterrupt.

    Args:
        recipe: a YAML file's path, YAML text, or a mapping; the section ``data`` has no say.
        x: static inputs ``[B, C, H, W]`` or spike trains ``[B, T, C, H, W]``, ``[B, N]`` for B samples of N
            static values, or with ``y`` left out an iterable of batches ``(x, y)`` such as a PyTorch
            ``DataLoader``. All samples are copied before training begins.
        y: the class of each sample, 0 ..< K.
        validation: ``(x, y)`` or an iterable of batches that epochs are judged by; None: by none.
        classes: K; None: the largest class and one more.
        callback: told every event, a dictionary whose ``event`` is ``step``, ``epoch`` or ``warning``; training
            stops where it returns True.
        threads: 0: one a processor. They change nothing but the speed.

    Returns:
        The network of the epoch that the recipe's ``training.modelSelection`` chooses.

    Raises:
        CounterspikeError: the recipe, the samples or the training went wrong.
    """
    training_batches = _batches(x, y)
    validation_batches = None
    if validation is not None:
        pair = isinstance(validation, tuple) and len(validation) == 2
        validation_batches = _batches(*validation) if pair else _batches(validation, None)
    if classes is None:
        labels = [labels for _, labels in training_batches + (validation_batches or [])]
        classes = int(max(int(part.max()) for part in labels)) + 1
    held = _samples(training_batches, classes)
    judged = None if validation_batches is None else _samples(validation_batches, classes)
    handle = Handle(
        "training",
        library.counterspike_training_start,
        library.counterspike_training_destroy,
        _text(recipe).encode(),
        held.address,
        None if judged is None else judged.address,
        threads,
    )
    try:
        _follow(handle, callback)
        return Network(
            Handle(
                "network",
                library.counterspike_training_network,
                library.counterspike_network_destroy,
                handle.address,
            )
        )
    finally:
        handle.close()  # Stops it where an exception or Ctrl-C came.


def _follow(handle: Handle, callback: Callable[[Event], bool | None] | None) -> None:
    """Waits for the end, and tells what happens."""
    text = create_string_buffer(1 << 16)
    status = Status()
    while True:
        # Short waits, between which Python sees signals.
        check(
            library.counterspike_training_next(
                handle.address, 50, text, len(text), byref(status)
            ),
            status,
        )
        if not text.value:
            continue
        event: Event = json.loads(text.value)
        if event["event"] == "end":
            return
        if callback is not None and callback(event) is True:
            library.counterspike_training_stop(handle.address)
            callback = None


def _text(recipe: str | os.PathLike[str] | Mapping[str, Any]) -> str:
    """The recipe's YAML, of which JSON is a part."""
    if isinstance(recipe, Mapping):
        try:
            return json.dumps(recipe)
        except (TypeError, ValueError) as error:
            raise RecipeError(
                f"the recipe holds what no recipe can: {error}; give texts, numbers, lists and mappings"
            ) from error
    if not isinstance(recipe, (str, os.PathLike)):
        raise ArgumentError(
            f"the recipe is a {type(recipe).__name__}; give a mapping, YAML text or a file's path"
        )
    is_path = isinstance(recipe, os.PathLike) or (
        "\n" not in recipe and ":" not in recipe and recipe.endswith((".yaml", ".yml"))
    )
    text = _file(recipe) if is_path else str(recipe)
    if "\0" in text:
        raise RecipeError("the recipe has a character 0; give YAML text")
    return text


def _file(path: str | os.PathLike[str]) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise FileError(f"the recipe “{os.fspath(path)}” cannot be read: {reason}") from error


Batch = tuple[Floats, "np.ndarray[Any, np.dtype[np.int32]]"]


def _batches(x: Any, y: Any) -> list[Batch]:
    """Samples and classes, batch by batch, each sample `[C, H, W]` or `[T, C, H, W]`."""
    if y is None and hasattr(x, "__array__"):
        raise ArgumentError("y is missing; give the class of each sample")
    pairs: Iterable[Any] = [(x, y)] if y is not None else x
    batches: list[Batch] = []
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ArgumentError("a batch is no pair (x, y); give samples and their classes")
        batches.append((_sample_form(floats(pair[0], "x")), _classes(pair[1])))
        if len(batches[-1][0]) != len(batches[-1][1]):
            raise ArgumentError(
                f"there are {len(batches[-1][0])} samples and {len(batches[-1][1])} classes; give each "
                "sample its own"
            )
    if not batches:
        raise ArgumentError("there are no batches; give at least one sample")
    shapes = {values.shape[1:] for values, _ in batches}
    if len(shapes) > 1:
        raise ArgumentError(f"batches have samples of the shapes {sorted(shapes)}; give all one shape")
    return batches


def _sample_form(values: Floats) -> Floats:
    if values.ndim == 2:
        return values.reshape(*values.shape, 1, 1)
    if values.ndim in (4, 5):
        return values
    raise ArgumentError(
        f"x has shape {values.shape}; give [B, N], [B, C, H, W] or [B, T, C, H, W]"
    )


def _classes(y: Any) -> Any:
    labels = np.asarray(y)
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or labels.size == 0:
        raise ArgumentError(
            f"y is of {labels.dtype} with shape {labels.shape}; give the class of each sample as a whole number"
        )
    if labels.min() < 0 or labels.max() > 2**31 - 2:
        raise ArgumentError(f"y has the class {labels.min()}; classes are counted from 0")
    return np.ascontiguousarray(labels, np.int32)


def _samples(batches: list[Batch], classes: int) -> Handle:
    shape = batches[0][0].shape[1:]
    handle = Handle(
        "samples",
        library.counterspike_samples_create,
        library.counterspike_samples_destroy,
        (c_int64 * len(shape))(*shape),
        len(shape),
        classes,
    )
    status = Status()
    for values, labels in batches:
        check(
            library.counterspike_samples_append(
                handle.address, len(labels), values.ctypes.data, labels.ctypes.data, byref(status)
            ),
            status,
        )
    return handle
