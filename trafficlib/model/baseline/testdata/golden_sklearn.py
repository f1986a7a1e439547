#!/usr/bin/env python3
"""Writes golden_sklearn.json: results of scikit-learn's baselines on a simulated sample.

    pip install scikit-learn && python golden_sklearn.py

Rows are rounded to float32, which scikit-learn's trees use.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(10)
n = 300
classes = rng.choice(3, size=n, p=[0.7, 0.25, 0.05])
centers = np.array([[0, 0, 0, 5, 1], [1.5, 0.5, -1, 5, 1], [0, -2, 2, 5, 1]])
scale = np.array([1, 2, 0.5, 0, 1e4])
x = (rng.normal(size=(n, 5)) * 0.8 + centers[classes]) * np.where(scale == 0, 1, scale)
x[:, 3] = 5  # constant
x[:, 4] = np.exp(x[:, 4] / 2e4) + 1e6  # a large mean
x = x.astype(np.float32)
queries = np.concatenate([x[:20], rng.normal(size=(10, 5)).astype(np.float32) * 20])
queries[:, 3] = 5
queries[25, 3] = 7.5
queries[:, 4] += np.where(queries[:, 4] < 1e5, 1e6, 0).astype(np.float32)


def logistic(y, **kw):
    m = make_pipeline(StandardScaler(), LogisticRegression(solver="newton-cholesky", tol=1e-12, max_iter=10000, **kw)).fit(x.astype(float), y)
    return {"coef": m[1].coef_.tolist(), "intercept": m[1].intercept_.tolist(), "probs": m.predict_proba(queries.astype(float)).tolist(),
            "classes": m.predict(queries.astype(float)).tolist()}


z = StandardScaler().fit(x.astype(float))
one = IsolationForest(n_estimators=25, max_samples=64, random_state=0).fit(x)
trees = []
for e in one.estimators_:
    t = e.tree_
    trees.append([[int(f) if f >= 0 else -1, float(c), int(a), int(b), int(s)]
                  for f, c, a, b, s in zip(t.feature, t.threshold, t.children_left, t.children_right, t.n_node_samples)])
many = np.mean([-IsolationForest(n_estimators=100, random_state=s).fit(x[classes == 0]).score_samples(queries) for s in range(200)], axis=0)
golden = {
    "sklearn": sklearn.__version__,
    "features": x.shape[1],
    "rows": [float(v) for v in x.ravel()],
    "classes": classes.tolist(),
    "queries": [float(v) for v in queries.ravel()],
    "mean": z.mean_.tolist(),
    "std": z.scale_.tolist(),
    "z": z.transform(queries.astype(float)).tolist(),
    "logistic": {
        "binary": logistic((classes > 0).astype(int)),
        "binary balanced": logistic((classes > 0).astype(int), class_weight="balanced"),
        "three": logistic(classes, C=10),
        "three balanced": logistic(classes, class_weight="balanced", C=0.5),
    },
    "trees": trees,
    "forest": (-one.score_samples(queries)).tolist(),
    "forests": many.tolist(),
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
