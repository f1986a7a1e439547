#!/usr/bin/env bash
# Records the bundled captures of TCP conversations of notebook 2.
#
#     notebooks/data/make/tcp/make.sh [FOLDER]
#
# on Debian 12, as root. The traffic is that of real programs, all from Debian: the servers lighttpd, aiosmtpd, Dovecot,
# OpenSSH, inetutils-telnetd, vsftpd and ngircd, and the clients curl, wget, swaks, ssh, telnet, sic, nmap and hydra. Every
# host is a network namespace on one bridge, on which tcpdump listens; nothing leaves the machine. people.py contains the
# behavior of the hosts. Names, users and texts are invented. Only the first bytes of each packet are kept. The order of
# events depends on a seed; times and ports are those of the machine, so that no two runs yield the same bytes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "${1:-$here/../../tcp}")

packages=(lighttpd python3-aiosmtpd dovecot-pop3d openssh-server openssh-client inetutils-inetd inetutils-telnetd vsftpd
  ngircd curl wget swaks inetutils-telnet sic nmap hydra tcpdump tshark iproute2 ethtool python3-minimal netbase)
missing=()
for p in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

# The rest runs in namespaces of its own: the name, mounts and network of the machine are not touched.
if [ "${INSIDE:-}" != 1 ]; then
  INSIDE=1 exec unshare --mount --uts --net --pid --fork --kill-child --mount-proc "$0" "$out"
fi
hostname lab
ip link set lo up

mount -t tmpfs -o mode=755 none /run # sockets, mailboxes, the capture; gone with the namespace
work=/run/lab
mkdir -p "$work" /run/sshd /run/vsftpd/empty

# The hosts. Each has a different delay, if the kernel supports that.
ip link add lan type bridge
ip link set lan up
host() { # host NAME ADDRESS DELAY: a namespace with one interface on the bridge
  ip netns add "$1"
  ip link add "$1" type veth peer name eth0 netns "$1"
  ip link set "$1" master lan up
  ip -n "$1" link set lo up
  ip -n "$1" address add "$2/24" dev eth0
  ip -n "$1" link set eth0 up
  # Packets as on a wire, not the large ones that a network card would split.
  ip netns exec "$1" ethtool -K eth0 tso off gso off gro off tx off >/dev/null
  tc -n "$1" qdisc add dev eth0 root netem delay "$3" 2>/dev/null || true
}
host web 10.20.0.80 1ms
host mail 10.20.0.25 2ms
host shell 10.20.0.22 1ms
host ada 10.20.0.101 1ms
host bob 10.20.0.102 4ms
host eve 10.20.0.103 12ms
host dan 10.20.0.104 30ms
host scanner 10.20.0.66 8ms
host guesser 10.20.0.67 15ms

# The servers.
mkdir -p "$work/www"
for i in $(seq 40); do # pages of a few hundred bytes to some 60 kB
  head -c $((300 + i * i * 37)) /dev/zero | tr '\0' x >"$work/www/page$i.html"
done
cat >"$work/lighttpd.conf" <<EOF
server.document-root = "$work/www"
server.port = 80
server.max-keep-alive-idle = 3
EOF
ip netns exec web lighttpd -D -f "$work/lighttpd.conf" &
cat >"$work/vsftpd.conf" <<EOF
listen=YES
background=NO
anonymous_enable=YES
anon_root=$work/www
no_anon_password=YES
secure_chroot_dir=/run/vsftpd/empty
seccomp_sandbox=NO
EOF
ip netns exec web vsftpd "$work/vsftpd.conf" &

ip netns exec mail aiosmtpd -n -l 10.20.0.25:25 -c aiosmtpd.handlers.Sink &
mkdir -p "$work/mail/run"
echo 'ada:{plain}lovelace' >"$work/mail/users"
cat >"$work/mail/dovecot.conf" <<EOF
base_dir = $work/mail/run
log_path = /dev/null
protocols = pop3
listen = 10.20.0.25
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 1 secs
mail_location = maildir:$work/mail/box
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = $work/mail/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=$work/mail
}
EOF
mkdir -p "$work/mail/box/"{new,cur,tmp}
for i in $(seq 12); do
  printf 'From: bob@lab.example\r\nTo: ada@lab.example\r\nSubject: note %d\r\n\r\n%0*d\r\n' "$i" $((i * 170)) 0 >"$work/mail/box/new/$i"
done
chown -R mail:mail "$work/mail/box"
ip netns exec mail dovecot -F -c "$work/mail/dovecot.conf" &

ssh-keygen -q -t ed25519 -N '' -f "$work/host"
ssh-keygen -q -t ed25519 -N '' -C ada -f "$work/key"
cat >"$work/sshd.conf" <<EOF
HostKey $work/host
AuthorizedKeysFile $work/key.pub
PermitRootLogin yes
StrictModes no
UsePAM no
PidFile none
MaxStartups 50
PrintMotd no
PrintLastLog no
EOF
cat >"$work/login" <<'EOF'
#!/bin/sh
printf 'lab login: '; read -r user; printf 'Password: '; read -r word
[ "$user$word" = adalovelace ] || { sleep 1; echo 'Login incorrect'; exit 1; }
PS1='lab$ ' exec sh -i
EOF
chmod +x "$work/login"
ip netns exec shell /usr/sbin/sshd -D -f "$work/sshd.conf" 2>/dev/null &
echo "telnet stream tcp nowait root /usr/sbin/telnetd telnetd -h -E $work/login" >"$work/inetd.conf"
ip netns exec shell inetutils-inetd -d "$work/inetd.conf" >/dev/null 2>&1 &
cat >"$work/ngircd.conf" <<EOF
[Global]
Name = irc.lab.example
Info = lab
ServerUID = irc
ServerGID = irc
Listen = 10.20.0.22
[Options]
DNS = no
Ident = no
PAM = no
EOF
ip netns exec shell ngircd -n -f "$work/ngircd.conf" >/dev/null 2>&1 &
sleep 3

# The capture keeps the headers and the first bytes of the payload.
mkdir -p "$out"
tcpdump -i lan -s 96 -w "$work/lan.pcap" -U -Z root 2>"$work/tcpdump.log" &
tcpdump=$!
sleep 1
python3 "$here/people.py" run "$work"
sleep 2
kill -INT "$tcpdump"
wait "$tcpdump" || true
cat "$work/tcpdump.log"

gzip -9n <"$work/lan.pcap" >"$out/lan.pcap.gz"
python3 "$here/people.py" list "$work/lan.pcap" >"$out/lan.list"
ls -l "$out"
