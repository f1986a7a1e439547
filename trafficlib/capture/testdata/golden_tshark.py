"""The frames of captures as tshark decodes them, for golden_tshark.json.

    python3 golden_tshark.py CAPTURE... > golden_tshark.json
    python3 golden_tshark.py --lines CAPTURE...

The first prints for each capture the number of frames, the sums of some columns, and the SHA-256 of the lines that the
second prints, one for each frame:

    number nanoseconds length captured version source destination ttl sport dport flags seq ack window header payload type code

flags to payload are those of TCP; payload is also that of UDP, but not that of first fragments. type and code are those
of ICMP. "-" means that a frame does not have the field. IP fragments are not reassembled, and names are not resolved.
"""
import hashlib
import json
import os
import subprocess
import sys

FIELDS = """frame.number frame.time_epoch frame.len frame.cap_len ip.version ipv6.version ip.src ipv6.src ip.dst ipv6.dst ip.ttl
ipv6.hlim tcp.srcport udp.srcport sctp.srcport tcp.dstport udp.dstport sctp.dstport tcp.flags tcp.seq_raw tcp.ack_raw
tcp.window_size_value tcp.hdr_len tcp.len udp.length icmp.type icmpv6.type icmp.code icmpv6.code ip.flags.mf ipv6.fraghdr.more""".split()


def frames(path):
    command = ["tshark", "-n", "-r", path, "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-T", "fields", "-E", "occurrence=f"]
    for f in FIELDS:
        command += ["-e", f]
    out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    for line in out.splitlines():
        v = dict(zip(FIELDS, line.split("\t")))
        if v["icmp.type"] or v["icmpv6.type"]:  # what an error quotes is of another packet
            v.update((name, "") for name in FIELDS if name.startswith(("tcp.", "udp.", "sctp.")))
        fragment = v["ip.flags.mf"] in ("1", "True") or v["ipv6.fraghdr.more"] in ("1", "True")
        one = lambda *names: next((v[n] for n in names if v[n]), "-")
        seconds, _, fraction = v["frame.time_epoch"].partition(".")
        nanos = str(int(seconds) * 10**9 + int(fraction.ljust(9, "0"))) if seconds else "-"
        payload = "-" if fragment else v["tcp.len"] or (str(int(v["udp.length"]) - 8) if v["udp.length"] else "-")
        yield [v["frame.number"], nanos, v["frame.len"], v["frame.cap_len"], one("ip.version", "ipv6.version"), one("ip.src", "ipv6.src"),
               one("ip.dst", "ipv6.dst"), one("ip.ttl", "ipv6.hlim"), one("tcp.srcport", "udp.srcport", "sctp.srcport"),
               one("tcp.dstport", "udp.dstport", "sctp.dstport"), str(int(v["tcp.flags"], 16)) if v["tcp.flags"] else "-", one("tcp.seq_raw"),
               one("tcp.ack_raw"), one("tcp.window_size_value"), one("tcp.hdr_len"), payload, one("icmp.type", "icmpv6.type"),
               one("icmp.code", "icmpv6.code")]


def summary(path):
    hashed, n, length, payload = hashlib.sha256(), 0, 0, 0
    for f in frames(path):
        hashed.update((" ".join(f) + "\n").encode())
        n, length = n + 1, length + int(f[2])
        payload += int(f[15]) if f[15] != "-" else 0
    return {"frames": n, "length": length, "payload": payload, "sha256": hashed.hexdigest()}


if __name__ == "__main__":
    if sys.argv[1] == "--lines":
        for path in sys.argv[2:]:
            for f in frames(path):
                print(" ".join(f))
    else:
        print(json.dumps({os.path.basename(path): summary(path) for path in sys.argv[1:]}, indent=1))
