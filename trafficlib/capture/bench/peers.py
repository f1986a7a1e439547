"""The Python sides of the benchmark: python peers.py scapy|pyshark CAPTURE prints a measurement as JSON."""
import json
import resource
import sys
import time


def cpu():
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def scapy(path):
    """A table of packets, a list for each column."""
    columns = [[] for _ in range(11)]
    n = tcps = length = 0
    for p in PcapReader(path):
        ip = p.getlayer(IP) or p.getlayer(IPv6)
        tcp, udp = p.getlayer(TCP), p.getlayer(UDP)
        transport = tcp if tcp is not None else udp
        n, length, tcps = n + 1, length + p.wirelen, tcps + (tcp is not None)
        row = [n, float(p.time), p.wirelen, ip.src if ip else "", ip.dst if ip else "",
               (ip.ttl if ip.version == 4 else ip.hlim) if ip else 0, (ip.proto if ip.version == 4 else ip.nh) if ip else 0]
        row += [transport.sport, transport.dport] if transport is not None else [0, 0]
        row += [int(tcp.flags), len(tcp.payload)] if tcp is not None else [0, 0]
        for column, value in zip(columns, row):
            column.append(value)
    return n, [n, tcps, length]


def pyshark_(path):
    """Accesses the fields that the published extraction reads from each packet, as far as it has them."""
    n = hellos = 0
    packets = pyshark.FileCapture(path, keep_packets=False)
    for p in packets:
        n += 1
        row = [p.ip.src, p.ip.dst, int(p.length), float(p.frame_info.time_delta), int(p.tcp.flags, 16), int(p.tcp.window_size)]
        if "tls" in p:
            for name in ("record_version", "record_length", "handshake_type", "handshake_length", "handshake_cipher_suites_length",
                         "handshake_ciphersuite", "handshake_comp_method", "handshake_extensions_supported_group", "handshake_sig_hash_alg",
                         "handshake_certificate_length", "handshake_client_point_len", "app_data", "change_cipher_spec"):
                row.append(getattr(p.tls, name, None))
            hellos += getattr(p.tls, "handshake_type", None) == "1"
    packets.close()
    return n, [n, hellos, n]


which, path = sys.argv[1:]
if which == "scapy":
    from scapy.layers.inet import IP, TCP, UDP
    from scapy.layers.inet6 import IPv6
    from scapy.utils import PcapReader
else:
    import pyshark

start, busy = time.perf_counter(), cpu()
count, agree = (scapy if which == "scapy" else pyshark_)(path)
print(json.dumps({"seconds": time.perf_counter() - start, "cpu": cpu() - busy, "packets": count, "count": agree}))
