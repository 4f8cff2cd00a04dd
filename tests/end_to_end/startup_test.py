"""Starting and stopping: configuration, sockets, signals, and every reason not to start."""
import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import unittest

import packages
from api import connect, outputs_of, read_answer
from fixture import BINARY, Server, clean_environment, eventually, run
from namespaces import mount_namespace


class Stopping(unittest.TestCase):
    def test_control_c_and_sigterm_leave_with_0(self):
        for signal_ in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=signal_), Server() as server:
                self.assertEqual(server.stop(signal_), 0)

    def test_control_c_while_the_examples_are_published_ends_that_too_and_is_no_failure_of_theirs(self):
        with Server(options=("--with-examples",)) as server:
            self.assertEqual(server.stop(signal.SIGINT), 0)
            self.assertNotIn("could not be published", server.log)

    def test_a_request_in_flight_is_answered_before_the_end(self):
        with Server() as server:
            api = server.api()
            slow = packages.echo(1, "slow", "cost 200000 0\n", "batching: {dimension: 0, max_batch: 1}\nwarmup: {runs: 1}\nlimits: {timeout: 20s}\n")
            self.assertEqual(api.push(packages.tar_gz(slow), "slow").status, 201)
            self.assertEqual(server.cli("deploy", "slow", "--wait").returncode, 0)
            answers = []
            asking = threading.Thread(target=lambda: answers.append(server.anonymous().infer("slow", packages.nonce(1))))
            metrics = server.anonymous()

            def received():
                return int(re.search(rb"^slipway_http_received_bytes_total (\d+)", metrics.get("/metrics").body, re.M).group(1))

            seen = [received(), received(), received()]
            of_our_own = seen[-1] - seen[-2]
            asking.start()
            eventually(lambda: seen.append(received()) or seen[-1] - seen[-2] > of_our_own, "the request to have come")
            self.assertEqual(server.stop(), 0)
            asking.join()
            self.assertEqual([a.status for a in answers], [200])
            self.assertEqual(outputs_of(answers[0])["nonce_out"], [1])

    def test_an_idle_connection_does_not_hold_up_the_end(self):
        with Server() as server:
            with connect(server.address) as idle:
                idle.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
                self.assertEqual(read_answer(idle, "GET").status, 200)
                self.assertEqual(server.stop(), 0)


class Descriptors(unittest.TestCase):
    def test_what_is_printed_goes_into_no_file_of_ours_when_standard_output_is_closed(self):
        with Server(limits=lambda: [os.close(standard) for standard in (0, 1, 2)]) as server:
            self.assertEqual((server.data / "lock").read_text(), f"{server.process.pid}\n")
            self.assertEqual(server.stop(), 0)


class Refusals(unittest.TestCase):
    """The server does not start, says why, and leaves with 1 (or 2 for wrong usage)."""

    def assert_refused(self, done, code, *words):
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, f"one line says it: {done.stderr}")
        for word in words:
            self.assertRegex(done.stderr, "(?i)" + word)

    def test_a_second_server_on_the_same_data(self):
        with Server() as server:
            done = run("serve", "--data", server.data, "--listen", "127.0.0.1:0")
            self.assert_refused(done, 1, "another server|in use|locked|holds", str(server.process.pid))
            self.assertEqual(server.anonymous().get("/v2/health/ready").status, 200, "the first is not harmed")
            self.assertTrue((server.data / "addresses").exists())

    def test_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken, tempfile.TemporaryDirectory() as folder:
            port = taken.getsockname()[1]
            done = run("serve", "--data", folder + "/data", "--listen", f"127.0.0.1:{port}")
            self.assert_refused(done, 1, str(port), "in use")

    def test_a_unix_socket_path_that_is_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "precious"
            path.write_text("keep me")
            done = run("serve", "--data", folder + "/data", "--listen", f"unix:{path}")
            self.assert_refused(done, 1, "precious")
            self.assertEqual(path.read_text(), "keep me")

    def test_data_that_cannot_be_written(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "file"
            path.write_text("not a folder")
            self.assert_refused(run("serve", "--data", path, "--listen", "127.0.0.1:0"), 1, "file", "directory|folder")
            self.assert_refused(run("serve", "--data", path / "below", "--listen", "127.0.0.1:0"), 1, "below|file")

    def test_a_read_only_data_directory(self):
        namespace = mount_namespace()
        self.assertIsNotNone(namespace, "expected unshare to allow a mount namespace, as root or by user namespaces")
        with tempfile.TemporaryDirectory() as folder:
            server = Server(data=folder + "/data")
            server.start()
            server.stop()
            script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec "$2" serve --data "$1" --listen 127.0.0.1:0'
            done = subprocess.run([*namespace, "sh", "-c", script, "sh", folder + "/data", str(BINARY)], capture_output=True, text=True,
                                  timeout=30, env=clean_environment())
            self.assert_refused(done, 1, "read-only")
            server.start()
            server.close()

    def test_a_database_from_the_future(self):
        import sqlite3
        with Server() as server:
            server.stop()
            with sqlite3.connect(server.data / "registry.db") as database:
                database.execute("PRAGMA user_version = 9999")
            database.close()
            done = run("serve", "--data", server.data, "--listen", "127.0.0.1:0")
            self.assert_refused(done, 1, "9999", "newer|newest|schema")

    def test_a_database_that_is_none(self):
        with Server() as server:
            server.stop()
            for path in server.data.glob("registry.db*"):
                path.unlink()
            (server.data / "registry.db").write_bytes(b"this is no database, whatever its name says" * 100)
            done = run("serve", "--data", server.data, "--listen", "127.0.0.1:0")
            self.assert_refused(done, 1, "database")


class Configuration(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def config(self, *arguments, **variables):
        return run("config", "--json", *arguments, cwd=self.folder, environment=clean_environment(**variables))

    def effective(self, *arguments, **variables):
        done = self.config(*arguments, **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def write(self, text, name="slipway-server.yaml"):
        (self.folder / name).write_text(text)

    def test_flags_beat_variables_beat_the_file_beats_defaults(self):
        self.write("loops: 2\nworkers: 7\nenvironment: staging\n")
        found = self.effective("--loops", "4", SLIPWAY_LOOPS="3", SLIPWAY_WORKERS="5")
        self.assertEqual([found[k]["value"] for k in ("loops", "workers", "environment", "drain")], ["4", "5", "staging", "30s"])
        self.assertEqual([found[k]["source"] for k in ("loops", "workers", "drain")], ["--loops", "SLIPWAY_WORKERS", "default"])
        self.assertIn("slipway-server.yaml", found["environment"]["source"])

    def test_a_named_file_is_read_instead(self):
        self.write("loops: 2\n")
        self.write("loops: 3\n", "other.yaml")
        self.assertEqual(self.effective("--config", "other.yaml")["loops"]["value"], "3")
        done = self.config("--config", "absent.yaml")
        self.assertEqual(done.returncode, 2)
        self.assertIn("absent.yaml", done.stderr)

    def test_an_unknown_key_is_an_error_with_its_place_and_a_suggestion(self):
        self.write("loops: 2\nworker: 7\n")
        done = self.config()
        self.assertEqual(done.returncode, 2)
        for word in ("worker", "workers", "2"):
            self.assertIn(word, done.stderr)

    def test_a_wrong_value_names_its_place_what_is_expected_and_what_was_found(self):
        for key, value in (("loops", "many"), ("drain", "30"), ("anonymous", "yes"), ("model_memory", "lots"), ("environment", "Pro duction"),
                           ("log_level", "loud"), ("workers", "0")):
            with self.subTest(key=key):
                done = self.config(**{"SLIPWAY_" + key.upper(): value})
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn("SLIPWAY_" + key.upper(), done.stderr)
                self.assertIn("expected", done.stderr)

    def test_a_file_that_is_no_yaml_is_refused(self):
        for text in ("loops: [", "- loops", "loops: 1\nloops: 2\n", "\x00", "loops: {a: 1}\n"):
            with self.subTest(text=text):
                self.write(text)
                self.assertEqual(self.config().returncode, 2)

    def test_an_unknown_flag_is_wrong_usage(self):
        done = run("serve", "--loop", "2", cwd=self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--loop", done.stderr)

    def test_the_server_takes_its_settings_from_all_places(self):
        self.write("environment: staging\n")
        with Server(cwd=self.folder, environment={"SLIPWAY_WORKERS": "2"}) as server:
            self.assertEqual(server.api().get("/api/v1/status").json["environment"], "staging")


class UnixSocket(unittest.TestCase):
    def test_it_answers_beside_tcp_is_private_and_goes_at_the_end(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "slipway.sock"
        with Server(listen=f"127.0.0.1:0,unix:{path}") as server:
            self.assertEqual(len(server.addresses), 2)
            self.assertIn(f"unix:{path}", server.addresses)
            self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o007, 0, "others may not reach it")
            done = run("models", environment=clean_environment(SLIPWAY_URL=f"unix:{path}", SLIPWAY_TOKEN=server.admin_token))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(server.stop(), 0)
            self.assertFalse(path.exists())

    def test_one_left_behind_by_a_kill_is_taken_over(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "slipway.sock"
        with Server(listen=f"unix:{path}") as server:
            server.kill9()
            self.assertTrue(path.exists())
            server.start()
            self.assertEqual(server.anonymous().get("/v2/health/ready").status, 200)

    def test_one_that_another_server_listens_on_is_not(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "slipway.sock"
        with Server(listen=f"unix:{path}") as server:
            done = run("serve", "--data", folder.name + "/other", "--listen", f"unix:{path}")
            self.assertEqual(done.returncode, 1)
            self.assertEqual(server.anonymous().get("/v2/health/ready").status, 200)


if __name__ == "__main__":
    unittest.main()
