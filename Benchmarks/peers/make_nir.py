"""Makes the small .nir files of Tests with the programs that they are named for, and their spikes.

    python make_nir.py FOLDER        # snntorch 1.0.0, spikingjelly 2.0.0, norse 1.1.0, sinabs 3.1.3, nir 1.0.8

Each network.nir comes with network.safetensors: `input` [T, B, ...] and `output` [T, B, N], the spikes of
the network that made the file.
"""

import sys
from pathlib import Path

import nir
import numpy as np
import torch
from safetensors.torch import save_file

STEPS, SAMPLES = 20, 8


def keep(folder, name, graph, x, y):
    nir.write(folder / f"{name}.nir", graph)
    spikes = {"input": x.to(torch.uint8).contiguous(), "output": y.to(torch.uint8).contiguous()}
    save_file(spikes, folder / f"{name}.safetensors")
    print(name, f"{y.mean():.3f} spikes a neuron and step")


def snntorch(folder):
    import snntorch as snn
    from snntorch.export_nir import export_to_nir

    def run(net, x):
        from snntorch import utils

        utils.reset(net)
        return torch.stack([net(x[t])[0] for t in range(len(x))])

    args = dict(init_hidden=True, reset_mechanism="zero", reset_delay=False)
    # One value a neuron: with single numbers the package's own check of shapes fails.
    def leaky(n, **more):
        return snn.Leaky(torch.full((n,), 0.8), threshold=torch.ones(n), **more)

    def synaptic(n, **more):
        return snn.Synaptic(
            torch.full((n,), 0.5), torch.full((n,), 0.75), threshold=torch.ones(n), **more)

    for name, neuron in [("leaky", leaky), ("synaptic", synaptic)]:
        torch.manual_seed(1)
        bias = name == "leaky"
        net = torch.nn.Sequential(
            torch.nn.Linear(12, 16, bias=bias), neuron(16, **args),
            torch.nn.Linear(16, 5, bias=bias), neuron(5, output=True, **args))
        for parameter in net.parameters():
            if parameter.dim() == 2:
                parameter.data *= 3 if bias else 2
        x = (torch.rand(STEPS, SAMPLES, 12) < 0.4).float()
        with torch.no_grad():
            y = run(net, x)
            graph = export_to_nir(net, torch.rand(12))
        keep(folder, f"snntorch_{name}", graph, x, y)


def spikingjelly(folder):
    from spikingjelly.activation_based import functional, layer, neuron
    from spikingjelly.activation_based.nir_exchange import export_to_nir

    for name, make in [
        ("lif", lambda: neuron.LIFNode(tau=2.5, decay_input=False, v_reset=0.0)),
        ("if", lambda: neuron.IFNode(v_reset=0.0)),
        ("cuba", lambda: neuron.CUBALIFNode(c_decay=0.5, v_decay=0.75, v_reset=0.0)),
    ]:
        torch.manual_seed(2)
        bias = name != "cuba"
        net = torch.nn.Sequential(
            layer.Conv2d(2, 3, 3, padding=1, stride=1, bias=bias), make(), layer.AvgPool2d(2, 2),
            layer.Flatten(), layer.Linear(3 * 4 * 3, 5, bias=bias), make())
        for parameter in net.parameters():
            if parameter.dim() > 1:
                parameter.data *= 12 if bias else 4
        x = (torch.rand(STEPS, SAMPLES, 2, 8, 6) < 0.3).float()
        functional.reset_net(net)
        with torch.no_grad():
            y = torch.stack([net(x[t]) for t in range(STEPS)])
        functional.reset_net(net)
        graph = export_to_nir(net, torch.rand(1, 2, 8, 6))
        if not bias:
            # The package takes a convolution's bias for granted when it reads a file.
            for node in graph.nodes.values():
                if isinstance(node, nir.Conv2d) and node.bias is None:
                    node.bias = np.zeros(node.weight.shape[0], dtype=np.float32)
        keep(folder, f"spikingjelly_{name}", graph, x, y)


def norse(folder):
    import norse.torch as nt
    from norse.torch.module.lif_box import LIFBoxCell, LIFBoxParameters

    torch.manual_seed(3)
    # One value a neuron: nir.write refuses single numbers as arrays without axes.
    neuron = lambda n: LIFBoxCell(
        LIFBoxParameters(
            tau_mem_inv=torch.full((n,), 200.0), v_th=torch.full((n,), 0.4), v_leak=torch.zeros(n)))
    net = nt.SequentialState(torch.nn.Linear(12, 16), neuron(16), torch.nn.Linear(16, 5), neuron(5))
    for parameter in net.parameters():
        if parameter.dim() == 2:
            parameter.data *= 3
    x = (torch.rand(STEPS, SAMPLES, 12) < 0.4).float()
    state, outputs = None, []
    with torch.no_grad():
        for t in range(STEPS):
            y, state = net(x[t], state)
            outputs.append(y)
        graph = nt.to_nir(net, torch.rand(1, 12))
    keep(folder, "norse_lif", graph, x, torch.stack(outputs))


def sinabs(folder):
    import sinabs.activation as activation
    import sinabs.layers as layers
    from sinabs.nir import to_nir

    torch.manual_seed(4)
    neuron = lambda: layers.IAF(
        reset_fn=activation.MembraneReset(), spike_fn=activation.SingleSpike)
    net = torch.nn.Sequential(
        torch.nn.Linear(12, 16, bias=False), neuron(), torch.nn.Linear(16, 5, bias=False), neuron())
    for parameter in net.parameters():
        parameter.data *= 4
    x = (torch.rand(SAMPLES, STEPS, 12) < 0.4).float()
    with torch.no_grad():
        y = net(x)
        for module in net:
            if hasattr(module, "reset_states"):
                module.reset_states()
        graph = to_nir(net, torch.rand(1, 1, 12))
    keep(folder, "sinabs_if", graph, x.transpose(0, 1), y.transpose(0, 1))


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for make in [snntorch, spikingjelly, norse, sinabs]:
        make(target)
