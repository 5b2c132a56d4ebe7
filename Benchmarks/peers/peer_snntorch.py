"""The network in snnTorch.

Layer by layer: weights and pooling take all time steps in one call, neurons step by step, which
snnTorch has no other way for when they reset. Reset by subtraction, its default and faster than to
zero. Surrogate: fast sigmoid.
"""

import snntorch
import torch
from snntorch import surrogate

import common

BETA = 1 - 1 / common.MEMBRANE_TIME
ALPHA = 1 - 1 / common.SYNAPSE_TIME


class Network(common.Weights):
    def __init__(self, has_synapse):
        super().__init__()
        gradient = surrogate.fast_sigmoid(slope=25)
        settings = dict(threshold=common.THRESHOLD, spike_grad=gradient)
        self.has_synapse = has_synapse
        if has_synapse:
            self.scale_weights(1 - ALPHA)
            self.neurons = torch.nn.ModuleList(
                snntorch.Synaptic(alpha=ALPHA, beta=BETA, **settings) for _ in range(4)
            )
        else:
            self.neurons = torch.nn.ModuleList(
                snntorch.Leaky(beta=BETA, **settings) for _ in range(4)
            )

    def fire(self, index, currents):
        neuron = self.neurons[index]
        state = neuron.reset_mem()
        state = state if self.has_synapse else (state,)
        spikes = []
        for current in currents.unbind(0):
            fired, *state = neuron(current, *state)
            spikes.append(fired)
        return torch.stack(spikes)

    def forward(self, images, steps):
        x = common.still_currents(self.conv_1, images, steps)
        x = common.all_steps(common.pool, self.fire(0, x))
        x = self.fire(1, common.all_steps(self.conv_2, x))
        x = common.all_steps(common.pool, x)
        x = self.fire(2, self.dense_1(x.flatten(2)))
        return self.fire(3, self.output(x))


def main():
    options = common.arguments(["synapse", "leaky"])
    network = Network(options.variant == "synapse")
    loss = common.KernelLoss(options.time_steps)

    def forward_loss(images, labels):
        return loss.of_spikes(network(images, options.time_steps), labels)

    common.measure("snnTorch", snntorch.__version__, options, network, forward_loss)


if __name__ == "__main__":
    main()
