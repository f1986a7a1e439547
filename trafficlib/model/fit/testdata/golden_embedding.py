"""Writes golden_embedding.safetensors: twenty steps of training notebook 5's model in Keras.

    python -m venv v && v/bin/pip install keras torch numpy safetensors && v/bin/python golden_embedding.py

The model of the original: Embedding(n -> 32), LSTM(32), Dense(1, sigmoid); rmsprop, binary cross-entropy, batches of 16,
here of 80 rows of 12 ids, four epochs. The order of the rows is that of golden_embedding.json, which package seq deals;
the test of package fit checks that it does. Under input/ the ids [80, 12], the labels [80], ids and labels to validate
on, the loss and the accuracy of each batch before its step [20], and the loss and the accuracy on the validation rows
after each epoch [4]; the weights before, and under end/ those after.
"""

import json
import os

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import torch
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
order = json.load(open(os.path.join(HERE, "golden_embedding.json")))
N, T, IDS = 80, 12, 30

keras.utils.set_random_seed(5)
rng = np.random.default_rng(5)
labels = rng.integers(0, 2, N + 16)
# Rows of one label have other ids more often, so that there is something to learn.
ids = np.where(rng.random((N + 16, T)) < 0.3 * labels[:, None], rng.integers(20, IDS, (N + 16, T)), rng.integers(0, IDS, (N + 16, T)))
model = keras.Sequential([keras.layers.Embedding(IDS, 32), keras.layers.LSTM(32), keras.layers.Dense(1, activation="sigmoid")])
model.build((None, T))
model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["acc"])
names = {"embedding": model.layers[0], "lstm": model.layers[1], "dense": model.layers[2]}


def weights(prefix):
    return {f"{prefix}{name}/{w.path.rsplit('/', 1)[1]}": w.value.detach().clone() for name, layer in names.items() for w in layer.weights}


out = {"input/ids": torch.tensor(ids[:N]).float(), "input/labels": torch.tensor(labels[:N]).float(),
       "input/valid_ids": torch.tensor(ids[N:]).float(), "input/valid_labels": torch.tensor(labels[N:]).float(), **weights("")}
losses, right, valid = [], [], []
for epoch in order:
    for batch in epoch:
        x, y = ids[batch], labels[batch].astype("float32")[:, None]
        loss, acc = model.test_on_batch(x, y)
        model.train_on_batch(x, y)
        losses.append(float(loss))
        right.append(float(acc))
    valid.append([float(v) for v in model.evaluate(ids[N:], labels[N:].astype("float32")[:, None], batch_size=16, verbose=0)])
out |= {"input/losses": torch.tensor(losses), "input/accuracies": torch.tensor(right), "input/valid": torch.tensor(valid), **weights("end/")}
path = os.path.join(HERE, "golden_embedding.safetensors")
save_file({k: v.contiguous() for k, v in out.items()}, path, metadata={"made_by": f"golden_embedding.py with keras {keras.__version__} on torch {torch.__version__}"})
os.chmod(path, 0o644)
