"""docs/guide/first-canary.md is carried out word by word, in one shell, and prints what the page says it prints.

A fenced block in `sh` is typed in; a block of `text` right behind it is what it prints, where `...` stands for anything to the
end. Only the address is that of the test's server."""
import contextlib
import os
import re
import subprocess
import threading
import unittest

import command_fixture  # noqa: F401  finds the fixture of the end-to-end tests
from api import TIMEOUT
from fixture import BINARY, ROOT, Server, clean_environment, eventually

PAGE = ROOT / "docs/guide/first-canary.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:\n*```text\n(.*?)^```\n)?", re.M | re.S)
END = "end of the block"
LONGEST_S = 300  # of the whole page


def blocks(text):
    """(commands, expected output or None, its line) of each block of a page."""
    for found in BLOCK.finditer(text):
        yield found[1], found[2], text.count("\n", 0, found.start()) + 1


def fits(output, expected):
    pattern = ".*".join(re.escape(part) for part in expected.strip().split("..."))
    return re.fullmatch(pattern, output.strip(), re.S) is not None


class Shell:
    """One bash, as a reader has it open; what it started ends with it."""

    def __init__(self, folder, environment):
        self.process = subprocess.Popen(["bash", "-u"], cwd=folder, env=environment, text=True, bufsize=1, start_new_session=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._limit = threading.Timer(LONGEST_S, self.kill)
        self._limit.start()

    def typed(self, commands):
        """What the commands printed, to either stream."""
        self.process.stdin.write(f"{commands}\nprintf '\\n%s\\n' '{END}'\n")
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline()) != END + "\n":
            if not line:
                raise AssertionError(f"the shell is gone after\n{commands}\n{''.join(lines)}")
            lines.append(line)
        return "".join(lines)

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)

    def close(self):
        self._limit.cancel()
        self.kill()
        self.process.communicate()


class FirstCanary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(loops=1, options=["--with-examples"])
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        (cls.server.folder / "slipway-data").symlink_to(cls.server.data)
        (cls.server.folder / "examples").symlink_to(ROOT / "examples")
        api = cls.server.api()
        eventually(lambda: all(api.get(f"/v2/models/{name}/ready").status == 200 for name in ("wine", "digits", "diabetes", "breast-cancer")),
                   lambda: f"the examples to be live; the log:\n{cls.server.log}", 4 * TIMEOUT)

    def setUp(self):
        told = {"SLIPWAY_URL": self.server.url, "TERM": "dumb"}
        self.shell = Shell(self.server.folder, clean_environment(**told) | {"PATH": f"{BINARY.parent}:/usr/bin:/bin"})
        self.addCleanup(self.shell.close)

    def test_every_command_prints_what_the_page_says(self):
        seen = 0
        for commands, expected, line in blocks(PAGE.read_text()):
            output = self.shell.typed(commands.replace("127.0.0.1:8080", self.server.address))
            said = f"line {line} of the page, expected\n{expected}\nfound\n{output}\nthe server's log:\n{self.server.log}"
            self.assertTrue(fits(output, expected or ""), said)
            seen += 1
        self.assertGreater(seen, 10)

    def test_another_output_is_found(self):
        self.assertFalse(fits(self.shell.typed("echo two"), "one"))
        self.assertTrue(fits(self.shell.typed("echo one; echo two >&2"), "one...two"))


if __name__ == "__main__":
    unittest.main()
