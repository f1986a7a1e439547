"""NFStream's side of the benchmark: python peer.py CAPTURE prints a measurement as JSON.

It computes the same columns, without nDPI's dissection, in one metering process besides the one that receives the flows.
"""
import json
import resource
import sys
import time

from nfstream import NFStreamer


def cpu():
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


if __name__ == "__main__":
    start, busy = time.perf_counter(), cpu()
    flows = packets = size = 0
    for f in NFStreamer(source=sys.argv[1], n_dissections=0, statistical_analysis=True, n_meters=1, snapshot_length=65535):
        flows, packets, size = flows + 1, packets + f.bidirectional_packets, size + f.bidirectional_bytes
    print(json.dumps({"seconds": time.perf_counter() - start, "cpu": cpu() - busy, "count": [packets, flows, size]}))
