#!/usr/bin/env python3
"""Writes golden_forecast.json: forecasts and labels of a simulated series by pandas and the original of notebook 3.

    pip install pandas && python golden_forecast.py

The loops are those of the original: labels by the slope between two points, the ranges around them, and the pairs of
ranges and detections. Only > is replaced by >=, as in its README.
"""

import json
import pathlib

import numpy as np
import pandas as pd

rng = np.random.default_rng(3)
level = 2_000_000.0
y = []
for i in range(200):
    level += 0.2 * (2_000_000 - level) + rng.normal(0, 150_000)
    y.append(float(round(level * rng.choice([1] * 24 + [1.6]))))
s = pd.Series(y)
weights = {"2": [50, 100], "5": [10, 20, 30, 60, 80]}
rolling = {k: s.rolling(len(w)).apply(lambda x, w=w: np.dot(x, w) / np.sum(w), raw=True).shift(1) for k, w in weights.items()}


def relative(f):
    return float(((f - s).abs() / s).mean())


def label(values, threshold, error):
    marked, ranges = set(), []
    for i in range(len(values) - 1):
        if values[i + 1] / values[i] >= threshold:
            point = i + 1
            ranges.append([point - error, point + error])
            marked.add(point)
            for k in range(1, error):
                marked.update((point - k, point + k))
    return ranges, sorted(marked)


def pairs(ranges, predicted):
    tp = fn = 0
    for start, end in ranges:
        hits = [p for p in predicted if start < p < end]
        tp += len(hits)
        fn += not hits
    return tp, fn


ranges, marked = label(y, 1.3, 5)
smoothed = s.ewm(span=6).mean()
short = s.ewm(span=2).mean()
drops = [i for i in range(len(y) - 1) if short[i] / short[i + 1] > 1.1]
tp, fn = pairs(ranges, drops)
golden = {
    "pandas": pd.__version__,
    "values": y,
    "weighted": {k: [None if np.isnan(v) else float(v) for v in r] for k, r in rolling.items()},
    "ewma": {str(span): [float(v) for v in s.ewm(span=span).mean()] for span in (1, 6, 12, 2.5)},
    "relative": {"weighted 2": relative(rolling["2"]), "weighted 5": relative(rolling["5"]), "last": relative(s.shift(1)),
                 "ewma 6": relative(smoothed.shift(1))},
    "total": {"last": float((s.shift(1) - s).abs().sum())},
    "ranges": ranges,
    "marked": marked,
    "drops": drops,
    "pairs": tp,
    "missed": fn,
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
