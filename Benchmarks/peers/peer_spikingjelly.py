"""The network in SpikingJelly.

Multi-step mode throughout, in which SpikingJelly picks the implementation for the device itself
(its fused kernels are for GPUs; a CPU gets its PyTorch form). Hard reset, detached, and input not
divided by the time constant, as ours. Surrogate: sigmoid.
"""

import importlib.metadata
import torch
from spikingjelly.activation_based import functional, layer, neuron, surrogate

import common


class Network(common.Weights):
    def __init__(self, has_synapse):
        super().__init__()

        def neurons():
            lif = neuron.LIFNode(
                tau=common.MEMBRANE_TIME,
                decay_input=False,
                v_threshold=common.THRESHOLD,
                v_reset=0.0,
                surrogate_function=surrogate.Sigmoid(alpha=5.0),
                detach_reset=True,
                step_mode="m",
            )
            if not has_synapse:
                return lif
            synapse = layer.SynapseFilter(tau=common.SYNAPSE_TIME, step_mode="m")
            return torch.nn.Sequential(synapse, lif)

        if has_synapse:
            self.scale_weights(1 / common.SYNAPSE_TIME)
        self.neurons = torch.nn.ModuleList(neurons() for _ in range(4))

    def forward(self, images, steps):
        x = self.neurons[0](common.still_currents(self.conv_1, images, steps))
        x = common.all_steps(common.pool, x)
        x = self.neurons[1](common.all_steps(self.conv_2, x))
        x = common.all_steps(common.pool, x)
        x = self.neurons[2](self.dense_1(x.flatten(2)))
        return self.neurons[3](self.output(x))


def main():
    options = common.arguments(["synapse", "leaky"])
    network = Network(options.variant == "synapse")
    loss = common.KernelLoss(options.time_steps)

    def forward_loss(images, labels):
        functional.reset_net(network)
        return loss.of_spikes(network(images, options.time_steps), labels)

    version = importlib.metadata.version("spikingjelly")
    common.measure("SpikingJelly", version, options, network, forward_loss)


if __name__ == "__main__":
    main()
