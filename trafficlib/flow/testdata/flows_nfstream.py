"""Prints what NFStream makes of each capture that it is given: a line of JSON for each flow.

    python flows_nfstream.py CAPTURE

Needs nfstream, of bench/requirements.txt. The settings are those of golden_nfstream.py, and tunnels stay closed.
"""
import json
import sys

from nfstream import NFStreamer

if __name__ == "__main__":
    for f in NFStreamer(source=sys.argv[1], n_dissections=0, statistical_analysis=True, n_meters=1, snapshot_length=65535, decode_tunnels=False):
        row = dict(zip(f.keys(), f.values()))
        del row["id"]
        print(json.dumps(row))
