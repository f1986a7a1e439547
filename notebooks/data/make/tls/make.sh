#!/usr/bin/env bash
# Records the bundled captures of TLS sessions of notebook 1.
#
#     notebooks/data/make/tls/make.sh [FOLDER]
#
# on Debian 12, as root, with Go. The traffic is that of real programs over the loopback of a network namespace, on which
# tcpdump listens; nothing leaves the machine. The servers are openssl s_server and Go's, the clients openssl s_client, curl
# (OpenSSL), wget (GnuTLS) and Go's; main.go contains their behavior. Certificates and keys are made for each run and
# deleted. The order of events depends on a seed; times, ports, keys and ciphertexts differ in every run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "${1:-$here/../../tls}")

packages=(openssl curl wget tcpdump iproute2 ethtool)
missing=()
for p in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

if [ "${INSIDE:-}" != 1 ]; then
  program=$(mktemp -d)
  trap 'rm -rf "$program"' EXIT
  (cd "$here" && go build -o "$program/people" .)
  # The rest runs in namespaces of its own: the loopback of the machine is not touched.
  INSIDE=1 PEOPLE=$program/people unshare --mount --net --pid --fork --kill-child --mount-proc "$0" "$out"
  exit
fi
ip link set lo up
ip link set lo mtu 1500
# Packets as on a wire, not the large ones that a network card would split.
ethtool -K lo tso off gso off gro off >/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
record() { # record NAME: what the program does under this name, as a capture
  tcpdump -i lo -w "$work/$1.pcap" -B 65536 -U -Z root tcp port 443 2>"$work/tcpdump.log" &
  local tcpdump=$!
  sleep 1
  "$PEOPLE" "$1" "$work"
  sleep 1
  kill -INT "$tcpdump"
  wait "$tcpdump" || true
  cat "$work/tcpdump.log"
  gzip -9n <"$work/$1.pcap" >"$out/$1.pcap.gz"
}
record normal
record attack-renegotiation
ls -l "$out"
