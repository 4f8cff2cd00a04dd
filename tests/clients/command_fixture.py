"""Programs run against a server that serves the model "wine", on a plain address, one with TLS, and a UNIX socket."""
import os
import subprocess
import unittest

import deployed
from api import TIMEOUT
from fixture import ROOT, Server, eventually

PROGRAMS = ROOT / ".deps/go"


class CommandTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(listen="127.0.0.1:0,tls:127.0.0.1:0,unix:socket", loops=1)
        cls.server._cwd = cls.server.folder
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        eventually(lambda: len(cls.server.addresses) == 3, "three addresses")
        cls.plain, secure, _ = cls.server.addresses
        cls.secure = "localhost:" + secure.rsplit(":", 1)[1]
        cls.socket = cls.server.folder / "socket"
        cls.authority = cls.server.data / "tls/ca.crt"
        deployed.deploy_example(cls.server, "wine", "wine")

    def tearDown(self):
        self.assertIsNone(self.server.process.poll(), f"the server is gone; its log:\n{self.server.log}")

    def run_program(self, *command, stdin=None, expected=0, **environment):
        """What it wrote to its standard output; its exit code is as expected."""
        done = subprocess.run([str(word) for word in command], input=stdin, capture_output=True, text=True, timeout=4 * TIMEOUT,
                              env=os.environ | environment)
        self.assertEqual(done.returncode, expected, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done.stdout if expected == 0 else done.stdout + done.stderr
