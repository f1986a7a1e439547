"""Writes golden_nfstream.json: for each capture of the shared data, what NFStream makes of it.

    python golden_nfstream.py SHARED/data > golden_nfstream.json

Needs nfstream 6.6.0 (pip install nfstream==6.6.0). One meter, no dissection, times in milliseconds, nothing cut of packets.
Flows are in the order of their first packets; of each capture the file has how many there are, how many packets and bytes,
and for each column of numbers the sum over flows of the value times (row % 97 + 1), which tells where one is wrong; the first
two flows stand there whole.
"""
import json
import sys
from pathlib import Path

from nfstream import NFStreamer

TEXT = ("src_ip", "src_mac", "src_oui", "dst_ip", "dst_mac", "dst_oui")


def flows(path, **settings):
    rows = []
    for f in NFStreamer(source=str(path), n_dissections=0, statistical_analysis=True, n_meters=1, snapshot_length=65535, **settings):
        rows.append(dict(zip(f.keys(), f.values())))
    for r in rows:
        del r["id"], r["tunnel_id"]
    # Flows that begin in one millisecond are told apart by what they are.
    return sorted(rows, key=lambda r: (r["bidirectional_first_seen_ms"], r["src_ip"], r["src_port"], r["dst_ip"], r["dst_port"], r["protocol"]))


def golden(rows):
    columns = [c for c in rows[0] if c not in TEXT]
    return {
        "flows": len(rows),
        "packets": sum(r["bidirectional_packets"] for r in rows),
        "bytes": sum(r["bidirectional_bytes"] for r in rows),
        "sums": {c: sum(r[c] * (i % 97 + 1) for i, r in enumerate(rows)) for c in columns},
        "text": {c: "|".join(r[c] for r in rows[:50]) for c in TEXT},
        "first": rows[:2],
    }


if __name__ == "__main__":
    data = Path(sys.argv[1])
    paths = sorted((data / "zeek_tls_pcaps").glob("*.pcap")) + [data / "darpa98_sample" / "sample_data01.tcpdump"]
    result = {p.name: golden(flows(p)) for p in paths}
    darpa = paths[-1]
    # Timeouts that cut, and the other sizes.
    result[darpa.name + " idle 2 active 20"] = golden(flows(darpa, idle_timeout=2, active_timeout=20))
    for mode, size in ((1, "ip"), (2, "transport"), (3, "payload")):
        result[f"{darpa.name} {size}"] = golden([r for r in flows(darpa, accounting_mode=mode) if r["protocol"] in (1, 6, 17)])  # of others it knows no payload
    print("{\n" + ",\n".join(json.dumps(k) + ": " + json.dumps(v, separators=(",", ":")) for k, v in result.items()) + "\n}")
