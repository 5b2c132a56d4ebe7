"""A residual and a recurrent network in SpikingJelly and in snnTorch, beside graph_residual.yaml and
graph_recurrent.yaml.

    python graph_networks.py --network residual --program spikingjelly --time-steps 5 --batch 32
    counterspike bench graph_residual.yaml

All neurons are leaky integrate-and-fire ones without a synapse, the form that both packages are fastest in:
reset to zero, sigmoid surrogate. The loss is the cross-entropy of the summed output spikes.

residual: images of 3x32x32, 16C3 and three SEW blocks of two 3x3 convolutions (16, 32 with stride 2, 32), batch
normalization behind each, global average pooling, ten outputs. recurrent: 140 inputs that fire with
probability 0.1, 128 neurons with lateral weights, twenty outputs.
"""

import importlib.metadata

import torch
import torch.nn.functional as F
from torch import nn

import common


def spikingjelly_neurons():
    from spikingjelly.activation_based import neuron, surrogate

    return neuron.LIFNode(
        tau=common.MEMBRANE_TIME, decay_input=False, v_threshold=common.THRESHOLD, v_reset=0.0,
        surrogate_function=surrogate.Sigmoid(alpha=5.0), detach_reset=True, step_mode="m")


class SnnTorchNeurons(nn.Module):
    def __init__(self):
        super().__init__()
        import snntorch
        from snntorch import surrogate

        self.neuron = snntorch.Leaky(
            beta=1 - 1 / common.MEMBRANE_TIME, threshold=common.THRESHOLD,
            spike_grad=surrogate.sigmoid(slope=5), reset_mechanism="zero")

    def forward(self, currents):
        membrane, spikes = torch.zeros_like(currents[0]), []
        for current in currents.unbind(0):
            fired, membrane = self.neuron(current, membrane)
            spikes.append(fired)
        return torch.stack(spikes)


class Convolution(nn.Module):
    """A convolution, batch normalization over all time steps, neurons."""

    def __init__(self, neurons, inputs, outputs, kernel=3, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.normalization = nn.BatchNorm2d(outputs)
        self.neurons = neurons()

    def forward(self, x):
        return self.neurons(common.all_steps(lambda y: self.normalization(self.conv(y)), x))


class Block(nn.Module):
    def __init__(self, neurons, inputs, outputs, stride=1):
        super().__init__()
        self.layers = nn.Sequential(
            Convolution(neurons, inputs, outputs, stride=stride), Convolution(neurons, outputs, outputs))
        self.shortcut = nn.Identity()
        if inputs != outputs:
            self.shortcut = Convolution(neurons, inputs, outputs, kernel=1, stride=stride)

    def forward(self, x):
        return self.layers(x) + self.shortcut(x)


class Residual(nn.Module):
    def __init__(self, neurons, steps):
        super().__init__()
        self.steps = steps
        self.blocks = nn.Sequential(
            Convolution(neurons, 3, 16), Block(neurons, 16, 16), Block(neurons, 16, 32, 2),
            Block(neurons, 32, 32))
        self.output = nn.Linear(32, 10, bias=False)
        self.neurons = neurons()

    def forward(self, images):
        x = self.blocks(images.unsqueeze(0).expand(self.steps, -1, -1, -1, -1))
        return self.neurons(self.output(x.mean((-1, -2))))


class Recurrent(nn.Module):
    def __init__(self, program):
        super().__init__()
        self.program = program
        self.input = nn.Linear(140, 128, bias=False)
        self.output = nn.Linear(128, 20, bias=False)
        if program == "spikingjelly":
            from spikingjelly.activation_based import layer

            node = spikingjelly_neurons()
            node.step_mode = "s"
            self.recurrent = layer.LinearRecurrentContainer(
                node, in_features=128, out_features=128, bias=False, step_mode="m")
            self.neurons = spikingjelly_neurons()
        else:
            import snntorch
            from snntorch import surrogate

            self.recurrent = snntorch.RLeaky(
                beta=1 - 1 / common.MEMBRANE_TIME, threshold=common.THRESHOLD,
                spike_grad=surrogate.sigmoid(slope=5), all_to_all=True, linear_features=128,
                reset_mechanism="zero")
            self.neurons = SnnTorchNeurons()

    def forward(self, x):
        x = self.input(x)
        if self.program == "spikingjelly":
            return self.neurons(self.output(self.recurrent(x)))
        spike, membrane = torch.zeros_like(x[0]), torch.zeros_like(x[0])
        spikes = []
        for current in x.unbind(0):
            spike, membrane = self.recurrent(current, spike, membrane)
            spikes.append(spike)
        return self.neurons(self.output(torch.stack(spikes)))


def main():
    def more(parser):
        parser.add_argument("--network", choices=["residual", "recurrent"], default="residual")
        parser.add_argument("--program", choices=["spikingjelly", "snntorch"], default="spikingjelly")

    options = common.arguments(["leaky"], more)
    neurons = spikingjelly_neurons if options.program == "spikingjelly" else SnnTorchNeurons
    if options.network == "residual":
        network = Residual(neurons, options.time_steps)
        samples = torch.randn(options.batch, 3, 32, 32)
        labels = torch.arange(options.batch) % 10
    else:
        network = Recurrent(options.program)
        samples = (torch.rand(options.time_steps, options.batch, 140) < 0.1).float()
        labels = torch.arange(options.batch) % 20

    def forward_loss(samples, labels):
        if options.program == "spikingjelly":
            from spikingjelly.activation_based import functional

            functional.reset_net(network)
        return F.cross_entropy(network(samples).sum(0), labels, reduction="sum")

    version = importlib.metadata.version(options.program)
    common.measure(
        options.program, version, options, network, forward_loss, batch=(samples, labels))


if __name__ == "__main__":
    main()
