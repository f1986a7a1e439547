"""Makes the files torch_*.safetensors: results of PyTorch.

    pip install torch numpy safetensors
    python golden_torch.py

torch_lstm, torch_gru, torch_layernorm and torch_peephole are recurrent layers; the first three have two layers and both
directions. They read three sequences of 6, 4 and 1 true steps of 6, from initial states. Each file contains input/x
[b, t, f], input/lengths [b], input/h0 (and c0) [layers*2, b, h], the weights under PyTorch's names, output/y [b, t, 2h]
and output/hn (and cn). Under cotangent/ it has the cotangents of all outputs, which are zero in the padding, and under
gradient/ the gradient of sum(output*cotangent) for all inputs and weights.

The others are models with a loss: input/target [b, t', out], input/target_lengths [b], output/y, output/loss [1], and
under gradient/ the gradients of the loss for all weights.
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
    states = ["h", "c"] if kind == "lstm" else ["h"]

    def read(x, lengths, start):
        packed, end = rnn(pack_padded_sequence(x, lengths, batch_first=True), start if kind == "lstm" else start[0])
        y, _ = pad_packed_sequence(packed, batch_first=True, total_length=T)
        return y, end if kind == "lstm" else (end,)

    save_layers(kind, states, LAYERS * 2, dict(rnn.named_parameters()), read)


def save_layers(name, states, count, weights, read):
    """Writes the results of recurrent layers: outputs, final states, and all gradients."""
    lengths = torch.tensor([6, 4, 1])
    x = torch.randn(B, T, F, requires_grad=True)
    start = {s: torch.randn(count, B, H, requires_grad=True) for s in states}

    y, end = read(x, lengths, tuple(start.values()))
    outputs = {"y": y}
    for s, value in zip(states, end):
        outputs[s + "n"] = value

    out = {"input/x": x, "input/lengths": lengths.float()}
    out |= {f"input/{s}0": v for s, v in start.items()}
    out |= weights
    loss = 0
    for key, value in outputs.items():
        cotangent = torch.randn(value.shape)
        if key == "y":
            cotangent = cotangent * mask_of(lengths, T)[:, :, None]
        loss = loss + (value * cotangent).sum()
        out |= {f"output/{key}": value, f"cotangent/{key}": cotangent}
    loss.backward()
    save(name, out)


def mask_of(lengths, steps):
    return (torch.arange(steps)[None, :] < lengths[:, None]).float()


def save(name, out):
    """Writes tensors, and the gradients of those that have one."""
    for key in [k for k in out if out[k].requires_grad and not k.startswith("output/")]:
        out[f"gradient/{key}"] = out[key].grad
    save_file({k: v.detach().contiguous() for k, v in out.items()}, os.path.join(HERE, f"torch_{name}.safetensors"),
              metadata={"made_by": f"golden_torch.py with torch {torch.__version__}"})


def layer_norm():
    """Two bidirectional layers, modules rnn0 and rnn1, each followed by a LayerNorm, norm0 and norm1."""
    torch.manual_seed(6)
    modules = torch.nn.ModuleDict()
    for k in range(LAYERS):
        modules[f"rnn{k}"] = torch.nn.LSTM(F if k == 0 else 2 * H, H, bidirectional=True, batch_first=True)
        modules[f"norm{k}"] = torch.nn.LayerNorm(2 * H)
        for p in modules[f"norm{k}"].parameters():  # other than 1 and 0 show more
            torch.nn.init.normal_(p)

    def read(y, lengths, start):
        ends = []
        for k in range(LAYERS):
            initial = tuple(s[2 * k : 2 * k + 2] for s in start)
            y, end = modules[f"rnn{k}"](pack_padded_sequence(y, lengths, batch_first=True), initial)
            y, _ = pad_packed_sequence(y, batch_first=True, total_length=T)
            y = modules[f"norm{k}"](y)
            ends.append(end)
        return y * mask_of(lengths, T)[:, :, None], [torch.cat(s) for s in zip(*ends)]

    save_layers("layernorm", ["h", "c"], LAYERS * 2, dict(modules.named_parameters()), read)


def peephole():
    """The LSTM whose gates see its cell state, which PyTorch lacks: written after Gers, Schraudolph and Schmidhuber
    (2002), with PyTorch's autograd for the gradients. Names and layouts of the weights are those of package rnn.
    """
    torch.manual_seed(7)

    def random(*shape):
        return (torch.randn(shape) / 2).requires_grad_()

    w = {"lstm/kernel": random(F, 4 * H), "lstm/recurrent_kernel": random(H, 4 * H), "lstm/bias": random(4 * H),
         "lstm/peephole": random(3, H)}

    def read(x, lengths, start):
        (h,), (c,) = start
        pi, pf, po = w["lstm/peephole"]
        ys = []
        for t in range(T):
            zi, zf, zg, zo = (x[:, t] @ w["lstm/kernel"] + h @ w["lstm/recurrent_kernel"] + w["lstm/bias"]).chunk(4, 1)
            i, f = torch.sigmoid(zi + pi * c), torch.sigmoid(zf + pf * c)
            next_c = f * c + i * torch.tanh(zg)
            next_h = torch.sigmoid(zo + po * next_c) * torch.tanh(next_c)
            inside = (t < lengths)[:, None]
            h, c = torch.where(inside, next_h, h), torch.where(inside, next_c, c)
            ys.append(h * inside)
        return torch.stack(ys, 1), (h[None], c[None])

    save_layers("peephole", ["h", "c"], 1, w, read)


def forecaster(name, module, last, mean):
    """Layers and a Linear, modules rnn and fc, and the squared error over true steps alone: their mean over the batch, or
    the mean over the sequences of each sequence's mean. With last, one output per sequence, from the final state.
    """
    torch.manual_seed(8)
    rnn, fc = module(F, H, num_layers=LAYERS, batch_first=True), torch.nn.Linear(H, F)
    lengths = torch.tensor([6, 4, 1])
    steps, target_lengths = (1, torch.ones(B, dtype=torch.int64)) if last else (T, lengths)
    x, target = torch.randn(B, T, F), torch.randn(B, steps, F)
    y, end = rnn(pack_padded_sequence(x, lengths, batch_first=True))
    y, _ = pad_packed_sequence(y, batch_first=True, total_length=T)
    if last:
        y = (end[0] if module is torch.nn.LSTM else end)[-1][:, None]
    mask = mask_of(target_lengths, steps)
    y = fc(y) * mask[:, :, None]
    errors = (((y - target) ** 2).mean(2) * mask).sum(1)
    loss = errors.sum() / mask.sum() if mean == "steps" else (errors / target_lengths).mean()
    save_model(name, loss, y, x, lengths, target, target_lengths, {"rnn": rnn, "fc": fc})


def save_model(name, loss, y, x, lengths, target, target_lengths, modules):
    """Writes the results of a model, and the gradients of its loss."""
    loss.backward()
    out = {"input/x": x, "input/lengths": lengths.float(), "input/target": target,
           "input/target_lengths": target_lengths.float(), "output/y": y, "output/loss": loss[None]}
    for prefix, module in modules.items():
        out |= {f"{prefix}.{n}": p for n, p in module.named_parameters()}
    save(name, out)


def classifier(pool):
    """A batch of ids through an Embedding, two bidirectional layers, a pool over the true steps and a Linear, modules
    embedding, rnn and fc. The loss of "last" and "max" is a cross-entropy with class weights, its sum divided by the
    number of sequences; that of "mean" is a binary cross-entropy of labels.
    """
    torch.manual_seed(9)
    embedding, fc = torch.nn.Embedding(11, F), torch.nn.Linear(2 * H, 4)
    rnn = torch.nn.LSTM(F, H, num_layers=LAYERS, bidirectional=True, batch_first=True)
    lengths = torch.tensor([6, 4, 1])
    mask = mask_of(lengths, T)
    ids = torch.randint(0, 11, (B, T))
    y, (h, _) = rnn(pack_padded_sequence(embedding(ids), lengths, batch_first=True))
    y, _ = pad_packed_sequence(y, batch_first=True, total_length=T)
    if pool == "last":
        row = torch.cat([h[-2], h[-1]], 1)
    elif pool == "mean":
        row = y.sum(1) / lengths[:, None]
    else:
        row = y.masked_fill(mask[:, :, None] == 0, -torch.inf).amax(1)
    z = fc(row)
    if pool == "mean":
        target = (torch.rand(B, 4) < 0.5).float()
        y, loss = torch.sigmoid(z), torch.nn.functional.binary_cross_entropy_with_logits(z, target)
    else:
        labels = torch.tensor([3, 0, 1])
        target, y = torch.nn.functional.one_hot(labels, 4).float(), torch.softmax(z, 1)
        weights = torch.tensor([1, 4, 0.5, 2])
        loss = torch.nn.functional.cross_entropy(z, labels, weights, reduction="sum") / B
    save_model(f"classifier_{pool}", loss, y[:, None], ids[:, :, None].float(), lengths, target[:, None],
               torch.ones(B), {"embedding": embedding, "rnn": rnn, "fc": fc})


def seq2seq():
    """The model of Seq2Seq: GRU encoder, decoder of LeakyReLU, GRU and Linear that reads its own output.

    The weights are those of the modules encoder, decoder and fc. The first input of the decoder is the first target.
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
    save("seq2seq", {k: v.detach() for k, v in out.items()})


golden("lstm", torch.nn.LSTM)
golden("gru", torch.nn.GRU)
seq2seq()
layer_norm()
peephole()
forecaster("forecaster_steps", torch.nn.LSTM, False, "steps")
forecaster("forecaster_sequences", torch.nn.GRU, False, "sequences")
forecaster("forecaster_last", torch.nn.LSTM, True, "steps")
for pool in ["last", "mean", "max"]:
    classifier(pool)
