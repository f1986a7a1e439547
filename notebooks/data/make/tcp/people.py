"""Runs the programs on the hosts of make.sh, and lists their connections.

    people.py run FOLDER     runs everything, in about six minutes; FOLDER holds the key, and clients write to it
    people.py list FILE      prints the connections of a capture in the format of DARPA's tcpdump.list
"""
import random
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone

WEB, MAIL, SHELL = "10.20.0.80", "10.20.0.25", "10.20.0.22"
SECONDS = 330  # of everyday life; attacks come at their own times within it
# The attackers and their attacks. These hosts do nothing else, so that the list is correct.
ATTACKS = {"10.20.0.66": "port-scan", "10.20.0.67": "guess"}
SERVICES = {21: "ftp", 22: "ssh", 23: "telnet", 25: "smtp", 80: "http", 110: "pop-3", 6667: "irc"}


def run(host, *command, typed=None, pause=None, seconds=60):
    """Runs a command on a host. The typed lines are sent one by one, with the pauses of a person."""
    p = subprocess.Popen(["ip", "netns", "exec", host, *command], stdin=subprocess.PIPE,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for line in typed or []:
            time.sleep(pause())
            p.stdin.write(line.encode() + b"\n")
            p.stdin.flush()
        if typed:
            time.sleep(1)
        p.stdin.close()
        p.wait(seconds)
    except (BrokenPipeError, subprocess.TimeoutExpired):
        p.kill()
        p.wait()


COMMANDS = ["seq 20", "date", "uname -s", "echo hello", "head -40 /etc/services", "seq 900", "true", "seq 5000"]


class Person:
    """The user of a host, with a random stream of their own."""

    def __init__(self, host, work, habits):
        self.host, self.work, self.habits = host, work, habits
        self.r = random.Random(host)

    def typing(self):
        return self.r.uniform(0.2, 2.5)

    def web(self):
        pages = [f"http://{WEB}/page{self.r.randint(1, 40)}.html" for _ in range(self.r.randint(1, 4))]
        if self.r.random() < 0.7:
            run(self.host, "curl", "-s", *pages)
        else:
            run(self.host, "wget", "-q", "-O", "/dev/null", "-w", "1", *pages)

    def send(self):
        to = ",".join(f"u{i}@lab.example" for i in range(self.r.randint(1, 3)))
        run(self.host, "swaks", "--server", MAIL, "--from", f"{self.host}@lab.example", "--to", to,
            "--body", "\\n".join(["x" * 70] * self.r.randint(1, 90)))

    def fetch(self):
        what = self.r.choice(["", "1", "3", "7", "12"])
        run(self.host, "curl", "-s", "-u", "ada:lovelace", f"pop3://{MAIL}/{what}")

    def telnet(self):
        words = ["ada", "lovelace", *self.r.choices(COMMANDS, k=self.r.randint(2, 9)), "exit"]
        run(self.host, "telnet", SHELL, typed=words, pause=self.typing)

    def ssh(self):
        login = ["ssh", "-i", f"{self.work}/key", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-F", "none"]
        if self.r.random() < 0.5:
            run(self.host, *login, f"root@{SHELL}", self.r.choice(COMMANDS))
        else:
            run(self.host, *login, "-tt", f"root@{SHELL}", "sh",
                typed=[*self.r.choices(COMMANDS, k=self.r.randint(2, 8)), "exit"], pause=self.typing)

    def ftp(self):
        run(self.host, "curl", "-s", f"ftp://{WEB}/page{self.r.randint(1, 12)}.html")

    def irc(self):
        words = [":j #lab", *(f"line {i}" for i in range(self.r.randint(2, 6)))]
        run(self.host, "sic", "-h", SHELL, "-n", self.host, typed=words, pause=self.typing, seconds=2)

    def live(self, until):
        time.sleep(self.r.uniform(0, 4))
        while time.monotonic() < until:
            names, weights = zip(*self.habits.items())
            getattr(self, self.r.choices(names, weights)[0])()
            time.sleep(self.r.expovariate(1 / 4))


def attack(work, begin):
    """The two attackers, at their times in seconds after the beginning."""
    with open(f"{work}/words", "w") as f:
        f.write("\n".join(["123456", "password", "letmein", "qwerty", "dragon", "sunshine", "lab", "admin", "secret",
                           "monkey", "shadow", "master"]) + "\n")

    def scanner():
        for at, command in [
            (60, ["nmap", "-n", "-Pn", "-sT", "--top-ports", "40", WEB, MAIL, SHELL]),
            (150, ["nmap", "-n", "-Pn", "-sS", "-p", "1-120", "--scan-delay", "50ms", MAIL]),
            (240, ["nmap", "-n", "-Pn", "-sV", "--version-light", "-p", "21,22,23,25,80,110", WEB, MAIL, SHELL]),
            (300, ["nmap", "-n", "-Pn", "-sF", "-p", "20-80", SHELL]),
        ]:
            time.sleep(max(0, begin + at - time.monotonic()))
            run("scanner", *command, seconds=50)

    def guesser():
        for at, command in [
            (40, ["hydra", "-q", "-t", "2", "-l", "ada", "-P", f"{work}/words", f"pop3://{MAIL}"]),
            (110, ["hydra", "-q", "-t", "4", "-l", "root", "-P", f"{work}/words", f"ssh://{SHELL}"]),
            (190, ["hydra", "-q", "-t", "4", "-l", "ada", "-P", f"{work}/words", f"telnet://{SHELL}"]),
            (270, ["hydra", "-q", "-t", "1", "-l", "ada", "-P", f"{work}/words", f"pop3://{MAIL}"]),
        ]:
            time.sleep(max(0, begin + at - time.monotonic()))
            run("guesser", *command, seconds=60)

    return [scanner, guesser]


def everything(work):
    begin = time.monotonic()
    people = [
        Person("ada", work, {"web": 4, "send": 2, "fetch": 2, "ssh": 3, "telnet": 2}),
        Person("bob", work, {"web": 5, "send": 2, "fetch": 1, "telnet": 2, "irc": 1}),
        Person("eve", work, {"web": 3, "send": 1, "fetch": 2, "ssh": 2, "ftp": 1}),
        Person("dan", work, {"web": 5, "fetch": 1, "telnet": 2, "irc": 1, "ftp": 1}),
    ]
    jobs = [threading.Thread(target=p.live, args=(begin + SECONDS,)) for p in people]
    jobs += [threading.Thread(target=a) for a in attack(work, begin)]
    for j in jobs:
        j.start()
    for j in jobs:
        j.join()


def labels(capture):
    """Prints a line for each connection, from its first packet to its last. Times are UTC-5, as in DARPA's lists."""
    fields = ["tcp.stream", "frame.time_epoch", "ip.src", "ip.dst", "tcp.srcport", "tcp.dstport"]
    out = subprocess.run(["tshark", "-r", capture, "-Y", "tcp", "-T", "fields", *(x for f in fields for x in ("-e", f))],
                         check=True, stdout=subprocess.PIPE, text=True).stdout
    connections = {}
    for line in out.splitlines():
        stream, at, src, dst, sport, dport = line.split("\t")
        c = connections.setdefault(stream, {"begin": float(at), "ends": (src, dst, int(sport), int(dport))})
        c["end"] = float(at)
    print("id date time duration service src_port dest_port src_ip dest_ip score attack_name")
    for n, c in enumerate(connections.values(), 1):
        src, dst, sport, dport = c["ends"]
        at = datetime.fromtimestamp(int(c["begin"]), timezone(timedelta(hours=-5)))
        attack = ATTACKS.get(src) or ATTACKS.get(dst) or "-"
        print(n, at.strftime("%m/%d/%Y %H:%M:%S"), "0" + str(timedelta(seconds=int(c["end"] - c["begin"]))),
              SERVICES.get(dport, "unknown"), sport, dport, src, dst, int(attack != "-"), attack)


if __name__ == "__main__":
    {"run": everything, "list": labels}[sys.argv[1]](sys.argv[2])
