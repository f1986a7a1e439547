"""The environment of kernels, for contract.py."""

import json
import os
import subprocess

import cells
from client import Kernel, want
from contract_base import Base


class Environment(Base):
    def two_kernels_at_once(self):
        other = Kernel(self.name)
        try:
            other.execute('func who() string {\n\treturn "other"\n}')
            self.good('func who() string {\n\treturn "first"\n}')
            sent = other.start_execute("%%\nfmt.Println(who())")
            want(self.good("%%\nfmt.Println(who())").text() == "first\n", "the first kernel's")
            want(other.reply(*sent, timeout=60, idle=5).text() == "other\n", "the other kernel's")
            sent = self.k.start_execute(cells.SLEEP)
            self.k.until(lambda m: m["msg_type"] == "stream" and "begun" in m["content"]["text"], 60, "begun")
            other.interrupt()
            want(
                other.execute(cells.after("free"), timeout=60).text() == "free\n",
                "the other kernel waits for the first",
            )
            want(
                not [m for m in self.k.pump(0.5) if m[1]["msg_type"] == "execute_reply"],
                "one kernel's interrupt stopped the other's cell",
            )
            self.k.interrupt()
            self.k.reply(*sent, timeout=60, idle=5)
        finally:
            other.close()
        want(self.good(cells.after("still")).text() == "still\n", "the first kernel, when the other has ended")

    def ipc(self):
        k = Kernel(self.name, transport="ipc")
        try:
            want(k.execute(cells.after("by ipc")).text() == "by ipc\n", "a cell")
            want(k.beats(), "the heartbeat")
        finally:
            k.close()

    def another_home(self):
        k = Kernel(self.name, env={"HOME": "/nonexistent"})
        try:
            want(k.execute(cells.after("homeless"), timeout=120).text() == "homeless\n", "a cell")
        finally:
            k.close()

    def environment(self):
        got = self.good(
            (
                'import "os"\n\n%%\n'
                'for _, name := range []string{"GOFLAGS", "GOPROXY", "TMPDIR", "TRAFFICLAB_WORK", '
                '"GONB_PIPE"} {\n\tfmt.Println(name, os.Getenv(name) != "")\n}'
            )
        ).text()
        want(got.count("true") == 5, got)
        tmp = os.environ["TMPDIR"]
        for name in os.listdir(tmp):
            path = os.path.join(tmp, name)
            if os.path.isdir(path) and name != "s":
                want(os.stat(path).st_mode & 0o077 == 0, f"{path} is open to others: {oct(os.stat(path).st_mode)}")

    def bad_connection_files(self):
        argv = self.k.manager.kernel_spec.argv
        for name, text in {
            "missing": None,
            "empty": "",
            "garbage": "{",
            "a list": "[]",
            "no ports": '{"ip": "127.0.0.1", "transport": "tcp", "key": "a"}',
            "a strange transport": (
                '{"transport": "pgm", "ip": "x", "shell_port": 1, "iopub_port": 2, "stdin_port": 3, '
                '"control_port": 4, "hb_port": 5, "key": "", "signature_scheme": "hmac-sha256"}'
            ),
        }.items():
            path = os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], "kernel-bad.json")
            if text is not None:
                with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as f:
                    f.write(text)
            try:
                p = subprocess.run(
                    [a.replace("{connection_file}", path) for a in argv], capture_output=True, text=True, timeout=10
                )
            except subprocess.TimeoutExpired:
                os.remove(path)
                want(False, f"{name}: the kernel starts")
            output = (p.stdout + p.stderr).strip()
            want(p.returncode == 1, f"{name}: status {p.returncode}")
            want(output and "panic" not in output and output.count("\n") == 0, f"{name}: it printed {output!r}")
            if os.path.exists(path):
                os.remove(path)

    def readable_connection_file(self):
        """If others can read the file, they know its key."""
        k = self.k
        path = os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], "kernel-open.json")
        info = {
            key: value.decode() if isinstance(value, bytes) else value
            for key, value in k.manager.get_connection_info().items()
        }
        for port in ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"):
            info[port] = 0
        with open(path, "w") as f:
            json.dump(info, f)
        os.chmod(path, 0o644)
        try:
            p = subprocess.run(
                [a.replace("{connection_file}", path) for a in k.manager.kernel_spec.argv],
                capture_output=True,
                text=True,
                timeout=10,
            )
            output = (p.stdout + p.stderr).strip()
            want(p.returncode != 0 and "600" in output, f"status {p.returncode}, it printed {output!r}")
        except subprocess.TimeoutExpired:
            want(False, "the kernel started")
        finally:
            if os.path.exists(path):
                os.remove(path)
