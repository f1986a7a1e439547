#!/usr/bin/env python3
"""Writes golden_classes.json: classification reports and precision-recall curves of scikit-learn.

    pip install scikit-learn && python golden_classes.py
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics

warnings.simplefilter("ignore")  # of classes that were never predicted
rng = np.random.default_rng(4)
reports = []
for n, classes, absent in [(400, 4, []), (60, 6, [3]), (25, 5, [0, 4]), (3, 2, [])]:
    want = rng.integers(0, classes, n)
    got = np.where(rng.random(n) < 0.6, want, rng.integers(0, classes, n))
    for c in absent:
        got[got == c] = (c + 1) % classes
    if len(absent) > 1:  # a class that never occurs
        want[want == absent[0]] = absent[0] + 1
    r = metrics.classification_report(want, got, output_dict=True, zero_division=0)
    p, q, f, s = metrics.precision_recall_fscore_support(want, got, labels=range(classes), zero_division=np.nan)
    nan = [[None if np.isnan(v) else float(v) for v in w] for w in (p, q, f)]
    reports.append({
        "classes": classes, "want": want.tolist(), "got": got.tolist(),
        "matrix": metrics.confusion_matrix(want, got, labels=range(classes)).tolist(),
        "precision": nan[0], "recall": nan[1], "f1": nan[2], "support": s.tolist(), "accuracy": float(metrics.accuracy_score(want, got)),
        "macro": [r["macro avg"][k] for k in ("precision", "recall", "f1-score")],
        "weighted": [r["weighted avg"][k] for k in ("precision", "recall", "f1-score")],
    })
curves = []
for n, m, round_to in [(200, 30, 6), (50, 50, 1), (5, 1, 0), (1, 4, 6)]:
    normal, attack = np.round(rng.normal(0, 1, n), round_to), np.round(rng.normal(1, 1, m), round_to)
    y, s = np.r_[np.zeros(n), np.ones(m)], np.r_[normal, attack]
    p, r, t = metrics.precision_recall_curve(y, s)
    curves.append({"normal": normal.tolist(), "attack": attack.tolist(), "precision": p[::-1].tolist(), "recall": r[::-1].tolist(),
                   "thresholds": t[::-1].tolist(), "average": float(metrics.average_precision_score(y, s)), "auc": float(metrics.roc_auc_score(y, s))})
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps({"sklearn": sklearn.__version__, "reports": reports, "curves": curves}) + "\n")
