"""The commands and plans of docs/guide/validation.md and docs/formats/gate-plan.md are run as they stand."""
import pathlib
import re
import subprocess
import tempfile
import unittest

import command_fixture  # finds the fixture of the end-to-end tests
from fixture import BINARY, ROOT, Server, clean_environment

GUIDE = (ROOT / "docs/guide/validation.md").read_text()
PLANS = (ROOT / "docs/formats/gate-plan.md").read_text()
INDENTED = re.compile(r"^    (slipway .*)$", re.M)


def commands(section):
    """The lines of an indented block that call slipway, without comments, of one `## section`."""
    text = GUIDE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return [line.split("#")[0].strip() for line in INDENTED.findall(text)]


class Validation(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = pathlib.Path(held.name)
        (self.folder / "examples").symlink_to(ROOT / "examples")

    def run_line(self, line, **environment):
        return subprocess.run(["bash", "-c", line], cwd=self.folder, capture_output=True, text=True, timeout=170,
                              env=clean_environment(**environment) | {"PATH": f"{BINARY.parent}:/usr/bin:/bin"})

    def test_the_plans_that_are_shown_are_plans(self):
        shown = re.findall(r"^```yaml\n(.*?)^```", PLANS, re.M | re.S)
        self.assertEqual(len(shown), 2)
        for plan in shown:
            (self.folder / "gates.yaml").write_text(plan)
            done = self.run_line("slipway validate examples/wine --plan gates.yaml --model fraud")
            self.assertIn(done.returncode, (0, 1, 4), done.stderr)

    def test_validating_without_a_server_does_what_the_page_says(self):
        (self.folder / "gates.yaml").write_text("gates: {load: , golden: }\n")
        (self.folder / "eval.csv").write_text("a,label\n1,0\n")
        lines = commands("Gates")
        self.assertEqual(lines, ["slipway validate examples/wine --plan gates.yaml --data eval.csv"])
        done = self.run_line(lines[0])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"golden +pass")

    def test_gates_on_the_server_do_what_the_page_says(self):
        digest = None
        server = Server()
        self.addCleanup(server.close)
        (self.folder / "gates.yaml").write_text("gates: {load: , determinism: }\n")
        setting = re.search(r"^    (gate_plan: \S+)", GUIDE, re.M)[1]
        (self.folder / "slipway-server.yaml").write_text(setting + "\n")
        server._cwd = self.folder
        server.start()
        for name in ("model.onnx", "current.onnx"):
            subprocess.run(["cp", ROOT / "examples/wine/model.onnx", self.folder / name], check=True)
        (self.folder / "eval.csv").write_text("a,label\n1,0\n")
        told = {"SLIPWAY_URL": server.url, "SLIPWAY_TOKEN": server.admin_token}
        for line in commands("Gates on the server"):
            line = line.replace("fraud:3", "fraud:1")
            done = self.run_line(line, **told)
            self.assertEqual(done.returncode, 0, f"{line}\n{done.stdout}{done.stderr}")
            digest = digest or re.search(r"^sha256:[0-9a-f]{64}$", done.stdout, re.M)
        self.assertRegex(self.run_line("slipway evidence fraud:1", **told).stdout, r"pass")
        self.assertIsNotNone(digest, "the page registers a data set")


if __name__ == "__main__":
    unittest.main()
