"""Training, prediction and traces on arrays."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest

import counterspike

RECIPE = """
name: blobs
network: {layers: 8-3, timeSteps: 5}
training: {epochs: 3, batchSize: 16}
"""


def blobs(count=96, seed=0):
    random = np.random.default_rng(seed)
    y = np.arange(count) % 3
    centres = np.eye(3, 6) * 2
    return (centres[y] + 0.3 * random.normal(size=(count, 6))).astype(np.float32), y


@pytest.fixture(scope="module")
def trained():
    x, y = blobs()
    return counterspike.train(RECIPE, x, y, validation=blobs(seed=1))


def test_learns():
    recipe = RECIPE.replace("epochs: 3", "epochs: 40").replace("8-3", "40-3")
    network = counterspike.train(recipe, *blobs(), validation=blobs(seed=1))
    x, y = blobs(seed=2)
    assert (network.predict(x) == y).mean() > 0.9


def test_returns_the_last_epoch_where_nobody_chooses():
    x, y = blobs()
    # Labels that have nothing to do with the samples: some earlier epoch is the best one.
    odd = (blobs(seed=1)[0], np.random.default_rng(3).integers(0, 3, 96))
    recipe = RECIPE.replace("epochs: 3", "epochs: 12")
    last = recipe.replace("batchSize: 16", "batchSize: 16, modelSelection: last")
    alone = counterspike.train(last, x, y).weights
    judged = counterspike.train(last, x, y, validation=odd).weights
    chosen = counterspike.train(recipe, x, y, validation=odd).weights
    assert all(np.array_equal(alone[name], judged[name]) for name in alone)
    assert any(not np.array_equal(alone[name], chosen[name]) for name in alone)


def test_predicts(trained):
    x, _ = blobs(seed=2)
    assert trained.scores(x).shape == (96, 3)
    assert trained.input_shape == (6, 1, 1) and trained.time_steps == 5 and trained.classes == 3
    assert np.array_equal(trained.scores(x, threads=1), trained.scores(x, threads=3))
    assert np.array_equal(trained.predict(x[::2]), trained.predict(x)[::2])


def test_events_batches_and_threads_give_the_same_bytes():
    x, y = blobs()
    events = []
    whole = counterspike.train(RECIPE, x, y, callback=events.append, threads=1)
    batches = [(x[i : i + 10], y[i : i + 10]) for i in range(0, 96, 10)]
    pushed = counterspike.train(RECIPE, iter(batches), threads=2)
    for name, weights in whole.weights.items():
        assert np.array_equal(weights, pushed.weights[name])
    epochs = [event for event in events if event["event"] == "epoch"]
    assert [event["epoch"] for event in epochs] == [1, 2, 3]
    assert epochs[-1]["loss"] < epochs[0]["loss"]


def test_a_mapping_is_a_recipe(trained):
    x, y = blobs()
    recipe = {
        "name": "blobs", "network": {"layers": "8-3", "timeSteps": 5},
        "training": {"epochs": 3, "batchSize": 16},
    }  # fmt: skip
    again = counterspike.train(recipe, x, y, validation=blobs(seed=1))
    assert all(np.array_equal(w, again.weights[name]) for name, w in trained.weights.items())


def test_saved_networks_are_read(trained, tmp_path):
    path = tmp_path / "network.safetensors"
    trained.save(path)
    again = counterspike.Network.load(path)
    x, _ = blobs()
    assert np.array_equal(again.scores(x), trained.scores(x))
    assert again.recipe == trained.recipe


def test_traces_are_those_of_the_equations(trained):
    x, _ = blobs(4)
    layers = trained.trace(x)
    assert [layer.name for layer in layers] == ["dense_1", "output"]
    first = layers[0]
    assert first.spikes.shape == (5, 4, 8, 1, 1)
    v = np.zeros((4, 8, 1, 1), np.float32)
    m = np.float32(1 - 1 / 5)
    for t in range(5):
        u = m * v + first.currents[t]
        assert np.allclose(u, first.membrane[t], atol=1e-5)
        assert np.array_equal(first.spikes[t], (first.membrane[t] > 1).astype(np.float32))
        v = first.membrane[t] * (1 - first.spikes[t])
    scores = layers[1].psc.sum(axis=0)[:, :, 0, 0]
    assert np.allclose(scores, trained.scores(x), rtol=1e-5)


def test_spike_trains(trained):
    x, _ = blobs(6)
    series = np.repeat(x[:, None], 5, axis=1)
    assert trained.scores(series).shape == (6, 3)
    assert trained.trace(series)[0].currents.shape == (5, 6, 8, 1, 1)


def test_a_callback_stops():
    x, y = blobs()
    seen = []

    def stop(event):
        seen.append(event)
        return event["event"] == "epoch"

    recipe = RECIPE.replace("epochs: 3", "epochs: 100000")
    counterspike.train(recipe, x, y, callback=stop)
    assert sum(event["event"] == "epoch" for event in seen) == 1


def test_a_callback_may_raise():
    x, y = blobs()
    with pytest.raises(ZeroDivisionError):
        counterspike.train(RECIPE, x, y, callback=lambda event: 1 / 0)


def test_ctrl_c_stops():
    code = (
        "import counterspike, numpy as np, os, signal, threading\n"
        "x = np.random.default_rng(0).normal(size=(256, 6)).astype('f'); y = np.arange(256) % 3\n"
        # A test that runs in the background of a shell is born with the signal ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "threading.Timer(1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "try: counterspike.train('network: {layers: 8-3}\\ntraining: {epochs: 1000000}', x, y)\n"
        "except KeyboardInterrupt: print('stopped')\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60
    )
    assert result.stdout == "stopped\n", result.stderr


def test_python_runs_meanwhile():
    x, y = blobs(960)
    ticks = []
    stop = threading.Event()

    def tick():
        while not stop.wait(0.001):
            ticks.append(1)

    thread = threading.Thread(target=tick)
    thread.start()
    counterspike.train(RECIPE, x, y)
    stop.set()
    thread.join()
    assert len(ticks) > 3


X, Y = blobs()


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: counterspike.train("network: {layrs: 3}", X, Y), "did you mean"),
        (lambda: counterspike.train(RECIPE, X, Y[:-1]), "96 samples and 95 classes"),
        (lambda: counterspike.train(RECIPE, X), "y is missing"),
        (lambda: counterspike.train(RECIPE, X, Y.astype(float)), "whole number"),
        (lambda: counterspike.train(RECIPE, X, Y - 1), "counted from 0"),
        (lambda: counterspike.train(RECIPE, X, Y, classes=2), "label 2"),
        (lambda: counterspike.train(RECIPE, np.where(X > 1, np.nan, X), Y), "finite"),
        (lambda: counterspike.train(RECIPE, X.astype(object), Y), "object"),
        (lambda: counterspike.train(RECIPE, X[0], Y), "shape"),
        (lambda: counterspike.train(RECIPE, X[:0], Y[:0]), "at least one"),
        (lambda: counterspike.train(RECIPE, [(X, Y), (X[:, :3], Y)]), "one shape"),
        (lambda: counterspike.train(RECIPE, [X, Y, Y]), "no pair"),
        (lambda: counterspike.train(RECIPE.replace("8-3", "8-2"), X, Y), "classes"),
        (lambda: counterspike.train(RECIPE, X, Y, threads=-1), "threads"),
        (lambda: counterspike.Network.load("/nowhere"), "nowhere"),
    ],
)
def test_mistakes_are_exceptions(call, message):
    with pytest.raises(counterspike.CounterspikeError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_mistakes_with_a_network(trained, tmp_path):
    for x in (np.zeros((2, 7)), np.full((2, 6), np.inf), np.zeros(6)):
        with pytest.raises(counterspike.CounterspikeError):
            trained.predict(x)
    with pytest.raises(counterspike.CounterspikeError):
        trained.save(tmp_path / "no" / "folder")
    x, y = blobs()
    network = counterspike.train(RECIPE, x, y)
    network.close()
    with pytest.raises(counterspike.ClosedError, match="closed"):
        network.predict(x)


def test_closed_networks_are_refused_everywhere(tmp_path):
    x, y = blobs()
    network = counterspike.train(RECIPE, x, y)
    network.close()
    network.close()
    for use in (
        lambda: network.scores(x), lambda: network.trace(x), lambda: network.weights,
        lambda: network.save(tmp_path / "a.safetensors"), lambda: pickle.dumps(network),
    ):  # fmt: skip
        with pytest.raises(counterspike.ClosedError, match="closed"):
            use()


def test_arrays_of_any_layout_and_kind_give_the_same(trained):
    x, _ = blobs(seed=2)
    expected = trained.scores(x)
    wide = np.zeros((96, 12), np.float32)
    wide[:, ::2] = x
    backwards = x[::-1].copy()[::-1]
    for other in (
        np.asfortranarray(x), wide[:, ::2], backwards, x.astype(">f4"), x.astype(np.float64), x.tolist(),
    ):  # fmt: skip
        assert np.array_equal(trained.scores(other), expected)
    x.setflags(write=False)
    assert np.array_equal(trained.scores(x), expected)
    whole = np.arange(12).reshape(2, 6)
    assert np.array_equal(trained.scores(whole), trained.scores(whole.astype(np.float32)))


@pytest.mark.parametrize("x", [np.zeros((2, 6), complex), np.array([["a"] * 6]), [[1, 2], [3]], None, "six"])
def test_what_is_no_array_of_numbers_is_refused(trained, x):
    for call in (lambda: trained.predict(x), lambda: counterspike.train(RECIPE, x, [0, 1])):
        with pytest.raises(counterspike.CounterspikeError) as caught:
            call()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("y", [[0, 1, 2**40], [0, 2**63, 1], [0, 1, None], [[0], [1], [2]], ["a", "b", "c"]])
def test_what_is_no_class_is_refused(y):
    x, _ = blobs(3)
    with pytest.raises(counterspike.CounterspikeError) as caught:
        counterspike.train(RECIPE, x, y)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("recipe", [7, None, {"network": {"layers": object()}}, "/nowhere.yaml", "a\0b: c"])
def test_what_is_no_recipe_is_refused(recipe):
    with pytest.raises(counterspike.CounterspikeError) as caught:
        counterspike.train(recipe, *blobs())
    assert "\n" not in str(caught.value)


def test_a_callback_that_raises_leaves_everything_usable():
    x, y = blobs()
    expected = counterspike.train(RECIPE, x, y)
    seen = []

    def fail(event):
        seen.append(event)
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        counterspike.train(RECIPE, x, y, callback=fail)
    assert len(seen) == 1
    again = counterspike.train(RECIPE, x, y)
    assert all(np.array_equal(w, again.weights[name]) for name, w in expected.weights.items())


def test_batches_that_raise_are_told():
    def batches():
        yield X, Y
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        counterspike.train(RECIPE, batches())


def test_the_command_gives_the_same_bytes(tmp_path):
    command = os.environ.get("COUNTERSPIKE_COMMAND")
    if command is None:
        pytest.skip("COUNTERSPIKE_COMMAND does not name the command")
    x, y = blobs()
    # Frames, which the command uses as they are.
    x = np.repeat(x[:, None], 5, axis=1).reshape(96, 5, 6, 1, 1)
    np.savez(tmp_path / "blobs.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    recipe = RECIPE + "data: {set: array-folder, arrays: {axes: NTCHW}}\n"
    (tmp_path / "blobs.yaml").write_text(recipe)
    done = subprocess.run(
        [command, "train", "blobs.yaml", "--data", ".", "--quiet", "--output", "run"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    theirs = counterspike.Network.load(tmp_path / "run")
    ours = counterspike.train(RECIPE, x, y)
    for name, weights in theirs.weights.items():
        assert np.array_equal(weights, ours.weights[name]), name


REGRESSION = """
name: sines
network: {layers: '20-2', timeSteps: 20}
training: {epochs: 60, batchSize: 16}
loss: {kind: squaredError, reduction: rate}
optimizer: {learningRate: 0.01}
gradient: {rule: surrogate, surrogate: {width: 0.5}}
"""


def sines(count=128, seed=0):
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, size=(count, 3)).astype(np.float32)
    return x, np.stack([0.3 + 0.25 * x[:, 0], 0.3 - 0.25 * x[:, 1]], axis=1)


def test_numbers_are_learned():
    x, y = sines()
    events = []
    network = counterspike.train(REGRESSION, x, y, validation=sines(seed=1), callback=events.append)
    assert network.is_regression and network.classes == 2
    found = network.predict(x)
    assert found.shape == (128, 2) and np.array_equal(found, network.scores(x, threads=1))
    error = np.sqrt(((found - y) ** 2).mean())
    assert error < 0.8 * y.std(axis=0).mean()
    epochs = [event for event in events if event["event"] == "epoch"]
    assert epochs[-1]["loss"] < epochs[0]["loss"]
    # What a rate is: spikes a time step.
    spikes = network.trace(x)[-1].spikes[:, :, :, 0, 0].mean(axis=0)
    assert np.allclose(spikes, found, atol=1e-6)


def test_one_number_and_numbers_at_every_step():
    x, y = sines(32)
    quick = REGRESSION.replace("epochs: 60", "epochs: 2")
    one = counterspike.train(quick.replace("20-2", "20-1"), x, y[:, 0])
    assert one.predict(x).shape == (32, 1)
    every = quick.replace("reduction: rate", "reduction: everyStep")
    series = np.repeat(y[:, None], 20, axis=1)
    assert counterspike.train(every, x, series).predict(x).shape == (32, 2)


@pytest.mark.parametrize(
    "recipe, y, message",
    [
        (RECIPE, np.zeros((96, 3)), "squaredError"),
        (REGRESSION, np.arange(96) % 2, "squaredError"),
        (REGRESSION, np.zeros((96, 3)), "last layer"),
        (REGRESSION, np.zeros(96), "B, 1"),
        (REGRESSION, np.full((96, 2), np.nan), "finite"),
        (REGRESSION, np.zeros((95, 2)), "95 targets"),
        (REGRESSION, np.zeros((96, 2, 2, 2)), "shape"),
        (REGRESSION, np.zeros((96, 7, 2)), "targets"),
    ],
)
def test_mistakes_with_numbers(recipe, y, message):
    with pytest.raises(counterspike.CounterspikeError, match=message) as caught:
        counterspike.train(recipe, X, y)
    assert "\n" not in str(caught.value)


def test_audits(trained):
    x, y = blobs()
    found = trained.audit(x, y, samples=16, flips=50, perturbations=4)
    assert [layer["layer"] for layer in found["layers"]] == ["dense_1", "output"]
    assert found["samples"] == 16 and found["flips"] == 50
    assert found["epochs"] in (1, 2, 3)  # That of the chosen checkpoint.
    assert found["recipeRule"] in found["rules"]
    again = trained.audit(x, y, samples=16, flips=50, perturbations=4, threads=1)
    assert found == again
    assert found != trained.audit(x, y, samples=16, flips=50, perturbations=4, seed=2)
    for mistake in ({"flips": 0}, {"seed": -1}, {"samples": 1.5}, {"threads": -1}):
        with pytest.raises(counterspike.CounterspikeError):
            trained.audit(x, y, **mistake)
    with pytest.raises(counterspike.CounterspikeError, match="shape|values|network takes"):
        trained.audit(x[:, :3], y)


def test_the_command_audits_the_same(trained, tmp_path):
    command = os.environ.get("COUNTERSPIKE_COMMAND")
    if command is None:
        pytest.skip("COUNTERSPIKE_COMMAND does not name the command")
    x, y = blobs()
    x = np.repeat(x[:, None], 5, axis=1).reshape(96, 5, 6, 1, 1)
    np.savez(tmp_path / "blobs.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    (tmp_path / "blobs.yaml").write_text(
        RECIPE + "data: {set: array-folder, arrays: {axes: NTCHW}}\n"
    )
    for words in (
        ["train", "blobs.yaml", "--data", ".", "--quiet", "--output", "run"],
        ["audit", "run", "--data", ".", "--json", "--samples", "16", "--flips", "50", "--perturbations", "4"],
    ):  # fmt: skip
        done = subprocess.run([command, *words], cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
    ours = counterspike.Network.load(tmp_path / "run").audit(
        x, y, samples=16, flips=50, perturbations=4
    )
    assert ours == json.loads(done.stdout)
