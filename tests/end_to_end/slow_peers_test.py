"""Peers that send slowly, read slowly or come in numbers (the four modes of slowhttptest, all at once): they are cut in time,
hold little, and nobody else waits for them."""
import contextlib
import json
import pathlib
import re
import socket
import subprocess
import sys
import time
import unittest

import packages
from api import PATIENCE, connect
from fixture import WithServer, eventually
from namespaces import network_namespace

HEADS, BODIES, CHANGES, PUSHES, READERS = 300, 300, 100, 20, 100


def metric(page, line):
    found = re.search(rf"^{re.escape(line)} (\S+)$", page, re.M)
    return float(found.group(1)) if found else 0.0


class SlowPeers(WithServer):
    options = ("--connections", "2000", "--workers", "2")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        assert cls.server.api().push(packages.tar_gz(packages.echo(42)), "bystander").status == 201
        assert cls.server.cli("deploy", "bystander", "--wait").returncode == 0

    def memory(self):
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) << 10

    def many(self, count, sent, receive_buffer=None):
        peers = []
        for _ in range(count):
            peer = connect(self.server.address)
            self.addCleanup(peer.close)
            if receive_buffer:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            peer.sendall(sent)
            peers.append(peer)
        return peers

    def attack(self):
        token = self.server.admin_token.encode()
        trickle = b"Content-Length: 60000\r\n\r\n{"
        infer = b"POST /v2/models/bystander/infer HTTP/1.1\r\nHost: localhost\r\n"
        secret = b"Host: localhost\r\nAuthorization: Bearer " + token + b"\r\n"
        slow_to_send = [
            *self.many(HEADS, b"POST /v2/models/bystander/infer HTTP/1.1\r\nHost: local"),
            *self.many(BODIES, infer + trickle),
            *self.many(CHANGES, b"PUT /api/v1/models/bystander/aliases/slow HTTP/1.1\r\n" + secret + trickle),
            *self.many(PUSHES, b"POST /api/v1/packages?name=slow HTTP/1.1\r\n" + secret + trickle),
        ]
        rows = json.dumps({"inputs": [{"name": "nonce", "datatype": "INT64", "shape": [64, 1], "data": [10**15] * 64}]}).encode()
        large = infer + b"Content-Length: %d\r\n\r\n" % len(rows) + rows
        return slow_to_send, self.many(READERS, large * 100, receive_buffer=4096)

    def healthy(self, seconds):
        """Times of requests of every kind, a hundred a second."""
        inline, admin, took = self.server.anonymous(), self.server.api(), []
        until = time.monotonic() + seconds
        for number in range(10**6):
            began = time.monotonic()
            if began > until:
                return sorted(took)
            if number % 10 == 0:
                status = admin.get("/api/v1/status").status
            elif number % 10 == 1:
                status = inline.get("/metrics").status
            else:
                status = inline.infer("bystander", packages.nonce(number)).status
            self.assertEqual(status, 200)
            took.append(time.monotonic() - began)
            time.sleep(max(0, 0.01 - took[-1]))

    def test_nobody_waits_for_those_who_send_or_read_slowly(self):
        quiet = self.healthy(1)
        before = self.memory()
        slow_to_send, readers = self.attack()
        took = self.healthy(13)  # the head timeout is ten seconds, and so is the grace of a body
        print(f"\np99 of a healthy client: {quiet[len(quiet) * 99 // 100] * 1e3:.1f} ms without, "
              f"{took[len(took) * 99 // 100] * 1e3:.1f} ms with {len(slow_to_send) + len(readers)} slow peers; "
              f"{(self.memory() - before) / 2**20:.1f} MiB more", file=sys.stderr)
        self.assertLess(took[len(took) * 99 // 100], 0.25 * PATIENCE, "the slow hold up the others")
        self.assertLess(self.memory() - before, 128 << 20)
        for peer in slow_to_send:
            with contextlib.closing(peer):
                peer.settimeout(5 * PATIENCE)
                said = b""
                with contextlib.suppress(ConnectionResetError):
                    while piece := peer.recv(4096):
                        said += piece
                self.assertIn(said[9:12], (b"408", b"429", b""), said)
        for peer in readers:
            peer.close()
        eventually(lambda: metric(self.server.anonymous().get("/metrics").body.decode(), "slipway_http_connections") < 10,
                   "the slow peers' connections to be closed")


# Runs in a network namespace of its own, where 10.1.2.3 is an address of this machine that is not loopback.
INSIDE = """
import contextlib, json, sys
from api import connect
from fixture import Server, eventually
from slow_peers_test import metric
with Server(listen="plain:10.1.2.3:0", options=("--connections-per-address", "5", "--hosts", "*")) as server:
    def refused():
        return metric(server.api().get("/metrics").body.decode(), 'slipway_http_troubles_total{reason="address_limit"}')
    caller = server.api()
    eventually(lambda: metric(caller.get("/metrics").body.decode(), "slipway_http_connections") == 1, "one connection")
    held = [connect(server.address) for _ in range(10)]
    closed = 0
    for one in held:
        one.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            closed += one.recv(1) == b""
    page = caller.get("/metrics").body.decode()
    for one in held: one.close()
    eventually(lambda: server.api().get("/api/v1/status").status == 200, "room again")
    print(json.dumps({"closed": closed, "counted": metric(page, 'slipway_http_troubles_total{reason="address_limit"}')}))
"""


class AddressLimit(unittest.TestCase):
    def test_one_address_cannot_take_every_place(self):
        namespace = network_namespace()
        self.assertIsNotNone(namespace, "expected unshare to allow a network namespace, as root or by user namespaces")
        done = subprocess.run([*namespace, "sh", "-c", 'ip link set lo up && ip addr add 10.1.2.3/32 dev lo && exec "$@"', "sh",
                               sys.executable, "-c", INSIDE], cwd=pathlib.Path(__file__).parent, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), {"closed": 6, "counted": 6})


if __name__ == "__main__":
    unittest.main()
