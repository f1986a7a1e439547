"""The source of torch_lstm.safetensors, torch_gru.safetensors and torch_seq2seq.safetensors: what PyTorch gives.

    pip install torch numpy safetensors
    python golden_torch.py

In the first two: two layers, both directions, three sequences of 6, 4 and 1 true steps out of 6, initial states. In each file:
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
              metadata={"made_by": f"golden_torch.py with torch {torch.__version__}"})


def seq2seq():
    """The model of Seq2Seq: GRU encoder, decoder of LeakyReLU, GRU and Linear that reads its own output.

    Names of the weights are those of modules encoder, decoder and fc; the decoder's first input is the first target.
    """
    torch.manual_seed(5)
    encoder, decoder, fc = torch.nn.GRU(F, H, batch_first=True), torch.nn.GRU(F, H, batch_first=True), torch.nn.Linear(H, F)
    lengths = torch.tensor([6, 4, 1])
    x, target = torch.randn(B, T, F), torch.randn(B, 5, F)
    _, h = encoder(pack_padded_sequence(x, lengths, batch_first=True))
    step, ys = target[:, :1], []
    for _ in range(target.shape[1]):
        y, h = decoder(torch.nn.functional.leaky_relu(step), h)
        step = fc(y)
        ys.append(step)
    y = torch.cat(ys, 1)
    ((y - target) ** 2).mean().backward()
    out = {"input/x": x, "input/lengths": lengths.float(), "input/target": target, "output/y": y}
    for prefix, module in [("encoder.", encoder), ("decoder.", decoder), ("fc.", fc)]:
        for name, p in module.named_parameters():
            out |= {prefix + name: p, "gradient/" + prefix + name: p.grad}
    save_file({n: v.detach().contiguous() for n, v in out.items()}, os.path.join(HERE, "torch_seq2seq.safetensors"),
              metadata={"made_by": f"golden_torch.py with torch {torch.__version__}"})


golden("lstm", torch.nn.LSTM)
golden("gru", torch.nn.GRU)
seq2seq()
