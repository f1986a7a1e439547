"""The training loop of notebook 2's original, TCPAnomalyDetectionSeq2Seq, in PyTorch: one pair at a time, step by step.

original.py THREADS answers requests on standard input, a line of JSON each: first one with the file of the conversations,
their lengths and widths, then ones with a number of iterations. It answers with the processor time and the number of
packets of the iterations. The loop makes the same calls as the original: the GRU of the encoder for each of the first
packets, LeakyReLU, GRU and linear layer of the decoder for each of the others, one backward pass, and two optimizers.
"""

import json
import random
import sys
import time

import numpy as np
import torch
from torch import nn

if int(sys.argv[1]) > 0:
    torch.set_num_threads(int(sys.argv[1]))
random.seed(1)


class Encoder(nn.Module):
    def __init__(self, features, hidden):
        super().__init__()
        self.gru = nn.GRU(features, hidden)

    def forward(self, packet, state):
        return self.gru(packet.unsqueeze(0).unsqueeze(0), state)


class Decoder(nn.Module):
    def __init__(self, features, hidden):
        super().__init__()
        self.gru = nn.GRU(features, hidden)
        self.out = nn.Linear(hidden, features)
        self.relu = nn.LeakyReLU()

    def forward(self, packet, state):
        y, state = self.gru(self.relu(packet.unsqueeze(0).unsqueeze(0)), state)
        return self.out(y[0]), state


class Training:
    def __init__(self, c):
        rows = torch.from_numpy(np.fromfile(c["file"], dtype="<f4").reshape(-1, c["features"]).copy())
        self.pairs = [(s[: c["read"]], s[c["read"] :]) for s in rows.split(c["lengths"])]
        self.hidden = c["hidden"]
        self.encoder = Encoder(c["features"], c["hidden"])
        self.decoder = Decoder(c["features"], c["hidden"])
        self.optimizers = [torch.optim.SGD(m.parameters(), lr=c["rate"]) for m in (self.encoder, self.decoder)]
        self.criterion = nn.MSELoss()

    def step(self, source, target):
        state = torch.zeros(1, 1, self.hidden)
        for o in self.optimizers:
            o.zero_grad()
        loss = 0
        for packet in source:
            _, state = self.encoder(packet, state)
        packet = target[0]
        for truth in target:
            y, state = self.decoder(packet, state)
            packet = y.squeeze()
            loss = loss + self.criterion(y, truth.unsqueeze(0))
        loss.backward()
        for o in self.optimizers:
            o.step()
        return loss.item() / len(target)

    def steps(self, n):
        before, packets, losses = time.process_time(), 0, []
        for _ in range(n):
            pair = random.choice(self.pairs)
            losses.append(self.step(*pair))
            packets += len(pair[0]) + len(pair[1])
        return {"cpu": time.process_time() - before, "packets": packets, "losses": [sum(losses) / n]}


training = None
for line in sys.stdin:
    r = json.loads(line)
    try:
        if "pairs" in r:
            training = Training(r["pairs"])
            answer = {}
        else:
            answer = training.steps(r["steps"])
    except Exception as e:
        answer = {"error": f"{type(e).__name__}: {e}"}
    print(json.dumps(answer), flush=True)
