"""The network in PyTorch with our neurons, counterspike.torch.LIF.

Weights are PyTorch's, as for the others; each layer's neurons are one call for all time steps, which pools
their output. The first layer's currents are the same at every step, which the neurons are told. Rule: neighborhood
aggregation, or a surrogate gradient like the others'. Needs the package (Scripts/wheel), or its sources on
PYTHONPATH and COUNTERSPIKE_LIBRARY.
"""

import counterspike
import torch
from counterspike.torch import LIF

import common


class Network(common.Weights):
    def __init__(self, rule, has_synapse):
        super().__init__()
        settings = {"width": 0.2} if rule == "surrogate" else {}
        tau_s = common.SYNAPSE_TIME if has_synapse else None
        self.neurons = torch.nn.ModuleList(
            LIF(
                common.MEMBRANE_TIME, tau_s, common.THRESHOLD, rule=rule, pool=pool, pool_mode="sum",
                **settings,
            )
            for pool in (2, 2, None, None)
        )

    def forward(self, images, steps):
        x = self.neurons[0](self.conv_1(images), repeat=steps)
        x = self.neurons[1](common.all_steps(self.conv_2, x))
        x = self.neurons[2](self.dense_1(x.flatten(2)))
        return self.neurons[3](self.output(x))


def main():
    variants = ["neighborhood", "surrogate", "neighborhood-leaky", "surrogate-leaky"]
    options = common.arguments(variants)
    rule, _, leaky = options.variant.partition("-")
    network = Network(rule, not leaky)
    loss = common.KernelLoss(options.time_steps)

    def forward_loss(images, labels):
        output = network(images, options.time_steps)
        return loss.of_spikes(output, labels) if leaky else loss.of_psc(output, labels)

    common.measure("counterspike.torch", counterspike.__version__, options, network, forward_loss)


if __name__ == "__main__":
    main()
