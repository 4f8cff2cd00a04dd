"""A server of the real binary in a data directory of its own, and the words the tests are written in."""
import atexit
import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from api import PATIENCE, TIMEOUT, Api

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("SLIPWAY_BINARY") or ROOT / "build/release/slipway")
_POLL = 0.005
_running = []


@atexit.register
def _kill_what_is_left():
    for process in _running:
        if process.poll() is None:
            process.kill()
            process.wait()


def _end(number, _):
    """Who is told to end takes the servers along, which are in sessions of their own."""
    _kill_what_is_left()
    raise KeyboardInterrupt(f"ended by signal {number}")


if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
    signal.signal(signal.SIGTERM, _end)


def eventually(question, what, seconds=TIMEOUT):
    """The first truthy answer of `question`, asked until a deadline: another process cannot be waited for otherwise.
    what: a text, or a function that makes one when it is needed."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"expected {what() if callable(what) else what} within {seconds:g} s")
        time.sleep(_POLL)


def clean_environment(**more):
    """This environment without any SLIPWAY_ variable."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SLIPWAY_")}
    return kept | more


def run(*arguments, seconds=TIMEOUT, environment=None, cwd=None, stdin=None):
    """The binary, run to its end: (returncode, stdout, stderr)."""
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=seconds, cwd=cwd,
                          env=clean_environment() if environment is None else environment, input=stdin,
                          stdin=subprocess.DEVNULL if stdin is None else None)


_PR_SET_CHILD_SUBREAPER = 36


class Heir:
    """The process a server handed over to, with the words of subprocess.Popen. This process must be a subreaper, so that it
    becomes its child when the server that started it has left."""

    def __init__(self, pid):
        self.pid, self.returncode = pid, None

    def poll(self):
        if self.returncode is None:
            with contextlib.suppress(ChildProcessError):  # still its parent's
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout=TIMEOUT):
        deadline = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("the heir", timeout)
            time.sleep(_POLL)
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)


class Server:
    """One `slipway serve`. Owns its process, and its folder unless one is given. One thread starts and stops it."""

    def __init__(self, data=None, listen="127.0.0.1:0", loops=1, options=(), environment=None, cwd=None, limits=None):
        """limits: called in the child before it becomes the server."""
        self._folder = tempfile.TemporaryDirectory(prefix="slipway-test-")
        self.folder = pathlib.Path(self._folder.name)
        self.data = pathlib.Path(data) if data else self.folder / "data"
        self.log_path = self.folder / "log"
        self._arguments = ["serve", "--data", self.data, "--listen", listen, "--loops", str(loops), *options]
        self._environment, self._cwd, self._limits = environment or {}, cwd, limits
        self._wrapper, self._callers = [], []
        self.passed_descriptors = ()
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def inside(self, namespace, preparation):
        """From the next start on: run by the command `namespace`, after the shell command `preparation`. The data folder as
        the server sees it is found below /proc/PID/root."""
        self._wrapper = [*namespace, "sh", "-c", f'{preparation} && exec "$@"', "sh"]

    def launch(self):
        """Starts the process and waits for nothing."""
        with contextlib.suppress(OSError):  # left behind by a kill
            (self.data / "addresses").unlink()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([*self._wrapper, BINARY, *map(str, self._arguments)], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, cwd=self._cwd, preexec_fn=self._limits, start_new_session=True,
                                            pass_fds=self.passed_descriptors,
                                            env=clean_environment(**self._environment))
        _running.append(self.process)
        return self

    def start(self):
        self.launch()
        eventually(self._is_ready, lambda: f"a ready server; its log:\n{self.log}\n")
        return self

    def _is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server left with {self.process.returncode}; its log:\n{self.log}")
        try:
            with contextlib.closing(Api(self.address)) as api:
                return api.get("/v2/health/ready").status == 200
        except OSError:
            return False

    @property
    def seen_data(self):
        """The data folder as the server sees it."""
        return pathlib.Path(f"/proc/{self.process.pid}/root{self.data}") if self._wrapper else self.data

    @property
    def addresses(self):
        return (self.seen_data / "addresses").read_text().split()

    @property
    def address(self):
        return self.addresses[0]

    @property
    def url(self):
        return self.address if self.address.startswith("unix:") else "http://" + self.address

    @property
    def admin_token(self):
        return (self.seen_data / "admin.token").read_text().strip()

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")[-8000:]

    def api(self, token=None):
        """A caller with the admin token, or with the one given. Its connection is closed with the server."""
        return self._caller(self.admin_token if token is None else token)

    def anonymous(self):
        return self._caller(None)

    def _caller(self, token):
        self._callers.append(Api(self.address, token))
        return self._callers[-1]

    def cli(self, *arguments, token=None, stdin=None, **environment):
        given = {"SLIPWAY_URL": self.url, "SLIPWAY_TOKEN": self.admin_token if token is None else token, **environment}
        return run(*arguments, environment=clean_environment(**given), cwd=self.folder, stdin=stdin)

    def stop(self, with_signal=signal.SIGTERM):
        """Asks it to drain; its exit code. Kills it when it does not leave in time, and says so."""
        self.process.send_signal(with_signal)
        try:
            return self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not leave within {TIMEOUT:g} s; its log:\n{self.log}") from None

    def hand_over(self):
        """Has a new process take this one's place; the exit code of the one that left. The new one is `process` then."""
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
        self.close_callers()  # the old one would wait for their next request
        old = self.process
        old.send_signal(signal.SIGUSR2)
        lock = self.data / "lock"
        eventually(lambda: lock.read_text().strip() not in ("", str(old.pid)), lambda: f"a new owner of the data; the log:\n{self.log}\n")
        self.process = Heir(int(lock.read_text()))
        _running.append(self.process)
        return old.wait(TIMEOUT)

    def kill9(self):
        self.process.kill()
        self.process.wait()

    def restart(self):
        self.stop()
        return self.start()

    def close_callers(self):
        for caller in self._callers:
            caller.close()

    def close(self):
        self.close_callers()
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._folder.cleanup()


class WithServer(unittest.TestCase):
    """Tests that share one server; each takes models of its own by name."""
    options = ()
    listen = "127.0.0.1:0"
    loops = 1

    @classmethod
    def setUpClass(cls):
        cls.server = Server(options=cls.options, listen=cls.listen, loops=cls.loops)
        cls.addClassCleanup(cls.server.close)
        cls.server.start()

    def setUp(self):
        self.api = self.server.api()
        self.addCleanup(self.api.close)

    def tearDown(self):
        self.assertIsNone(self.server.process.poll(), f"the server is gone; its log:\n{self.server.log}")

    # Steps that must succeed on the way to what a test is about.

    def given_version(self, package, name=None, stage="validated", **more):
        """Pushes; the version's number."""
        answer = self.api.push(package, name, **more)
        self.assertIn(answer.status, (200, 201), str(answer))
        version = answer.json["version"]
        self.assertEqual(version["stage"].lower(), stage, str(answer))
        return version["version"]

    def given_live(self, model, version=None):
        """Deploys and waits until this very version answers."""
        answer = self.api.deploy(model, version)
        self.assertEqual(answer.status, 200, str(answer))
        wanted = answer.json["split"][0]["version"]
        self.wait_live(model, wanted)
        return wanted

    def wait_live(self, model, version):
        def is_live():
            states = self.api.serving(model).json["states"]
            return any(s["version"] == version and s["state"] == "ready" for s in states)
        eventually(is_live, f"version {version} of {model} to be ready")

    def assert_refused(self, answer, status, *words, code=None):
        """status: one number or several. words: patterns the message must hold, whatever their case."""
        statuses = status if isinstance(status, (tuple, list, set)) else (status,)
        self.assertIsNotNone(answer, "expected an answer, found a closed connection")
        self.assertIn(answer.status, statuses, str(answer))
        self.assertIsNotNone(answer.code, f"expected an error with a code, found {answer}")
        if code:
            self.assertEqual(answer.code, code, str(answer))
        for word in words:
            self.assertRegex(answer.error, "(?i)" + word)
        self.assertNotIn(str(self.server.data), answer.error, "an error shows no path of the host")


def copy_of(folder):
    """A copy that goes at the end of the test run: (path, what to close)."""
    made = tempfile.TemporaryDirectory(prefix="slipway-test-")
    target = pathlib.Path(made.name) / "copy"
    shutil.copytree(folder, target)
    return target, made
