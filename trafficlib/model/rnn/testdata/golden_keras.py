"""Makes the files keras_*.safetensors: results of Keras layers.

    pip install torch keras numpy safetensors optree
    python golden_keras.py

They have the same content as those of golden_torch.py. keras_lstm and keras_gru are two Bidirectional layers with a
mask; the states are in the order of PyTorch: layer by layer, forward before reverse. keras_classifier and
keras_forecaster are models with a loss. The weights are called by their paths in Keras.
"""

import os

os.environ["KERAS_BACKEND"] = "torch"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import torch
from safetensors.torch import save_file

LAYERS, B, T, F, H = 2, 3, 6, 3, 4
HERE = os.path.dirname(os.path.abspath(__file__))


def golden(kind, layer):
    keras.utils.clear_session()
    keras.utils.set_random_seed(4)
    rng = np.random.default_rng(4)

    def random(*shape, grad=False):
        return torch.tensor(rng.standard_normal(shape), dtype=torch.float32, requires_grad=grad)

    stack = [keras.layers.Bidirectional(layer(H, return_sequences=True, return_state=True)) for _ in range(LAYERS)]
    lengths = torch.tensor([6, 4, 1])
    mask = torch.arange(T)[None, :] < lengths[:, None]
    x = random(B, T, F, grad=True)
    states = ["h", "c"] if kind == "lstm" else ["h"]
    start = {s: random(LAYERS * 2, B, H, grad=True) for s in states}

    y, end = x, []
    for k, bidirectional in enumerate(stack):
        initial = [start[s][2 * k + d] for d in range(2) for s in states]
        if not bidirectional.built:
            bidirectional.build(y.shape)
            for w in bidirectional.weights:  # nonzero biases make a stronger test
                w.assign(w + 0.1 * random(*w.shape))
        y, *final = bidirectional(y, initial_state=initial, mask=mask)
        end += final
    outputs = {"y": y}
    for i, s in enumerate(states):
        outputs[s + "n"] = torch.stack(end[i :: len(states)])

    out = {"input/x": x, "input/lengths": lengths.float()}
    out |= {f"input/{s}0": v for s, v in start.items()}
    out |= {w.path: w.value for bidirectional in stack for w in bidirectional.trainable_weights}
    loss = 0
    for name, value in outputs.items():
        cotangent = random(*value.shape)
        if name == "y":
            cotangent = cotangent * mask[:, :, None]
        loss = loss + (value * cotangent).sum()
        out |= {f"output/{name}": value, f"cotangent/{name}": cotangent}
    loss.backward()
    save(kind, out)


def save(name, out):
    """Writes tensors, and the gradients of those that have one."""
    for key in [k for k in out if out[k].requires_grad and not k.startswith("output/")]:
        out[f"gradient/{key}"] = out[key].grad
    out = {k: v.detach().clone().contiguous() for k, v in out.items()}
    save_file(out, os.path.join(HERE, f"keras_{name}.safetensors"),
              metadata={"made_by": f"golden_keras.py with keras {keras.__version__} on torch {torch.__version__}"})


def model(name, layers, x, target, loss_of):
    """A model with one output per sequence, three sequences of 6, 4 and 1 true steps, and the mean of its losses."""
    lengths = torch.tensor([6, 4, 1])
    mask = torch.arange(T)[None, :] < lengths[:, None]
    y = x
    for layer in layers:
        y = layer(y, mask=mask) if isinstance(layer, keras.layers.RNN) else layer(y)
    loss = loss_of(target, y).mean()
    loss.backward()
    out = {"input/x": x.reshape(B, T, -1).float(), "input/lengths": lengths.float(), "input/target": target[:, None],
           "input/target_lengths": torch.ones(B), "output/y": y[:, None], "output/loss": loss[None]}
    for layer in layers:
        out |= {w.path: w.value for w in layer.trainable_weights}
    save(name, out)


def start(seed):
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    return torch.Generator().manual_seed(seed)


def classifier():
    """Ids through an Embedding, a GRU and a Dense layer, with class weights as in Model.fit."""
    g = start(5)
    labels, weights = torch.tensor([3, 0, 1]), torch.tensor([1, 4, 0.5, 2])
    each = keras.losses.CategoricalCrossentropy(reduction=None)
    model("classifier", [keras.layers.Embedding(11, F), keras.layers.GRU(H), keras.layers.Dense(4, "softmax")],
          torch.randint(0, 11, (B, T), generator=g), torch.nn.functional.one_hot(labels, 4).float(),
          lambda target, y: each(target, y) * weights[labels])


def forecaster():
    """Predicts the next step: an LSTM and a Dense layer."""
    g = start(6)
    model("forecaster", [keras.layers.LSTM(H), keras.layers.Dense(F, "tanh")], torch.randn(B, T, F, generator=g),
          torch.randn(B, F, generator=g), keras.losses.MeanSquaredError(reduction=None))


golden("lstm", keras.layers.LSTM)
golden("gru", keras.layers.GRU)
classifier()
forecaster()
