"""The `slipway` command over the running server: exit codes, --help, --json, and what it does with what it is told."""
import hashlib
import json
import socket
import unittest

import onnx_graph
import packages
from fixture import ROOT, WithServer, clean_environment, run

COMMANDS = ("serve push import models show deploy rollback alias predict inspect keygen sign verify rename retire delete status token config scrub backup restore gc bench-model version "
            "completion").split()
DONE, REFUSED, USAGE, UNREACHABLE = 0, 1, 2, 3


class Offline(unittest.TestCase):
    """What needs no server."""

    def test_every_command_has_help_with_an_example(self):
        overview = run("--help")
        self.assertEqual(overview.returncode, DONE)
        for command in COMMANDS:
            with self.subTest(command):
                self.assertRegex(overview.stdout, rf"(?m)^\s+{command}\b")
                done = run(command, "--help")
                self.assertEqual(done.returncode, DONE, done.stderr)
                self.assertIn(f"slipway {command}", done.stdout)
                self.assertRegex(done.stdout, "(?i)example")

    def test_wrong_usage_is_2_and_says_what_was_expected(self):
        for arguments in ((), ("pusj",), ("push",), ("push", "a", "b", "c"), ("deploy", "--wiat", "x"), ("deploy", "x", "--timeout"),
                          ("completion", "tcsh"), ("token",), ("token", "create"), ("predict", "x")):
            with self.subTest(arguments=arguments):
                done = run(*arguments)
                self.assertEqual(done.returncode, USAGE, done.stdout + done.stderr)
                self.assertEqual(done.stdout if arguments else "", "")

    def test_a_near_miss_gets_a_suggestion(self):
        self.assertIn("push", run("pusj").stderr)

    def test_a_server_that_is_not_there_is_3(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        for command in (("models",), ("status",), ("deploy", "x"), ("rollback", "x"), ("show", "x")):
            with self.subTest(command):
                done = run(*command, environment=clean_environment(SLIPWAY_URL=f"http://127.0.0.1:{port}"))
                self.assertEqual(done.returncode, UNREACHABLE, done.stderr)
                self.assertIn(str(port), done.stderr)
        self.assertEqual(run("models", environment=clean_environment(SLIPWAY_URL="unix:/nonexistent/sock")).returncode, UNREACHABLE)

    def test_an_address_that_is_none_is_wrong_usage(self):
        for url in ("gopher://x", "http://", "http://127.0.0.1:99999", "127.0.0.1:-1"):
            with self.subTest(url):
                self.assertIn(run("models", environment=clean_environment(SLIPWAY_URL=url)).returncode, (USAGE, UNREACHABLE))

    def test_version_and_completion(self):
        self.assertRegex(run("version").stdout, r"\d+\.\d+\.\d+")
        self.assertEqual(run("--version").stdout, run("version").stdout)
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("deploy", run("completion", shell).stdout)

    def test_inspect_shows_a_package_without_a_server(self):
        done = run("inspect", ROOT / "examples/wine", "--json")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertIn("wine", json.dumps(json.loads(done.stdout)))

    def test_a_folder_for_temporary_files_that_is_not_there_is_told(self):
        done = run("inspect", ROOT / "examples/wine", environment=clean_environment(TMPDIR="/nowhere"))
        self.assertEqual(done.returncode, REFUSED, done.stderr)
        self.assertIn("TMPDIR", done.stderr)

    def test_verify_judges_a_package_without_a_server(self):
        done = run("verify", ROOT / "examples/wine")
        self.assertEqual(done.returncode, DONE, done.stderr)


class Online(WithServer):
    def write(self, name, content):
        path = self.server.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def cli(self, *arguments, code=DONE, **more):
        done = self.server.cli(*arguments, **more)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        return done

    def test_push_prints_the_version_it_made(self):
        path = self.write("first.tar.gz", packages.tar_gz(packages.echo(1)))
        self.assertEqual(self.cli("push", path, "--name", "printed").stdout.strip(), "printed:1")
        self.assertEqual(json.loads(self.cli("push", path, "--name", "printed", "--json").stdout)["created"], False)

    def test_pull_brings_back_what_was_pushed(self):
        path = self.write("first.tar.gz", packages.tar_gz(packages.echo(1)))
        self.cli("push", path, "--name", "pulled")
        folder = self.server.folder / "pulled-files"
        self.assertEqual(self.cli("pull", "pulled:1", folder).stdout.strip(), str(folder))
        details = self.server.api().get("/api/v1/models/pulled/versions/1").json
        self.assertTrue(details["files"])
        for file in details["files"]:
            self.assertEqual(hashlib.sha256((folder / file["path"]).read_bytes()).hexdigest(), file["sha256"])
        self.assertIn("cannot make the folder", self.cli("pull", "pulled:1", folder, code=USAGE).stderr)

    def test_a_refusal_is_1_with_the_servers_reason(self):
        path = self.write("broken.tar.gz", b"no archive")
        self.assertRegex(self.cli("push", path, "--name", "refused", code=REFUSED).stderr, "(?i)archive")
        self.assertIn("absent", self.cli("deploy", "absent", code=REFUSED).stderr)
        self.assertIn("absent", self.cli("show", "absent", code=REFUSED).stderr)
        self.cli("models", token="slw_" + "0" * 64, code=REFUSED)

    def test_a_rejected_version_is_a_refusal(self):
        wrong = packages.echo(1, manifest="golden: [{inputs: {nonce: [[1]]}, outputs: {nonce_out: [[2]], constant: [[1]]}}]\n")
        done = self.cli("push", self.write("wrong.tar.gz", packages.tar_gz(wrong)), "--name", "wrong", code=REFUSED)
        self.assertRegex(done.stderr, "(?i)rejected.*nonce_out")

    def test_what_prints_prints_json_when_asked(self):
        self.cli("push", self.write("bare.onnx", onnx_graph.one_operator()), "--name", "listed")
        self.cli("deploy", "listed", "--wait")
        for command in (("models",), ("show", "listed"), ("show", "listed:1"), ("show", "listed@production"), ("show", "listed", "--history"),
                        ("status",), ("token", "list"), ("config",), ("version",)):
            with self.subTest(command):
                json.loads(self.cli(*command, "--json").stdout)

    def test_predict_reads_a_file_or_standard_input(self):
        self.cli("push", self.write("neg.onnx", onnx_graph.one_operator()), "--name", "negated")
        self.cli("deploy", "negated", "--wait")
        path = self.write("row.json", "[1, 2, 3]")
        self.assertIn("-3", self.cli("predict", "negated", "--input", path).stdout)
        self.assertIn("-3", self.cli("predict", "negated:1", "--input", "-", stdin="[[1, 2, 3]]").stdout)
        self.assertRegex(self.cli("predict", "negated", "--input", "-", stdin="[1, 2]", code=REFUSED).stderr, "3")
        self.cli("predict", "negated", "--input", self.server.folder / "absent.json", code=USAGE)

    def test_a_hostile_name_cannot_write_to_the_terminal(self):
        name = "x\u202e\u009bred"
        answer = self.api.push(packages.tar_gz(packages.echo(1)), name)
        if answer.status == 201:
            self.assertNotIn("\u009b", self.cli("models").stdout)


if __name__ == "__main__":
    unittest.main()
