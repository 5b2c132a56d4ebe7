"""The neurons on PyTorch's threads."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from counterspike._library import library  # noqa: E402
from counterspike._neurons import neurons  # noqa: E402
from counterspike.torch import LIF  # noqa: E402
from counterspike.torch import _threads  # noqa: E402

HAS_OPENMP = sys.platform.startswith("linux") and "OpenMP" in torch.__config__.parallel_info()


def gradient() -> torch.Tensor:
    torch.manual_seed(1)
    current = torch.randn(6, 20_000, requires_grad=True)
    spikes = LIF(5, rule="neighborhood")(current)
    spikes.backward(torch.randn_like(spikes))
    assert current.grad is not None
    return current.grad


@pytest.mark.skipif(not HAS_OPENMP, reason="PyTorch without OpenMP, or not on Linux")
def test_the_bytes_do_not_depend_on_whose_threads_work():
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        library.counterspike_use_threads(None)
        own = gradient()
        assert _threads.share(), "PyTorch's OpenMP was not found"
        assert torch.equal(gradient(), own)
        torch.set_num_threads(1)
        assert torch.equal(gradient(), own)
    finally:
        torch.set_num_threads(threads)


@pytest.mark.skipif(not HAS_OPENMP, reason="PyTorch without OpenMP, or not on Linux")
def test_the_neurons_run_where_pytorch_runs():
    """OpenMP's threads, once there, are the only ones: none is started beside them."""
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        assert _threads.share()
        a = torch.randn(400, 400)
        a @ a
        gradient()
        before = set(os.listdir("/proc/self/task"))
        for _ in range(3):
            gradient()
        assert set(os.listdir("/proc/self/task")) == before
    finally:
        torch.set_num_threads(threads)


@pytest.mark.skipif(not HAS_OPENMP, reason="PyTorch without OpenMP, or not on Linux")
def test_a_forked_process_has_threads_of_its_own():
    """OpenMP waits for its parent's threads for ever there, so that PyTorch has no part in the child."""
    layer = neurons('{"network": {"neuron": {"membraneTimeConstant": 5}}}')
    currents = np.random.default_rng(1).normal(size=(6, 20_000)).astype("f")

    def output() -> np.ndarray:
        result = np.empty_like(currents)
        layer.forward(6, 20_000, currents.ctypes.data, result.ctypes.data, threads=2)
        return result

    assert _threads.share()
    expected = output()
    process = os.fork()
    if process == 0:
        os._exit(0 if np.array_equal(output(), expected) else 1)
    _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == 0
