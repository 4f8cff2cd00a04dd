"""TLS on any listener, over the running binary: curl and Python's ssl, client certificates, changed files, resumption."""
import contextlib
import http.client
import json
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import packages
from api import PATIENCE, TIMEOUT
from fixture import Server, clean_environment, eventually, run


class Authority:
    """An authority in a folder, and what it signs. By the openssl command."""

    def __init__(self, folder, name="authority"):
        self.folder, self.certificate, self.key = folder, folder / f"{name}.crt", folder / f"{name}.key"
        self._run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                  f"/CN={name}", "-keyout", self.key, "-out", self.certificate, "-addext", "basicConstraints=critical,CA:TRUE")

    def sign(self, name, alternative="", usage="serverAuth", days=2):
        key, request, certificate = (self.folder / f"{name}.{end}" for end in ("key", "csr", "crt"))
        self._run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                  "-keyout", key, "-out", request)
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"extendedKeyUsage={usage}\n" + (f"subjectAltName={alternative}\n" if alternative else ""))
        self._run("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days",
                  str(days), "-extfile", extensions, "-out", certificate)
        return certificate, key

    @staticmethod
    def _run(*arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


class TlsServer(Server):
    """Its first address has TLS, its second is a UNIX socket for the tests' own calls."""

    def __init__(self, options=(), **more):
        super().__init__(options=options, listen="tls:127.0.0.1:0,unix:socket", **more)
        self._cwd = self.folder

    @property
    def address(self):
        return "unix:" + str(self.folder / "socket")

    @property
    def endpoint(self):
        eventually((self.data / "addresses").exists, "the addresses")  # the socket may answer before
        host, port = self.addresses[0].removeprefix("tls:").rsplit(":", 1)
        return host, int(port)


def context(authority, certificate=None):
    made = ssl.create_default_context(cafile=str(authority))
    if certificate:
        made.load_cert_chain(*map(str, certificate))
    return made


def ask(endpoint, made, path="/v2/health/live", token=None, method="GET", body=None):
    """The status of one request on a connection of its own."""
    connection = http.client.HTTPSConnection(*endpoint, context=made, timeout=TIMEOUT)
    with contextlib.closing(connection):
        connection.request(method, path, body, {"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        answer.read()
        return answer.status


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="slipway-tls-"))
        cls.authority, cls.stranger = Authority(cls.folder), Authority(cls.folder, "stranger")
        cls.certificate, cls.key = cls.authority.sign("server", "DNS:localhost,IP:127.0.0.1")
        cls.options = ("--tls-certificate", cls.certificate, "--tls-key", cls.key)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_curl_and_python_speak_to_it_and_old_versions_do_not(self):
        with TlsServer(self.options) as server:
            for version in ("--http1.1", "--http2"):  # the second is agreed on by ALPN
                done = subprocess.run(["curl", "-sS", version, "--cacert", self.authority.certificate, "-o", "/dev/null",
                                       "-w", "%{http_version} %{http_code} %{ssl_verify_result}",
                                       "https://{}:{}/v2/health/live".format(*server.endpoint)], capture_output=True, text=True)
                self.assertEqual(done.stdout, f"{version[6:]} 200 0", done.stderr)
            made = context(self.authority.certificate)
            self.assertEqual(ask(server.endpoint, made), 200)
            self.assertEqual(ask(server.endpoint, made, "/api/v1/status", server.admin_token), 200)
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                made = context(self.authority.certificate)
                made.minimum_version = made.maximum_version = version
                self.assertEqual(ask(server.endpoint, made), 200)
            old = context(self.authority.certificate)
            old.set_ciphers("DEFAULT@SECLEVEL=0")
            old.minimum_version = ssl.TLSVersion.TLSv1
            old.maximum_version = ssl.TLSVersion.TLSv1_1
            with self.assertRaises((ssl.SSLError, ConnectionResetError)):
                ask(server.endpoint, old)
            with self.assertRaises(ssl.SSLError):
                ask(server.endpoint, context(self.stranger.certificate))

    def test_large_bodies_and_answers_pass_and_plain_bytes_are_cut(self):
        with TlsServer(self.options) as server:
            self.assertEqual(server.api().push(packages.tar_gz(packages.echo(42)), "m").status, 201)
            self.assertEqual(server.cli("deploy", "m", "--wait").returncode, 0)
            connection = http.client.HTTPSConnection(*server.endpoint, context=context(self.authority.certificate), timeout=TIMEOUT)
            with contextlib.closing(connection):
                for number in range(50):
                    body = json.dumps(packages_request(number)).encode() + b" " * (number * 5000)
                    connection.request("POST", "/v2/models/m/infer", body, {"Content-Type": "application/json"})
                    answer = connection.getresponse()
                    self.assertEqual(answer.status, 200)
                    self.assertEqual(json.loads(answer.read())["outputs"][0]["data"], [number])
            with socket.create_connection(server.endpoint, timeout=TIMEOUT) as plain:
                plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                self.assertNotIn(b"HTTP/1.1", plain.recv(4096))
            self.assertEqual(ask(server.endpoint, context(self.authority.certificate)), 200)

    def test_what_was_agreed_on_is_what_is_spoken(self):
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
        one = b"GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        goes_away = bytes([0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])  # PROTOCOL_ERROR
        with TlsServer(self.options) as server:
            for agreed, sent, begins, holds in (("h2", preface, b"\0", b""), ("h2", one, b"\0", goes_away),
                                                ("h2", b"INVALID CONNECTION PREFACE\r\n\r\n", b"\0", goes_away),
                                                ("http/1.1", one, b"HTTP/1.1 200", b""),
                                                ("http/1.1", preface, b"HTTP/1.1 505", b""),
                                                (None, one, b"HTTP/1.1 200", b""), (None, preface, b"\0", b"")):
                with self.subTest(agreed=agreed, sent=sent):
                    made = context(self.authority.certificate)
                    if agreed:
                        made.set_alpn_protocols([agreed])
                    with socket.create_connection(server.endpoint, timeout=TIMEOUT) as below, \
                            made.wrap_socket(below, server_hostname="localhost") as stream:
                        self.assertEqual(stream.selected_alpn_protocol(), agreed)
                        stream.sendall(sent)
                        said = b""
                        while not (said.startswith(begins) and holds in said):
                            piece = stream.recv(4096)
                            self.assertTrue(piece, said)
                            said += piece

    def test_a_handshake_that_stalls_is_cut_in_time_and_holds_nobody_up(self):
        with TlsServer(self.options) as server:
            stalled = [socket.create_connection(server.endpoint, timeout=TIMEOUT) for _ in range(50)]
            for peer in stalled:
                peer.sendall(bytes.fromhex("1603010200010001fc0303"))
            began = time.monotonic()
            made = context(self.authority.certificate)
            for _ in range(20):
                self.assertEqual(ask(server.endpoint, made), 200)
            for peer in stalled:
                with contextlib.closing(peer):
                    self.assertEqual(peer.recv(1), b"")
            self.assertLess(time.monotonic() - began, 10 * PATIENCE)

    def test_client_certificates_are_who_asks_by_their_exact_names(self):
        identities = "uri:spiffe://corp/ci=admin,dns:viewer.example.com=viewer"
        clients = {  # name: (alternative names, extended usage, status of a reading call, of a changing one)
            "ci": ("URI:spiffe://corp/ci", "clientAuth", 200, 201),
            "viewer": ("DNS:viewer.example.com", "clientAuth", 200, 403),
            "longer": ("URI:spiffe://corp/ci/2", "clientAuth", 401, 401),
            "other-case": ("URI:spiffe://corp/CI", "clientAuth", 401, 401),
            "wildcard": ("DNS:*.example.com", "clientAuth", 401, 401),
            "other-kind": ("DNS:spiffe", "clientAuth", 401, 401),
            "as-email": ("email:viewer@example.com", "clientAuth", 401, 401),
            "viewer.example.com": ("", "clientAuth", 401, 401),  # only in its common name
        }
        options = (*self.options, "--tls-client-ca", self.authority.certificate, "--tls-identities", identities)
        with TlsServer(options) as server:
            for name, (alternative, usage, reads, changes) in clients.items():
                made = context(self.authority.certificate, self.authority.sign(name, alternative, usage))
                self.assertEqual(ask(server.endpoint, made, "/api/v1/models"), reads, name)
                token = json.dumps({"name": f"by-{name}", "role": "viewer"})
                self.assertEqual(ask(server.endpoint, made, "/api/v1/tokens", method="POST", body=token), changes, name)
                self.assertEqual(ask(server.endpoint, made, "/api/v1/models", server.admin_token), 200, "a token goes first")
            without = context(self.authority.certificate)
            self.assertEqual(ask(server.endpoint, without), 200)
            self.assertEqual(ask(server.endpoint, without, "/api/v1/models"), 401)
            for bad in (self.stranger.sign("impostor", "URI:spiffe://corp/ci", "clientAuth"),
                        self.authority.sign("for-servers", "URI:spiffe://corp/ci", "serverAuth"),
                        self.authority.sign("expired", "URI:spiffe://corp/ci", "clientAuth", days=0)):
                with self.assertRaises((ssl.SSLError, ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected), msg=bad[0]):
                    ask(server.endpoint, context(self.authority.certificate, bad), "/api/v1/models")

    def test_changed_files_are_taken_over_without_a_dropped_request(self):
        files = [self.folder / "changing.crt", self.folder / "changing.key"]
        for found, path in zip((self.certificate, self.key), files):
            shutil.copy(found, path)
        with TlsServer(("--tls-certificate", files[0], "--tls-key", files[1])) as server:
            made, stop, failures, served = context(self.authority.certificate), threading.Event(), [], [0]

            def load(keeps):
                connection = None
                while not stop.is_set():
                    try:
                        connection = connection or http.client.HTTPSConnection(*server.endpoint, context=made, timeout=TIMEOUT)
                        connection.request("GET", "/v2/health/live")
                        answer = connection.getresponse()
                        answer.read()
                        served[0] += 1
                        if answer.status != 200:
                            failures.append(answer.status)
                        if not keeps:
                            connection = connection.close()
                    except OSError as error:
                        failures.append(error)
                        connection = None
                if connection:
                    connection.close()

            callers = [threading.Thread(target=load, args=(number % 2 == 0,)) for number in range(4)]
            for caller in callers:
                caller.start()
            try:
                before = ssl.get_server_certificate(server.endpoint)
                for number in range(3):
                    for found, path in zip(self.authority.sign(f"next-{number}", "DNS:localhost,IP:127.0.0.1"), files):
                        shutil.copy(found, path)
                    eventually(lambda: ssl.get_server_certificate(server.endpoint) != before, "the new certificate")
                    before = ssl.get_server_certificate(server.endpoint)
                files[0].write_text("not a certificate")
                eventually(lambda: "not taken over" in server.log, "a line about the bad file")
                self.assertIn("changing.crt: expected a certificate in PEM", server.log)
                self.assertEqual(ssl.get_server_certificate(server.endpoint), before)
            finally:
                stop.set()
                for caller in callers:
                    caller.join()
            self.assertEqual(failures, [])
            self.assertGreater(served[0], 100)
            page = server.api().get("/metrics").body.decode()
            self.assertIn('slipway_tls_reloads_total{outcome="taken"} 3', page)
            self.assertIn('slipway_tls_reloads_total{outcome="refused"} 1', page)

    def test_sessions_are_resumed(self):
        with TlsServer(self.options) as server:
            made = context(self.authority.certificate)
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                made.minimum_version, made.maximum_version = ssl.TLSVersion.TLSv1_2, version
                session, reused = None, []
                for _ in range(3):
                    with socket.create_connection(server.endpoint, timeout=TIMEOUT) as below, \
                            made.wrap_socket(below, server_hostname="localhost", session=session) as stream:
                        stream.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                        while stream.recv(4096):
                            pass
                        session, _ = stream.session, reused.append(stream.session_reused)
                self.assertEqual(reused, [False, True, True], version)

    def test_a_server_without_a_certificate_makes_its_own_and_says_so(self):
        with TlsServer() as server:
            authority = server.data / "tls/ca.crt"
            eventually(lambda: str(authority) in server.log, lambda: f"the authority in the log:\n{server.log}")
            self.assertIn("authority of its own", server.log)
            self.assertEqual(ask(server.endpoint, context(authority)), 200)
            first = authority.read_bytes()
            server.restart()
            self.assertEqual(authority.read_bytes(), first)
            self.assertEqual(ask(server.endpoint, context(authority)), 200)
            self.assertEqual({p.name: oct(p.stat().st_mode & 0o777) for p in (server.data / "tls").glob("*.key")},
                             {"ca.key": "0o600", "server.key": "0o600"})

    def test_what_is_wrong_with_the_settings_is_said_at_start(self):
        other = self.authority.sign("another", "DNS:localhost")
        wrong = {
            ("--tls-certificate", self.certificate): "tls_key: expected a file: a certificate and its key go together",
            ("--tls-certificate", self.certificate, "--tls-key", other[1]): "expected the key of the certificate in",
            ("--tls-certificate", "/nowhere", "--tls-key", self.key): "/nowhere: cannot be opened: No such file or directory",
            (*self.options, "--tls-client-ca", self.key): "expected a certificate in PEM, found none",
            (*self.options, "--tls-identities", "dns:x=admin"): "tls_client_ca: expected the authorities",
            (*self.options, "--tls-client-ca", self.authority.certificate, "--tls-identities", "x=admin"):
                "expected uri:NAME=ROLE or dns:NAME=ROLE",
        }
        for options, said in wrong.items():
            with tempfile.TemporaryDirectory() as folder:
                done = run("serve", "--data", f"{folder}/data", "--listen", "tls:127.0.0.1:0", *options)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(said, done.stderr)
        with tempfile.TemporaryDirectory() as folder:
            done = run("serve", "--data", f"{folder}/data", "--listen", "127.0.0.1:0", *self.options)
            self.assertIn("no address of listen has TLS", done.stderr)


def packages_request(number):
    return {"inputs": [{"name": "nonce", "datatype": "INT64", "shape": [1, 1], "data": [number]}]}


class CommandLine(unittest.TestCase):
    """Client commands verify a server's certificate, by the authorities they are told of."""

    def ask(self, server, *words, **environment):
        url = "https://%s:%d" % server.endpoint
        given = clean_environment(SLIPWAY_TOKEN=server.admin_token, **environment)
        return run("models", "--url", url, *words, environment=given, cwd=server.folder)

    def test_a_servers_own_authority_is_believed_when_it_is_named(self):
        with TlsServer() as server:
            authority = str(server.data / "tls/ca.crt")
            self.assertEqual(self.ask(server, "--ca", authority).returncode, 0)
            self.assertEqual(self.ask(server, SLIPWAY_CA=authority).returncode, 0)

    def test_another_authority_is_refused_and_the_way_out_is_told(self):
        with TlsServer() as server, tempfile.TemporaryDirectory() as folder:
            done = self.ask(server)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertIn("--ca FILE", done.stderr)
            stranger = Authority(pathlib.Path(folder), "stranger")
            self.assertEqual(self.ask(server, "--ca", stranger.certificate).returncode, 3)

    def test_a_file_that_is_not_there_is_wrong_usage(self):
        with TlsServer() as server:
            done = self.ask(server, "--ca", "nowhere.crt")
            self.assertEqual(done.returncode, 2)
            self.assertIn("nowhere.crt", done.stderr)


if __name__ == "__main__":
    unittest.main()
