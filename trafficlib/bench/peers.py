"""The peers of the benchmark: the same training step in PyTorch, JAX and Keras.

peers.py torch|jax|keras answers requests on standard input, a line of JSON each, as work.go does. Weights and data are
the same numbers on all sides, so that the losses can be compared: `number` is that of work.go. The JAX code is idiomatic:
lax.scan over the cell, with jit and donated weights. Keras runs on TensorFlow with its defaults.
"""

import json
import os
import sys
import time

import numpy as np

RATE = 0.1


def numbers(k, *dims):
    i = np.arange(int(np.prod(dims)), dtype=np.uint64)
    mask = np.uint64(0xFFFFFFFF)
    h = ((i + np.uint64(1)) * np.uint64(2654435761)) & mask
    h ^= np.uint64(((k + 1) * 40503) & 0xFFFFFFFF)
    h = ((h ^ (h >> np.uint64(15))) * np.uint64(2246822519)) & mask
    h = ((h ^ (h >> np.uint64(13))) * np.uint64(3266489917)) & mask
    h ^= h >> np.uint64(16)
    v = (h >> np.uint64(8)).astype(np.float32) / np.float32(1 << 24) - np.float32(0.5)
    return (v * np.float32(0.2)).reshape(dims)


def weights(s):
    """Kernel, recurrent kernel and bias of each layer, in the layout of Keras, then those of the dense layer."""
    g = 3 if s["cell"] == "gru" else 4
    h = s["h"]
    bias = (2, g * h) if s["cell"] == "gru" else (g * h,)
    shapes = [(s["f"], g * h), (h, g * h), bias]
    if s.get("decode"):
        shapes = shapes * 2 + [(h, s["f"]), (s["f"],)]
    return [numbers(k, *dims) for k, dims in enumerate(shapes)]


def data(s):
    out, width = (s["decode"], s["f"]) if s.get("decode") else (s["t"], s["h"])
    return numbers(100, s["b"], s["t"], s["f"]), numbers(101, s["b"], out, width)


class Torch:
    def __init__(self, s):
        import torch

        self.torch, self.s = torch, s
        w = weights(s)
        self.params = []
        self.encoder = self.layer(w[:3])
        if s.get("decode"):
            self.decoder = self.layer(w[3:6])
            self.dense = torch.nn.Linear(s["h"], s["f"])
            self.set(self.dense.weight, w[6].T)
            self.set(self.dense.bias, w[7])
            self.params += list(self.dense.parameters())
        self.x, self.y = (torch.from_numpy(v) for v in data(s))
        # The LSTM of Keras has one bias, that of PyTorch two that are added: the second stays zero.
        self.optimizer = torch.optim.SGD(self.params, lr=RATE)

    def set(self, parameter, value):
        with self.torch.no_grad():
            parameter.copy_(self.torch.from_numpy(np.ascontiguousarray(value)))

    def layer(self, w):
        h = self.s["h"]
        gru = self.s["cell"] == "gru"
        layer = (self.torch.nn.GRU if gru else self.torch.nn.LSTM)(self.s["f"], h, batch_first=True)

        def order(v):  # the gates are z, r, n in Keras, and r, z, n in PyTorch
            if not gru:
                return v
            z, r, n = np.split(v, 3, axis=-1)
            return np.concatenate([r, z, n], axis=-1)

        self.set(layer.weight_ih_l0, order(w[0]).T)
        self.set(layer.weight_hh_l0, order(w[1]).T)
        if gru:
            self.set(layer.bias_ih_l0, order(w[2][0]))
            self.set(layer.bias_hh_l0, order(w[2][1]))
        else:
            self.set(layer.bias_ih_l0, w[2])
            self.set(layer.bias_hh_l0, np.zeros_like(w[2]))
            layer.bias_hh_l0.requires_grad = False
        self.params += [p for p in layer.parameters() if p.requires_grad]
        return layer

    def predict(self):
        y, state = self.encoder(self.x)
        if not self.s.get("decode"):
            return y
        out, last = [], self.x[:, -1:]
        for _ in range(self.s["decode"]):
            y, state = self.decoder(self.torch.nn.functional.leaky_relu(last, 0.01), state)
            last = self.dense(y)
            out.append(last)
        return self.torch.cat(out, 1)

    def step(self):
        self.optimizer.zero_grad()
        loss = ((self.predict() - self.y) ** 2).mean()
        loss.backward()
        self.optimizer.step()
        return loss.item()


class Jax:
    def __init__(self, s):
        import jax
        import jax.numpy as jnp

        h, gru = s["h"], s["cell"] == "gru"

        def cell(w, state, z):
            if gru:
                r = state @ w[1] + w[2][1]
                g = jax.nn.sigmoid(z[:, : 2 * h] + r[:, : 2 * h])
                n = jnp.tanh(z[:, 2 * h :] + g[:, h:] * r[:, 2 * h :])
                out = (1 - g[:, :h]) * n + g[:, :h] * state
                return out, out
            out, c = state
            z = z + out @ w[1]
            i, f, o = (jax.nn.sigmoid(z[:, k * h : (k + 1) * h]) for k in (0, 1, 3))
            c = f * c + i * jnp.tanh(z[:, 2 * h : 3 * h])
            out = o * jnp.tanh(c)
            return (out, c), out

        def project(w, x):
            return x @ w[0] + (w[2][0] if gru else w[2])

        def predict(w, x):
            zero = jnp.zeros((s["b"], h))
            state, y = jax.lax.scan(lambda c, z: cell(w[:3], c, z), zero if gru else (zero, zero), project(w, x.transpose(1, 0, 2)))
            if s.get("decode"):
                def write(carry, _):
                    state, last = carry
                    state, y = cell(w[3:6], state, project(w[3:6], jax.nn.leaky_relu(last, 0.01)))
                    last = y @ w[6] + w[7]
                    return (state, last), last
                _, y = jax.lax.scan(write, (state, x[:, -1]), None, s["decode"])
            return y.transpose(1, 0, 2)

        def loss(w, x, y):
            return ((predict(w, x) - y) ** 2).mean()

        def step(w, x, y):
            value, grads = jax.value_and_grad(loss)(w, x, y)
            return value, [a - RATE * b for a, b in zip(w, grads)]

        self.w = [jnp.asarray(v) for v in weights(s)]
        self.x, self.y = (jnp.asarray(v) for v in data(s))
        self.run = jax.jit(step, donate_argnums=0).lower(self.w, self.x, self.y).compile()

    def step(self):
        loss, self.w = self.run(self.w, self.x, self.y)
        return float(loss)


class Keras:
    def __init__(self, s):
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        import keras
        import tensorflow as tf

        if s.get("decode"):
            raise NotImplementedError("a decoder that reads what it has written is a loop of the user's own in Keras")
        kind = keras.layers.GRU if s["cell"] == "gru" else keras.layers.LSTM
        layer = kind(s["h"], return_sequences=True)
        x, y = (tf.constant(v) for v in data(s))
        layer.build(x.shape)
        layer.set_weights(weights(s))
        optimizer = keras.optimizers.SGD(RATE)
        optimizer.build(layer.trainable_variables)

        @tf.function
        def step():
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((layer(x) - y) ** 2)
            grads = tape.gradient(loss, layer.trainable_variables)
            optimizer.apply(grads, layer.trainable_variables)
            return loss

        step.get_concrete_function()
        self.run = step

    def step(self):
        return float(self.run())


PEERS = {"torch": Torch, "jax": Jax, "keras": Keras}


def main():
    peer, made = PEERS[sys.argv[1]], None
    for line in sys.stdin:
        request, answer = json.loads(line), {}
        try:
            if "shape" in request:
                __import__({"keras": "tensorflow"}.get(sys.argv[1], sys.argv[1]))
                start = time.perf_counter()
                made = peer(request["shape"])
                answer["compile"] = time.perf_counter() - start
            else:
                seconds, losses, before = [], [], time.process_time()
                for _ in range(request["steps"]):
                    start = time.perf_counter()
                    losses.append(made.step())
                    seconds.append(time.perf_counter() - start)
                answer = {"seconds": seconds, "losses": losses, "cpu": time.process_time() - before}
        except Exception as e:
            answer = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
