"""Completion in the shells themselves: what bash, zsh and fish offer after a few letters."""
import os
import pathlib
import pty
import select
import shutil
import subprocess
import tempfile
import time
import unittest

from fixture import BINARY, ROOT, WithServer, clean_environment

LIMIT_S = 60
MARK = "\x18"  # Ctrl-X: shows the line as it stands


class Shell:
    """Puts `slipway` on the path and knows a server."""

    def __init__(self, server=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="slipway-completion-"))
        (self.folder / "slipway").symlink_to(BINARY)
        known = {"SLIPWAY_URL": server.url, "SLIPWAY_TOKEN": (server.data / "admin.token").read_text().strip()} if server else {}
        self.environment = clean_environment(PATH=f"{self.folder}:{os.environ['PATH']}", HOME=str(self.folder),
                                             ZDOTDIR=str(self.folder), TERM="dumb", LC_ALL="C.UTF-8", **known)

    def close(self):
        shutil.rmtree(self.folder)

    def run(self, *command):
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=LIMIT_S)
        assert done.stderr == "", done.stderr
        return done.stdout.split("\n")[:-1]


class Bash(Shell):
    def offers(self, line):
        words = line.split(" ")
        script = ('source <(slipway completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                  '$(complete -p slipway | sed -E "s/.*-F ([^ ]+).*/\\1/"); printf "%s\\n" "${COMPREPLY[@]}"')
        # compopt has no completion to change outside of one: what it would do is offering files.
        return self.run("bash", "--norc", "-c", "compopt() { :; }; " + script, "bash", *words)


class Fish(Shell):
    def offers(self, line):
        script = "slipway completion fish | source; complete -C $argv[1]"
        return [offer.split("\t")[0] for offer in self.run("fish", "--no-config", "-c", script, line)]


class Zsh(Shell):
    """zsh completes only at a terminal, so it gets one: what a single Tab makes of a line."""

    def completed(self, line):
        functions = self.folder / "functions"
        functions.mkdir(exist_ok=True)
        (functions / "_slipway").write_text("\n".join(self.run("slipway", "completion", "zsh")) + "\n")
        (self.folder / ".zshrc").write_text(
            f"fpath=({functions} $fpath); autoload -Uz compinit; compinit -D -u; PS1='ready> '; unsetopt beep list_ambiguous\n"
            "show() { print -r -- \"<<$BUFFER>>\"; BUFFER=; zle reset-prompt }; zle -N show; bindkey '^X' show\n")
        process, terminal = pty.fork()
        if process == 0:
            os.execvpe("zsh", ["zsh", "-i"], self.environment)
        try:
            self.read_until(terminal, "ready> ")
            os.write(terminal, f"{line}\t{MARK}".encode())
            return self.read_until(terminal, ">>").split("<<")[-1].removesuffix(">>")
        finally:
            os.close(terminal)
            os.kill(process, 9)
            os.waitpid(process, 0)

    @staticmethod
    def read_until(terminal, what):
        seen, until = b"", time.monotonic() + LIMIT_S
        while what.encode() not in seen:
            ready, _, _ = select.select([terminal], [], [], max(0, until - time.monotonic()))
            assert ready, f"expected {what!r} at the terminal, found {seen!r}"
            seen += os.read(terminal, 65536)
        return seen[:seen.index(what.encode()) + len(what)].decode(errors="replace")


class WithoutServer(unittest.TestCase):
    def shell(self, kind):
        made = kind()
        self.addCleanup(made.close)
        return made

    def test_bash_and_fish_offer_commands_options_and_choices(self):
        for kind in (Bash, Fish):
            shell = self.shell(kind)
            for line, offers in (("slipway pus", ["push"]), ("slipway rollb", ["rollback"]), ("slipway push --na", ["--name"]),
                                 ("slipway token re", ["revoke"]), ("slipway completion z", ["zsh"]),
                                 ("slipway token create --rol", ["--role"])):
                with self.subTest(kind.__name__, line=line):
                    self.assertEqual(shell.offers(line), offers)

    def test_bash_and_fish_offer_every_command(self):
        for kind in (Bash, Fish):
            with self.subTest(kind.__name__):
                self.assertLessEqual({"serve", "push", "deploy", "alias", "completion"}, set(self.shell(kind).offers("slipway ")))

    def test_zsh_completes_commands_options_and_choices(self):
        shell = self.shell(Zsh)
        for line, completed in (("slipway pus", "slipway push "), ("slipway push --na", "slipway push --name "),
                                ("slipway token re", "slipway token revoke "), ("slipway completion z", "slipway completion zsh "),
                                ("slipway token create --rol", "slipway token create --role ")):
            with self.subTest(line):
                self.assertEqual(shell.completed(line), completed)

    def test_files_are_offered_where_a_package_is_expected(self):
        package = "x-package.onnx"
        for kind in (Fish, Zsh):
            shell = self.shell(kind)
            (shell.folder / package).touch()
            with self.subTest(kind.__name__):
                line = f"slipway push {shell.folder}/x-pack"
                if kind is Fish:
                    self.assertEqual(shell.offers(line), [f"{shell.folder}/{package}"])
                else:
                    self.assertEqual(shell.completed(line), f"slipway push {shell.folder}/{package} ")


class WithModels(WithServer):
    def test_models_of_the_server_are_offered(self):
        pushed = self.server.cli("push", ROOT / "examples/wine", "--name", "wine")
        self.assertEqual(pushed.returncode, 0, pushed.stderr)
        for kind in (Bash, Fish, Zsh):
            shell = kind(self.server)
            self.addCleanup(shell.close)
            with self.subTest(kind.__name__):
                if kind is Zsh:
                    self.assertEqual(shell.completed("slipway deploy wi"), "slipway deploy wine ")
                else:
                    self.assertEqual(shell.offers("slipway deploy wi"), ["wine"])


if __name__ == "__main__":
    unittest.main()
