"""Layers of neurons over raw memory, by address: what `counterspike.torch` is made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from ctypes import byref, c_double
from functools import lru_cache
from typing import Any, NamedTuple

from ._library import NeuronsInput, NeuronsState, NeuronsWindows, Status, check, error, library

Address = int | None


class Windows(NamedTuple):
    """Windows that the output is summed over; neurons are `[…, rows, columns, channels]` in memory."""

    height: int
    width: int
    columns: int
    channels: int
    factor: float
    """What a sum is multiplied by."""


def _windows(windows: Windows | None) -> Any:
    return None if windows is None else byref(NeuronsWindows(*windows))


class Neurons:
    """Neurons and their rule; `settings` is a recipe in JSON or YAML. Never destroyed."""

    def __init__(self, settings: str) -> None:
        status = Status()
        self._handle: int | None = library.counterspike_neurons_create(
            settings.encode(), byref(status)
        )
        if not self._handle:
            raise error(status)

    @staticmethod
    def _input(
        steps: int,
        count: int,
        currents: Address,
        state: Sequence[Address],
        constants: Sequence[float] | None,
        threads: int,
        repeats: bool = False,
    ) -> NeuronsInput:
        values = None if constants is None else (c_double * 3)(*constants)
        return NeuronsInput(steps, count, currents, *state, values, threads, repeats)

    def forward(
        self,
        steps: int,
        count: int,
        currents: Address,
        output: Address,
        before: Sequence[Address] = (None, None, None),
        after: Sequence[Address] = (None, None, None),
        constants: Sequence[float] | None = None,
        threads: int = 1,
        repeats: bool = False,
        windows: Windows | None = None,
    ) -> None:
        """Writes the output, `[steps, count]`, and the state behind it; `repeats`: currents are `[count]`;
        `windows`: the output is summed over them."""
        status = Status()
        given = self._input(steps, count, currents, before, constants, threads, repeats)
        check(
            library.counterspike_neurons_forward_pooled(
                self._handle, byref(given), _windows(windows), output, *after, byref(status)
            ),
            status,
        )

    def backward(
        self,
        steps: int,
        count: int,
        currents: Address,
        gradient: Address,
        deltas: Address,
        before: Sequence[Address] = (None, None, None),
        constants: Sequence[float] | None = None,
        needs_constants: bool = False,
        threads: int = 1,
        repeats: bool = False,
        windows: Windows | None = None,
    ) -> tuple[float, float, float]:
        """Writes the gradient with respect to the currents; returns those of τ_m, τ_s and θ."""
        status = Status()
        given = self._input(steps, count, currents, before, constants, threads, repeats)
        sums = (c_double * 3)()
        check(
            library.counterspike_neurons_backward_pooled(
                self._handle,
                byref(given),
                _windows(windows),
                gradient,
                deltas,
                sums if needs_constants else None,
                byref(status),
            ),
            status,
        )
        return sums[0], sums[1], sums[2]

    def step_backward(
        self,
        count: int,
        currents: Address,
        gradient: Address,
        behind: Sequence[Address],
        deltas: Address,
        result: Sequence[Address],
        before: Sequence[Address] = (None, None, None),
        threads: int = 1,
    ) -> None:
        """Writes the gradients of one step with respect to its currents and the state before it."""
        status = Status()
        given = self._input(1, count, currents, before, None, threads)
        check(
            library.counterspike_neurons_step_backward(
                self._handle,
                byref(given),
                gradient,
                byref(NeuronsState(*behind)),
                deltas,
                byref(NeuronsState(*result)),
                byref(status),
            ),
            status,
        )


@lru_cache(maxsize=None)
def neurons(settings: str) -> Neurons:
    """The neurons of some settings, made once."""
    return Neurons(settings)


def camel(name: str) -> str:
    """`reset_gradient` as a recipe has it, `resetGradient`."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def settings(
    *,
    tau_m: float,
    tau_s: float,
    threshold: float,
    reset: str,
    rule: str,
    adaptation: dict[str, float] | None,
    rule_settings: dict[str, Any],
) -> str:
    """The recipe of neurons and their rule."""
    neuron: dict[str, Any] = {
        "membraneTimeConstant": tau_m,
        "synapticTimeConstant": tau_s,
        "threshold": threshold,
        "reset": reset,
    }
    if adaptation is not None:
        neuron["adaptation"] = adaptation
    gradient: dict[str, Any] = {"rule": rule}
    if rule_settings:
        gradient[rule] = {camel(name): value for name, value in rule_settings.items()}
    return json.dumps({"network": {"neuron": neuron}, "gradient": gradient}, sort_keys=True)
