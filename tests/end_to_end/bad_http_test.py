"""HTTP that is too large, too slow, cut short or ambiguous, over the running binary: an answer that says why, and no harm."""
import contextlib
import gzip
import json
import os
import socket
import threading
import time
import unittest
import zlib

import packages
from api import connect, exchange, outputs_of, read_answer
from fixture import WithServer, eventually

INFER = b"/v2/models/bystander/infer"
BODY = json.dumps({"inputs": [{"name": "nonce", "datatype": "INT64", "shape": [1, 1], "data": [1]}]}).encode()


def request(method=b"POST", target=INFER, headers=(), body=None, version=b"HTTP/1.1", host=b"Host: localhost"):
    lines = [method + b" " + target + b" " + version, *([host] if host else []), *headers]
    if body is not None and not any(h.lower().startswith((b"content-length", b"transfer-encoding")) for h in headers):
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"")


def chunked(*chunks, tail=b"0\r\n\r\n"):
    return b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks) + tail


CHUNKED = b"Transfer-Encoding: chunked"

TOO_LARGE = {  # what: (bytes sent, statuses)
    "body said to be over 32 MiB": (request(headers=[b"Content-Length: %d" % ((32 << 20) + 1)]), (413,)),
    "body of 2^63": (request(headers=[b"Content-Length: 9223372036854775808"]), (400, 413)),
    "body of 2^64 and a bit": (request(headers=[b"Content-Length: 18446744073709551620"]), (400, 413)),
    "one header of 33 KiB": (request(headers=[b"X-Large: " + b"x" * (33 << 10)], body=BODY), (431,)),
    "headers of 40 KiB": (request(headers=[b"X-%d: %s" % (i, b"x" * 500) for i in range(80)], body=BODY), (431,)),
    "101 headers": (request(headers=[b"X-%d: 1" % i for i in range(101)], body=BODY), (431,)),
    "endless header line": (b"POST / HTTP/1.1\r\nX: " + b"x" * (1 << 20), (431,)),
    "URI of 9 KiB": (request(b"GET", b"/v2/models/" + b"x" * (9 << 10)), (414,)),
    "endless URI": (b"GET /" + b"x" * (1 << 20), (414, 431)),
    "query of 9 KiB": (request(b"GET", b"/v2/health/live?" + b"q=1&" * 2304), (414,)),
    "chunk of 2^64": (request(headers=[CHUNKED]) + b"10000000000000000\r\n", (400, 413)),
    "chunks over 32 MiB": (request(headers=[CHUNKED]) + chunked(b"x" * (1 << 20)) [:-5] * 33, (413,)),
    "chunk flood": (request(headers=[CHUNKED]) + b"1\r\n \r\n" * 70_000, (400, 413)),
    "chunk extension flood": (request(headers=[CHUNKED]) + b"1;" + b"x" * (1 << 16) + b"\r\n \r\n0\r\n\r\n", (400, 413, 431)),
    "trailer flood": (request(headers=[CHUNKED]) + b"0\r\n" + b"X: 1\r\n" * 10_000 + b"\r\n", (400, 413, 431)),
    "gzip bomb": (request(headers=[b"Content-Encoding: gzip"], body=gzip.compress(bytes(200 << 20), 9)), (400, 413)),
    "deflate bomb": (request(headers=[b"Content-Encoding: deflate"], body=zlib.compress(bytes(100 << 20), 9)), (400, 413)),
}

MALFORMED = {
    "no request line": (b"\x00\x01\x02\x03\r\n\r\n", (400,)),
    "a TLS hello": (bytes.fromhex("160301020001") + b"\x00" * 64 + b"\r\n\r\n", (400,)),
    "no version": (b"GET /v2/health/live\r\n\r\n", (400, 505)),
    "HTTP/0.9": (request(b"GET", b"/", version=b"HTTP/0.9"), (400, 505)),
    "HTTP/3.0": (request(b"GET", b"/", version=b"HTTP/3.0"), (400, 505)),
    "lower-case version": (request(b"GET", b"/", version=b"http/1.1"), (400, 505)),
    "no host": (request(b"GET", b"/v2/health/live", host=None), (400,)),
    "two hosts": (request(b"GET", b"/v2/health/live", [b"Host: other"]), (400,)),
    "two lengths": (request(headers=[b"Content-Length: 5", b"Content-Length: 6"], body=b"hello"), (400,)),
    "length and chunked": (request(headers=[b"Content-Length: 5", CHUNKED]) + b"0\r\n\r\n", (400,)),
    "negative length": (request(headers=[b"Content-Length: -1"]), (400,)),
    "signed length": (request(headers=[b"Content-Length: +5"]) + b"hello", (400,)),
    "hexadecimal length": (request(headers=[b"Content-Length: 0x5"]) + b"hello", (400,)),
    "length list": (request(headers=[b"Content-Length: 5, 6"]) + b"hello", (400,)),
    "unknown transfer coding": (request(headers=[b"Transfer-Encoding: identity, chunked"]) + b"0\r\n\r\n", (400, 501)),
    "chunked twice": (request(headers=[CHUNKED, CHUNKED]) + b"0\r\n\r\n", (400, 501)),
    "chunked in disguise": (request(headers=[b"Transfer-Encoding: xchunked"]) + b"0\r\n\r\n", (400, 501)),
    "space before the colon": (request(headers=[b"X-A : 1"], body=BODY), (400,)),
    "folded header": (request(headers=[b"X-A: 1\r\n 2"], body=BODY), (400,)),
    "NUL in a header": (request(headers=[b"X-A: a\x00b"], body=BODY), (400,)),
    "bare CR in a header": (request(headers=[b"X-A: a\rb"], body=BODY), (400,)),
    "empty header name": (request(headers=[b": 1"], body=BODY), (400,)),
    "no hexadecimal chunk": (request(headers=[CHUNKED]) + b"xyz\r\n", (400,)),
    "negative chunk": (request(headers=[CHUNKED]) + b"-1\r\n", (400,)),
    "chunk without its end": (request(headers=[CHUNKED]) + b"2\r\nabX\r\n0\r\n\r\n", (400,)),
    "unknown content coding": (request(headers=[b"Content-Encoding: br"], body=BODY), (400, 415)),
    "stacked content codings": (request(headers=[b"Content-Encoding: gzip, gzip"], body=gzip.compress(gzip.compress(BODY))), (400, 415)),
    "no gzip": (request(headers=[b"Content-Encoding: gzip"], body=BODY), (400,)),
    "gzip cut short": (request(headers=[b"Content-Encoding: gzip"], body=gzip.compress(BODY)[:-6]), (400,)),
    "gzip with more after it": (request(headers=[b"Content-Encoding: gzip"], body=gzip.compress(BODY) + b"garbage"), (400,)),
    "unknown expectation": (request(headers=[b"Expect: a-miracle"], body=BODY), (400, 417)),
    "a target that is no path": (request(b"GET", b"v2/health/live"), (400, 404)),
    "an authority as target": (request(b"CONNECT", b"example.com:443"), (400, 404, 405, 501)),
    "NUL in the path": (request(b"GET", b"/v2/models/a%00b"), (400, 404)),
    "raw control character in the path": (request(b"GET", b"/v2/models/a\x01b"), (400,)),
    "broken escape": (request(b"GET", b"/v2/models/%zz"), (400,)),
    "broken escape at the end": (request(b"GET", b"/v2/models/%4"), (400,)),
    "climbing path": (request(b"GET", b"/v2/../../etc/passwd"), (400, 404)),
    "climbing path, escaped": (request(b"GET", b"/v2/%2e%2e/%2e%2e/etc/passwd"), (400, 404)),
    "climbing path, escaped twice": (request(b"GET", b"/v2/%252e%252e/etc/passwd"), (400, 404)),
    "slash in a name": (request(b"GET", b"/v2/models/a%2fb"), (400, 404)),
    "overlong UTF-8": (request(b"GET", b"/v2/models/%c0%ae%c0%ae"), (400, 404)),
    "unknown path": (request(b"GET", b"/nowhere"), (404,)),
    "unknown method": (request(b"BREW", b"/v2/health/live"), (400, 405, 501)),
    "wrong method": (request(b"DELETE", b"/v2/health/live"), (405,)),
}


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


class BadHttp(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        api = cls.server.api()
        assert api.push(packages.tar_gz(packages.echo(42)), "bystander").status == 201
        assert cls.server.cli("deploy", "bystander", "--wait").returncode == 0
        api.close()
        cls.fewest_descriptors = descriptors(cls.server)

    def exchange(self, sent, method="POST"):
        return exchange(self.server.address, sent, method)

    def tearDown(self):
        super().tearDown()
        answer = self.server.anonymous().infer("bystander", packages.nonce(3))
        self.assertEqual((answer.status, outputs_of(answer)), (200, {"nonce_out": [3], "constant": [42]}))

    def memory(self):
        with open(f"/proc/{self.server.process.pid}/status") as status:
            return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS:"))

    def test_what_is_too_large(self):
        before = self.memory()
        for what, (sent, statuses) in TOO_LARGE.items():
            with self.subTest(what):
                self.assert_refused(self.exchange(sent), statuses)
        self.assertLess(self.memory() - before, 160 << 20, "no attack is kept in memory")

    def test_what_is_malformed(self):
        for what, (sent, statuses) in MALFORMED.items():
            with self.subTest(what):
                self.assert_refused(self.exchange(sent), statuses)

    def test_after_a_framing_error_nothing_more_is_read_from_the_connection(self):
        smuggled = request(b"GET", b"/v2/health/live")
        for what in ("two lengths", "length and chunked", "chunked twice", "no hexadecimal chunk", "NUL in a header", "signed length"):
            with self.subTest(what), connect(self.server.address) as connection:
                connection.sendall(MALFORMED[what][0] + smuggled)
                self.assertIn(read_answer(connection).status, (400, 501))
                self.assertIsNone(read_answer(connection), "the connection is closed")

    def test_wrong_content_types(self):
        for kind in (b"text/html", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x", b"application/xml"):
            for target in (INFER, b"/predict/bystander"):
                with self.subTest(kind=kind, target=target):
                    answer = self.exchange(request(target=target, headers=[b"Content-Type: " + kind], body=b"<x/>"))
                    self.assert_refused(answer, (400, 415))
            answer = self.exchange(request(b"PUT", b"/api/v1/serving/bystander", [
                b"Content-Type: " + kind, b"Authorization: Bearer " + self.server.admin_token.encode()], body=b"x"))
            self.assert_refused(answer, (400, 415))

    def test_a_wrong_method_says_which_are_right(self):
        answer = self.exchange(request(b"DELETE", INFER))
        self.assert_refused(answer, 405)
        self.assertIn("POST", answer.headers["allow"])

    def test_bodies_that_are_cut_short_are_no_requests(self):
        for sent in (request(body=BODY)[:-5], request(headers=[CHUNKED]) + chunked(BODY)[:-9], request(body=BODY)[:20]):
            with self.subTest(sent=sent[-20:]), connect(self.server.address) as connection:
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
                answer = read_answer(connection)
                self.assertTrue(answer is None or answer.status == 400, str(answer))

    def test_an_upload_cut_short_leaves_nothing(self):
        upload = packages.tar_gz({**packages.echo(7), "weights.bin": os.urandom(1 << 17)})
        head = request(target=b"/api/v1/packages?name=cut&filename=cut.tar.gz", headers=[
            b"Content-Length: %d" % len(upload), b"Authorization: Bearer " + self.server.admin_token.encode()])

        def uploads():
            return list((self.server.data / "artifacts" / "incoming").iterdir())

        with connect(self.server.address) as connection:
            connection.sendall(head + upload[:-10])
            eventually(uploads, "the upload to have begun")
        eventually(lambda: not uploads(), "the upload to be gone")
        self.assertEqual(self.api.get("/api/v1/models/cut").status, 404)

    def test_a_client_may_send_byte_by_byte(self):
        with connect(self.server.address) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in request(body=BODY):
                connection.sendall(bytes([byte]))
            self.assertEqual(read_answer(connection).status, 200)

    def test_slow_heads_are_closed_in_time_while_others_are_served(self):
        slow = [connect(self.server.address) for _ in range(50)]
        for connection in slow:
            connection.sendall(b"POST /v2/models/bystander/infer HTTP/1.1\r\nHost: local")
        began = time.monotonic()
        api = self.server.anonymous()
        for number in range(50):
            self.assertEqual(api.infer("bystander", packages.nonce(number)).status, 200)
        self.assertLess(time.monotonic() - began, 5, "slow clients hold nobody up")
        for connection in slow:  # all were opened together: their ten seconds end together
            answer = read_answer(connection)
            self.assertTrue(answer is None or answer.status == 408, str(answer))
            connection.close()
        self.assertLess(time.monotonic() - began, 20)

    def test_a_reader_that_never_reads_holds_little(self):
        before = self.memory()
        body = json.dumps({"inputs": [{"name": "nonce", "datatype": "INT64", "shape": [64, 1],
                                       "data": list(range(10**15, 10**15 + 64))}]}).encode()
        sent = request(body=body) * 50
        with connect(self.server.address, 0.5) as connection:
            try:
                for _ in range(200):
                    connection.sendall(sent)
            except (socket.timeout, ConnectionResetError, BrokenPipeError):
                pass
            self.assertLess(self.memory() - before, 16 << 20, "what nobody reads is not piled up")

    def test_many_connections_at_once(self):
        many = [connect(self.server.address) for _ in range(400)]
        try:
            for number, connection in enumerate(many):
                connection.sendall(request(body=BODY))
            self.assertEqual({read_answer(c).status for c in many}, {200})
        finally:
            for connection in many:
                connection.close()

    def test_a_flood_of_half_requests_leaves_no_connection_behind(self):
        before = descriptors(self.server)
        for sent in (b"P", request(body=BODY)[:-1], request(headers=[CHUNKED]) + b"5\r\nab", request(body=BODY) * 3):
            with contextlib.ExitStack() as open_ones:
                for _ in range(50):
                    open_ones.enter_context(connect(self.server.address)).sendall(sent)
                # Not all 50: other connections may go meanwhile.
                eventually(lambda: descriptors(self.server) >= self.fewest_descriptors + 40, "most connections to be accepted")
            eventually(lambda: descriptors(self.server) <= before + 2, "all connections to be closed")


class ConnectionLimit(WithServer):
    options = ("--connections", "20")

    def test_beyond_the_limit_new_connections_wait_or_are_turned_away_and_others_are_served(self):
        first = self.server.anonymous()
        self.assertEqual(first.get("/v2/health/live").status, 200)
        held = [connect(self.server.address, 2) for _ in range(60)]
        self.assertEqual(first.get("/v2/health/live").status, 200)
        for connection in held:
            connection.close()
        eventually(lambda: self.server.anonymous().get("/v2/health/live").status == 200, "room for new connections")


if __name__ == "__main__":
    unittest.main()
