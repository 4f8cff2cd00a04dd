"""Every example of docs/guide/clients.md is run as it stands, and prints what the page says it prints.

A fenced block in one of LANGUAGES is a program; a block of `text` right behind it is its output, where `...` stands for
anything to the end. Only the addresses are those of the test's server."""
import os
import re
import subprocess
import unittest

import command_fixture
from api import TIMEOUT
from fixture import ROOT

PAGE = ROOT / "docs/guide/clients.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.M | re.S)
VENVS = {"kserve": "venv-kserve", "tritonclient": "venv-triton"}


def python_of(source):
    """The environment that has what it imports."""
    for package, environment in VENVS.items():
        if re.search(rf"^(?:import|from) {package}\b", source, re.M):
            return ROOT / ".deps" / environment / "bin/python"
    return "/usr/bin/python3"


LANGUAGES = {  # the file's name and the command that runs it
    "sh": ("example.sh", lambda source: ["bash", "-euo", "pipefail"]),
    "python": ("example.py", lambda source: [python_of(source), "-W", "ignore"]),
    "go": ("example.go", lambda source: ["go", "run"]),
    "java": ("Example.java", lambda source: ["java"]),
    "js": ("example.mjs", lambda source: ["node"]),
}


def snippets(text):
    """(language, source, expected output or None, its line) of each program of a page."""
    for found in BLOCK.finditer(text):
        if found[1] in LANGUAGES:
            yield found[1], found[2], found[3], text.count("\n", 0, found.start()) + 1


def fits(output, expected):
    pattern = ".*".join(re.escape(part) for part in expected.strip().split("..."))
    return re.fullmatch(pattern, output.strip(), re.S) is not None


class Snippets(command_fixture.CommandTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.server.folder / "slipway-data").symlink_to(cls.server.data)

    def run_snippet(self, language, source):
        """(exit code, output, errors)"""
        name, command = LANGUAGES[language]
        path = self.server.folder / name
        path.write_text(source.replace("127.0.0.1:8080", self.plain).replace("localhost:8443", self.secure))
        environment = {k: v for k, v in os.environ.items() if not k.endswith("_proxy")}
        environment |= {"PATH": f"{command_fixture.PROGRAMS}:{environment['PATH']}:/usr/local/go/bin"}
        done = subprocess.run([*command(source), path], cwd=self.server.folder, env=environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=4 * TIMEOUT)
        return done.returncode, done.stdout, done.stderr

    def fault(self, language, source, expected):
        """Why it is not as the page says; empty: it is."""
        code, output, errors = self.run_snippet(language, source)
        if code != 0:
            return f"it ended with {code}:\n{output}\n{errors}"
        return "" if fits(output, expected) else f"expected the output\n{expected}\nfound\n{output}\n{errors}"

    def test_every_example_does_what_the_page_says(self):
        seen = []
        for language, source, expected, line in snippets(PAGE.read_text()):
            with self.subTest(f"line {line}", language=language):
                self.assertIsNotNone(expected, "an example is followed by its output, a block of text")
                self.assertEqual(self.fault(language, source, expected), "")
            seen.append(language)
        self.assertEqual(set(seen), set(LANGUAGES))
        self.assertGreater(len(seen), 10)

    def test_a_broken_example_is_found(self):
        broken = {}
        for language, source, expected, _ in snippets(PAGE.read_text()):
            if "wine" in source:
                broken[language] = (source.replace("wine", "nobody"), expected)
        self.assertEqual(set(broken), set(LANGUAGES))
        for language, (source, expected) in broken.items():
            with self.subTest(language):
                self.assertNotEqual(self.fault(language, source, expected), "")
                self.assertNotEqual(self.fault(language, source + "\n}{ (", expected), "")

    def test_an_output_that_is_not_the_page_s_is_found(self):
        self.assertNotEqual(self.fault("sh", "echo two", "one"), "")
        self.assertEqual(self.fault("sh", "echo one two", "one..."), "")


if __name__ == "__main__":
    unittest.main()
