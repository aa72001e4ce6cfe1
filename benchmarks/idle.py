#!/usr/bin/env python3
"""Many idle sessions: what each adds to the resident memory, and how fast a new client is answered.

  idle.py TOOLS [PLAIN [TLS]]     TOOLS: the directory of connhold; how many sessions of each kind

DIST names Posthorn's distribution. All sessions have said EHLO; those under TLS have a whole handshake
behind them. `load idle` calls it.
"""
import os
import resource
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

PORT = 2793
CONFIG = """
hostname = "posthorn.example"
data-directory = "%s/data"
listeners {
  smtp { address = "127.0.0.1", port = 2793 }
  smtps { address = "127.0.0.1", port = 2794, tls = implicit }
}
smtp { max-connections = 40000, max-connections-per-address = 40000 }
routes = [ { domains = ["*"], to = "hold" } ]
jmx { address = "127.0.0.1", port = 2795 }
plugins = [ { use = relay-clients, networks = ["127.0.0.0/8"] } ]
%s
"""


def resident(pid):
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Rss:"))


def settled(pid):
    """What is kept: the server collects and gives back by itself, once a minute; this does not wait for that."""
    for command in "GC.run", "System.trim_native_heap":
        subprocess.run([f"{os.environ['DIST']}/runtime/bin/jcmd", str(pid), command], check=True,
                       stdout=subprocess.DEVNULL)
    time.sleep(2)
    return resident(pid)


def answered(port, times):
    """Seconds from connecting to the reply to EHLO."""
    taken = []
    for _ in range(times):
        begun = time.monotonic()
        with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
            client.recv(512)
            client.sendall(b"EHLO client.example\r\n")
            client.recv(2048)
            taken.append(time.monotonic() - begun)
            client.sendall(b"QUIT\r\n")
        time.sleep(0.005)
    taken.sort()
    return taken


def told(what, taken):
    return (f"{what}: p50 {statistics.median(taken) * 1000:.1f} ms, "
            f"p99 {taken[int(len(taken) * 0.99)] * 1000:.1f} ms, most {taken[-1] * 1000:.1f} ms")


def hold_tls(count):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    held = []
    for _ in range(count):
        client = context.wrap_socket(socket.create_connection(("127.0.0.1", PORT + 1), timeout=30))
        client.recv(512)
        client.sendall(b"EHLO client.example\r\n")
        client.recv(2048)
        held.append(client)
    return held


def hold_plain(tools, count):
    holder = subprocess.Popen([f"{tools}/connhold", "-e", "-w", "120", "-t", "300", "127.0.0.1", str(PORT),
                               str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = holder.stdout.readline().strip()
    if f"held={count}" not in line:
        raise RuntimeError(line)
    return [holder.stdin]


def measure(kind, count, hold):
    """In a server of its own: memory that another kind has left free would hide what this one takes."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("PB", "/var/tmp")) as directory:
        config = f"{directory}/posthorn.conf"
        with open(config, "w") as out:
            out.write(CONFIG % (directory, os.environ.get("POSTHORN_EXTRA", "")))
        server = subprocess.Popen([f"{os.environ['DIST']}/bin/posthorn", "serve", "--config", config],
                                  stdout=subprocess.DEVNULL)
        try:
            while True:
                try:
                    answered(PORT, 1)
                    break
                except OSError:
                    time.sleep(0.05)
            answered(PORT, 500)
            for client in hold_tls(20):
                client.close()
            empty = settled(server.pid)
            alone = answered(PORT, 1000)
            held = hold(count)
            full = settled(server.pid)
            print(f"{count} {kind}: {empty / 1024:.1f} MiB resident before, {full / 1024:.1f} MiB with them,"
                  f" {(full - empty) / count:.2f} KiB each")
            print(told("  a new client before", alone))
            print(told("  a new client beside them", answered(PORT, 1000)), flush=True)
            for each in held:
                each.close()
        finally:
            server.terminate()
            server.wait()


def main():
    tools = sys.argv[1]
    plain = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    tls = int(sys.argv[3]) if len(sys.argv) > 3 else 2_000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    measure("plain sessions", plain, lambda count: hold_plain(tools, count))
    measure("sessions under TLS", tls, hold_tls)


main()
