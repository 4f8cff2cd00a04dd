"""A real PostgreSQL with a cluster of its own, reached by a UNIX socket; as an unprivileged user when the tests run as root."""
import atexit
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

from fixture import eventually

_running = []


@atexit.register
def _kill_what_is_left():
    for process in _running:
        if process.poll() is None:
            process.send_signal(signal.SIGQUIT)
            process.wait()


def _program(name):
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[-3]))
    if not found:
        raise AssertionError(f"{name} is missing: `make setup-test` installs PostgreSQL")
    return found[-1]


def _user():
    """Whose it is: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class PostgresServer:
    """Owns its process and its folder. One thread."""

    def __init__(self):
        self._folder = tempfile.mkdtemp(prefix="slipway-test-")
        os.chmod(self._folder, 0o755)
        self.data = pathlib.Path(self._folder) / "data"
        self.data.mkdir(mode=0o700)
        if user := _user():
            os.chown(self.data, user["user"], user["group"])
        subprocess.run([_program("initdb"), "-D", self.data, "-U", "slipway", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                        "--no-sync", "--no-instructions"], check=True, stdout=subprocess.DEVNULL, cwd="/", **_user())
        self.process = None

    @property
    def url(self):
        return f"postgresql://slipway@/postgres?host={self.data}"

    def start(self):
        log = open(pathlib.Path(self._folder) / "log", "ab")
        with log:
            self.process = subprocess.Popen([_program("postgres"), "-D", self.data, "-k", self.data, "-c", "listen_addresses=",
                                             "-c", "fsync=off", "-c", "shared_buffers=16MB"], stdout=log, stderr=log, cwd="/",
                                            start_new_session=True, **_user())
        _running.append(self.process)
        eventually(self._answers, "PostgreSQL to come up")
        return self

    def _answers(self):
        asked = [_program("pg_isready"), "-q", "-h", self.data]
        return subprocess.run(asked, check=False).returncode == 0

    def kill(self):
        """At once, without a checkpoint."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)
