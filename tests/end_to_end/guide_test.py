"""The commands that README.md and docs/guide tell people to type exist, with these options."""
import re
import shlex
import unittest

from fixture import ROOT, run

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs/guide").glob("*.md"))]


def commands(text):
    """The words of every line of a fenced block that begins with `slipway`, without comments."""
    for block in re.findall(r"```(?:sh|bash|console)?\n(.*?)```", text, re.S):
        for line in block.replace("\\\n", " ").splitlines():
            match = re.match(r"\s*(?:\$ )?(?:\S*/)?slipway (.*)", line)
            if match:
                yield shlex.split(match[1], comments=True)


class Guide(unittest.TestCase):
    def test_every_command_and_option_exists(self):
        seen = 0
        for page in PAGES:
            for words in commands(page.read_text()):
                with self.subTest(page=page.name, words=words):
                    path = [w for w in words[:2] if re.fullmatch("[a-z-]+", w)]
                    help_text = run(*path, "--help")
                    if help_text.returncode != 0 or "Usage:" not in help_text.stdout:
                        path = path[:1]
                        help_text = run(*path, "--help")
                    self.assertEqual(help_text.returncode, 0, help_text.stderr)
                    for option in (w.split("=")[0] for w in words if w.startswith("--")):
                        self.assertRegex(help_text.stdout, rf"(?m)^\s+{re.escape(option)}\b")
                    seen += 1
        self.assertGreater(seen, 10)


if __name__ == "__main__":
    unittest.main()
