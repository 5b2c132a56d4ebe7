"""Training on arrays and batches."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from ctypes import byref, create_string_buffer
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from ._errors import ArgumentError, FileError, RecipeError
from ._handles import Handle
from ._library import Status, check, library
from ._network import Network
from ._samples import batches, class_count, held

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

    The result has the same bytes as that of the command for the same recipe and the same numbers; the command
    standardizes images and points before, and nothing is changed here. Ctrl-C stops the training behind the present
    step and raises KeyboardInterrupt.

    Args:
        recipe: a YAML file's path, YAML text, or a mapping; the section ``data`` has no say.
        x: static inputs ``[B, C, H, W]`` or spike trains ``[B, T, C, H, W]``, ``[B, N]`` for B samples of N
            static values, or with ``y`` left out an iterable of batches ``(x, y)`` such as a PyTorch
            ``DataLoader``. All samples are copied before training begins.
        y: the class of each sample, 0 ..< K, or for the loss squaredError numbers of a floating type, ``[B, K]``
            or ``[B, T, K]``; ``[B]`` where K is 1.
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
    training = batches(x, y)
    judging = None
    if validation is not None:
        pair = isinstance(validation, tuple) and len(validation) == 2
        judging = batches(*validation) if pair else batches(validation, None)
    if classes is None:
        classes = class_count(training + (judging or []))
    samples = held(training, classes)
    judged = None if judging is None else held(judging, classes)
    handle = Handle(
        "training",
        library.counterspike_training_start,
        library.counterspike_training_destroy,
        _text(recipe).encode(),
        samples.address,
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
