"""Golden values of the neurons of snnTorch, SpikingJelly and Norse, for our tests.

    python make_golden.py ../../Tests/CounterspikeTests/Golden/peers

One file a case. A file of single neurons holds currents and gradients [n, T] and what the package makes
of them: membranes before the reset, spikes, the gradients with respect to the currents (delta), and, where
the package trains them, to a neuron's membrane decay and threshold. A file of a network holds weights in
our scale, input and labels, and the spikes, membranes and weight gradients.

The packages are used as they come; where their conventions differ from ours, the comment at the case says
how they map. All fire where the membrane is strictly greater than the threshold but SpikingJelly, which
fires at the threshold, too: no membrane here comes nearer to it than 1e-3.
"""

import importlib.metadata
import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch

TAU_M, THRESHOLD = 4.0, 0.9
DECAY = 1 - 1 / TAU_M
NEURONS, STEPS = 16, 12


def save(path, tensors, metadata):
    """Writes safetensors: the length of the header, the header, the numbers."""
    header, data = {"__metadata__": metadata}, b""
    for name, tensor in tensors.items():
        array = tensor.detach().contiguous().numpy()
        kind = {"float32": "F32", "int64": "I64"}[str(array.dtype)]
        content = array.tobytes()
        header[name] = {
            "dtype": kind,
            "shape": list(array.shape),
            "data_offsets": [len(data), len(data) + len(content)],
        }
        data += content
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


class SingleNeurons:
    """Neurons side by side. `run` takes currents [T, n] and returns membranes before the reset, and spikes."""

    def __init__(self, run, constants=None, threshold=lambda spikes: THRESHOLD, **metadata):
        self.run = run
        self.constants = constants or (lambda: {})
        self.threshold = threshold
        self.metadata = metadata

    def save(self, folder, name, seed):
        torch.manual_seed(seed)
        drawn = 0.35 + 0.45 * torch.randn(STEPS, 4000)
        membrane, spikes = self.run(drawn)
        distance = (membrane - self.threshold(spikes)).abs()
        # A neuron that is above the threshold behind a reset by subtraction is another one in snnTorch.
        clear = (distance.min(0).values > 1e-3) & (membrane.max(0).values < 1.9 * THRESHOLD)
        clear &= spikes.sum(0) > 1
        currents = drawn[:, clear][:, :NEURONS].clone().requires_grad_()
        gradient = torch.randn(STEPS, NEURONS)
        membrane, spikes = self.run(currents)
        leaves = self.constants()
        for leaf in leaves.values():
            leaf.grad = None
        (spikes * gradient).sum().backward()
        tensors = {
            "current": currents.detach().T,
            "grad_output": gradient.T,
            "membrane": membrane.T,
            "spikes": spikes.T,
            "delta": currents.grad.T,
        }
        for key, leaf in leaves.items():
            tensors["grad_" + key] = leaf.grad.reshape(1)
        metadata = {
            "tau_m": TAU_M, "tau_s": 1, "threshold": THRESHOLD, "T": STEPS, "reset": "zero",
            "reset_gradient": "false", "strength": 0, "tau_b": 1,
        } | self.metadata
        save(folder / f"{name}.safetensors", tensors, {k: str(v) for k, v in metadata.items()})


def over_time(step):
    def run(currents):
        state, membranes, spikes = None, [], []
        for c in currents:
            membrane, spike, state = step(c, state)
            membranes.append(membrane)
            spikes.append(spike)
        return torch.stack(membranes), torch.stack(spikes)

    return run


# snnTorch. A reset by subtraction is by default delayed by one step, and the threshold that it takes away
# does not leak then: u[t] = m·u[t−1] + c[t] − θ·s[t−1]. With reset_delay=False it is ours, and the path of the
# gradient through the reset is there. Zero and none are the same with a delay, which cuts that path.

def snntorch_leaky(reset, delay, shape, trains=False):
    import snntorch
    from snntorch import surrogate

    grad = {"sigmoid": surrogate.sigmoid(slope=5), "arctangent": surrogate.atan(alpha=2.0)}[shape]
    neuron = snntorch.Leaky(
        beta=DECAY, threshold=THRESHOLD, spike_grad=grad, reset_mechanism=reset, reset_delay=delay,
        learn_beta=trains, learn_threshold=trains)

    def step(c, mem):
        mem = torch.zeros_like(c) if mem is None else mem
        undelayed = neuron.beta * mem + c
        spike, mem = neuron(c, mem)
        return (mem if delay else undelayed).detach(), spike, mem

    return SingleNeurons(
        over_time(step),
        (lambda: {"membrane_decay": neuron.beta, "threshold": neuron.threshold}) if trains else None,
        package="snntorch", version=importlib.metadata.version("snntorch"),
        reset={"subtract": "subtraction"}.get(reset, reset),
        reset_gradient=str(not delay).lower(), shape=shape,
        width=0.2 if shape == "sigmoid" else 1 / np.pi)


# SpikingJelly. With decay_input=False currents are not divided by τ. A reset voltage of None is the reset by
# subtraction. ParametricLIFNode trains w with 1/τ = σ(w), so that m = 1 − σ(w).

def spikingjelly(reset, detach, shape, parametric=False):
    from spikingjelly.activation_based import neuron, surrogate

    function = {"sigmoid": surrogate.Sigmoid(alpha=5.0), "arctangent": surrogate.ATan(alpha=2.0)}[shape]
    settings = dict(
        decay_input=False, v_threshold=THRESHOLD, v_reset=0.0 if reset == "zero" else None,
        surrogate_function=function, detach_reset=detach)
    if parametric:
        node = neuron.ParametricLIFNode(init_tau=TAU_M, **settings)
    else:
        node = neuron.LIFNode(tau=TAU_M, **settings)

    def run(currents):
        node.reset()
        membranes, spikes = [], []
        for c in currents:
            before = node.v if torch.is_tensor(node.v) else torch.zeros_like(c)
            decay = 1 - node.w.sigmoid() if parametric else DECAY
            membranes.append((decay * before + c).detach())
            spikes.append(node(c))
        return torch.stack(membranes), torch.stack(spikes)

    def constants():
        class Decay:
            """m, by the chain rule from w: dm/dw = −σ(w)·(1 − σ(w))."""

            @property
            def grad(self):
                sigma = node.w.sigmoid()
                return -node.w.grad / (sigma * (1 - sigma))

            @grad.setter
            def grad(self, value):
                node.w.grad = value

        return {"membrane_decay": Decay()}

    return SingleNeurons(
        run, constants if parametric else None,
        package="spikingjelly", version=importlib.metadata.version("spikingjelly"),
        reset="zero" if reset == "zero" else "subtraction", reset_gradient=str(not detach).lower(),
        shape=shape, width=0.2 if shape == "sigmoid" else 1 / np.pi)


# Norse. v[t] = v[t−1] + k·(i − v[t−1]) with k = dt/τ_mem: currents are multiplied by k, m = 1 − k. The reset is not
# detached. The triangle with α = 1 is ours of width 1; SuperSpike, the default, is 1/(1 + |x|)² whatever its α
# in this version, twice our fast sigmoid of width 1.
# The adaptive neuron (LSNN) gets its current one step later; b there is our θ + β·b before it decays, so that
# β = ρ·β_norse/(1 − ρ).

DT = 0.001


def norse_parameters(kind, synaptic_decay, **more):
    return kind(
        tau_syn_inv=torch.tensor((1 - synaptic_decay) / DT), tau_mem_inv=torch.tensor(1 / TAU_M / DT),
        v_leak=torch.tensor(0.0), v_th=torch.tensor(THRESHOLD), v_reset=torch.tensor(0.0),
        method="triangle", alpha=1.0, **more)


def norse_metadata():
    return dict(
        package="norse", version=importlib.metadata.version("norse"), reset_gradient="true",
        shape="triangle", width=1)


def norse_lif():
    from norse.torch.functional import lif

    p = norse_parameters(lif.LIFParameters, 0.0)

    def step(c, state):
        if state is None:
            state = lif.LIFFeedForwardState(v=torch.zeros_like(c), i=torch.zeros_like(c))
        before = DECAY * state.v + c
        spike, state = lif.lif_feed_forward_step(c * TAU_M, state, p, DT)
        return before.detach(), spike, state

    return SingleNeurons(over_time(step), **norse_metadata())


def norse_lsnn():
    from norse.torch.functional import lsnn

    rho, strength = 0.8, 0.3
    p = norse_parameters(
        lsnn.LSNNParameters, 0.0, tau_adapt_inv=torch.tensor((1 - rho) / DT),
        beta=torch.tensor(strength))

    def run(currents):
        zero = torch.zeros_like(currents[0])
        state = lsnn.LSNNFeedForwardState(v=zero, i=currents[0] * TAU_M, b=zero + THRESHOLD)
        membranes, spikes = [], []
        for t in range(len(currents)):
            following = currents[t + 1] * TAU_M if t + 1 < len(currents) else zero
            membranes.append((DECAY * state.v + currents[t]).detach())
            spike, state = lsnn.lsnn_feed_forward_step(following, state, p, DT)
            spikes.append(spike)
        return torch.stack(membranes), torch.stack(spikes)

    def threshold(spikes):
        b, thresholds = torch.zeros_like(spikes[0]), []
        for s in spikes:
            thresholds.append(THRESHOLD + rho * b)
            b = rho * b + strength * s
        return torch.stack(thresholds)

    return SingleNeurons(
        run, threshold=threshold, strength=rho * strength / (1 - rho), tau_b=1 / (1 - rho),
        **norse_metadata())


# Networks of two dense layers, the loss the cross-entropy of Σ_t a[t] with a the filtered output spikes.

def network(
        folder, name, seed, synaptic_time, layers, scale, recurrent=False, readout_scale=None, **metadata):
    """`layers`: two functions from currents [T, B, n] to membranes and spikes. `scale`: from our weights to theirs.

    The first of `recurrent` layers takes lateral weights, too. With a `readout_scale`, that of its weights, the
    second layer does not fire, and its membrane is the output.
    """
    decay = 1 - 1 / synaptic_time
    batch, inputs, hidden, classes = 3, 12, 10, 4
    for attempt in range(10_000):
        torch.manual_seed(seed + attempt)
        x = (torch.rand(STEPS, batch, inputs) < 0.35).float()
        size = 0.5 if metadata["reset"] == "subtraction" else 1
        first = (0.1 + 0.6 * size * torch.randn(hidden, inputs)).requires_grad_()
        second = (0.1 + 0.8 * size * torch.randn(classes, hidden)).requires_grad_()
        labels = torch.randint(classes, (batch,))
        lateral = (0.3 * torch.randn(hidden, hidden)).requires_grad_() if recurrent else None
        more = [lateral * scale] if recurrent else []
        membrane_1, spikes_1 = layers[0](x @ (first * scale).T, *more)
        membrane_2, spikes_2 = layers[1](spikes_1 @ (second * (readout_scale or scale)).T)
        firing = [membrane_1] if readout_scale else [membrane_1, membrane_2]
        together = torch.cat([membrane.flatten() for membrane in firing])
        # See SingleNeurons.save.
        is_clear = (together - THRESHOLD).abs().min() > 1e-3 and (
            (metadata["package"], metadata["reset"]) != ("snntorch", "subtraction")
            or together.max() < 1.95 * THRESHOLD)
        if is_clear and spikes_1.mean() > 0.1 and (readout_scale or spikes_2.mean() > 0.1):
            break
    else:
        sys.exit(f"{name}: no network keeps clear of its threshold")
    psc, total = torch.zeros_like(spikes_2[0]), torch.zeros_like(spikes_2[0])
    for s in spikes_2:
        psc = decay * psc + (1 - decay) * s
        total = total + psc
    if readout_scale:
        total = membrane_2.sum(0)
    loss = torch.nn.functional.cross_entropy(total, labels, reduction="sum")
    loss.backward()
    save(
        folder / f"{name}.safetensors",
        {
            "input": x.reshape(STEPS, batch, inputs, 1, 1), "labels": labels,
            "weight_1": first, "weight_2": second,
            "spikes_1": spikes_1, "spikes_2": spikes_2, "membrane_1": membrane_1, "membrane_2": membrane_2,
            "loss": loss.reshape(1), "grad_1": first.grad, "grad_2": second.grad,
        } | ({"lateral": lateral, "grad_lateral": lateral.grad} if recurrent else {}),
        {k: str(v) for k, v in ({"tau_m": TAU_M, "tau_s": synaptic_time, "threshold": THRESHOLD,
         "T": STEPS} | ({"recurrent": "true"} if recurrent else {})
         | ({"readout": "true"} if readout_scale else {}) | metadata).items()})


def snntorch_synaptic(reset, decay):
    """Synaptic filters the currents as ours filters the psc, without the factor 1 − d."""
    import snntorch
    from snntorch import surrogate

    neuron = snntorch.Synaptic(
        alpha=decay, beta=DECAY, threshold=THRESHOLD, spike_grad=surrogate.sigmoid(slope=5),
        reset_mechanism=reset, reset_delay=False)

    def run(currents):
        syn, mem = torch.zeros_like(currents[0]), torch.zeros_like(currents[0])
        membranes, spikes = [], []
        for c in currents:
            before = DECAY * mem + decay * syn + c
            spike, syn, mem = neuron(c, syn, mem)
            membranes.append(before)
            spikes.append(spike)
        return torch.stack(membranes), torch.stack(spikes)

    return run


def norse_synaptic(decay):
    from norse.torch.functional import lif

    p = norse_parameters(lif.LIFParameters, decay)

    def run(currents):
        zero = torch.zeros_like(currents[0])
        state, membranes, spikes = lif.LIFFeedForwardState(v=zero, i=zero), [], []
        for c in currents:
            membranes.append((state.v + (state.i + c - state.v) / TAU_M).detach())
            spike, state = lif.lif_feed_forward_step(c, state, p, DT)
            spikes.append(spike)
        return torch.stack(membranes), torch.stack(spikes)

    return run


# Recurrent neurons take the spikes, or their filtered ones, of the step before, as ours do; a readout is a
# neuron that is never reset and whose membrane is read.

def snntorch_recurrent():
    import snntorch
    from snntorch import surrogate

    def run(currents, lateral):
        neuron = snntorch.RLeaky(
            beta=DECAY, threshold=THRESHOLD, spike_grad=surrogate.sigmoid(slope=5), all_to_all=True,
            linear_features=lateral.shape[0], learn_recurrent=False, reset_mechanism="zero",
            reset_delay=False)
        neuron.recurrent.bias = None
        del neuron.recurrent.weight
        neuron.recurrent.weight = lateral
        spike, mem = torch.zeros_like(currents[0]), torch.zeros_like(currents[0])
        membranes, spikes = [], []
        for c in currents:
            membranes.append((DECAY * mem + c + spike @ lateral.T).detach())
            spike, mem = neuron(c, spike, mem)
            spikes.append(spike)
        return torch.stack(membranes), torch.stack(spikes)

    return run


def snntorch_readout(currents):
    import snntorch

    neuron, mem, membranes = snntorch.Leaky(beta=DECAY, reset_mechanism="none"), None, []
    for c in currents:
        _, mem = neuron(c, torch.zeros_like(c) if mem is None else mem)
        membranes.append(mem)
    return torch.stack(membranes), torch.zeros_like(currents)


def spikingjelly_recurrent():
    from spikingjelly.activation_based import layer, neuron, surrogate

    def run(currents, lateral):
        node = neuron.LIFNode(
            tau=TAU_M, decay_input=False, v_threshold=THRESHOLD, v_reset=0.0,
            surrogate_function=surrogate.Sigmoid(alpha=5.0), detach_reset=True)
        count = lateral.shape[0]
        container = layer.LinearRecurrentContainer(node, in_features=count, out_features=count, bias=False)
        del container.rc.weight
        container.rc.weight = torch.cat([torch.eye(count), lateral], 1)
        v, spike, membranes, spikes = 0, torch.zeros_like(currents[0]), [], []
        for c in currents:
            membranes.append((DECAY * v + c + spike @ lateral.T).detach())
            spike = container(c)
            v = node.v
            spikes.append(spike)
        return torch.stack(membranes), torch.stack(spikes)

    return run


def norse_recurrent(decay):
    from norse.torch.functional import lif

    p = norse_parameters(lif.LIFParameters, decay)

    def run(currents, lateral):
        zero = torch.zeros_like(currents[0])
        state, membranes, spikes = lif.LIFState(z=zero, v=zero, i=zero), [], []
        for c in currents:
            jump = state.i + c + state.z @ lateral.T
            membranes.append((state.v + (jump - state.v) / TAU_M).detach())
            spike, state = lif.lif_step(c, state, torch.eye(len(lateral)), lateral, p, DT)
            spikes.append(spike)
        return torch.stack(membranes), torch.stack(spikes)

    return run


def norse_readout(decay):
    from norse.torch.functional import leaky_integrator as li

    p = li.LIParameters(
        tau_syn_inv=torch.tensor((1 - decay) / DT), tau_mem_inv=torch.tensor(1 / TAU_M / DT),
        v_leak=torch.tensor(0.0))

    def run(currents):
        zero = torch.zeros_like(currents[0])
        state, membranes = li.LIState(v=zero, i=zero), []
        for c in currents:
            v, state = li.li_feed_forward_step(c, state, p, DT)
            membranes.append(v)
        return torch.stack(membranes), torch.zeros_like(currents)

    return run


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    singles = {
        "snntorch-leaky-zero": snntorch_leaky("zero", True, "sigmoid", trains=True),
        "snntorch-leaky-zero-undelayed": snntorch_leaky("zero", False, "sigmoid"),
        "snntorch-leaky-subtract-undelayed": snntorch_leaky("subtract", False, "sigmoid", trains=True),
        "snntorch-leaky-none": snntorch_leaky("none", True, "arctangent", trains=True),
        "spikingjelly-lif-hard": spikingjelly("zero", True, "sigmoid"),
        "spikingjelly-lif-hard-attached": spikingjelly("zero", False, "arctangent"),
        "spikingjelly-lif-soft": spikingjelly("subtract", True, "sigmoid"),
        "spikingjelly-lif-soft-attached": spikingjelly("subtract", False, "arctangent"),
        "spikingjelly-parametric-hard": spikingjelly("zero", True, "sigmoid", parametric=True),
        "spikingjelly-parametric-soft": spikingjelly("subtract", True, "arctangent", parametric=True),
        "norse-lif": norse_lif(),
        "norse-lsnn": norse_lsnn(),
    }
    for seed, (name, case) in enumerate(singles.items()):
        case.save(folder, name, seed)
    decay = 0.5
    for reset in ["zero", "subtract"]:
        network(
            folder, f"network-snntorch-synaptic-{reset}", 100, 2,
            [snntorch_synaptic(reset, decay) for _ in range(2)], 1 - decay, package="snntorch",
            version=importlib.metadata.version("snntorch"),
            reset={"subtract": "subtraction"}.get(reset, reset), reset_gradient="true",
            shape="sigmoid", width=0.2)
    for reset in ["zero", "subtract"]:
        network(
            folder, f"network-spikingjelly-lif-{reset}", 200, 1,
            [spikingjelly(reset, True, "sigmoid").run for _ in range(2)], 1, package="spikingjelly",
            version=importlib.metadata.version("spikingjelly"),
            reset={"subtract": "subtraction"}.get(reset, reset), reset_gradient="false",
            shape="sigmoid", width=0.2)
    network(
        folder, "network-norse-lif", 300, 2, [norse_synaptic(decay) for _ in range(2)],
        (1 - decay) * TAU_M, reset="zero", **norse_metadata())
    network(
        folder, "network-snntorch-recurrent", 400, 1, [snntorch_recurrent(), snntorch_readout], 1,
        recurrent=True, readout_scale=1, package="snntorch",
        version=importlib.metadata.version("snntorch"), reset="zero", reset_gradient="true",
        shape="sigmoid", width=0.2)
    network(
        folder, "network-spikingjelly-recurrent", 500, 1,
        [spikingjelly_recurrent(), spikingjelly("zero", True, "sigmoid").run], 1, recurrent=True,
        package="spikingjelly", version=importlib.metadata.version("spikingjelly"), reset="zero",
        reset_gradient="false", shape="sigmoid", width=0.2)
    network(
        folder, "network-norse-recurrent", 600, 2, [norse_recurrent(decay), norse_readout(decay)],
        (1 - decay) * TAU_M, recurrent=True, readout_scale=(1 - decay) * TAU_M, reset="zero",
        **(norse_metadata() | {"reset_gradient": "false"}))  # This step detaches the reset.
    print(f"wrote {sum(f.stat().st_size for f in folder.iterdir())} bytes to {folder}")


if __name__ == "__main__":
    main()
