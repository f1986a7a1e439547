"""Writes golden_lstm.safetensors and golden_gru.safetensors: ten steps of training in PyTorch.

    python -m venv v && v/bin/pip install torch numpy safetensors && v/bin/python golden_training.py

A classifier of two layers in both directions, modules rnn and fc, on a ragged batch: input/x [b, t, f], input/lengths [b],
input/class [b], the weights before, under end/ those after, and input/losses [10], the cross-entropies that the steps
began with. The LSTM learns by SGD with momentum, the GRU by AdamW. PyTorch's LSTM has two biases where package rnn has
their sum, and would change both; here the second is zero and stays so.
"""

import os

import torch
from safetensors.torch import save_file
from torch.nn.utils.rnn import pack_padded_sequence

B, T, F, H, CLASSES, STEPS = 3, 6, 3, 4, 3, 10
HERE = os.path.dirname(os.path.abspath(__file__))


def golden(name, module, make):
    torch.manual_seed(10)
    rnn, fc = module(F, H, num_layers=2, bidirectional=True, batch_first=True), torch.nn.Linear(2 * H, CLASSES)
    if module is torch.nn.LSTM:
        for key, p in rnn.named_parameters():
            if key.startswith("bias_hh"):
                torch.nn.init.zeros_(p).requires_grad_(False)
    lengths, labels, x = torch.tensor([6, 4, 1]), torch.tensor([2, 0, 1]), torch.randn(B, T, F)
    out = {"input/x": x, "input/lengths": lengths.float(), "input/class": labels.float()}

    def weights(prefix):
        for part, of in [("rnn", rnn), ("fc", fc)]:
            for key, p in of.named_parameters():
                out[f"{prefix}{part}.{key}"] = p.detach().clone()

    weights("")
    optimizer = make([p for p in [*rnn.parameters(), *fc.parameters()] if p.requires_grad])
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        end = rnn(pack_padded_sequence(x, lengths, batch_first=True))[1]
        h = end[0] if module is torch.nn.LSTM else end
        loss = torch.nn.functional.cross_entropy(fc(torch.cat([h[-2], h[-1]], 1)), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    weights("end/")
    out["input/losses"] = torch.tensor(losses)
    path = os.path.join(HERE, f"golden_{name}.safetensors")
    save_file(out, path, metadata={"made_by": f"golden_training.py with torch {torch.__version__}"})
    os.chmod(path, 0o644)


golden("lstm", torch.nn.LSTM, lambda w: torch.optim.SGD(w, 0.2, momentum=0.9))
golden("gru", torch.nn.GRU, lambda w: torch.optim.AdamW(w, 0.02, weight_decay=0.1))
