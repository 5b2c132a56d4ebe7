"""What an audit found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LayerAudit:
    """How well the gradient of one layer predicts the effect of single spikes."""

    name: str
    rule: str
    flips: int
    """How many spikes were inverted."""
    effective: int
    """How many of them changed the loss."""
    correlation: float | None
    """Of the predicted and the true change of the loss; None: one of them does not vary."""
    sign_agreement: float | None
    """Share of the flips with an effect whose sign is predicted right; None: none has an effect."""
    scale: float | None
    """Slope of the predicted over the true change; 1 is right."""
    predicted: tuple[float, ...]
    true: tuple[float, ...]


@dataclass(frozen=True)
class Descent:
    """The loss behind steps of several lengths against the gradient of all parameters."""

    before: float
    steps: tuple[float, ...]
    """Lengths, as a share of the parameters' norm."""
    losses: tuple[float, ...]

    @property
    def lowest(self) -> float:
        """The lowest loss of all steps."""
        return min(self.losses)


@dataclass(frozen=True)
class TorchAudit:
    """The result of :func:`counterspike.torch.audit`; as text, a table."""

    loss: float
    layers: tuple[LayerAudit, ...]
    descent: Descent | None
    """None: the model has no trained parameter, or its gradient is zero."""

    def table(self) -> list[dict[str, Any]]:
        """One row a layer, such as ``pandas.DataFrame`` takes."""
        names = ("name", "rule", "flips", "effective", "correlation", "sign_agreement", "scale")
        return [{name: getattr(layer, name) for name in names} for layer in self.layers]

    def __str__(self) -> str:
        head = ["layer", "rule", "flips", "with effect", "r", "sign", "scale"]
        rows = [head]
        for layer in self.layers:
            numbers = (layer.correlation, layer.sign_agreement, layer.scale)
            rows.append(
                [layer.name, layer.rule, str(layer.flips), str(layer.effective)]
                + ["–" if number is None else f"{number:.2f}" for number in numbers]
            )
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        lines = [
            "  ".join(
                cell.ljust(width) if column < 2 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths))
            ).rstrip()
            for row in rows
        ]
        if self.descent is not None:
            lines.append(f"loss {self.loss:.6g}; behind steps against the gradient:")
            lines += [
                f"  {100 * step:g} % of the parameters' norm: {loss:.6g}"
                for step, loss in zip(self.descent.steps, self.descent.losses)
            ]
        return "\n".join(lines)
