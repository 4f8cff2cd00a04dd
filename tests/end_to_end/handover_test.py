"""SIGUSR2: a new process takes over sockets and data; and the sockets and the ear of a service manager."""
import contextlib
import fcntl
import os
import pathlib
import shutil
import signal
import socket
import tempfile
import unittest

import packages
from api import TIMEOUT, Api, connect, outputs_of, read_answer
from fixture import ROOT, Server, eventually, run

LIVE = b"GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"


def given_echo(server, name="echo", constant=1):
    assert server.api().push(packages.tar_gz(packages.echo(constant, name)), name).status == 201
    assert server.cli("deploy", name, "--wait").returncode == 0


def not_handed_over(server, *words):
    """The old one says why, and goes on."""
    server.process.send_signal(signal.SIGUSR2)
    eventually(lambda: "not handed over" in server.log, lambda: f"a refused handover; the log:\n{server.log}\n")
    for word in words:
        assert word in server.log, server.log
    assert (server.data / "lock").read_text() == f"{server.process.pid}\n"


class HandingOver(unittest.TestCase):
    def test_the_new_process_answers_on_the_same_address_with_what_was_written(self):
        with Server(options=("--log-level", "warning")) as server:
            given_echo(server)
            address, pid = server.address, server.process.pid
            self.assertEqual(server.hand_over(), 0)
            self.assertEqual(server.address, address)
            self.assertNotEqual(server.process.pid, pid)
            self.assertEqual(outputs_of(server.anonymous().infer("echo", packages.nonce(7)))["nonce_out"], [7])
            given_echo(server, "later")
            self.assertEqual(server.stop(), 0)
            self.assertFalse((server.data / "addresses").exists())

    def test_one_after_another(self):
        with Server() as server:
            for _ in range(3):
                self.assertEqual(server.hand_over(), 0)
            self.assertEqual(server.anonymous().get("/v2/health/ready").status, 200)

    def test_a_kept_connection_is_answered_once_more_and_told_to_come_again(self):
        with Server() as server, connect(server.address) as kept:
            kept.sendall(LIVE)
            self.assertEqual(read_answer(kept, "GET").status, 200)
            old = server.process
            old.send_signal(signal.SIGUSR2)
            eventually(lambda: "handed over" in server.log, "the handover")
            self.assertIsNone(old.poll(), "it waits for the connection")

            def told_to_come_again():  # a loop may answer in the ordinary way until it hears of the handover
                kept.sendall(LIVE)
                answer = read_answer(kept, "GET")
                self.assertEqual(answer.status, 200)
                return answer.headers.get("connection") == "close"
            eventually(told_to_come_again, "an answer that closes")
            self.assertEqual(old.wait(TIMEOUT), 0)
            os.kill(int((server.data / "lock").read_text()), signal.SIGTERM)

    def test_a_request_in_flight_is_answered_by_the_old_process(self):
        with Server() as server:
            slow = packages.echo(1, "slow", "cost 300000 0\n", "batching: {dimension: 0, max_batch: 1}\nwarmup: {runs: 1}\nlimits: {timeout: 20s}\n")
            self.assertEqual(server.api().push(packages.tar_gz(slow), "slow").status, 201)
            self.assertEqual(server.cli("deploy", "slow", "--wait").returncode, 0)
            with connect(server.address) as asking:
                body = b'{"inputs":[{"name":"nonce","datatype":"INT64","shape":[1,1],"data":[5]}]}'
                asking.sendall(b"POST /v2/models/slow/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                self.assertEqual(server.hand_over(), 0)
                self.assertEqual(outputs_of(read_answer(asking, "POST"))["nonce_out"], [5])

    def test_a_unix_socket_keeps_its_path_and_it_goes_with_the_last_process(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "socket"
            with Server(listen=f"unix:{path}") as server:
                self.assertEqual(server.hand_over(), 0)
                self.assertEqual(server.anonymous().get("/v2/health/live").status, 200)
                self.assertEqual(server.stop(), 0)
                self.assertFalse(path.exists())


class NotHandingOver(unittest.TestCase):
    """Whatever becomes of the new process, the old one goes on as if nothing had been."""

    def test_a_configuration_that_is_no_good(self):
        with tempfile.TemporaryDirectory() as folder:
            with Server(cwd=folder) as server:
                (pathlib.Path(folder) / "slipway-server.yaml").write_text("worker: 4\n")
                not_handed_over(server, "left with code 2", "worker")
                given_echo(server)

    def test_a_changed_configuration_with_which_it_cannot_start(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "socket"
            config = pathlib.Path(folder) / "server.yaml"
            config.write_text("workers: 4\n")
            with Server(listen=f"unix:{path}", options=("--config", config)) as server:
                config.write_text(f"workers: 4\nmodel_repository: {folder}/none\n")
                not_handed_over(server, "left with code 1", "none")
                self.assertTrue(path.exists())
                self.assertEqual(server.anonymous().get("/v2/health/live").status, 200)

    def test_a_model_that_the_new_process_cannot_load(self):
        with Server() as server:
            given_echo(server)
            shutil.move(server.data / "artifacts", server.data / "hidden")
            (server.data / "artifacts").mkdir(mode=0o700)
            not_handed_over(server, "could not be loaded", "echo")
            self.assertEqual(server.anonymous().infer("echo", packages.nonce(1)).status, 200)
            (server.data / "artifacts").rename(server.data / "other")
            (server.data / "hidden").rename(server.data / "artifacts")
            given_echo(server, "later")
            self.assertEqual(server.hand_over(), 0)

    def test_a_push_that_does_not_end(self):
        with Server(options=("--drain", "100ms")) as server:
            package = packages.tar_gz(packages.echo(1))
            with connect(server.address) as pushing:
                pushing.sendall(b"POST /api/v1/packages?filename=echo.tar.gz&model=echo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
                                b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % (server.admin_token.encode(), len(package)))
                self.assertRegex(pushing.recv(4096), b"^HTTP/1.1 100 ", "the push is under way")
                pushing.sendall(package[:10])
                not_handed_over(server, "still under way")
                pushing.sendall(package[10:])
                self.assertEqual(read_answer(pushing, "POST").status, 201)

    def test_a_database_that_another_release_would_change(self):
        import sqlite3
        with Server() as server:
            with contextlib.closing(sqlite3.connect(server.data / "registry.db")) as database:
                ours, = database.execute("PRAGMA user_version").fetchone()
                database.execute("PRAGMA user_version = 1")
                database.commit()
                not_handed_over(server, "schema version 1")
                database.execute(f"PRAGMA user_version = {ours}")
                database.commit()
            given_echo(server)

    def test_a_stop_while_the_new_process_gets_ready_is_a_stop(self):
        with Server() as server:
            given_echo(server)
            server.process.send_signal(signal.SIGUSR2)
            self.assertEqual(server.stop(), 0)
            holder = int((server.data / "lock").read_text())
            if holder != server.process.pid:  # it had handed over before it was told to stop
                os.kill(holder, signal.SIGTERM)


# Stands in for systemd: what it does between fork and exec.
MANAGER = """\
import os, sys
sockets, rest = sys.argv[1].split(","), sys.argv[2:]
for place, fd in enumerate(sockets):
    os.dup2(int(fd), 3 + place)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(sockets)))
os.execv(rest[0], rest)
"""


class ManagedServer(Server):
    """Started with sockets that are bound already, by whoever also hears its notices."""

    def __init__(self, *sockets, names="", **more):
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notices.settimeout(TIMEOUT)
        self.notices.bind("")  # an abstract name of the kernel's choice
        address = "@" + self.notices.getsockname()[1:].decode()
        super().__init__(environment={"NOTIFY_SOCKET": address, "LISTEN_FDNAMES": names}, **more)
        self._high = [fcntl.fcntl(s.fileno(), fcntl.F_DUPFD, 50) for s in sockets]  # above those they become
        self._wrapper = ["/usr/bin/python3", "-c", MANAGER, ",".join(map(str, self._high))]
        self.passed_descriptors = self._high

    @property
    def seen_data(self):
        return self.data

    def close(self):
        super().close()
        self.notices.close()
        for fd in self._high:
            os.close(fd)

    def heard(self):
        return self.notices.recv(4096).decode().split("\n")


class Managed(unittest.TestCase):
    def listening(self):
        made = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(made.close)
        return made

    def test_the_sockets_passed_are_served_instead_of_the_configured_ones(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as local:
            path = os.path.join(folder, "socket")
            local.bind(path)
            local.listen()
            port = self.listening()
            with ManagedServer(port, local, listen="127.0.0.1:1") as server:
                self.assertEqual(server.addresses, [f"127.0.0.1:{port.getsockname()[1]}", f"unix:{path}"])
                with contextlib.closing(Api(f"unix:{path}")) as api:
                    self.assertEqual(api.get("/v2/health/live").status, 200)
                self.assertEqual(server.stop(), 0)
                self.assertTrue(os.path.exists(path), "who made the socket keeps its path")

    def test_a_socket_named_tls_speaks_tls(self):
        with ManagedServer(self.listening(), self.listening(), names="plain:tls") as server:
            self.assertTrue(server.addresses[1].startswith("tls:127.0.0.1:"))

    def test_what_happens_is_told(self):
        with ManagedServer(self.listening()) as server:
            self.assertEqual(server.heard(), ["READY=1"])
            address = server.address
            self.assertEqual(server.hand_over(), 0)
            reloading = server.heard()
            self.assertEqual(reloading[0], "RELOADING=1")
            self.assertRegex(reloading[1], r"^MONOTONIC_USEC=\d+$")
            self.assertEqual(server.heard()[:2], [f"MAINPID={server.process.pid}", "READY=1"])
            self.assertEqual(server.address, address)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.heard(), ["STOPPING=1"])

    def test_a_descriptor_that_does_not_listen_is_refused(self):
        with socket.socket() as idle:
            server = ManagedServer(idle)
            self.addCleanup(server.close)
            server.launch()
            self.assertEqual(server.process.wait(TIMEOUT), 2)
            self.assertIn("expected a listening stream socket", server.log)


class Units(unittest.TestCase):
    def test_the_sample_units_are_what_the_guide_shows_and_systemd_would_take(self):
        unit = (ROOT / "deploy/systemd/slipway.service").read_text()
        shown = (ROOT / "docs/guide/server.md").read_text().split("```ini\n")[1].split("```")[0]
        for line in shown.splitlines():
            self.assertIn(line + "\n", unit)
        command = next(line for line in unit.splitlines() if line.startswith("ExecStart=")).split()[1:]
        help_text = run("serve", "--help").stdout
        for option in (word for word in command if word.startswith("--")):
            self.assertIn(option, help_text)
