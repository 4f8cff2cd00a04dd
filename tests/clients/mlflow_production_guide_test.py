"""docs/guide/from-training-to-production.md, run from top to bottom as it stands: its configuration, its commands, its programs."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import mlflow_fixture
from api import TIMEOUT
from fixture import BINARY, ROOT, Server

PAGE = ROOT / "docs/guide/from-training-to-production.md"
BLOCK = re.compile(r"^```(yaml|sh|python|console)\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.M | re.S)


def fits(output, expected):
    """`...` stands for anything."""
    pattern = ".*".join(re.escape(part.strip()) for part in expected.strip().split("..."))
    return re.fullmatch(r"\s*" + pattern + r"\s*", output, re.S) is not None


class ProductionGuide(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.blocks = [(found[1], found[2], found[3]) for found in BLOCK.finditer(PAGE.read_text())]
        (cls.folder / "slipway-server.yaml").write_text(next(source for language, source, _ in cls.blocks if language == "yaml"))
        (cls.folder / "programs").mkdir()
        (cls.folder / "programs/slipway").symlink_to(BINARY)
        cls.server = Server(options=("--config", cls.folder / "slipway-server.yaml"))
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        (cls.folder / "slipway-data").symlink_to(cls.server.data)
        (cls.folder / "environment").write_text("")

    def run_block(self, language, source):
        """Its output. What a block exports, the next ones have."""
        source = source.replace("http://127.0.0.1:8080", self.server.url)
        if language == "python":
            program = self.folder / "program.py"
            if mlflow_fixture.MAJOR < 3:
                source = source.replace('name="model"', 'artifact_path="model"')
            program.write_text(source)
            source = f'"{sys.executable}" -W ignore program.py'
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW_TRACKING", "SLIPWAY_"))}
        environment |= {"PATH": f"{self.folder / 'programs'}:{environment['PATH']}", "HOME": str(self.folder)}
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", f"source ./environment\n{source}\nexport -p > environment"],
                              cwd=self.folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=4 * TIMEOUT)
        self.assertEqual(done.returncode, 0, f"{source}\n{done.stdout}\n{done.stderr}\n{self.server.log}")
        return re.sub(r"^\W+View (?:run|experiment) .*\n", "", done.stdout, flags=re.M)  # which MLflow prints by itself

    def test_the_page_does_what_it_says(self):
        languages = [language for language, _, _ in self.blocks]
        self.assertEqual((languages.count("yaml"), languages.count("console")), (1, 1))
        self.assertGreater(len(languages), 10)
        for number, (language, source, expected) in enumerate(self.blocks):
            if language in ("yaml", "console"):
                continue
            output = self.run_block(language, source)
            if expected is not None:
                self.assertTrue(fits(output, expected), f"block {number}:\n{source}\nexpected\n{expected}\nfound\n{output}")

    def test_an_output_that_is_not_the_page_s_is_found(self):
        self.assertTrue(fits("one two three\n", "one ... three"))
        self.assertFalse(fits("one two three\n", "one ... four"))
        self.assertFalse(fits("one two three\n", "two"))


if __name__ == "__main__":
    unittest.main()
