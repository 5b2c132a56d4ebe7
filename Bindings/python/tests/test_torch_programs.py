"""LIF where PyTorch compiles to C++, and where several processes train one model."""

from __future__ import annotations

import os
import shutil
import socket

import pytest

torch = pytest.importorskip("torch")

from counterspike.torch import LIF  # noqa: E402


def network():
    torch.manual_seed(3)
    return torch.nn.Sequential(
        torch.nn.Linear(20, 30), LIF(5, 3), torch.nn.Linear(30, 5), LIF(5, learn=("tau_m",))
    )


def samples():
    return 3 * torch.randn(6, 4, 20, generator=torch.Generator().manual_seed(1))


def gradients(net, x):
    net.zero_grad()
    net(x).square().sum().backward()
    return [p.grad.clone() for p in net.parameters()]


@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no g++ that inductor could call")
def test_inductor_gives_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    net, x = network(), samples()
    expected = gradients(net, x)
    for one, other in zip(gradients(torch.compile(net, fullgraph=True), x), expected):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-5)


def work(rank, port, x, path):
    """One of two processes, with half of the samples."""
    from torch import distributed

    distributed.init_process_group(
        "gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=2
    )
    net = torch.nn.parallel.DistributedDataParallel(network())
    net(x[:, 2 * rank : 2 * rank + 2]).square().sum().backward()
    if rank == 0:
        torch.save([p.grad for p in net.parameters()], path)
    distributed.destroy_process_group()
    # Leaves at once: "terminate called without an active exception" had ended some of these processes on their
    # way out, as C++ does where a thread is still there. The cause is not known: 20 runs with LIF, 20 of plain
    # DistributedDataParallel without counterspike and 20 of this test without this line (torch 2.13.0, a busy
    # machine) all ended well.
    os._exit(0)


@pytest.mark.skipif(
    not torch.distributed.is_available() or not torch.distributed.is_gloo_available(),
    reason="this torch has no gloo",
)
def test_two_processes_have_the_mean_gradient(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = tmp_path / "gradients.pt"
    x = samples()
    torch.multiprocessing.spawn(work, (port, x, path), nprocs=2)
    for one, other in zip(torch.load(path), gradients(network(), x)):
        assert torch.allclose(2 * one, other, rtol=1e-4, atol=1e-5)
