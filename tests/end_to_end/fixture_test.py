"""What the tests stand on."""
import os
import subprocess
import sys
import unittest

from fixture import ROOT, eventually

STARTS_AND_WAITS = """
import signal
from fixture import Server
server = Server().start()
print(server.process.pid, flush=True)
signal.pause()
"""


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Ended(unittest.TestCase):
    def test_a_test_that_is_told_to_end_leaves_no_server_behind(self):
        child = subprocess.Popen([sys.executable, "-c", STARTS_AND_WAITS], cwd=ROOT / "tests" / "end_to_end", stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.kill)
        server = int(child.stdout.readline())
        self.assertTrue(is_alive(server))
        child.terminate()
        self.assertNotEqual(child.wait(), 0)
        eventually(lambda: not is_alive(server), "the server to be gone")


if __name__ == "__main__":
    unittest.main()
