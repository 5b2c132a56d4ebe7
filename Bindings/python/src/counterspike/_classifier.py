"""A classifier with scikit-learn's methods, which does not need scikit-learn."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arrays import Floats, floats
from ._errors import ArgumentError, NotFittedError
from ._network import Network
from ._training import train


class Classifier:
    """A spiking network as a scikit-learn estimator: for pipelines, cross-validation and searches.

    Inputs are shown at every time step and become currents of the first layer; they should be of the order
    of 1, as behind a ``StandardScaler``. The same seed and data give the same network.

    Args:
        hidden: the layers before the output in a recipe's notation, such as ``"100"`` or ``"15C5-P2-300"``.
        time_steps: T.
        epochs: passes over the samples.
        batch_size: samples a step.
        learning_rate: None: the recipe's default.
        seed: of the initial weights and the order of samples.
        shape: ``[C, H, W]`` or ``[T, C, H, W]`` that each row of X stands for; None: X is as it is.
        settings: further sections of a recipe, such as ``{"gradient": {"rule": "surrogate"}}``.
        threads: 0: one a processor. They change nothing but the speed.

    Attributes:
        classes_: the classes, sorted, ``[K]``.
        n_features_in_: values a sample.
        network_: the trained :class:`counterspike.Network`.
    """

    _estimator_type = "classifier"

    classes_: NDArray[Any]
    n_features_in_: int
    network_: Network

    def __init__(
        self,
        hidden: str = "100",
        *,
        time_steps: int = 5,
        epochs: int = 10,
        batch_size: int = 32,
        learning_rate: float | None = None,
        seed: int = 1,
        shape: Sequence[int] | None = None,
        settings: Mapping[str, Any] | None = None,
        threads: int = 0,
    ) -> None:
        # As they are given: a clone must have the same objects. `fit` checks them.
        self.hidden = hidden
        self.time_steps = time_steps
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.seed = seed
        self.shape = shape
        self.settings = settings
        self.threads = threads

    def fit(self, X: ArrayLike, y: ArrayLike) -> Classifier:  # noqa: N803
        """Trains a new network.

        Args:
            X: ``[B, N]``, or samples as :func:`counterspike.train` takes them.
            y: ``[B]``, classes of any kind that can be sorted, at least two.
        """
        samples = self._samples(X)
        labels = np.asarray(y)
        if labels.ndim != 1 or len(labels) != len(samples):
            raise ArgumentError(
                f"y has shape {labels.shape}, and X has {len(samples)} samples; give each sample one class"
            )
        if labels.dtype.kind == "f" and not np.isfinite(labels).all():
            raise ArgumentError("y has values that are no finite numbers; give each sample one class")
        try:
            classes, indices = np.unique(labels, return_inverse=True)
        except TypeError as error:
            raise ArgumentError("y has classes that cannot be sorted; give all one type") from error
        if len(classes) < 2:
            raise ArgumentError(f"y has the one class {classes[0]!r}; give at least two")
        network = train(
            self._recipe(len(classes)), samples, indices, classes=len(classes), threads=self.threads
        )
        self.network_, self.classes_ = network, classes
        self.n_features_in_ = int(np.prod(np.shape(X)[1:]))
        return self

    def decision_function(self, X: ArrayLike) -> Floats:  # noqa: N803
        """The network's score of each class, ``[B, K]``."""
        if not hasattr(self, "network_"):
            raise NotFittedError("the classifier has not been fitted; call fit first")
        samples = self._samples(X)
        count = int(np.prod(np.shape(X)[1:]))
        if count != self.n_features_in_:
            raise ArgumentError(
                f"X has {count} features, but Classifier is expecting {self.n_features_in_} features as input"
            )
        return self.network_.scores(samples, threads=self.threads)

    def predict(self, X: ArrayLike) -> NDArray[Any]:  # noqa: N803
        """The class of each sample, ``[B]``."""
        scores = self.decision_function(X)
        classes: NDArray[Any] = self.classes_[np.argmax(scores, axis=1)]
        return classes

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803
        """Softmax of the scores, ``[B, K]``, in the order of ``classes_``; not calibrated."""
        scores = self.decision_function(X).astype(np.float64)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return shares

    def score(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None  # noqa: N803
    ) -> float:
        """The share of samples that are predicted right."""
        right = self.predict(X) == np.asarray(y)
        weights = None if sample_weight is None else np.asarray(sample_weight, np.float64)
        return float(np.average(right, weights=weights))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments by their names."""
        return {name: getattr(self, name) for name in self._names()}

    def set_params(self, **parameters: Any) -> Classifier:
        """Replaces arguments; a fitted network stays until the next fit."""
        names = self._names()
        for name in parameters:
            if name not in names:
                raise ArgumentError(
                    f"Invalid parameter {name!r} for estimator Classifier; valid ones: {', '.join(names)}"
                )
        for name, value in parameters.items():
            setattr(self, name, value)
        return self

    @classmethod
    def _names(cls) -> list[str]:
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    def _recipe(self, classes: int) -> dict[str, Any]:
        recipe: dict[str, Any] = {
            "name": "classifier",
            "seed": self.seed,
            "network": {"layers": f"{self.hidden}-{classes}", "timeSteps": self.time_steps},
            "training": {"epochs": self.epochs, "batchSize": self.batch_size},
        }
        if self.learning_rate is not None:
            recipe["optimizer"] = {"learningRate": self.learning_rate}
        return _merged(recipe, self.settings or {})

    def _samples(self, X: ArrayLike) -> Floats:  # noqa: N803
        values = floats(X, "X")
        if self.shape is None:
            return values
        shape = tuple(self.shape)
        if values.ndim < 2 or int(np.prod(values.shape[1:])) != int(np.prod(shape)):
            raise ArgumentError(f"X has shape {values.shape}; each sample must have the values of {shape}")
        return values.reshape(len(values), *shape)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "network_")

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            transformer_tags=None,
            classifier_tags=ClassifierTags(),
            regressor_tags=None,
            input_tags=InputTags(),
        )

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self).__init__).parameters
        changed = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if value is not defaults[name].default
        ]
        return f"Classifier({', '.join(changed)})"


def _merged(recipe: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe with another's keys in place of its own, section by section."""
    result = dict(recipe)
    for key, value in other.items():
        own = result.get(key)
        both = isinstance(own, Mapping) and isinstance(value, Mapping)
        result[key] = _merged(own, value) if both and isinstance(own, Mapping) else value
    return result
