#!/usr/bin/env python3
"""The protocol alone: Postfix's smtpd and Posthorn take the same mail and throw it away.

CPU seconds of each server for 1,000 messages of 1 KiB, over 10 sessions, one command at a time and
pipelined, plain and under TLS (by a stunnel client, whose own CPU is not counted), in one run.

  protocol.py PEERS TOOLS [RUNS]      PEERS: the peers' directory; TOOLS: that of fastsource

DIST names Posthorn's distribution, which must have the plugin `discard`. Needs root: CPU is measured
by control groups. `load protocol` prepares all of it.
"""
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

GROUP = "/sys/fs/cgroup/cpuacct/posthorn-protocol"
WARM = int(os.environ.get("WARM", "30"))
TUNNEL = 2790
PORTS = {"postfix": 2791, "posthorn": 2792}
DISCARD = {
    "postfix": {"POSTFIX_ACCEPT": "check_client_access static:DISCARD"},
    "posthorn": {"POSTHORN_EXTRA": "plugins = [ { use = discard } ]"},
}


def enter():
    with open(GROUP + "/cgroup.procs", "w") as group:
        group.write(str(os.getpid()))


def cpu():
    with open(GROUP + "/cpuacct.usage") as usage:
        return int(usage.read()) / 1e9


def pids():
    with open(GROUP + "/cgroup.procs") as group:
        return [int(pid) for pid in group.read().split()]


class Server:
    def __init__(self, peers, name, base):
        self.script = f"{peers}/peers/{name}.sh"
        self.port = PORTS[name]
        self.env = dict(os.environ, BASE=base, PORT=str(self.port), TLS="1", **DISCARD[name])

    def call(self, *arguments, inside=False):
        subprocess.run([self.script, *arguments], env=self.env, check=True, timeout=60,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       preexec_fn=enter if inside else None)

    def __enter__(self):
        self.call("setup", "accept")
        self.call("launch", "accept", inside=True)
        return self

    def __exit__(self, *_):
        self.call("stop")
        end = time.monotonic() + 15
        while pids() and time.monotonic() < end:
            time.sleep(0.05)
        for pid in pids():
            os.kill(pid, signal.SIGKILL)
        self.call("wipe")


def tunnel(directory, port):
    file = f"{directory}/stunnel.conf"
    with open(file, "w") as out:
        out.write(f"client = yes\nforeground = yes\npid =\n[smtp]\nprotocol = smtp\n"
                  f"accept = 127.0.0.1:{TUNNEL}\nconnect = 127.0.0.1:{port}\n")
    return subprocess.Popen(["stunnel4", file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def send(tools, port, messages, pipelined, errors=None):
    command = [f"{tools}/fastsource", "-s", "10", "-m", str(messages), "-l", "1024", "-f",
               "bench@source.example", "-t", "user@dest.example"]
    command += (["-P"] if pipelined else []) + ["127.0.0.1", str(port)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=errors, check=True, timeout=300)
    result = json.loads(done.stdout)
    if result["errors"]:
        raise RuntimeError(f"{result['errors']} errors: {result}")
    return result


def until_it_answers(tools, port):
    end = time.monotonic() + 60
    while True:
        try:
            return send(tools, port, 10, False, subprocess.DEVNULL)
        except (subprocess.CalledProcessError, RuntimeError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def warm(tools, port, pipelined, seconds):
    """Sends for some time: what is measured of a JVM is what it is like after its compilers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        send(tools, port, 5_000, pipelined)


def main():
    peers, tools = sys.argv[1:3]
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    messages = 20_000
    os.makedirs(GROUP, exist_ok=True)
    cells = {}
    with tempfile.TemporaryDirectory(dir=os.environ.get("PB", "/var/tmp")) as base:
        os.chmod(base, 0o755)
        for _ in range(runs):
            for name in PORTS:
                with Server(peers, name, base) as server:
                    until_it_answers(tools, server.port)
                    stunnel = tunnel(base, server.port)
                    try:
                        until_it_answers(tools, TUNNEL)
                        for tls, port in (("plain", server.port), ("TLS", TUNNEL)):
                            for pipelined in (False, True):
                                warm(tools, port, pipelined, WARM if name == "posthorn" else 1)
                                time.sleep(1)
                                before = cpu()
                                sent = send(tools, port, messages, pipelined)
                                time.sleep(0.5)
                                used = (cpu() - before) / messages * 1000
                                cell = tls, "pipelined" if pipelined else "in turn"
                                cells.setdefault(cell, {}).setdefault(name, []).append(
                                    (used, messages / sent["secs"]))
                    finally:
                        stunnel.kill()
                        stunnel.wait()
    print("| | commands | Postfix CPU s / 1,000 | Posthorn CPU s / 1,000 | ratio | Postfix msg/s | Posthorn msg/s |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for (tls, commands), servers in cells.items():
        cost = {name: statistics.median(used for used, _ in taken) for name, taken in servers.items()}
        rate = {name: statistics.median(rate for _, rate in taken) for name, taken in servers.items()}
        print(f"| {tls} | {commands} | {cost['postfix']:.3f} | {cost['posthorn']:.3f} "
              f"| 1/{cost['postfix'] / cost['posthorn']:.1f} | {rate['postfix']:.0f} | {rate['posthorn']:.0f} |")


main()
