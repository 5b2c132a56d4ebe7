"""LIF with pooling: against the same layer with torch.nn.AvgPool2d behind it."""

from __future__ import annotations

import copy

import pytest

import counterspike

torch = pytest.importorskip("torch")

from counterspike.torch import LIF, LIFCell, LIFState, audit  # noqa: E402

CASES = [
    ((5, 3, 4, 8, 6), 2),
    ((14, 2, 3, 9, 12), 3),
    ((4, 2, 3, 6, 10), (3, 5)),
    ((3, 2, 17, 7, 4), (7, 1)),
    ((4, 1, 1, 4, 4), 4),
    ((2, 2, 600, 8, 8), 4),
    ((20, 1, 2, 64, 64), 2),
    ((6, 4, 12), (2, 3)),
]


def currents(shape, channels_last, seed=0):
    generator = torch.Generator().manual_seed(seed)
    c = 0.3 + 0.6 * torch.randn(*shape, generator=generator)
    if channels_last and c.dim() > 3:
        c = c.movedim(-3, -1).contiguous().movedim(-1, -3)
    return c


def pooled_by_torch(output, pool, mode):
    planes = output.reshape(-1, 1, *output.shape[-2:])
    planes = torch.nn.functional.avg_pool2d(planes, pool, divisor_override=1 if mode == "sum" else None)
    return planes.reshape(*output.shape[:-2], *planes.shape[-2:])


@pytest.mark.parametrize("shape, pool", CASES)
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("mode", ["mean", "sum"])
@pytest.mark.parametrize("repeat", [None, 6])
def test_it_is_the_layer_with_average_pooling_behind(shape, pool, channels_last, mode, repeat):
    for tau_s, rule in ((None, "neighborhood"), (3.0, "surrogate")):
        kind = {"tau_s": tau_s, "rule": rule, "learn": ("tau_m",)}
        ours, plain = LIF(5, pool=pool, pool_mode=mode, **kind), LIF(5, **kind)
        c = currents(shape if repeat is None else shape[1:], channels_last)
        one = c.clone(memory_format=torch.preserve_format).requires_grad_()
        other = c.clone(memory_format=torch.preserve_format).requires_grad_()
        found, state = ours(one, repeat=repeat, return_state=True)
        output, expected_state = plain(other, repeat=repeat, return_state=True)
        expected = pooled_by_torch(output, pool, mode)
        g = torch.randn(expected.shape, generator=torch.Generator().manual_seed(2))
        (found * g).sum().backward()
        (expected * g).sum().backward()
        windows = 1 if mode == "mean" else 20
        assert found.shape == expected.shape
        assert torch.allclose(found, expected, rtol=0, atol=1e-6 * windows)
        assert torch.allclose(one.grad, other.grad, rtol=1e-5, atol=1e-6)
        assert torch.equal(state.membrane, expected_state.membrane)
        assert torch.allclose(ours.tau_m_weight.grad, plain.tau_m_weight.grad, rtol=1e-3, atol=1e-4)


def test_the_order_of_dimensions_is_kept():
    layer = LIF(5, 3, pool=2)
    plain, last = (currents((5, 2, 3, 8, 6), is_last) for is_last in (False, True))
    assert torch.equal(plain, last) and plain.stride() != last.stride()
    results = []
    for c in (plain, last):
        c = c.clone(memory_format=torch.preserve_format).requires_grad_()
        output = layer(c)
        output.square().sum().backward()
        results.append((output.detach(), c.grad))
    assert results[0][0].is_contiguous() and results[1][0][0].is_contiguous(
        memory_format=torch.channels_last
    )
    assert results[1][1].stride() == last.stride()
    for one, other in zip(*results):
        assert torch.equal(one, other)
    # Rows that do not follow each other in memory are copied.
    turned = plain.transpose(-1, -2).contiguous().transpose(-1, -2)
    assert torch.equal(layer(turned), results[0][0].detach())


def test_operators_pass_opcheck():
    operators = torch.ops.counterspike
    for tau_s in (None, 3.0):
        settings = LIF(5, tau_s)._settings
        for channels_last in (False, True):
            c = currents((4, 2, 3, 4, 6), channels_last).requires_grad_()
            step = currents((2, 3, 4, 6), channels_last).requires_grad_()
            none = (None, None, None, None)
            torch.library.opcheck(operators.neurons, (c, *none, settings, True, None, [2, 3], 0.5))
            torch.library.opcheck(operators.neurons, (step, *none, settings, False, 5, [2, 2], 1.0))


def network():
    torch.manual_seed(3)

    class Over(torch.nn.Module):
        """A layer over time steps and samples together."""

        def __init__(self, layer):
            super().__init__()
            self.layer = layer

        def forward(self, x):
            return self.layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])

    net = torch.nn.Sequential(
        Over(torch.nn.Conv2d(2, 4, 3, padding=1)), LIF(5, pool=2), torch.nn.Flatten(2),
        torch.nn.Linear(64, 3), LIF(5, 2),
    )  # fmt: skip
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(4)
    return net


def gradients(net, x):
    net.zero_grad()
    net(x).square().sum().backward()
    return [p.grad.clone() for p in net.parameters()]


def test_compiled_network_is_the_same():
    net = network()
    x = 2 * currents((6, 3, 2, 8, 8), False)
    expected = gradients(net, x)
    assert all(gradient.abs().sum() > 0 for gradient in expected)
    compiled = torch.compile(net, backend="aot_eager", fullgraph=True)
    for one, other in zip(gradients(compiled, x), expected):
        assert torch.allclose(one, other, rtol=1e-5, atol=1e-6)


def test_autocast_copies_and_state_dict():
    net = network()
    x = 2 * currents((6, 3, 2, 8, 8), False)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = net(x)
    assert output.dtype == torch.float32
    output.sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())
    other = copy.deepcopy(net)
    assert torch.equal(other(x), net(x)) and repr(other) == repr(net)
    # Pooling adds nothing to the parameters: those of a network without it fit.
    assert list(LIF(5, learn=["tau_m"], pool=2).state_dict()) == list(LIF(5, learn=["tau_m"]).state_dict())
    assert "pool=(2, 2), pool_mode='mean'" in repr(LIF(5, pool=2))


def test_any_number_of_threads_gives_the_same_bytes():
    layer = LIF(5, 2, pool=2, learn=("tau_m",))
    before = torch.get_num_threads()
    results = []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            c = currents((10, 16, 4, 32, 32), True).requires_grad_()
            output = layer(c)
            layer.zero_grad()
            (output * currents(output.shape, False, seed=5)).sum().backward()
            results.append((output.detach(), c.grad, layer.tau_m_weight.grad.clone()))
    finally:
        torch.set_num_threads(before)
    for result in results[1:]:
        assert all(torch.equal(one, other) for one, other in zip(result, results[0]))


def test_single_steps_are_pooled_too():
    layer, cell = LIF(5, 3, pool=(2, 3)), LIFCell(5, 3, pool=(2, 3))
    c = currents((7, 2, 4, 6), False)
    whole, end = layer(c, return_state=True)
    state = None
    for t in range(7):
        output, state = cell(c[t], state)
        assert torch.allclose(output, whole[t], rtol=0, atol=1e-6)
    assert torch.equal(state.membrane, end.membrane) and torch.equal(state.psc, end.psc)
    first, state = layer(c[:3], return_state=True)
    assert torch.equal(torch.cat([first, layer(c[3:], state)]), whole)


def test_empty_batches():
    assert LIF(5, pool=2)(torch.empty(3, 0, 4, 6)).shape == (3, 0, 2, 3)


def test_the_audit_is_that_of_pooling_behind():
    torch.manual_seed(1)
    x, y = currents((8, 4, 1, 6, 6), False), torch.randn(8, 4, 9)

    def model(layer, *behind):
        return torch.nn.Sequential(layer, *behind, torch.nn.Flatten(2))

    class Pool(torch.nn.Module):
        def forward(self, output):
            return pooled_by_torch(output, 2, "mean")

    def loss(output, target):
        return (output - target).square().sum()

    for tau_s in (None, 3.0):
        found = audit(model(LIF(5, tau_s, pool=2)), (x, y), loss, flips=40)
        expected = audit(model(LIF(5, tau_s), Pool()), (x, y), loss, flips=40)
        assert found.layers[0].effective > 30
        assert found.layers[0].true == pytest.approx(expected.layers[0].true, rel=1e-3, abs=1e-4)
        assert found.layers[0].predicted == pytest.approx(expected.layers[0].predicted, rel=1e-3, abs=1e-4)


def test_the_audit_takes_repeated_currents():
    class Still(torch.nn.Module):
        def __init__(self, repeat):
            super().__init__()
            self.layer, self.repeat = LIF(5, pool=2), repeat

        def forward(self, x):
            if self.repeat:
                return self.layer(x, repeat=6)
            return self.layer(x.expand(6, *x.shape))

    x, y = currents((4, 1, 6, 6), False), torch.randn(6, 4, 1, 3, 3)
    found, expected = (
        audit(Still(repeat), (x, y), lambda a, b: (a - b).square().sum(), flips=30).layers[0]
        for repeat in (True, False)
    )
    assert found.true == expected.true and found.predicted == expected.predicted


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: LIF(pool=0), "pool is 0; give a whole number from 1"),
        (lambda: LIF(pool=(2, 2, 2)), "or two of them for rows and columns"),
        (lambda: LIF(pool=2.0), "pool is 2.0"),
        (lambda: LIF(pool=2, pool_mode="max"), "must be 'mean' or 'sum'"),
        (lambda: LIF(pool=2)(torch.zeros(3, 4, 5, 6)), "5×6, which windows of 2×2 do not divide"),
        (lambda: LIF(pool=2).step(torch.zeros(4, 5, 6)), "5×6, which windows of 2×2 do not divide"),
        (lambda: LIF(pool=2)(torch.zeros(3, 4)), r"needs \[T, …, height, width\]"),
        (lambda: LIF(pool=2)(torch.zeros(3, 4, 4), LIFState(torch.zeros(2, 2))), "membrane has shape"),
    ],
)  # fmt: skip
def test_mistakes_are_exceptions(make, message):
    with pytest.raises(counterspike.CounterspikeError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
