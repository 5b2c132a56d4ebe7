"""LIF in PyTorch: against a reference in double precision, other frameworks, and PyTorch's own checks."""

from __future__ import annotations

import copy
import os
import select
import signal
import threading

import numpy as np
import pytest

import counterspike

torch = pytest.importorskip("torch")

from counterspike.torch import LIF, LIFCell, LIFState  # noqa: E402

KINDS = [
    {"tau_m": 5.0, "reset": reset, "tau_s": tau_s} for reset in ("zero", "subtraction", "none")
    for tau_s in (None, 3.0)
]  # fmt: skip


def currents(*shape: int, seed: int = 0) -> "torch.Tensor":
    generator = torch.Generator().manual_seed(seed)
    return 0.3 + 0.6 * torch.randn(*shape, generator=generator)


def run(c, m, d, theta, reset, flip=None):
    """u, s and a of one neuron in double precision; step `flip` has the other spike, from θ on."""
    v = a = 0.0
    u_, s_, a_ = [], [], []
    for t, current in enumerate(c):
        u = m * v + current
        s = float(u > theta)
        seen = u
        if t == flip:
            s = 1 - s
            seen = theta
        v = {"zero": seen * (1 - s), "subtraction": seen - theta * s, "none": seen}[reset]
        a = d * a + (1 - d) * s
        u_.append(u), s_.append(s), a_.append(a)
    return np.array(u_), np.array(s_), np.array(a_)


@pytest.mark.parametrize("kind", KINDS)
def test_neighborhood_is_that_of_replays(kind):
    layer = LIF(**kind, distance="lorentzian", width=0.3)
    c = currents(12, 2, 9).requires_grad_()
    output = layer(c)
    g = currents(12, 2, 9, seed=1)
    (output * g).sum().backward()
    m, d = 1 - 1 / 5, 0.0 if kind["tau_s"] is None else 1 - 1 / 3
    for b in range(2):
        for n in range(9):
            series = c.detach()[:, b, n].double().numpy()
            u, s, a = run(series, m, d, 1.0, kind["reset"])
            assert np.allclose(output.detach()[:, b, n], a, atol=1e-5)
            for k in range(12):
                _, _, other = run(series, m, d, 1.0, kind["reset"], flip=k)
                r = 1.0 - u[k]
                weight = np.sign(r) * 0.3 / (r * r + 0.3)
                expected = (g[:, b, n].numpy() * (other - a)).sum() * weight
                assert abs(c.grad[k, b, n] - expected) < 2e-5


@pytest.mark.parametrize("detach", [True, False])
@pytest.mark.parametrize("step", [False, True])
def test_gradients_are_those_of_spikingjelly(detach, step):
    neuron = pytest.importorskip("spikingjelly.activation_based.neuron")
    surrogate = pytest.importorskip("spikingjelly.activation_based.surrogate")
    theirs = neuron.LIFNode(
        tau=2.5, decay_input=False, v_threshold=1.0, v_reset=0.0, detach_reset=detach,
        surrogate_function=surrogate.ATan(alpha=2.0), step_mode="m",
    )  # fmt: skip
    ours = LIF(
        2.5, rule="surrogate", shape="arctangent", width=1 / np.pi, reset_gradient=not detach
    )
    check_against(ours, theirs, step)


@pytest.mark.parametrize(
    "reset, delay, path",
    [("zero", True, False), ("zero", False, True), ("subtract", False, True), ("none", True, False)],
)
@pytest.mark.parametrize("step", [False, True])
def test_gradients_are_those_of_snntorch(reset, delay, path, step):
    snntorch = pytest.importorskip("snntorch")
    cell = snntorch.Leaky(
        beta=0.8, threshold=1.0, reset_mechanism=reset, reset_delay=delay,
        spike_grad=snntorch.surrogate.atan(alpha=2.0),
    )  # fmt: skip

    def theirs(c):
        membrane, spikes = torch.zeros_like(c[0]), []
        for current in c:
            spike, membrane = cell(current, membrane)
            spikes.append(spike)
        return torch.stack(spikes)

    ours = LIF(
        5, reset={"subtract": "subtraction"}.get(reset, reset), rule="surrogate",
        shape="arctangent", width=1 / np.pi, reset_gradient=path,
    )  # fmt: skip
    # Weak enough that nothing reaches two thresholds: theirs would then take both away.
    check_against(ours, theirs, step, strength=0.4)


def check_against(ours, theirs, step, strength=1.0):
    """Spikes and gradients of one layer."""
    c = strength * currents(20, 4, 30)
    mine, other = c.clone().requires_grad_(), c.clone().requires_grad_()
    weights = currents(20, 4, 30, seed=2)
    expected = theirs(other)
    if step:
        state, outputs = None, []
        for current in mine:
            output, state = ours.step(current, state)
            outputs.append(output)
        found = torch.stack(outputs)
    else:
        found = ours(mine)
    assert torch.equal(found, expected)
    (found * weights).sum().backward()
    (expected * weights).sum().backward()
    assert torch.allclose(mine.grad, other.grad, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", ["surrogate", "slayer", "neighborhood"])
def test_operators_pass_opcheck(kind, rule):
    settings = LIF(**kind, rule=rule)._settings
    c = currents(4, 3, 5).requires_grad_()
    v = torch.rand(3, 5)
    operators = torch.ops.counterspike
    torch.library.opcheck(operators.neurons, (c, v, None, None, None, settings, True))
    torch.library.opcheck(operators.neurons, (c, None, None, None, None, settings, False))
    torch.library.opcheck(operators.neurons, (c, None, None, None, None, settings, True, 6))
    last = torch.randn(4, 2, 3, 6, 5).permute(0, 1, 4, 2, 3).requires_grad_()
    torch.library.opcheck(operators.neurons, (last, None, None, None, None, settings, True))
    v = v.clone().requires_grad_()
    a = torch.rand(3, 5).requires_grad_() if kind["tau_s"] else None
    torch.library.opcheck(operators.neurons_step, (c.detach()[0].requires_grad_(), v, a, None, settings))


def test_learned_constants_have_finite_differences():
    layer = LIF(4, 3, rule="surrogate", shape="sigmoid", width=0.5, learn=("tau_m", "tau_s", "threshold"))
    assert layer.tau_m == pytest.approx(4) and layer.tau_s == pytest.approx(3)
    assert layer.threshold == pytest.approx(1)
    c = currents(9, 50)
    layer(c).sum().backward()
    # A synapse that changes leaves the spikes: the derivative is exact.
    weight = layer.tau_s_weight
    with torch.no_grad():
        analytic = float(weight.grad)
        value = float(weight)
        sums = []
        for shift in (1e-2, -1e-2):
            weight.fill_(value + shift)
            sums.append(float(layer(c).double().sum()))
    assert analytic == pytest.approx((sums[0] - sums[1]) / 2e-2, rel=1e-3)
    assert float(layer.tau_m_weight.grad) != 0 and float(layer.threshold_weight.grad) != 0
    torch.library.opcheck(
        torch.ops.counterspike.neurons,
        (c.requires_grad_(), None, None, None, layer._constants().detach().requires_grad_(),
         layer._settings, False),
    )  # fmt: skip


def test_state_goes_on():
    for kind in KINDS:
        layer = LIF(**kind, adaptation={"strength": 0.5, "time_constant": 4})
        c = currents(10, 3, 7)
        whole = layer(c)
        first, state = layer(c[:4], return_state=True)
        second = layer(c[4:], state)
        assert torch.equal(torch.cat([first, second]), whole)
        state = None
        for t in range(10):
            output, state = layer.step(c[t], state)
            assert torch.equal(output, whole[t])


def network(**kind):
    torch.manual_seed(3)
    return torch.nn.Sequential(
        torch.nn.Linear(20, 30), LIF(**kind), torch.nn.Linear(30, 5), LIF(**kind)
    )


def gradients(net, x):
    net.zero_grad()
    net(x).square().sum().backward()
    return [p.grad.clone() for p in net.parameters()]


def test_compiled_network_is_the_same():
    net = network(tau_m=5.0)
    x = 3 * currents(6, 4, 20)
    expected = gradients(net, x)
    compiled = torch.compile(net, backend="aot_eager", fullgraph=True)
    for one, other in zip(gradients(compiled, x), expected):
        assert torch.equal(one, other)


def test_compiled_cell_is_the_same():
    cell = LIFCell(5.0, 3.0)
    x = currents(6, 4, 20)

    def sequence(x):
        state, total = None, 0.0
        for t in range(6):
            output, state = cell(x[t], state)
            total = total + output.sum() * (t + 1)
        return total

    found = []
    for function in (sequence, torch.compile(sequence, backend="aot_eager", fullgraph=True)):
        c = x.clone().requires_grad_()
        function(c).backward()
        found.append(c.grad)
    assert torch.equal(*found)


def test_autocast_and_half_precision():
    net = network(tau_m=5.0)
    x = 3 * currents(6, 4, 20)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = net(x)
    assert output.dtype == torch.float32
    output.sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())
    assert LIF()(x.bfloat16()).dtype == torch.float32


def test_copies_and_state_dict():
    layer = LIF(4, learn=("tau_m",))
    with torch.no_grad():
        layer.tau_m_weight.add_(0.5)
    other = copy.deepcopy(layer)
    assert other.tau_m == layer.tau_m and repr(other) == repr(layer)
    fresh = LIF(4, learn=("tau_m",))
    fresh.load_state_dict(layer.state_dict())
    assert fresh.tau_m == layer.tau_m
    assert torch.equal(fresh(currents(5, 8)), layer(currents(5, 8)))


def test_any_number_of_threads_gives_the_same_bytes():
    layer = LIF(5, 2)
    before = torch.get_num_threads()
    results = []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            c = currents(10, 16, 4001).requires_grad_()
            output = layer(c)
            (output * currents(10, 16, 4001, seed=5)).sum().backward()
            results.append((output.detach(), c.grad))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    for output, grad in results[1:]:
        assert torch.equal(output, results[0][0]) and torch.equal(grad, results[0][1])


def test_calls_from_several_threads():
    layer = LIF(5)
    c = currents(10, 16, 4001)
    expected = layer(c)
    wrong = []

    def work():
        for _ in range(20):
            if not torch.equal(layer(c), expected):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_computes():
    layer = LIF(5)
    c = currents(10, 16, 4001)
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    expected = layer(c)
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        # NumPy compares: PyTorch's own threads do not survive a fork.
        os.write(write, b"1" if np.array_equal(layer(c).numpy(), expected.numpy()) else b"0")
        os._exit(0)
    try:
        os.close(write)
        assert select.select([read], [], [], 30)[0], "the forked process hangs"
        assert os.read(read, 1) == b"1"
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(read)
        torch.set_num_threads(threads)


def test_views_and_empty_batches():
    layer = LIF(5)
    c = currents(6, 10, 8)
    assert torch.equal(layer(c[:, ::2].transpose(1, 2)), layer(c)[:, ::2].transpose(1, 2))
    assert layer(torch.empty(3, 0, 4)).shape == (3, 0, 4)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: LIF(1.0), "membraneTimeConstant"),
        (lambda: LIF(threshold=-1), "threshold"),
        (lambda: LIF(reset="off"), "reset"),
        (lambda: LIF(rule="magic"), "one of neighborhood"),
        (lambda: LIF(rule="surrogate", widht=1), "did you mean “gradient.surrogate.width”"),
        (lambda: LIF(rule="tsslbp", reset="none"), "not defined"),
        (lambda: LIF(learn=["tau_s"]), "cannot be learned"),
        (lambda: LIF()(torch.zeros(3, 4, dtype=torch.float64)), "torch.float64"),
        (lambda: LIF()(torch.zeros(0, 4)), "T ≥ 1"),
        (lambda: LIF()(torch.zeros(3, 4), LIFState(torch.zeros(5))), "membrane has shape"),
        (lambda: LIF(5, 3, error="paper").step(torch.zeros(4).requires_grad_())[0].sum().backward(),
         "whole series"),
    ],
)  # fmt: skip
def test_mistakes_are_exceptions(make, message):
    with pytest.raises(counterspike.CounterspikeError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", ["surrogate", "neighborhood"])
def test_repeated_currents_are_the_same_currents_at_every_step(kind, rule):
    layer = LIF(**kind, rule=rule, learn=("tau_m",))
    plane = currents(3, 2, 11).requires_grad_()
    found, state = layer(plane, repeat=8, return_state=True)
    weights = currents(8, 3, 2, 11, seed=4)
    (found * weights).sum().backward()
    constant, layer.tau_m_weight.grad = layer.tau_m_weight.grad, None
    other = plane.detach().clone().requires_grad_()
    expected, end = layer(other.expand(8, 3, 2, 11), return_state=True)
    (expected * weights).sum().backward()
    assert torch.equal(found, expected) and torch.equal(state.membrane, end.membrane)
    assert torch.allclose(plane.grad, other.grad, rtol=1e-5, atol=1e-5)
    assert torch.allclose(constant, layer.tau_m_weight.grad, rtol=1e-4)
    # A series that goes on, and whose gradient then takes the way of every step's currents.
    more = layer(plane, state, repeat=4)
    assert torch.equal(more, layer(other.expand(4, 3, 2, 11), end))
    more.sum().backward()
    with pytest.raises(counterspike.CounterspikeError, match="repeat is 0"):
        layer(plane, repeat=0)


def test_the_order_of_dimensions_changes_nothing_and_is_kept():
    plain = currents(5, 2, 3, 7, 9)
    last = plain.permute(0, 1, 3, 4, 2).contiguous().permute(0, 1, 4, 2, 3)
    assert last.stride() != plain.stride()
    layer = LIF(tau_s=3)
    state = LIFState(membrane=torch.rand(2, 3, 7, 9))
    results = []
    for given in (plain, last):
        c = given.clone(memory_format=torch.preserve_format).requires_grad_()
        output, after = layer(c, state, return_state=True)
        (output * plain).sum().backward()
        results.append((output, after.membrane, after.psc, c.grad))
    assert results[1][0].stride() == last.stride()
    for one, other in zip(*results):
        assert torch.equal(one, other)
    still = layer(last[0], repeat=3)
    assert still.stride()[1:] == last[0].stride()
    assert torch.equal(still, layer(plain[0], repeat=3))


def test_a_synapse_has_a_time_constant_above_one():
    with pytest.raises(counterspike.ArgumentError, match="or None for no synapse"):
        LIF(4, 1)
