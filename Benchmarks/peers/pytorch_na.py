"""Neighborhood aggregation in plain PyTorch, written from the paper's equations.

Yang, Zhang, Li, "Backpropagated Neighborhood Aggregation for Accurate Training of Spiking Neural
Networks" (ICML 2021). All T neighbors of a neuron are replayed side by side: O(T^2) additions and
multiplications, as in the paper, in T vector operations. This is no peer's program but what a
PyTorch user would write.
"""

import torch

import common

M = 1 - 1 / common.MEMBRANE_TIME
D = 1 - 1 / common.SYNAPSE_TIME
THETA = common.THRESHOLD


class Neurons(torch.autograd.Function):
    """psc of leaky integrate-and-fire neurons from currents [T, ...]."""

    @staticmethod
    def forward(context, currents):
        membrane = torch.empty_like(currents)
        psc = torch.empty_like(currents)
        v = torch.zeros_like(currents[0])
        a = torch.zeros_like(v)
        for t in range(currents.shape[0]):
            u = torch.add(currents[t], v, alpha=M, out=membrane[t])
            fired = u > THETA
            v = u.masked_fill(fired, 0)
            a = torch.add(fired * (1 - D), a, alpha=D, out=psc[t])
        context.save_for_backward(currents, membrane)
        return psc

    @staticmethod
    def backward(context, gradient):
        currents, membrane = context.saved_tensors
        steps = currents.shape[0]
        spikes = membrane > THETA
        # e[t] = g[t] + d e[t+1], and once more as in the authors' published form.
        error = torch.empty_like(gradient)
        once = twice = torch.zeros_like(gradient[0])
        for t in reversed(range(steps)):
            once = gradient[t] + D * once
            twice = once + D * twice
            error[t] = twice
        # Neighbor k: the spike at k inverted, from there on the same currents.
        x = torch.where(spikes, THETA, 0.0).to(currents.dtype)
        difference = torch.where(spikes, -error, error)
        real = spikes.to(currents.dtype)
        for j in range(1, steps):
            replayed = x[:j]
            replayed.mul_(M).add_(currents[j])
            fired = replayed > THETA
            difference[:j].addcmul_(fired.to(currents.dtype) - real[j], error[j])
            replayed.masked_fill_(fired, 0)
        distance = THETA - membrane
        weight = distance.pow_(-3).clamp_(-5, 5)
        return difference.mul_(1 - D).mul_(weight)


def main():
    options = common.arguments(["paper"])
    weights = common.Weights()
    loss = common.KernelLoss(options.time_steps)
    scales = 1 - D ** torch.arange(1, options.time_steps + 1).float()
    neurons = Neurons.apply

    def forward_loss(images, labels):
        c = scales[:, None, None, None, None] * weights.conv_1(images)
        a = common.all_steps(common.pool, neurons(c))
        a = common.all_steps(common.pool, neurons(common.all_steps(weights.conv_2, a)))
        a = neurons(weights.dense_1(a.flatten(2)))
        return loss.of_psc(neurons(weights.output(a)), labels)

    common.measure("PyTorch NA", torch.__version__, options, weights, forward_loss)


if __name__ == "__main__":
    main()
