"""Writes golden_pandas.json: what pandas makes of packets, as the second notebook's original encodes them.

    pip install pandas==3.1.1
    python golden_pandas.py golden_pandas.csv [derived_seqs_all.csv] > golden_pandas.json

golden_pandas.csv are a few rows made up for this. With the DARPA sample's derived_seqs_all.csv as well, the output has
its mean, standard deviation and, per feature, the sum and the sum of each value times its row's number from 1.
"""
import json
import sys

import pandas as pd

NUMBERS = ["timestamp", "length"]
FLAGS = ["res", "ns", "cwr", "ecn", "urg", "ack", "push", "reset", "syn", "fin"]
PROTOCOLS = ["TCP", "TELNET", "SMTP", "HTTP", "SSHv1", "IRC", "POP"]
CLASSES = ["well_known", "registered", "dynamic"]


def encode(path):
    data = pd.read_csv(path)
    out = pd.DataFrame(index=data.index)
    stats = {}
    for name in NUMBERS:
        mean, sd = data[name].mean(), data[name].std()  # ddof=1
        stats[name] = {"mean": mean, "sd": sd}
        out[name] = (data[name] - mean) / sd
    for name in FLAGS:
        out[name] = data[name]
    # A fixed list in place of get_dummies' own: a protocol that does not occur has a column of zeros.
    dummies = pd.get_dummies(pd.Categorical(data["protocol"], categories=PROTOCOLS))
    for name in PROTOCOLS:
        out["protocol-" + name] = dummies[name].astype(int)
    for port in ["src_port", "dst_port"]:
        kind = pd.Series("registered", index=data.index)
        kind[data[port] < 1024] = "well_known"
        kind[data[port] > 49151] = "dynamic"
        for name in CLASSES:
            out[f"{port}_type-{name}"] = (kind == name).astype(int)
    return out, stats


rows, stats = encode(sys.argv[1])
golden = {"names": list(rows.columns), "stats": stats, "rows": rows.values.tolist()}
if len(sys.argv) > 2:
    rows, stats = encode(sys.argv[2])
    number = pd.Series(range(1, len(rows) + 1), index=rows.index)
    golden["darpa"] = {
        "rows": len(rows),
        "stats": stats,
        "sums": rows.sum().tolist(),
        "moments": rows.mul(number, axis=0).sum().tolist(),
        "first": rows.iloc[0].tolist(),
        "last": rows.iloc[-1].tolist(),
    }
json.dump(golden, sys.stdout, indent=1)
print()
