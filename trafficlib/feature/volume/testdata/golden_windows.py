#!/usr/bin/env python3
"""Writes golden_windows.csv, made packets, and golden_windows.json: their bytes by interval, as pandas counts them and as
the original of notebook 3 does.

    pip install pandas && python golden_windows.py

The CSV is what tshark's fields are, with a warning in front as the original has it. dataset_windows is the original's loop.
"""

import json
import pathlib

import numpy as np
import pandas as pd

here = pathlib.Path(__file__)
rng = np.random.default_rng(5)
start = 1_546_873_200_123_456_789  # 2019-01-07 15:00:00 UTC and a bit
gaps = rng.exponential(0.4, 400)
gaps[[100, 250]] = 33.0, 61.5  # so that intervals are empty
nanos = start + (np.cumsum(gaps) * 1e9).astype(np.int64)
length = rng.integers(60, 1515, 400)
lines = ["Running as user \"root\" and group \"root\". This could be dangerous.", "ip.src,ip.dst,frame.len,frame.time_epoch"]
for t, n in zip(nanos, length):
    lines.append(f"10.0.0.{n % 7},192.0.2.{t % 5},{n},{t // 10**9}.{t % 10**9:09d}")
here.with_suffix(".csv").write_text("\n".join(lines) + "\n")


def dataset_windows(seconds):
    step = seconds * 10**9
    begin = nanos[0] // (3600 * 10**9) * (3600 * 10**9)
    end, total, out = begin + step, 0, []
    for t, n in zip(nanos, length):
        if t < end:
            total += n
        else:
            out.append([int(end - step), int(total)])
            total = n
            end += step
    return out


frame = pd.DataFrame({"bytes": length}, index=pd.to_datetime(nanos, utc=True))
golden = {"pandas": pd.__version__, "resampled": {}, "original": {}}
for seconds in (5, 10, 25):
    r = frame["bytes"].resample(f"{seconds}s", origin="epoch").sum()
    golden["resampled"][str(seconds)] = [[int(t.value), int(v)] for t, v in r.items()]
    golden["original"][str(seconds)] = dataset_windows(seconds)
here.with_suffix(".json").write_text(json.dumps(golden) + "\n")
