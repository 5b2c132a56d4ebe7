"""The estimator, alone and inside scikit-learn."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest

import counterspike
from counterspike import Classifier


def blobs(count=120, seed=0):
    random = np.random.default_rng(seed)
    y = np.arange(count) % 3
    return np.eye(3, 6)[y] * 2 + 0.3 * random.normal(size=(count, 6)), np.array(["a", "b", "c"])[y]


@pytest.fixture(scope="module")
def fitted():
    return Classifier("40", epochs=25, batch_size=16).fit(*blobs())


def test_learns_classes_of_any_kind(fitted):
    x, y = blobs(seed=2)
    assert list(fitted.classes_) == ["a", "b", "c"] and fitted.n_features_in_ == 6
    assert fitted.score(x, y) > 0.9
    assert set(fitted.predict(x)) <= {"a", "b", "c"}
    right = fitted.predict(x) == y
    assert fitted.score(x, y, sample_weight=right + 0.0) == 1.0


def test_probabilities_are_those_of_the_scores(fitted):
    x, _ = blobs(seed=2)
    shares = fitted.predict_proba(x)
    assert shares.shape == (120, 3) and np.allclose(shares.sum(axis=1), 1)
    scores = fitted.decision_function(x).astype(float)
    assert np.allclose(shares, np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True))
    assert np.array_equal(fitted.predict(x), fitted.classes_[shares.argmax(axis=1)])


def test_is_the_network_of_train():
    x, y = blobs()
    recipe = {
        "name": "classifier", "seed": 7, "network": {"layers": "8-3", "timeSteps": 4},
        "training": {"epochs": 2, "batchSize": 16}, "optimizer": {"learningRate": 0.01},
        "gradient": {"rule": "surrogate"},
    }  # fmt: skip
    expected = counterspike.train(recipe, x, np.unique(y, return_inverse=True)[1])
    found = Classifier(
        "8", time_steps=4, epochs=2, batch_size=16, learning_rate=0.01, seed=7,
        settings={"gradient": {"rule": "surrogate"}},
    ).fit(x, y)  # fmt: skip
    for name, weights in expected.weights.items():
        assert np.array_equal(weights, found.network_.weights[name])


def test_settings_are_merged_into_the_recipe():
    recipe = Classifier(settings={"training": {"epochs": 3}, "loss": {"kind": "softmax"}})._recipe(2)
    assert recipe["training"] == {"epochs": 3, "batchSize": 32}
    assert recipe["network"]["layers"] == "100-2" and recipe["loss"] == {"kind": "softmax"}


def test_rows_stand_for_pictures():
    x = np.random.default_rng(0).normal(size=(20, 64))
    found = Classifier("4C3-P2-10", shape=(1, 8, 8), epochs=1).fit(x, np.arange(20) % 2)
    assert found.network_.input_shape == (1, 8, 8) and found.predict(x).shape == (20,)


def test_pickles_predict_the_same(fitted):
    x, _ = blobs(seed=2)
    again = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(again.decision_function(x), fitted.decision_function(x))


def test_needs_no_scikit_learn():
    code = "import counterspike, sys; counterspike.Classifier(); assert 'sklearn' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_scikit_learn_takes_it():
    pytest.importorskip("sklearn")
    from sklearn.base import clone, is_classifier
    from sklearn.exceptions import NotFittedError
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.utils.validation import check_is_fitted

    estimator = Classifier("20", epochs=10, batch_size=16)
    assert is_classifier(estimator)
    copy = clone(estimator)
    assert copy is not estimator and copy.get_params() == estimator.get_params()
    x, y = blobs()
    pipeline = make_pipeline(StandardScaler(), estimator)
    scores = cross_val_score(pipeline, x, y, cv=3, error_score="raise")
    assert scores.shape == (3,) and scores.mean() > 0.6
    search = GridSearchCV(estimator, {"hidden": ["4", "8"], "epochs": [1]}, cv=2, error_score="raise")
    search.fit(x, y)
    assert search.best_params_["hidden"] in ("4", "8")
    check_is_fitted(search.best_estimator_)
    with pytest.raises(NotFittedError):
        check_is_fitted(clone(estimator))


X, Y = blobs()


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: Classifier().predict(X), "not been fitted"),
        (lambda: Classifier().fit(X, Y[:-1]), "119"),
        (lambda: Classifier().fit(X, np.full(120, "a")), "at least two"),
        (lambda: Classifier().fit(X, np.full(120, np.nan)), "finite"),
        (lambda: Classifier().fit(X, np.array([1, "a"] * 60, dtype=object)), "sorted"),
        (lambda: Classifier().fit(np.where(X > 1, np.inf, X), Y), "finite"),
        (lambda: Classifier().fit(X[:0], Y[:0]), "at least one"),
        (lambda: Classifier(epochs=0).fit(X, Y), "epochs"),
        (lambda: Classifier(hidden="fox").fit(X, Y), "fox"),
        (lambda: Classifier(shape=(1, 2, 2)).fit(X, Y), "values of"),
        (lambda: Classifier(settings={"los": {}}).fit(X, Y), "los"),
        (lambda: Classifier().set_params(depth=3), "depth"),
    ],
)
def test_mistakes_are_exceptions(call, message):
    with pytest.raises(counterspike.CounterspikeError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_other_numbers_of_features_are_refused(fitted):
    with pytest.raises(counterspike.CounterspikeError, match="expecting 6 features"):
        fitted.predict(np.zeros((2, 5)))
