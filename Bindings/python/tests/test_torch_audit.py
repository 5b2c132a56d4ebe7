"""The audit of gradients against a reference in double precision that runs the whole network."""

from __future__ import annotations

import numpy as np
import pytest

import counterspike

torch = pytest.importorskip("torch")

from counterspike.torch import LIF, LIFCell, audit  # noqa: E402
from counterspike.torch._flips import agreement, flipped  # noqa: E402


def replay(c, layer, flip=None):
    """One neuron in double precision; step `flip` has the other spike. Output, membrane and threshold."""
    m = 1 - 1 / layer.tau_m
    d = 0.0 if layer.tau_s is None else 1 - 1 / layer.tau_s
    beta, tau_b = 0.0, 1.0
    if layer.adaptation:
        beta, tau_b = layer.adaptation["strength"], layer.adaptation["time_constant"]
    v = a = b = 0.0
    outputs, membranes, thresholds = [], [], []
    for t, current in enumerate(c):
        theta = layer.threshold + beta * b
        u = m * v + current
        s = float(u > theta)
        seen = u
        if t == flip:
            s, seen = 1 - s, theta
        v = {"zero": seen * (1 - s), "subtraction": seen - layer.threshold * s, "none": seen}[layer.reset]
        a = d * a + (1 - d) * s
        b = (1 - 1 / tau_b) * b + s / tau_b
        outputs.append(a), membranes.append(u), thresholds.append(theta)
    return np.array(outputs), np.array(membranes), np.array(thresholds)


KINDS = [
    {"reset": reset, "tau_s": tau_s, "adaptation": adaptation}
    for reset in ("zero", "subtraction", "none")
    for tau_s in (None, 3.0)
    for adaptation in (None, {"strength": 0.5, "time_constant": 4.0})
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_train_is_that_of_the_equations(kind):
    layer = LIF(4.0, **kind, rule="neighborhood")
    c = 0.3 + 0.6 * torch.randn(12, generator=torch.Generator().manual_seed(4))
    for step in range(12):
        output, distance = flipped(layer, c, step)
        expected, membrane, threshold = replay(c.double().numpy(), layer, step)
        assert np.allclose(output.numpy(), expected, atol=1e-5)
        assert distance == pytest.approx(threshold[step] - replay(c.double().numpy(), layer)[1][step], abs=1e-5)
        assert not np.allclose(expected, replay(c.double().numpy(), layer)[0])


def network(**kind):
    torch.manual_seed(3)
    return torch.nn.Sequential(
        torch.nn.Linear(20, 30), LIF(**kind), torch.nn.Linear(30, 5), LIF(**kind)
    )


def squares(output, y):
    return (output - y).square().sum()


def batch():
    generator = torch.Generator().manual_seed(1)
    return (
        3 * torch.randn(6, 4, 20, generator=generator), torch.rand(6, 4, 5, generator=generator),
    )  # fmt: skip


def test_true_differences_are_those_of_the_whole_network():
    net, (x, y) = network(tau_m=5.0), batch()
    found = audit(net, (x, y), squares, flips=30, seed=2)
    assert [layer.name for layer in found.layers] == ["1", "3"]
    assert all(layer.flips == 30 and layer.effective > 0 for layer in found.layers)
    # The same flips, drawn again, through the network in double precision.
    generator = torch.Generator().manual_seed(2)
    weights = [(net[k].weight.detach().double().numpy(), net[k].bias.detach().double().numpy()) for k in (0, 2)]

    def layer_outputs(c, neuron=None, step=None):
        shape = c.shape
        flat = c.reshape(shape[0], -1)
        out = [replay(flat[:, n], net[1], step if n == neuron else None)[0] for n in range(flat.shape[1])]
        return np.stack(out, 1).reshape(shape)

    def run(stage=None, neuron=None, step=None):
        signal = x.double().numpy()
        for k, (w, b) in enumerate(weights):
            chosen = (neuron, step) if stage == k else (None, None)
            signal = layer_outputs(signal @ w.T + b, *chosen)
        return ((signal - y.double().numpy()) ** 2).sum()

    assert found.loss == pytest.approx(run(), rel=1e-5)
    for k, layer in enumerate(found.layers):
        count = 4 * (30, 5)[k]
        steps = torch.randint(6, (30,), generator=generator).tolist()
        neurons = torch.randint(count, (30,), generator=generator).tolist()
        for step, neuron, difference in zip(steps, neurons, layer.true):
            assert difference == pytest.approx(run(k, neuron, step) - run(), abs=1e-4)


def test_neighborhoods_predict_a_linear_loss_exactly():
    # δ = ΔL/(θ − u), so that δ·(θ − u) is the change of a loss that is linear in the output.
    layer = LIF(5.0, 3.0, distance="inversePower", power=1, clamp=1e6)
    g = torch.randn(8, 3, 7, generator=torch.Generator().manual_seed(5))
    c = 0.3 + 0.6 * torch.randn(8, 3, 7, generator=torch.Generator().manual_seed(6))
    result = audit(layer, c, lambda output: (output * g).sum(), flips=50)
    found = result.layers[0]
    assert found.effective == 50 and found.sign_agreement == 1.0
    assert found.correlation == pytest.approx(1, abs=1e-4)
    assert found.scale == pytest.approx(1, abs=1e-3)
    assert result.descent is None


def test_agreement_is_that_of_numpy():
    random = np.random.default_rng(0)
    true = random.normal(size=40)
    true[:5] = 0
    predicted = 2 * true + random.normal(size=40)
    effective, correlation, sign, scale, _, _ = agreement(list(predicted), list(true))
    assert effective == 35
    assert correlation == pytest.approx(np.corrcoef(predicted, true)[0, 1])
    assert sign == pytest.approx((np.sign(predicted) == np.sign(true))[5:].mean())
    assert scale == pytest.approx((predicted * true).sum() / (true * true).sum())
    assert agreement([1.0, 1.0], [0.0, 0.0])[1:4] == (None, None, None)


def test_the_model_stays_as_it_is():
    net, (x, y) = network(tau_m=5.0, rule="surrogate"), batch()
    net.insert(1, torch.nn.Dropout(0.5))
    net.append(torch.nn.BatchNorm1d(4))
    net(x).sum().backward()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    gradients = [p.grad.clone() for p in net.parameters() if p.grad is not None]
    random = torch.get_rng_state()
    first = audit(net, (x, y), squares, flips=5)
    assert first == audit(net, (x, y), squares, flips=5)
    assert first != audit(net, (x, y), squares, flips=5, seed=9)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert all(map(torch.equal, gradients, [p.grad for p in net.parameters() if p.grad is not None]))
    assert torch.equal(random, torch.get_rng_state())
    assert net.training and not any(m._forward_hooks or m._forward_pre_hooks for m in net.modules())


def test_descent_steps_against_the_gradient():
    net, (x, y) = network(tau_m=5.0, rule="surrogate"), batch()
    found = audit(net, (x, y), squares, flips=2)
    assert found.descent.before == found.loss == squares(net(x), y).item()
    length = torch.cat([p.detach().flatten() for p in net.parameters()]).norm()
    parameters = list(net.parameters())
    grads = torch.autograd.grad(squares(net(x), y), parameters)
    norm = torch.cat([g.flatten() for g in grads]).norm()
    initial = [p.detach().clone() for p in parameters]
    losses = []
    with torch.no_grad():
        for step in found.descent.steps:
            for p, start, g in zip(parameters, initial, grads):
                p.copy_(start - step * length / norm * g)
            losses.append(squares(net(x), y).item())
    assert len(set(losses)) > 2 and found.descent.lowest == min(found.descent.losses)
    assert found.descent.losses == pytest.approx(losses, rel=1e-4)


def test_the_result_is_a_table():
    found = audit(network(tau_m=5.0), batch(), squares, flips=4)
    lines = str(found).splitlines()
    assert lines[0].split() == ["layer", "rule", "flips", "with", "effect", "r", "sign", "scale"]
    assert lines[1].split()[:3] == ["1", "neighborhood", "4"]
    assert [row["name"] for row in found.table()] == ["1", "3"]


class Twice(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = LIF()

    def forward(self, x):
        return self.layer(self.layer(x))


C = torch.ones(3, 4)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: audit(torch.nn.Linear(4, 4), C, torch.sum), "no layer LIF"),
        (lambda: audit(LIFCell(), C, torch.sum), "LIFCell"),
        (lambda: audit(Twice(), C, torch.sum), "2 times"),
        (lambda: audit(LIF(), C, lambda output: output), "one number"),
        (lambda: audit(LIF(), C, lambda output: output.sum() * float("nan")), "finite"),
        (lambda: audit(LIF(), C, torch.sum, flips=0), "flips"),
        (lambda: audit(LIF(), C, torch.sum, steps=[-1]), "steps"),
        (lambda: audit(LIF(), (C, C, C), torch.sum), "3 parts"),
        (lambda: audit(LIF(), C.double(), torch.sum), "float64"),
    ],
)
def test_mistakes_are_exceptions(call, message):
    with pytest.raises(counterspike.CounterspikeError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
