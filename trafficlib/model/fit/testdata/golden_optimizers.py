"""Writes golden_optimizers.json: ten steps of each optimizer on given gradients, and a cosine schedule.

Keras 3 makes the numbers of Adam, RMSProp and clipping, PyTorch those of SGD, AdamW and the cosine: each is the
library whose meaning package fit documents. All is computed in float64.

    python -m venv v && v/bin/pip install torch keras && v/bin/python golden_optimizers.py
"""

import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch

STEPS = 10
SIZES = (3, 4)  # two tensors, so that a norm over both differs from that over each
RATE = 0.05

keras.config.set_floatx("float64")
rng = np.random.default_rng(1)
start = [rng.normal(size=n) for n in SIZES]
# Gradients over several orders of magnitude, and a step of nothing but zeros.
gradients = [[rng.normal(size=n) * 10.0 ** rng.integers(-4, 2) for n in SIZES] for _ in range(STEPS)]
gradients[4] = [np.zeros(n) for n in SIZES]


def with_torch(make):
    weights = [torch.tensor(w, requires_grad=True) for w in start]
    optimizer = make(weights)
    for step in gradients:
        for w, d in zip(weights, step):
            w.grad = torch.tensor(d)
        optimizer.step()
        yield np.concatenate([w.detach().numpy() for w in weights]).tolist()


def with_keras(optimizer):
    weights = [keras.Variable(w, dtype="float64") for w in start]
    for step in gradients:
        optimizer.apply([torch.tensor(d) for d in step], weights)
        yield np.concatenate([w.numpy() for w in weights]).tolist()


def case(name, weights, **config):
    return {"name": name, "config": {"LearningRate": RATE, **config}, "weights": list(weights)}


adam = keras.optimizers.Adam
cases = [
    case("Keras Adam", with_keras(adam(RATE)), Optimizer="adam"),
    case("Keras RMSprop", with_keras(keras.optimizers.RMSprop(RATE)), Optimizer="rmsprop"),
    case("Keras Adam, clipped", with_keras(adam(RATE, global_clipnorm=0.5)), Optimizer="adam", ClipNorm=0.5),
    case("Keras SGD, clipped", with_keras(keras.optimizers.SGD(RATE, global_clipnorm=0.5)), Optimizer="sgd", ClipNorm=0.5),
    case("PyTorch SGD", with_torch(lambda w: torch.optim.SGD(w, RATE)), Optimizer="sgd"),
    case("PyTorch SGD, momentum", with_torch(lambda w: torch.optim.SGD(w, RATE, momentum=0.9)), Optimizer="sgd", Momentum=0.9),
    case("PyTorch AdamW", with_torch(lambda w: torch.optim.AdamW(w, RATE)), Optimizer="adamw"),
    case("PyTorch AdamW, decay", with_torch(lambda w: torch.optim.AdamW(w, RATE, weight_decay=0.3)), Optimizer="adamw", WeightDecay=0.3),
]

weight = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([weight], RATE)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS, eta_min=0.01)
cosine = []
for _ in range(STEPS):
    cosine.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    schedule.step()

pathlib.Path(__file__).with_suffix(".json").write_text(
    json.dumps(
        {
            "made_by": f"golden_optimizers.py, torch {torch.__version__}, keras {keras.__version__}, numpy {np.__version__}",
            "sizes": SIZES,
            "start": np.concatenate(start).tolist(),
            "gradients": [np.concatenate(step).tolist() for step in gradients],
            "cases": cases,
            "cosine": {"rate": RATE, "least": 0.01, "rates": cosine},
        },
        indent=1,
    )
    + "\n"
)
