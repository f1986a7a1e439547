"""The peer of the benchmark: one stage of reading session files with Python's json and numpy.

peer.py STAGE SESSIONS WORK BATCH_SIZE STEPS prints its measurement as a line of JSON, as stage.go does. The code is
written for speed and little memory: one pass, and no lists of lists that outlive a session.
"""

import hashlib
import json
import os
import sys
import time

import numpy as np

LEAST = 1.0  # seconds of all epochs together, for batches


def session(line):
    """A line `[f0, …], [f0, …], ` as an array [packets, features]."""
    return np.asarray(json.loads(b"[" + line.rstrip().rstrip(b",") + b"]"), dtype=np.float32)


def index(path):
    offsets, at = [], 0
    with open(path, "rb") as f:
        for line in f:
            offsets.append(at)
            at += len(line)
    return np.asarray(offsets, dtype=np.int64)


def convert(path, work):
    """Writes packets to a file of float32 and the offsets of the sessions to another, and hashes the text."""
    digest, starts, features = hashlib.sha256(), [0], 0
    with open(path, "rb") as f, open(work + ".f32", "wb") as out:
        for line in f:
            digest.update(line)
            rows = session(line)
            features = rows.shape[1]
            out.write(rows.tobytes())
            starts.append(starts[-1] + len(rows))
        out.flush()
        os.fsync(out.fileno())
    np.savez(work + ".npz", starts=np.asarray(starts, dtype=np.int64), features=features, sha256=digest.hexdigest())
    return starts[-1]


def from_text(path, work):
    """Reads session i from the text, by its offset."""
    offsets = np.load(work + ".offsets.npy")
    f = open(path, "rb")

    def at(i):
        f.seek(offsets[i])
        return session(f.readline())

    return at, len(offsets)


def from_converted(work):
    """Reads session i from the converted file, which is mapped."""
    made = np.load(work + ".npz")
    starts = made["starts"]
    rows = np.memmap(work + ".f32", dtype=np.float32, mode="r").reshape(-1, int(made["features"]))
    return lambda i: rows[starts[i] : starts[i + 1]], len(starts) - 1


def batches(at, n, batch_size, steps):
    """Makes one or more epochs of shuffled batches, padded, with the input shifted by one after a zero row."""
    features = at(0).shape[1]
    order = np.random.default_rng(1)
    made, start, before = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < LEAST:
        count = 0
        shuffled = order.permutation(n)
        for first in range(0, n, batch_size):
            chosen = shuffled[first : first + batch_size]
            data = np.zeros((len(chosen), steps, features), dtype=np.float32)
            target = np.zeros((len(chosen), steps, features), dtype=np.float32)
            lengths = np.empty(len(chosen), dtype=np.int32)
            for k, i in enumerate(chosen):
                rows = at(i)[:steps]
                target[k, : len(rows)] = rows
                lengths[k] = len(rows)
            data[:, 1:] = target[:, :-1]
            made += 1
            count += int(lengths.sum())
    cpu = time.process_time() - before
    return {"seconds": time.perf_counter() - start, "cpu": cpu, "batches": made, "count": count}


def main():
    stage, path, work, batch_size, steps = sys.argv[1:]
    size, start, before = os.path.getsize(path), time.perf_counter(), time.process_time()
    if stage == "index":
        offsets = index(path)
        result = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - before, "bytes": size, "count": len(offsets)}
        np.save(work + ".offsets.npy", offsets)
    elif stage == "read":
        with open(path, "rb") as f:
            count = sum(len(session(line)) for line in f)
        result = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - before, "bytes": size, "count": count}
    elif stage == "convert":
        count = convert(path, work)
        result = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - before, "bytes": size, "count": count}
    elif stage == "batches":
        result = batches(*from_text(path, work), int(batch_size), int(steps))
    elif stage == "batches of converted":
        result = batches(*from_converted(work), int(batch_size), int(steps))
    else:
        sys.exit(f"{stage}: no such stage")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
