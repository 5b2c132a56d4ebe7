"""Spiking neurons for PyTorch, whose forward passes and gradients are Counterspike's kernels.

    import torch
    from counterspike.torch import LIF

    network = torch.nn.Sequential(
        torch.nn.Linear(784, 300), LIF(tau_m=5), torch.nn.Linear(300, 10), LIF(tau_m=5))
    spikes = network(images_over_time)      # [T, B, 784] to [T, B, 10]
"""

from ._audit import audit
from ._lif import LIF, LIFCell, LIFState
from ._results import Descent, LayerAudit, TorchAudit
from ._threads import share as _share

_share()

__all__ = ["LIF", "Descent", "LIFCell", "LIFState", "LayerAudit", "TorchAudit", "audit"]
