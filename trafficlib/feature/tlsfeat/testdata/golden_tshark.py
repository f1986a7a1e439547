"""The features of TLS sessions as tshark dissects them, for golden_tshark.json.

    python3 golden_tshark.py CAPTURE... > golden_tshark.json
    python3 golden_tshark.py --lines CAPTURE...

The first gives for each capture the number of sessions and packets, the sum of each feature and the SHA-256 of the lines
that the second prints: a line for each packet of a TLS session, "session packet feature:value feature:value ...", features
that are 0 left out, sessions in the order of their first packets. The layout is written out below, as it was published with the features; values
come from tshark's dissection tree (PDML), none from trafficlib.

tshark is asked to put segments that come late in order, and not to put IP fragments together.
"""
import hashlib
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET

COME, PROTOCOL, LENGTH, INTERVAL, FLAGS, WINDOW, HELLO = 0, 1, 7, 8, 9, 18, 19
SUITES, SUITES_LENGTH, COMPRESSION, GROUPS_LENGTH, GROUPS = 20, 100, 101, 103, 104
SIG_ALGS, SERVER_HELLO, RENEG_INFO, CERTS, CERT_SIGS = 111, 127, 128, 129, 133
KEY_EXCHANGE, PUB_KEY, ENCRYPTED, CHANGE_CIPHER, APP_DATA = 141, 142, 143, 144, 145

SUITE_VALUES = [49155, 132, 133, 134, 135, 136, 49157, 49162, 49161, 49156, 7, 49166, 49167, 49160, 16, 49170, 49171, 49172,
    19, 150, 151, 152, 153, 154, 22, 156, 49309, 158, 49310, 49308, 157, 49313, 162, 163, 49188, 49315, 49187, 49191, 52392,
    52393, 52394, 159, 49195, 49196, 47, 48, 49, 50, 51, 10, 53, 54, 55, 56, 57, 60, 61, 64, 65, 66, 67, 68, 69, 13, 49165,
    49314, 49192, 49311, 49324, 49325, 103, 106, 107, 49326, 49199, 49312, 49327, 49200, 255]
GROUP_VALUES = [24, 25, 29, 23]
SIG_VALUES = [1537, 1538, 515, 1539, 1281, 1282, 1283, 1025, 1026, 1027, 770, 771, 513, 514, 769]
CERT_SIG_VALUES = ["1.2.840.10045.4.3.3", "1.2.840.113549.1.1.13", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.5",
    "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2"]


def children(node, name):
    return [c for c in node.iter("field") if c.get("name") == name]


def numbers(node, name):
    return [int(c.get("show"), 0) for c in children(node, name)]


def first(node, name, default=0):
    for n in numbers(node, name):
        return n
    return default


def put(row, at, value):
    if value:
        row[at] = row.get(at, 0) + value


def many_hot(row, start, known, values):
    for v in values:
        row[start + (known.index(v) if v in known else len(known))] = 1


def extension(node, kind):
    """The lengths of the extensions of a kind in a message."""
    found = []
    for c in node.iter("field"):
        if any(k.get("name") == "tls.handshake.extension.type" and int(k.get("show")) == kind for k in c):
            found += [int(k.get("show")) for k in c if k.get("name") == "tls.handshake.extension.len"]
    return found


def message(row, node):
    kind, length = first(node, "tls.handshake.type", None), first(node, "tls.handshake.length")
    if kind == 1:
        put(row, HELLO, length)
        many_hot(row, SUITES, SUITE_VALUES, numbers(node, "tls.handshake.ciphersuite"))
        put(row, SUITES_LENGTH, first(node, "tls.handshake.cipher_suites_length"))
        for method in numbers(node, "tls.handshake.comp_method"):
            row[COMPRESSION + min(method, 1)] = 1
        put(row, GROUPS_LENGTH, sum(extension(node, 10)))
        many_hot(row, GROUPS, GROUP_VALUES, numbers(node, "tls.handshake.extensions_supported_group"))
        # signature_algorithms_cert and delegated credentials have the same field
        for c in node.iter("field"):
            if any(k.get("name") == "tls.handshake.extension.type" and int(k.get("show")) == 13 for k in c):
                many_hot(row, SIG_ALGS, SIG_VALUES, numbers(c, "tls.handshake.sig_hash_alg"))
    elif kind == 2:
        put(row, SERVER_HELLO, length)
        put(row, RENEG_INFO, sum(extension(node, 0xff01)))
    elif kind == 11:
        certs = numbers(node, "tls.handshake.certificate_length")
        if certs:
            put(row, CERTS, len(certs))
            put(row, CERTS + 1, sum(certs) / len(certs))
            put(row, CERTS + 2, max(certs))
            put(row, CERTS + 3, min(certs))
        for c in children(node, "x509af.algorithmIdentifier_element"):
            ids = [k.get("show") for k in children(c, "x509af.algorithm.id")][:1]
            many_hot(row, CERT_SIGS, CERT_SIG_VALUES, ids)
    elif kind == 16:
        put(row, KEY_EXCHANGE, length)
        keys = [n for name in ("tls.handshake.client_point_len", "tls.handshake.epms_len", "tls.handshake.yc_len")
                for n in numbers(node, name)]
        put(row, PUB_KEY, keys[0] if keys else length)


def record(row, node, sealed):
    version = first(node, "tls.record.version")
    if not any(row.get(PROTOCOL + k) for k in range(6)):
        row[PROTOCOL + {2: 1, 0x300: 2, 0x301: 3, 0x302: 4, 0x303: 5, 0x304: 5}[version]] = 1
    # TLS 1.3 calls all that is encrypted application data, under another name
    kind = first(node, "tls.record.content_type", first(node, "tls.record.opaque_type", None))
    length = first(node, "tls.record.length")
    if kind is None:  # SSL 2.0
        if first(node, "tls.handshake.type", None) == 1:
            put(row, HELLO, length)
            put(row, SUITES_LENGTH, first(node, "tls.handshake.cipher_spec_len"))
            many_hot(row, SUITES, SUITE_VALUES, numbers(node, "tls.handshake.cipherspec"))
    elif kind == 20:
        put(row, CHANGE_CIPHER, length)
    elif kind == 23:
        put(row, APP_DATA, length)
    elif kind == 22:
        known = [c for c in children(node, "tls.handshake") if first(c, "tls.handshake.type", None) is not None]
        # What is encrypted may begin with the number of a message by chance. tshark then calls it that, and the record
        # after it too, "Finished (fragment)": behind ChangeCipherSpec only hellos are in the clear.
        if sealed:
            known = [c for c in known if first(c, "tls.handshake.type") in (1, 2)]
        for c in known:
            message(row, c)
        if not known and ("Encrypted" in node.get("showname", "") or sealed):
            put(row, ENCRYPTED, length)


def packets(path):
    command = ["tshark", "-n", "-o", "ip.defragment:FALSE", "-o", "tcp.reassemble_out_of_order:TRUE", "-r", path, "-Y", "tcp", "-T", "pdml"]
    tshark = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for _, node in ET.iterparse(tshark.stdout):
        if node.tag == "packet":
            yield node
            node.clear()
    if tshark.wait() != 0:
        sys.exit("tshark failed on " + path)


def sessions(path):
    streams = {}
    for node in packets(path):
        get = lambda name: next((c.get("show") for c in node.iter("field") if c.get("name") == name), None)
        s = streams.setdefault(int(get("tcp.stream")), {"rows": [], "client": None, "last": None, "tls": False, "sealed": set()})
        source = (get("ip.src") or get("ipv6.src"), get("tcp.srcport"))
        seconds, fraction = get("frame.time_epoch").split(".")
        nanos = int(seconds) * 10**9 + int(fraction.ljust(9, "0"))
        flags, row = int(get("tcp.flags"), 16), {}
        put(row, LENGTH, int(get("frame.len")))
        put(row, INTERVAL, (nanos - s["last"]) / 1e6 if s["last"] is not None else 0)
        s["last"] = nanos
        for k in range(9):
            put(row, FLAGS + k, flags >> (8 - k) & 1)
        put(row, WINDOW, int(get("tcp.window_size")))
        if flags & 2 and s["client"] is None:
            s["client"] = source if not flags & 16 else "other than " + repr(source)
        for tls in node.iter("proto"):
            if tls.get("name") == "tls":
                for r in tls.iter("field"):
                    if r.get("name") == "tls.record":
                        record(row, r, source in s["sealed"])
                        s["tls"] = True
                        if first(r, "tls.record.content_type") == 20:
                            s["sealed"].add(source)
        if not any(row.get(PROTOCOL + k) for k in range(6)):
            row[PROTOCOL] = 1
        if HELLO in row and s["client"] is None:
            s["client"] = source
        s["rows"].append((source, row))
    for number in sorted(streams):
        s = streams[number]
        if s["tls"]:
            client = s["client"]
            yield [dict(row, **{}) | ({COME: 1} if source != client and (not isinstance(client, str) or client == "other than " + repr(source)) else {})
                   for source, row in s["rows"][:1000]]


def lines(path):
    for i, rows in enumerate(sessions(path)):
        for k, row in enumerate(rows):
            yield "%d %d %s\n" % (i, k, " ".join("%d:%.6f" % item for item in sorted(row.items())))


def summary(path):
    hashed, count, n, sums = hashlib.sha256(), 0, 0, {}
    for rows in sessions(path):
        for k, row in enumerate(rows):
            hashed.update(("%d %d %s\n" % (count, k, " ".join("%d:%.6f" % item for item in sorted(row.items())))).encode())
            n += 1
            for at, v in row.items():
                sums[at] = sums.get(at, 0) + v
        count += 1
    return {"sessions": count, "packets": n, "sums": {str(at): round(sums[at], 3) for at in sorted(sums)}, "sha256": hashed.hexdigest()}


if __name__ == "__main__":
    if sys.argv[1] == "--lines":
        for path in sys.argv[2:]:
            sys.stdout.writelines(lines(path))
    else:
        print(json.dumps({os.path.basename(path): summary(path) for path in sys.argv[1:]}, indent=1))
