"""The sandbox of verification: models that try to get out of it, and models of death."""
import contextlib
import json
import os
import pathlib
import secrets
import socket
import subprocess
import tempfile
import unittest

import packages
from fixture import BINARY, ROOT, clean_environment

BUILD = pathlib.Path(os.environ.get("SLIPWAY_BUILD") or ROOT / "build/release")
OUTSIDE = BUILD / "tests/escape_outside"
LAYERS = ["namespaces", "no privileges", "Landlock", "system calls"]
# What an ordinary user of an ordinary machine may not do outside either.
PRIVILEGED = {"bpf", "userfaultfd", "perf_event", "kernel_log", "mount", "new_mount_api", "new_user_namespace", "enter_namespace",
              "change_root", "host_name", "become_root", "io_uring", "tcp6", "trace", "add_key", "keyctl",
              "read_other_environment", "open_other_memory", "open_through_other_root", "read_other_process",
              "read_sibling_memory_file", "message_queue", "kill_everybody", "more_files", "more_memory", "more_time",
              "read_system_devices", "thread_bomb", "take_memory"}


class Target:
    """What is there to be reached: files, listeners, a process with a secret."""

    def __init__(self, stack):
        self.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (self.folder / "secret").write_text("SECRET of somebody else")
        name = "slipway-escape-" + secrets.token_hex(6)
        self.stack = stack
        self.port = self.listen(socket.AF_INET, ("127.0.0.1", 0)).getsockname()[1]
        with contextlib.suppress(OSError):  # a machine without IPv6
            self.listen(socket.AF_INET6, ("::1", self.port))
        self.listen(socket.AF_UNIX, str(self.folder / "socket"))
        self.listen(socket.AF_UNIX, "\0" + name)
        self.file = os.memfd_create("sibling", 0)
        stack.callback(os.close, self.file)
        os.pwrite(self.file, b"SECRET of a sibling", 0)
        self.common = {"folder": self.folder, "unix_socket": self.folder / "socket", "abstract_name": name, "port": self.port,
                       "process": os.getpid(), "thread": os.getpid(), "sibling_file": self.file}

    def listen(self, family, address):
        listener = self.stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        listener.bind(address)
        listener.listen(64)
        return listener

    def description(self, attempt):
        return "\n".join(f"{key} {value}" for key, value in {"attempt": attempt, **self.common}.items())


def attempts():
    return subprocess.run([OUTSIDE, "list"], capture_output=True, text=True, check=True).stdout.split()


def verified(folder, model, environment=None, descriptors=(), seconds=60, before=(), options=()):
    """The outcome of `slipway verify` for an echo package whose model file is `model`. before: words before the command."""
    (folder / "slipway.yaml").write_text(packages.echo(1)["slipway.yaml"])
    (folder / "model.echo").write_text(model)
    ran = subprocess.run([*before, BINARY, "verify", "--json", *options, folder], capture_output=True, text=True, timeout=seconds,
                         env=environment or clean_environment(), pass_fds=descriptors)
    return json.loads(ran.stdout)


class SandboxTest(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.package = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory()))

    def test_no_attempt_to_escape_gets_through(self):
        environment = clean_environment(SLIPWAY_BACKENDS=str(BUILD / "tests/escape"), SLIPWAY_TOKEN="SECRET token")
        names = attempts()
        self.assertGreaterEqual(len(names), 60)
        for name in names:
            with self.subTest(name), contextlib.ExitStack() as stack:
                target = Target(stack)
                found = verified(self.package, target.description(name), environment, (target.file,))
                self.assertEqual(found["verdict"], "failed", found)
                self.assertRegex(found["reason"], rf"^(model.echo: {name}: refused|the model asked the system for what no model .*: the sandbox "
                                                  r"refused \w+\(\))$")
                self.assertEqual((target.folder / "secret").read_text(), "SECRET of somebody else")
                self.assertEqual(sorted(path.name for path in target.folder.iterdir()), ["secret", "socket"])

    def test_without_the_sandbox_the_attempts_get_through(self):
        through = []
        for name in attempts():
            with contextlib.ExitStack() as stack:
                target = Target(stack)
                ran = subprocess.run([OUTSIDE, target.description(name)], capture_output=True, text=True, timeout=60,
                                     pass_fds=(target.file,), env=clean_environment(SLIPWAY_TOKEN="SECRET token"))
                if "got through" in ran.stdout or name in ("execve", "execveat") and ran.returncode == 0 and not ran.stdout:
                    through.append(name)
        self.assertEqual(set(attempts()) - set(through) - PRIVILEGED, set())
        print(f"outside the sandbox {len(through)} of {len(attempts())} attempts got through")

    def test_all_walls_are_told(self):
        found = verified(self.package, packages.echo(1)["model.echo"])
        self.assertEqual(found["verdict"], "passed", found)
        self.assertEqual([layer["name"] for layer in found["sandbox"]], LAYERS)

    def test_a_wall_that_cannot_be_made_is_told_and_refused_where_all_are_required(self):
        model = packages.echo(1)["model.echo"]
        # In a user namespace that allows no further ones. A machine without user namespaces has that wall missing anyway.
        before = ["unshare", "-Ur", "sh", "-c", "echo 0 >/proc/sys/user/max_user_namespaces && "
                  "echo 0 >/proc/sys/user/max_net_namespaces && exec \"$@\"", "sh"]
        if subprocess.run([*before, "true"], capture_output=True).returncode != 0:
            before = []
        found = verified(self.package, model, before=before)
        self.assertEqual(found["verdict"], "passed", found)
        self.assertNotEqual(found["sandbox"][0]["missing"], "")
        refused = verified(self.package, model, before=before, options=["--sandbox", "required"])
        self.assertEqual(refused["verdict"], "inconclusive", refused)
        self.assertIn("namespaces MISSING", refused["reason"])

    def test_models_of_death_end_alone(self):
        for fault, verdict, reason in [("at_load crash", "inconclusive", "signal 6"), ("at_execute crash", "inconclusive", "signal 6"),
                                       ("memory 3000000000", "failed", "limits.memory")]:
            with self.subTest(fault):
                found = verified(self.package, packages.echo(1, model=fault + "\n")["model.echo"])
                self.assertEqual(found["verdict"], verdict, found)
                self.assertIn(reason, found["reason"])


if __name__ == "__main__":
    unittest.main()
