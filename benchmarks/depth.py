#!/usr/bin/env python3
"""A deep queue: what it costs to have a million messages waiting.

  depth.py TOOLS [MESSAGES]       TOOLS: the directory of fastsource and minismtp

DIST names Posthorn's distribution. In one run: mail accepted and delivered (to nowhere) with an empty
queue, and with so many messages deferred for a destination that is down; then the start of that queue,
its memory when idle, and how long the first page of its list and its counts take.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

PORT, JMX, CLOSED = 2796, 2797, 2798
CONFIG = """
hostname = "posthorn.example"
data-directory = "%s/data"
listeners { smtp { address = "127.0.0.1", port = 2796 } }
jmx { address = "127.0.0.1", port = 2797 }
smtp { clients { exempt = ["127.0.0.0/8"] } }
routes = [
  { domains = ["alive.example"], to = discard }
  { domains = ["late.example"], to = "smtp://127.0.0.1:2798", retry { first-retry = 5s, longest-retry = 5s } }
  { domains = ["*"], to = "smtp://127.0.0.1:2798", retry { first-retry = 1d, longest-retry = 2d } }
]
plugins = [ { use = relay-clients, networks = ["127.0.0.0/8"] } ]
"""


class Server:
    def __init__(self, base):
        self.base = base
        self.config = f"{base}/posthorn.conf"
        with open(self.config, "w") as out:
            out.write(CONFIG % base)

    def start(self):
        """Returns the seconds from exec to the first 220."""
        begun = time.monotonic()
        self.process = subprocess.Popen([f"{os.environ['DIST']}/bin/posthorn", "serve", "--config", self.config],
                                        stdout=subprocess.DEVNULL)
        while True:
            try:
                with socket.create_connection(("127.0.0.1", PORT), timeout=60) as client:
                    if client.recv(3) == b"220":
                        return time.monotonic() - begun
            except OSError:
                time.sleep(0.005)

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def command(self, *arguments):
        begun = time.monotonic()
        done = subprocess.run([f"{os.environ['DIST']}/bin/posthorn", *arguments, "--config", self.config],
                              check=True, stdout=subprocess.PIPE, text=True)
        return time.monotonic() - begun, done.stdout

    def jobs(self, kind):
        return int(re.search(rf'"{kind}": *(\d+)', self.command("status", "--json")[1])[1])

    def cpu(self):
        """Returns the processor seconds used since the start."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            return sum(map(int, stat.read().split()[13:15])) / os.sysconf("SC_CLK_TCK")

    def resident(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup") as rollup:
            return next(int(line.split()[1]) for line in rollup if line.startswith("Rss:")) / 1024


def send(tools, messages, recipient, sessions=50):
    done = subprocess.run([f"{tools}/fastsource", "-s", str(sessions), "-m", str(messages), "-l", "1024", "-f",
                           "bench@source.example", "-t", recipient, "127.0.0.1", str(PORT)],
                          stdout=subprocess.PIPE, check=True)
    result = json.loads(done.stdout)
    if result["errors"]:
        raise RuntimeError(f"{result['errors']} errors: {result}")
    return messages / result["secs"]


def settled(server, left):
    """Waits until no more than so many jobs are left, each of them tried, and the store is at rest."""
    while server.jobs("jobs") > left or server.jobs("deferred") < left:
        time.sleep(0.5)
    busy = server.cpu()
    while True:
        time.sleep(2)
        now = server.cpu()
        if now - busy < 0.1:
            return
        busy = now


def alive(server, tools, messages, left):
    begun = time.monotonic()
    accepted = send(tools, messages, "user@alive.example")
    while server.jobs("jobs") > left:
        time.sleep(0.1)
    return accepted, messages / (time.monotonic() - begun)


def main():
    tools = sys.argv[1]
    deep = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    base = tempfile.mkdtemp(dir=os.environ.get("PB", "/var/tmp"))
    try:
        server = Server(base)
        print(f"start with an empty queue: {server.start():.2f} s to the first 220")
        send(tools, 100_000, "user@alive.example")
        settled(server, 0)
        rates = [alive(server, tools, 40_000, 0) for _ in range(3)]
        print("empty: accepted, and delivered, a second: " + told(rates), flush=True)
        commands = taken(server)
        begun = time.monotonic()
        filled = send(tools, deep, "user@dead.example")
        send(tools, 100, "user@late.example")
        settled(server, deep + 100)
        print(f"{deep} messages for a destination that is down: {filled:.0f} accepted a second,"
              f" all tried once after {time.monotonic() - begun:.0f} s")
        rates = [alive(server, tools, 40_000, deep + 100) for _ in range(3)]
        print(f"beside {deep}: accepted, and delivered, a second: " + told(rates), flush=True)
        server.stop()
        log = f"{base}/data/log/mail.log"
        size = os.path.getsize(log)
        begun = time.monotonic()
        first = server.start()
        print(f"start with {deep}: {first:.2f} s to the first 220")
        while True:
            with open(log) as lines:
                lines.seek(size)
                if "late.example" in lines.read():
                    break
            time.sleep(0.05)
        print(f"  mail that was due is tried again after {time.monotonic() - begun:.2f} s")
        server.command("queue", "delete", "--recipient", "user@late.example", "--why", "the benchmark goes on")
        for (command, before), (_, now) in zip(commands, taken(server)):
            print(f"  posthorn {command}: {now:.2f} s, {before:.2f} s with an empty queue:"
                  " the start of the command")
        time.sleep(200)
        print(f"  resident when idle: {server.resident():.0f} MiB")
        print(f"  on disk: {sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(base + '/data/queue') for f in fs) >> 20} MiB")
        server.stop()
    finally:
        shutil.rmtree(base)


def taken(server):
    """Returns how many seconds commands take, each the median of five."""
    return [(" ".join(command), sorted(server.command(*command)[0] for _ in range(5))[2])
            for command in (("status",), ("queue", "list", "--limit", "100"), ("queue", "count"))]


def told(rates):
    return ", ".join(f"{accepted:.0f} and {delivered:.0f}" for accepted, delivered in rates)


main()
