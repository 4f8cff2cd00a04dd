"""The load of the swap and cross-talk rigs: rig_client as a child process."""
import json
import os
import subprocess

from fixture import ROOT

CLIENT = os.environ.get("SLIPWAY_RIG_CLIENT") or ROOT / "build/release/tests/rig_client"


class Load:
    """Owns the process. One thread."""

    def __init__(self, server, model, *options):
        port = server.address.rsplit(":", 1)[1]
        self._process = subprocess.Popen([CLIENT, port, model, *map(str, options)], text=True, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE)

    def allow(self, *versions):
        """From when this returns, only these versions may answer what is asked."""
        self._process.stdin.write("allow " + " ".join(map(str, versions)) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if line != "ok\n":
            raise RuntimeError(f"expected ok from the load, found {line!r}")

    def stop(self):
        self._process.stdin.write("stop\n")
        self._process.stdin.flush()
        return self.report()

    def report(self):
        """Waits for its end; what it counted."""
        out, _ = self._process.communicate()
        if self._process.returncode != 0:
            raise RuntimeError(f"the load left with {self._process.returncode}")
        return json.loads(out.splitlines()[-1])

    def close(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


WRONG = ("failed", "mismatched", "mixed", "wrong_version", "broken")


def wrong_in(report, *kinds):
    return sum(report[kind] for kind in kinds or WRONG)
