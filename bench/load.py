"""One run of a load generator, and rounds of runs that alternate between servers."""
import dataclasses
import json
import os
import pathlib
import re
import statistics
import subprocess
import time

from places import GENERATOR_CORE, PROGRAMS, ROOT, WORK  # and the way to the tests' words
from generator_command import generator_command  # isort: skip

WRK_SCRIPT = """wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept-Encoding"] = os.getenv("ACCEPT_ENCODING")
local f = assert(io.open(os.getenv("BODY"), "rb")); wrk.body = f:read("*a"); f:close()
"""


@dataclasses.dataclass
class Load:
    """Rates per second, times in microseconds; cpu and own_cpu (server's and generator's) per request."""
    rate: float
    cpu: float
    own_cpu: float
    p50: float
    p99: float
    p999: float
    command: str

    def latency(self):
        return f"{self.p50:.0f} / {self.p99:.0f} / {self.p999:.0f}"


@dataclasses.dataclass
class Ask:
    """What is sent: a file with the body, and what a good answer is (a file; `floats` at its end within a tolerance)."""
    body: pathlib.Path
    protocol: str = "http1"
    connections: int = 8
    streams: int = 1
    headers: tuple = ()
    expect: pathlib.Path = None
    also_expect: pathlib.Path = None
    floats: int = 0


def cpu_seconds(pids):
    """On a CPU so far, by all threads of the processes; to the nanosecond."""
    return sum(int(task.read_text().split()[0]) for pid in pids for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def pinned(command, core=GENERATOR_CORE):
    return ["taskset", "-c", core, *map(str, command)]


def run(command, **environment):
    done = subprocess.run(pinned(command), env=dict(os.environ, **environment), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{shown(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def shown(command):
    return " ".join(map(str, command)).replace(str(ROOT) + "/", "")


def load_command(url, ask, seconds, warm_up=0.3, pids=(), rate=None):
    return generator_command(PROGRAMS / "slipway-load", url, ask.body, seconds, protocol=ask.protocol, connections=ask.connections,
                             streams=ask.streams, rate=rate, warm_up=warm_up, headers=ask.headers, pids=pids, expect=ask.expect,
                             trailing_floats=ask.floats, more=("--also-expect", ask.also_expect) if ask.also_expect else ())


def slipway_load(server, ask, seconds, path="", warm_up=0.3, rate=None):
    """`rate`: requests per second, sent whether or not earlier ones were answered; none: as fast as answers come."""
    command = load_command(server.url + path, ask, seconds, warm_up, server.pids, rate)
    report = json.loads(run(command))
    good = report["statuses"]["0" if ask.protocol == "grpc" else "200"]
    return Load(report["good_rate"], report["server_cpu_us"], report["own_cpu_us"], good["p50_us"], good["p99_us"], good["p999_us"],
                re.sub(r" --pid \d+", "", re.sub(r":\d+/", ":PORT/", shown(command))))


def wrk_command(url, connections, seconds):
    (WORK / "post.lua").write_text(WRK_SCRIPT)
    return ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", "-s", WORK / "post.lua", url]


def wrk(server, ask, seconds, path=""):
    """(rate, p99)"""
    encodings = {"ACCEPT_ENCODING": "gzip"} if "Accept-Encoding: gzip" in ask.headers else {}
    out = run(wrk_command(server.url + path, ask.connections, seconds), BODY=str(ask.body), **encodings)
    if "Non-2xx" in out or "Socket errors" in out:
        raise RuntimeError("failed requests:\n" + out)
    p99, unit = re.search(r"(?m)^\s+99%\s+([\d.]+)(us|ms|s)$", out).groups()
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), float(p99) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def h2load_command(url, ask, seconds, warm_up=1):
    return ["h2load", "-t1", f"-c{ask.connections}", f"-m{ask.streams}", f"--duration={seconds}", f"--warm-up-time={warm_up}",
            "-d", ask.body, *[f"-H{header}" for header in ask.headers], url]


def h2load(server, ask, seconds, path=""):
    """(rate,)"""
    out = run(h2load_command(server.url + path, ask, seconds))
    if not re.search(r" 0 failed, 0 errored, 0 timeout", out):
        raise RuntimeError("failed requests:\n" + out)
    return (float(re.search(r"finished in [^,]+, ([\d.]+) req/s", out).group(1)),)


def counted_cpu(servers, commands, seconds, **environment):
    """The servers' CPU per prediction of tiny by their own count, in microseconds, in the middle of generators' runs (pairs
    of core and command): connecting and shaking hands is over by then. Each run has to last two seconds longer."""
    runs = [subprocess.Popen(pinned(command, core), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ, **environment),
                             text=True) for core, command in commands]

    def so_far():
        return sum(server.counters("tiny")[0] for server in servers), cpu_seconds([pid for server in servers for pid in server.pids])

    time.sleep(1)
    before = so_far()
    time.sleep(seconds)
    after = so_far()
    for each in runs:
        out = each.communicate(timeout=30)[0]
        if each.returncode != 0 or "Non-2xx" in out or "Socket errors" in out or re.search(r"[1-9]\d* (failed|errored)", out):
            raise RuntimeError(f"failed requests of {shown(each.args)}:\n{out}")
    return (after[1] - before[1]) * 1e6 / max(1, after[0] - before[0])


def alternate(rounds, **measures):
    """Each measure in turn, `rounds` times: their results by name."""
    results = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            results[name].append(measure())
    return results


def median(values):
    return statistics.median(values)


def middle(loads):
    """The median of every figure of some runs."""
    figures = {field.name: median(getattr(load, field.name) for load in loads) for field in dataclasses.fields(Load)
               if field.name != "command"}
    return Load(**figures, command=loads[0].command)


def ratio(ours, theirs, attribute):
    """The median of the rounds' ratios: what moves the whole machine moves both."""
    return median(getattr(a, attribute) / getattr(b, attribute) for a, b in zip(ours, theirs))
