#!/usr/bin/env python3
"""leaks.py [--disconnects N] [--requests N] [--minutes M] [--long]: what clients leave behind must not stay in the server.

First, clients that go away in the middle of everything: of a head, a body, an answer, a request that waits in a queue, an HTTP/2
frame, a gRPC call; by an end and by a reset. Afterwards the server holds as many descriptors as before, no connection and no
request, and once it is left alone as much memory, whatever a crowd needed. Then good requests of many shapes, over HTTP/1.1, HTTP/2
and gRPC, as many as are asked for or fit into --minutes: memory must not grow. The negative controls keep a few connections open, and
memory in a step or bit by bit, and must be found out.
"""
import argparse
import os
import random
import socket
import struct
import sys
import time

import figures
from api import TIMEOUT
from fixture import Server, eventually
from generator import GOOD, PROTOCOLS, Generator, failed_in, given_model, question

LONG = {"disconnects": 100_000, "requests": 10_000_000}
QUEUED = "batching: {dimension: 0, max_batch: 16, execution: queue}\n"
ROWS = (1, 2, 3, 5, 8, 13, 32, 64)
AT_ONCE = 50  # connections before the first of them is dropped
ROUNDS = 10  # of disconnects
GROWTH = 0.01
LEAST_GROWTH = 8 << 20  # of a small server one percent is less than what an allocator keeps back
REST_S = 4  # what nobody needs for two seconds is given back


def http1(model, rows=1):
    path, body = question("http1", model, list(range(rows)))
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def field(name, value):
    """A header that is in no table of HPACK."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def http2(path, content_type, data):
    head = (field(":method", "POST") + field(":scheme", "http") + field(":path", path) + field(":authority", "localhost") +
            field("content-type", content_type) + field("te", "trailers"))
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(1, 4, 1, head) + frame(0, 1, 1, data)


def conversations():
    """(bytes, how much of them is sent: a share, or all)."""
    path, message = question("grpc", "quick", [1])
    call = http2(path, "application/grpc", b"\0" + struct.pack(">I", len(message)) + message)
    path, message = question("grpc", "queued", [1])
    waiting = http2(path, "application/grpc", b"\0" + struct.pack(">I", len(message)) + message)
    return [(http1("quick", 50), 0.1), (http1("quick", 50), 0.8), (http1("quick", 1000), 1), (http1("queued"), 1),
            (http1("quick") * 20, 1), (call, 0.3), (call, 0.9), (call, 1), (waiting, 1), (b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 1)]


class Flock:
    """Connections that will be dropped. Owns them; one thread."""

    def __init__(self, server, chance):
        host, port = server.address.rsplit(":", 1)
        self._where, self._chance, self._held, self._kinds = (host, int(port)), chance, [], conversations()

    def open(self):
        made = socket.create_connection(self._where, TIMEOUT)
        said, share = self._chance.choice(self._kinds)
        made.sendall(said[:max(1, int(len(said) * share))])
        self._held.append(made)

    def drop(self):
        leaving = self._held.pop(0)
        if self._chance.random() < 0.5:
            leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset instead of an end
        leaving.close()

    def run(self, count):
        for _ in range(count):
            self.open()
            if len(self._held) >= AT_ONCE:
                self.drop()

    def close(self):
        while self._held:
            self.drop()


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def resident(server):
    with open(f"/proc/{server.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def still_held(server, before):
    """What the server holds more than `before`, in words."""
    server.close_callers()
    now = descriptors(server)
    return f"{now - before} descriptors too many" if now > before else ""


def rested(server):
    """Bytes, once no more is given back."""
    least, since = resident(server), time.monotonic()
    while time.monotonic() < since + REST_S:
        time.sleep(0.1)
        now = resident(server)
        if now < least - (64 << 10):
            least, since = now, time.monotonic()
    return least


def growth(readings):
    """Since the first of them, in words; "" if it is no more than may be: in steps or bit by bit, what stays is a leak."""
    grown = readings[-1] - readings[0]
    most = max(LEAST_GROWTH, GROWTH * readings[0])
    return f"expected {most / 2**20:.1f} MiB more memory at most, found {grown / 2**20:.1f}" if grown > most else ""


def disconnects(server, count, chance, cases):
    flock = Flock(server, chance)
    flock.run(count // 10)  # what is made once is made
    flock.close()
    eventually(lambda: server.anonymous().get("/v2/health/ready").status == 200, "a ready server")
    server.close_callers()
    before = settled(server)
    readings = [rested(server)]
    for _ in range(ROUNDS):
        flock.run(count // ROUNDS)
        flock.close()
        wrong = lasting(lambda: still_held(server, before))
        readings.append(resident(server))
    peak = max(readings)
    readings.append(rested(server))
    wrong = wrong or growth(readings)
    print(f"{count} disconnects: {before} descriptors before, {descriptors(server)} after; {readings[0] / 2**20:.1f} MiB before, "
          f"{peak / 2**20:.1f} at most, {(readings[-1] - readings[0]) / 2**20:+.1f} once it rests")
    step = 2 * LEAST_GROWTH + int(2 * GROWTH * readings[0])
    for kind, leaking in (("in a step", [readings[0], readings[0] + step, readings[0] + step]),
                          ("bit by bit", [readings[0] + step * i // 10 for i in range(11)])):
        cases.append((f"control: memory that is kept {kind} is found out", "" if growth(leaking) else "expected a leak"))
    cases.append((f"{count} disconnects leave nothing behind", wrong))
    for _ in range(5):
        flock.open()
    held = not lasting(lambda: not still_held(server, before))  # they may not have been accepted yet
    flock.close()
    cases.append(("control: connections that stay are found out", "" if held else "expected descriptors too many"))


def settled(server):
    """How many descriptors there are once connections that were dropped are gone."""
    seen = []

    def is_still():
        seen.append(descriptors(server))
        return len(seen) > 100 and len(set(seen[-100:])) == 1
    eventually(is_still, "descriptors to settle")
    return seen[-1]


def lasting(problem):
    """The problem, if it does not go away."""
    try:
        eventually(lambda: not problem(), "no problem")
        return ""
    except AssertionError:
        return problem()


def requests(server, count, minutes, cases):
    """Rounds over all shapes until so many were answered, or the time is over; the first round warms up."""
    answered, memory, peak, begun = 0, None, 0, time.monotonic()
    while answered < count and time.monotonic() < begun + 60 * minutes:
        for rows in ROWS:
            for protocol in PROTOCOLS:
                generator = Generator(server, protocol, "quick", seconds=3 if count > 1_000_000 else 0.2, connections=8, streams=8, rows=rows)
                try:
                    report = generator.report()
                finally:
                    generator.close()
                if failed_in(report):
                    cases.append((f"{protocol} with {rows} rows", f"{report}"))
                    return
                answered += report["statuses"].get(GOOD[protocol], {"count": 0})["count"]
        memory = memory or resident(server)
        peak = max(peak, resident(server))
    grown = peak - memory
    print(f"{answered} requests of {len(ROWS)} shapes in {(time.monotonic() - begun) / 60:.1f} minutes: {memory / 2**20:.1f} MiB after the "
          f"first round, {grown / 2**20:+.2f} MiB since ({grown / memory:.2%})")
    cases.append((f"{answered} requests grow memory by less than {GROWTH:.0%}", "" if grown <= GROWTH * memory or count < 1_000_000 else
                  f"found {grown / memory:.2%}"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--disconnects", type=int, default=2000)
    parser.add_argument("--requests", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=20, help="for the requests")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    if options.long:
        vars(options).update(LONG)
    print(f"seed {options.seed}")
    cases = []
    with Server(loops=1, options=("--log-level", "error", "--access-log", "off")) as server:
        given_model(server, "quick", 0)
        given_model(server, "queued", 200, QUEUED)
        disconnects(server, options.disconnects, random.Random(options.seed), cases)
        requests(server, options.requests, options.minutes, cases)
    return figures.conclude(cases)


if __name__ == "__main__":
    sys.exit(main())
