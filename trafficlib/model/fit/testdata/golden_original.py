"""Writes golden_original.safetensors: trainings of the encoder and decoder of notebook 2's original, in PyTorch.

    python -m venv v && v/bin/pip install torch numpy safetensors && v/bin/python golden_original.py

The original (TCPAnomalyDetectionSeq2Seq) takes one pair at a time, step by step: the encoder's GRU, then the decoder's
LeakyReLU, GRU and linear layer, whose first input is the first target; SGD on the sum of the steps' mean squared errors.
What it reports is that sum by the number of steps. For each length of target, without and with teacher forcing, under
NAME/: input [3, f], target [t, f], the losses of 12 iterations on this pair, the weights before, and under end/ after.
"""

import os

import torch
from safetensors.torch import save_file

F, H, STEPS, RATE = 4, 5, 12, 0.05
HERE = os.path.dirname(os.path.abspath(__file__))
out = {}
for length in [1, 7]:
    for forced in [False, True]:
        torch.manual_seed(length)
        name = f"{length}{'-forced' if forced else ''}/"
        parts = {"encoder": torch.nn.GRU(F, H), "decoder": torch.nn.GRU(F, H), "out": torch.nn.Linear(H, F)}

        def weights(prefix):
            for part, of in parts.items():
                for key, p in of.named_parameters():
                    out[f"{name}{prefix}{part}.{key}"] = p.detach().clone()

        source, target = torch.randn(3, F), torch.randn(length, F)
        out[name + "input"], out[name + "target"] = source, target
        weights("start/")
        optimizers = [torch.optim.SGD(p, RATE) for p in
                      [parts["encoder"].parameters(), [*parts["decoder"].parameters(), *parts["out"].parameters()]]]
        criterion, losses = torch.nn.MSELoss(), []
        for _ in range(STEPS):
            state, loss = torch.zeros(1, 1, H), 0
            for packet in source:
                _, state = parts["encoder"](packet.view(1, 1, F), state)
            packet = target[0]
            for k in range(length):
                y, state = parts["decoder"](torch.nn.functional.leaky_relu(packet.view(1, 1, F)), state)
                y = parts["out"](y[0])
                loss = loss + criterion(y, target[k].unsqueeze(0))
                packet = target[k] if forced else y.squeeze()
            for o in optimizers:
                o.zero_grad()
            loss.backward()
            for o in optimizers:
                o.step()
            losses.append(loss.item() / length)
        out[name + "losses"] = torch.tensor(losses)
        weights("end/")
path = os.path.join(HERE, "golden_original.safetensors")
save_file({k: v.contiguous() for k, v in out.items()}, path, metadata={"made_by": f"golden_original.py with torch {torch.__version__}"})
os.chmod(path, 0o644)
