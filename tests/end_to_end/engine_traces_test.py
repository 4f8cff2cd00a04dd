"""What an engine leaves behind on the machine it runs on: nothing."""
import pathlib
import tempfile
import unittest

from fixture import ROOT, clean_environment, run


class EngineTracesTest(unittest.TestCase):
    def test_running_a_model_writes_nothing_into_the_home_folder(self):
        with tempfile.TemporaryDirectory() as home:
            environment = {k: v for k, v in clean_environment(HOME=home).items() if not k.startswith(("XDG_", "ORT_", "CI"))}
            ran = run("bench-model", ROOT / "examples/wine", environment=environment)
            self.assertEqual(ran.returncode, 0, ran.stderr)
            self.assertEqual([str(path) for path in pathlib.Path(home).rglob("*")], [])


if __name__ == "__main__":
    unittest.main()
