"""Layers of leaky integrate-and-fire neurons for PyTorch networks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from .. import _neurons
from .._errors import ArgumentError
from . import _operators, _step  # noqa: F401  (define torch.ops.counterspike)
from ._memory import not_divided


class LIFState(NamedTuple):
    """The state of neurons between two time steps, each of the shape of one step's currents."""

    membrane: Tensor | None = None
    """v, the membrane potential behind the reset; None: zero."""
    psc: Tensor | None = None
    """a, the post-synaptic current; None: zero, and without a synapse always None."""
    adaptation: Tensor | None = None
    """b, the recent firing rate that an adaptive threshold goes by; None: zero, or not adaptive."""


class LIF(nn.Module):
    """Leaky integrate-and-fire neurons over all time steps at once.

    ``u[t] = (1 − 1/τ_m)·v[t−1] + c[t]``, a spike where ``u[t] > threshold``, v behind the reset. The output
    is the spikes, or with ``tau_s`` the post-synaptic current ``a[t] = (1 − 1/τ_s)·a[t−1] + s[t]/τ_s``.

    Forward pass and gradient are Counterspike's kernels. The gradient is not autograd's: ``rule`` says what
    stands for the derivative of a spike. ``"neighborhood"`` asks of every neuron and time step what the loss
    would have been with the other spike, replaying the neuron; the others are ``"surrogate"``,
    ``"tsslbp"`` and ``"slayer"``. Their settings are given by the names that a recipe has for them, in
    Python's spelling: ``LIF(5, rule="surrogate", shape="arctangent", width=0.64, reset_gradient=True)``.
    Of the rule ``"neighborhood"``, ``error`` is ``"exact"`` unless it is given.

    Args:
        tau_m: membrane time constant in time steps, > 1.
        tau_s: synaptic time constant in time steps, > 1; None: no synapse.
        threshold: > 0.
        reset: ``"zero"``, ``"subtraction"`` or ``"none"``.
        rule: of the gradient.
        adaptation: ``{"strength": β, "time_constant": τ_b}`` of an adaptive threshold; None: none.
        learn: which of ``"tau_m"``, ``"tau_s"`` and ``"threshold"`` are trained, one number a layer.
        pool: windows that the output is pooled over, ``2`` or ``(2, 3)`` rows and columns, as by a
            ``torch.nn.AvgPool2d`` of that size behind the layer; None: no pooling. Pooled here, the
            output is never in memory as a whole, nor is its gradient, which saves much time.
        pool_mode: ``"mean"``, or ``"sum"``: without the division by the window's size.

    Shape:
        ``[T, …]`` to ``[T, …]``, 32-bit floats on the CPU; half precision is converted. With ``pool``
        ``[T, …, H, W]`` to ``[T, …, H / rows, W / columns]``; the windows must divide H and W.
    """

    def __init__(
        self,
        tau_m: float = 5.0,
        tau_s: float | None = None,
        threshold: float = 1.0,
        reset: str = "zero",
        rule: str = "neighborhood",
        *,
        adaptation: Mapping[str, float] | None = None,
        learn: Iterable[str] = (),
        pool: int | tuple[int, int] | None = None,
        pool_mode: str = "mean",
        **rule_settings: Any,
    ) -> None:
        super().__init__()
        if tau_s is not None and not tau_s > 1:
            raise ArgumentError(f"tau_s is {tau_s}; give a number > 1, or None for no synapse")
        if rule == "neighborhood":
            rule_settings.setdefault("error", "exact")
        self.rule = rule
        self.reset = reset
        self.rule_settings = dict(rule_settings)
        self.adaptation = None if adaptation is None else dict(adaptation)
        self.pool = None if pool is None else _window(pool)
        self.pool_mode = pool_mode
        if pool_mode not in ("mean", "sum"):
            raise ArgumentError(f"pool_mode is {pool_mode!r}; it must be 'mean' or 'sum'")
        self._has_synapse = tau_s is not None
        self._initial = {
            "tau_m": float(tau_m),
            "tau_s": 1.0 if tau_s is None else float(tau_s),
            "threshold": float(threshold),
        }
        self._settings = _neurons.settings(
            tau_m=self._initial["tau_m"],
            tau_s=self._initial["tau_s"],
            threshold=self._initial["threshold"],
            reset=reset,
            rule=rule,
            adaptation=(
                None
                if adaptation is None
                else {_neurons.camel(name): value for name, value in adaptation.items()}
            ),
            rule_settings=self.rule_settings,
        )
        _neurons.neurons(self._settings)  # Refused settings are refused here.
        self.learn = tuple(dict.fromkeys(learn))
        for name in self.learn:
            if name not in self._initial or (name == "tau_s" and tau_s is None):
                raise ArgumentError(
                    f"“{name}” cannot be learned; what can: tau_m, threshold, and tau_s where there is a "
                    "synapse"
                )
            self.register_parameter(f"{name}_weight", nn.Parameter(self._argument(name)))

    def _argument(self, name: str) -> Tensor:
        """w of a constant: τ = 1 + eʷ, θ = ln(1 + eʷ), so that w may have any value."""
        value = self._initial[name]
        if name == "threshold":
            return torch.tensor(value + math.log(-math.expm1(-value)))
        return torch.tensor(math.log(value - 1))

    def _constant(self, name: str) -> Tensor:
        if name not in self.learn:
            return torch.tensor(self._initial[name], dtype=torch.float64)
        w = getattr(self, f"{name}_weight").double()
        return nn.functional.softplus(w) if name == "threshold" else 1 + torch.exp(w)

    @property
    def tau_m(self) -> float:
        """The membrane time constant as it is now, in time steps."""
        return self._constant("tau_m").item()

    @property
    def tau_s(self) -> float | None:
        """The synaptic time constant as it is now; None: no synapse."""
        return self._constant("tau_s").item() if self._has_synapse else None

    @property
    def threshold(self) -> float:
        """The threshold as it is now, without adaptation."""
        return self._constant("threshold").item()

    def _constants(self) -> Tensor | None:
        if not self.learn:
            return None
        return torch.stack([self._constant(name) for name in ("tau_m", "tau_s", "threshold")])

    @property
    def pool_factor(self) -> float:
        """What the sum over a window is multiplied by."""
        if self.pool is None or self.pool_mode == "sum":
            return 1.0
        return 1 / (self.pool[0] * self.pool[1])

    def forward(
        self,
        current: Tensor,
        state: LIFState | None = None,
        *,
        repeat: int | None = None,
        return_state: bool = False,
    ) -> Any:
        """Runs all time steps.

        Args:
            current: ``[T, …]``; with ``repeat`` one step's, ``[…]``.
            repeat: T, of currents that are the same at every step, such as those of a still image: they and
                their gradient then take the memory of one step.
            state: that of a series before; backpropagation ends at it.
            return_state: whether the state behind the last step is wanted.

        Returns:
            The output ``[T, …]``, and with ``return_state`` that and a :class:`LIFState`.
        """
        return self._run(current, state, repeat, return_state, self.pool)

    def unpooled(
        self, current: Tensor, state: LIFState | None = None, *, return_state: bool = False
    ) -> Any:
        """What :meth:`forward` gives of a layer without ``pool``."""
        return self._run(current, state, None, return_state, None)

    def _run(
        self,
        current: Tensor,
        state: LIFState | None,
        repeat: int | None,
        return_state: bool,
        pool: tuple[int, int] | None,
    ) -> Any:
        before = state or LIFState()
        if repeat is not None:
            if repeat < 1:
                raise ArgumentError(f"repeat is {repeat}; it must be a number of time steps, at least 1")
            if before.membrane is not None and torch.is_grad_enabled():
                # The gradient of repeated currents begins at rest.
                current, repeat = current.expand(repeat, *current.shape), None
        output, membrane, psc, adaptation = torch.ops.counterspike.neurons(
            _single(current),
            _detached(before.membrane),
            _detached(before.psc),
            _detached(before.adaptation),
            self._constants(),
            self._settings,
            return_state,
            repeat,
            pool,
            self.pool_factor,
        )
        if not return_state:
            return output
        return output, LIFState(
            membrane.detach(),
            psc.detach() if self._has_synapse else None,
            adaptation.detach() if self.adaptation is not None else None,
        )

    def step(self, current: Tensor, state: LIFState | None = None) -> tuple[Tensor, LIFState]:
        """Runs one time step; the gradient goes on through the state.

        With the rule ``"neighborhood"`` a spike is inverted within the step, and what its membrane does
        afterwards goes on to first order: whole series are replayed by :meth:`forward` alone. The others
        give the same gradient either way.

        Args:
            current: ``[…]``, one step's.
            state: what the step before gave; None: at rest.

        Returns:
            The output ``[…]``, and the state behind the step.
        """
        if self.learn:
            raise ArgumentError(
                f"{', '.join(self.learn)} cannot be learned one step at a time; give all time steps at once"
            )
        before = state or LIFState()
        output, membrane, adaptation = torch.ops.counterspike.neurons_step(
            _single(current),
            before.membrane,
            before.psc if self._has_synapse else None,
            before.adaptation if self.adaptation is not None else None,
            self._settings,
        )
        return self._pooled(output), LIFState(
            membrane,
            output if self._has_synapse else None,
            adaptation if self.adaptation is not None else None,
        )

    def _pooled(self, output: Tensor) -> Tensor:
        """One step's output, pooled by PyTorch."""
        if self.pool is None:
            return output
        (height, width), (rows, columns) = output.shape[-2:], self.pool
        if height % rows != 0 or width % columns != 0:
            raise ArgumentError(not_divided(height, width, self.pool))
        planes = output.reshape(-1, 1, height, width)
        pooled = nn.functional.avg_pool2d(
            planes, self.pool, divisor_override=1 if self.pool_mode == "sum" else None
        )
        return pooled.reshape(*output.shape[:-2], height // rows, width // columns)

    def extra_repr(self) -> str:
        parts = [f"tau_m={self.tau_m:g}"]
        if self._has_synapse:
            parts.append(f"tau_s={self.tau_s:g}")
        parts += [f"threshold={self.threshold:g}", f"reset={self.reset!r}", f"rule={self.rule!r}"]
        if self.adaptation is not None:
            parts.append(f"adaptation={self.adaptation}")
        if self.pool is not None:
            parts += [f"pool={self.pool}", f"pool_mode={self.pool_mode!r}"]
        if self.learn:
            parts.append(f"learn={self.learn}")
        return ", ".join(parts + [f"{name}={value!r}" for name, value in self.rule_settings.items()])


class LIFCell(LIF):
    """:class:`LIF` over one time step: ``output, state = cell(current, state)``, see :meth:`LIF.step`."""

    def forward(  # type: ignore[override]
        self, current: Tensor, state: LIFState | None = None
    ) -> tuple[Tensor, LIFState]:
        return self.step(current, state)


def _single(current: Tensor) -> Tensor:
    """Half precision becomes single; anything else is refused by the operator."""
    return current.float() if current.dtype in (torch.float16, torch.bfloat16) else current


def _detached(tensor: Tensor | None) -> Tensor | None:
    return None if tensor is None else tensor.detach()


def _window(pool: Any) -> tuple[int, int]:
    """Rows and columns of the windows."""
    sizes = tuple(pool) if isinstance(pool, (tuple, list)) else (pool, pool)
    if len(sizes) != 2 or any(
        not isinstance(size, int) or isinstance(size, bool) or size < 1 for size in sizes
    ):
        raise ArgumentError(
            f"pool is {pool!r}; give a whole number from 1, or two of them for rows and columns"
        )
    return sizes[0], sizes[1]
