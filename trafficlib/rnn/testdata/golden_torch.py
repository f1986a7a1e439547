"""The source of torch_lstm.safetensors and torch_gru.safetensors: what PyTorch's layers give.

    pip install torch numpy safetensors
    python golden_torch.py

Two layers, both directions, three sequences of 6, 4 and 1 true steps out of 6, initial states. In each file:
input/x [b, t, f], input/lengths [b], input/h0 (and c0) [layers*2, b, h], the weights under PyTorch's names, output/y
[b, t, 2h], output/hn (and cn), the cotangents of all outputs under cotangent/, which are zero where there is only
padding, and under gradient/ the gradient of sum(output*cotangent) for all inputs and weights.
"""

import os

import torch
from safetensors.torch import save_file
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

LAYERS, B, T, F, H = 2, 3, 6, 3, 4
HERE = os.path.dirname(os.path.abspath(__file__))


def golden(kind, module):
    torch.manual_seed(4)
    rnn = module(F, H, num_layers=LAYERS, bidirectional=True, batch_first=True)
    lengths = torch.tensor([6, 4, 1])
    x = torch.randn(B, T, F, requires_grad=True)
    states = ["h", "c"] if kind == "lstm" else ["h"]
    start = {s: torch.randn(LAYERS * 2, B, H, requires_grad=True) for s in states}
    initial = tuple(start.values()) if kind == "lstm" else start["h"]

    packed, end = rnn(pack_padded_sequence(x, lengths, batch_first=True), initial)
    y, _ = pad_packed_sequence(packed, batch_first=True, total_length=T)
    outputs = {"y": y}
    for s, value in zip(states, end if kind == "lstm" else (end,)):
        outputs[s + "n"] = value

    out = {"input/x": x, "input/lengths": lengths.float()}
    out |= {f"input/{s}0": v for s, v in start.items()}
    out |= dict(rnn.named_parameters())
    loss = 0
    for name, value in outputs.items():
        cotangent = torch.randn(value.shape)
        if name == "y":
            cotangent = cotangent * (torch.arange(T)[None, :, None] < lengths[:, None, None])
        loss = loss + (value * cotangent).sum()
        out |= {f"output/{name}": value, f"cotangent/{name}": cotangent}
    loss.backward()
    for name in [n for n in out if out[n].requires_grad and not n.startswith("output/")]:
        out[f"gradient/{name}"] = out[name].grad
    out = {n: v.detach().contiguous() for n, v in out.items()}
    save_file(out, os.path.join(HERE, f"torch_{kind}.safetensors"),
              metadata={"made_by": "golden_torch.py", "torch": torch.__version__})


golden("lstm", torch.nn.LSTM)
golden("gru", torch.nn.GRU)
