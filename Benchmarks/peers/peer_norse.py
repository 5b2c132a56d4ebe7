"""The network in Norse.

Its time loops run over each layer's currents, which weights and pooling compute for all time steps
in one call. With a synapse: LIF; without: LIFBox. Surrogate: SuperSpike, Norse's default.
"""

import importlib.metadata

import norse.torch
import torch

import common

# One time step is 1 ms in Norse's units.
MEMBRANE = 1000 / common.MEMBRANE_TIME
SYNAPSE = 1000 / common.SYNAPSE_TIME


class Network(common.Weights):
    def __init__(self, has_synapse):
        super().__init__()
        if has_synapse:
            parameters = norse.torch.LIFParameters(
                tau_mem_inv=torch.tensor(MEMBRANE),
                tau_syn_inv=torch.tensor(SYNAPSE),
                v_th=torch.tensor(common.THRESHOLD),
            )
            self.neurons = torch.nn.ModuleList(norse.torch.LIF(parameters) for _ in range(4))
            self.scale_weights(common.MEMBRANE_TIME / common.SYNAPSE_TIME)
        else:
            parameters = norse.torch.LIFBoxParameters(
                tau_mem_inv=torch.tensor(MEMBRANE), v_th=torch.tensor(common.THRESHOLD)
            )
            self.neurons = torch.nn.ModuleList(
                norse.torch.Lift(norse.torch.LIFBoxCell(parameters)) for _ in range(4)
            )
            self.scale_weights(common.MEMBRANE_TIME)

    def fire(self, index, currents):
        return self.neurons[index](currents)[0]

    def forward(self, images, steps):
        x = self.fire(0, common.still_currents(self.conv_1, images, steps))
        x = common.all_steps(common.pool, x)
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

    version = importlib.metadata.version("norse")
    common.measure("Norse", version, options, network, forward_loss)


if __name__ == "__main__":
    main()
