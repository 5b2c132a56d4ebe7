"""Trained networks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from ctypes import byref
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arrays import Floats, floats
from ._errors import ArgumentError
from ._handles import Handle
from ._library import AuditSettings, Status, check, library
from ._samples import batches, held


@dataclass(frozen=True)
class LayerTrace:
    """What a layer's neurons did, ``[T, B, C, H, W]`` each; dense layers have H = W = 1."""

    name: str
    currents: Floats
    membrane: Floats
    """The membrane potential before the reset."""
    spikes: Floats
    psc: Floats
    """The post-synaptic current, what the next layer sees."""


class Network:
    """A trained network: from :func:`counterspike.train`, or from a run by :meth:`load`."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        about = handle.describe(library.counterspike_network_describe)
        self.time_steps: int = about["timeSteps"]
        self.input_shape: tuple[int, ...] = tuple(about["inputShape"])
        """[C, H, W] of one time step."""
        self.classes: int = about["classes"]
        self.is_regression: bool = about["isRegression"]
        """Whether it was trained on numbers, of which it predicts ``classes`` ones."""
        self.recipe: str = about["recipe"]
        """The recipe in YAML, every key spelled out."""
        self._parameters: list[dict[str, Any]] = about["parameters"]

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Network:
        """The network of a run's folder, or of one of its checkpoints."""
        return cls(
            Handle(
                "network",
                library.counterspike_network_load,
                library.counterspike_network_destroy,
                os.fsencode(path),
            )
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a checkpoint in safetensors, which the command reads, too."""
        status = Status()
        check(
            library.counterspike_network_save(
                self._handle.address, os.fsencode(path), byref(status)
            ),
            status,
        )

    @property
    def weights(self) -> Mapping[str, Floats]:
        """A copy of every parameter by its name, such as ``conv_1.weight``."""
        result: dict[str, Floats] = {}
        status = Status()
        for index, parameter in enumerate(self._parameters):
            values = np.empty(parameter["shape"], np.float32)
            check(
                library.counterspike_network_weights(
                    self._handle.address, index, values.ctypes.data, values.size, byref(status)
                ),
                status,
            )
            result[parameter["id"]] = values
        return result

    def scores(self, x: ArrayLike, *, threads: int = 0) -> Floats:
        """The score of each class, ``[B, K]``; the largest one is the prediction. In regression, the K numbers.

        Args:
            x: static inputs ``[B, C, H, W]`` or spike trains ``[B, T, C, H, W]``; where C or H and W are 1,
                also without these axes.
            threads: 0: one a processor. They change nothing but the speed.
        """
        samples = self._samples(x)
        result = np.empty((len(samples), self.classes), np.float32)
        status = Status()
        check(
            library.counterspike_network_predict(
                self._handle.address,
                len(samples),
                samples.ndim - 1,
                samples.ctypes.data,
                result.ctypes.data,
                threads,
                byref(status),
            ),
            status,
        )
        return result

    def predict(self, x: ArrayLike, *, threads: int = 0) -> NDArray[Any]:
        """The class of each sample, ``[B]``; ``x`` as for :meth:`scores`. In regression, the numbers ``[B, K]``."""
        if self.is_regression:
            return self.scores(x, threads=threads)
        classes: NDArray[np.int64] = np.argmax(self.scores(x, threads=threads), axis=1)
        return classes

    def trace(self, x: ArrayLike) -> list[LayerTrace]:
        """What every layer does with some samples, ``x`` as for :meth:`scores`; all arrays are in memory."""
        samples = self._samples(x)
        handle = Handle(
            "trace",
            library.counterspike_network_trace,
            library.counterspike_trace_destroy,
            self._handle.address,
            len(samples),
            samples.ndim - 1,
            samples.ctypes.data,
        )
        layers = handle.describe(library.counterspike_trace_describe)["layers"]
        result = []
        status = Status()
        for index, layer in enumerate(layers):
            arrays = []
            for what in range(4):
                values = np.empty(layer["shape"], np.float32)
                check(
                    library.counterspike_trace_read(
                        handle.address, index, what, values.ctypes.data, values.size, byref(status)
                    ),
                    status,
                )
                arrays.append(values)
            result.append(LayerTrace(layer["name"], *arrays))
        handle.close()
        return result

    def audit(
        self,
        x: Any,
        y: ArrayLike | None = None,
        *,
        samples: int = 32,
        flips: int = 2000,
        perturbations: int = 100,
        seed: int = 1,
        threads: int = 0,
    ) -> dict[str, Any]:
        """Measures which gradient rule tells the truth about the network, as the command ``audit`` does.

        Args:
            x, y: as for :func:`counterspike.train`.
            samples: how many of them are taken.
            flips: inverted spikes a layer.
            perturbations: antithetic pairs of perturbed weights a layer.
            seed: of what is drawn; the same seed gives the same audit.

        Returns:
            What the command prints as JSON: ``layers`` with correlation, sign agreement and scale by rule,
            ``descent``, ``cosines`` and more.
        """
        for name, value in (("samples", samples), ("flips", flips), ("perturbations", perturbations)):
            if not isinstance(value, int) or not 1 <= value <= 1_000_000:
                raise ArgumentError(f"{name} is {value!r}; give a whole number from 1 to 1000000")
        if not isinstance(seed, int) or not 0 <= seed < 2**64:
            raise ArgumentError(f"seed is {seed!r}; give a whole number from 0 to 2**64 - 1")
        given = held(batches(x, y), self.classes)
        settings = AuditSettings(samples, flips, perturbations, seed)
        handle = Handle(
            "audit",
            library.counterspike_network_audit,
            library.counterspike_audit_destroy,
            self._handle.address,
            given.address,
            byref(settings),
            threads,
        )
        try:
            return handle.describe(library.counterspike_audit_describe)
        finally:
            handle.close()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are checkpoints."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "network.safetensors")
            self.save(path)
            with open(path, "rb") as file:
                return _read, (file.read(),)

    def close(self) -> None:
        """Frees the network now."""
        self._handle.close()

    def _samples(self, x: ArrayLike) -> Floats:
        values = floats(x, "x")
        static = (values.shape[0] if values.ndim else 0, *self.input_shape)
        series = (static[0], self.time_steps, *self.input_shape)
        for shape in (static, series):
            if values.ndim and _squeezed(values.shape) == _squeezed(shape):
                return values.reshape(shape)
        raise ArgumentError(
            f"x has shape {values.shape}; the network takes [B, C, H, W] or [B, T, C, H, W] with "
            f"[C, H, W] = {list(self.input_shape)} and T = {self.time_steps}"
        )

    def __repr__(self) -> str:
        return (
            f"<counterspike.Network {list(self.input_shape)} to {self.classes} classes, "
            f"{self.time_steps} time steps>"
        )


def _read(checkpoint: bytes) -> Network:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "network.safetensors")
        with open(path, "wb") as file:
            file.write(checkpoint)
        return Network.load(path)


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape with its axes of length 1 left out, but for the samples."""
    return (shape[0], *(length for length in shape[1:] if length != 1))
