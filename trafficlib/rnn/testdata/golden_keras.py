"""The source of keras_lstm.safetensors and keras_gru.safetensors: what Keras' layers give.

    pip install torch keras numpy safetensors optree
    python golden_keras.py

The same as golden_torch.py has, with two Bidirectional layers of Keras under a mask. The weights have the paths that
Keras gives them; the states have the order of PyTorch: layer by layer, forwards before backwards.
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
            for w in bidirectional.weights:  # biases that are not zero show more
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
    for name in [n for n in out if out[n].requires_grad and not n.startswith("output/")]:
        out[f"gradient/{name}"] = out[name].grad
    out = {n: v.detach().clone().contiguous() for n, v in out.items()}
    save_file(out, os.path.join(HERE, f"keras_{kind}.safetensors"),
              metadata={"made_by": f"golden_keras.py with keras {keras.__version__} on torch {torch.__version__}"})


golden("lstm", keras.layers.LSTM)
golden("gru", keras.layers.GRU)
