#!/usr/bin/env python3
"""Measures Slipway against nginx answering a constant and against ONNX Runtime in a bare loop, and writes a table.

Server on core 0, generator (wrk) on core 1, rounds alternating, medians. `make bench` runs it on the release build.

    run.py [--rounds 5] [--seconds 3] [--only tiny,single,binary,heavy,start,memory,swap]
"""
import argparse
import datetime
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import time
import urllib.request

from deployer import Deployer

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
WORK = ROOT / "build" / "bench"
SLIPWAY = BUILD / "slipway"
MODELS = WORK / "models"
TICK = os.sysconf("SC_CLK_TCK")
ROWS = []

WRK_SCRIPT = """wrk.method = "POST"
wrk.headers["Content-Type"] = os.getenv("CONTENT_TYPE")
local length = os.getenv("JSON_LENGTH")
if length then wrk.headers["Inference-Header-Content-Length"] = length end
local f = assert(io.open(os.getenv("BODY"), "rb")); wrk.body = f:read("*a"); f:close()
"""


def row(what, figure, target, held):
    ROWS.append((what, figure, target, {True: "held", False: "missed", None: ""}[held]))
    print(f"{what:58} {figure:34} {target:28} {ROWS[-1][3]}", flush=True)


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


def microseconds(text):
    found = re.fullmatch(r"([\d.]+)(us|ms|s)", text)
    if not found:
        raise RuntimeError(f"expected a latency of wrk such as 12.3us, found {text!r}")
    return float(found.group(1)) * {"us": 1, "ms": 1e3, "s": 1e6}[found.group(2)]


class Load:
    """One wrk run against `url`; `pids` are the server's processes."""

    def __init__(self, url, pids, connections, seconds, body, json_length=None):
        environment = dict(os.environ, BODY=str(body),
                           CONTENT_TYPE="application/octet-stream" if json_length else "application/json")
        if json_length:
            environment["JSON_LENGTH"] = str(json_length)
        before = cpu_seconds(pids)
        out = subprocess.run(["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency",
                              "-s", str(WORK / "post.lua"), url], env=environment, capture_output=True, text=True,
                             check=True).stdout
        used = cpu_seconds(pids) - before
        if "Non-2xx" in out or "Socket errors" in out:
            raise RuntimeError("failed requests:\n" + out)
        requests = int(re.search(r"(\d+) requests in", out).group(1))
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
        self.p50 = microseconds(re.search(r"(?m)^\s+50%\s+(\S+)", out).group(1))
        self.p99 = microseconds(re.search(r"(?m)^\s+99%\s+(\S+)", out).group(1))
        self.cpu = used * 1e6 / max(1, requests)


class Nginx:
    """One pinned worker that answers `reply` to everything."""

    def __init__(self, reply, port):
        folder = WORK / f"nginx-{port}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "reply").write_bytes(reply)
        (folder / "nginx.conf").write_text(
            "worker_processes 1; daemon off; error_log error.log; pid nginx.pid;\n"
            "events { worker_connections 4096; }\n"
            "http { access_log off; keepalive_requests 1000000000; client_body_buffer_size 64k;\n"
            f"  server {{ listen 127.0.0.1:{port} reuseport; location / {{ default_type application/json;\n"
            f"    return 200 '{'x' * len(reply) if b'{' not in reply else reply.decode()}'; }} }} }}\n")
        self.url = f"http://127.0.0.1:{port}/"
        self.process = subprocess.Popen(["taskset", "-c", "0", "nginx", "-p", str(folder), "-c", "nginx.conf"])
        wait_for(lambda: urllib.request.urlopen(self.url, timeout=1))
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        self.pids = [int(pid) for pid in children]

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Slipway:
    def __init__(self, data, *flags, core="0"):
        self.data = pathlib.Path(data)
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            ["taskset", "-c", core, str(SLIPWAY), "serve", "--data", str(data), "--listen", "127.0.0.1:0", "--loops", "1",
             "--log-level", "warning", *flags], stdout=subprocess.DEVNULL)
        self.pids = [self.process.pid]
        wait_for(lambda: (self.data / "addresses").read_text())
        self.url = "http://" + (self.data / "addresses").read_text().split()[0]

    def wait_ready(self):
        wait_for(lambda: urllib.request.urlopen(self.url + "/v2/health/ready", timeout=1))

    def cli(self, *arguments):
        environment = dict(os.environ, SLIPWAY_URL=self.url, SLIPWAY_TOKEN=(self.data / "admin.token").read_text().strip())
        # The client of a deployment is not what is measured: it gives way to the server and the generator.
        return subprocess.run(["nice", "-n", "19", str(SLIPWAY), *map(str, arguments)], env=environment, check=True, capture_output=True,
                              text=True).stdout

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def wait_for(condition, seconds=15):
    end = time.monotonic() + seconds
    while True:
        try:
            return condition()
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.001)


def median(values):
    return statistics.median(values)


def prepare():
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "post.lua").write_text(WRK_SCRIPT)
    if not (MODELS / "heavy.onnx").exists():
        python = ROOT / ".deps" / "venv-models" / "bin" / "python"
        subprocess.run([str(python), str(ROOT / "bench" / "make_models.py"), str(MODELS)], check=True)
    for name, count, shape in (("mlp784", 784, [1, 784]), ("slow", 1024, [1, 1024]), ("heavy", 12288, [1, 3, 64, 64])):
        head = json.dumps({"inputs": [{"name": "input", "shape": shape, "datatype": "FP32",
                                       "parameters": {"binary_data_size": count * 4}}],
                           "outputs": [{"name": "probabilities", "parameters": {"binary_data": True}}]}).encode()
        (WORK / f"{name}.body").write_bytes(head + struct.pack(f"<{count}f", *[0.5] * count))
        (WORK / f"{name}.length").write_text(str(len(head)))
    shutil.rmtree(WORK / "data", ignore_errors=True)
    server = Slipway(WORK / "data", core="0,1")
    try:
        for name in ("tiny", "mlp784", "slow", "heavy"):
            server.cli("push", MODELS / f"{name}.onnx", "--name", name)
            server.cli("deploy", name, "--wait")
    finally:
        server.stop()


def alternate(servers, rounds, measure):
    """measure(server) for each in turn, `rounds` times: lists of Load by server."""
    results = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            results[name].append(measure(server))
    return results


def ratios(results, attribute):
    return [getattr(a, attribute) / getattr(b, attribute) for a, b in zip(results["slipway"], results["nginx"])]


def tiny(options, server, nginx):
    path = "/v2/models/tiny/infer"
    for connections in (8, 64):
        found = alternate({"nginx": nginx, "slipway": server}, options.rounds, lambda s: Load(
            s.url + path if s is server else s.url, s.pids, connections, options.seconds, MODELS / "tiny_request.json"))
        rate, cpu = median(ratios(found, "rate")), median(ratios(found, "cpu"))
        ours, theirs = found["slipway"], found["nginx"]
        row(f"tiny JSON, {connections} connections: rate / nginx constant",
            f"{rate:.3f} ({median(x.rate for x in ours):.0f} / {median(x.rate for x in theirs):.0f} per s)", ">= 0.85", rate >= 0.85)
        row(f"tiny JSON, {connections} connections: server CPU / nginx",
            f"{cpu:.3f} ({median(x.cpu for x in ours):.2f} / {median(x.cpu for x in theirs):.2f} us)", "<= 1.15", cpu <= 1.15)


def single(options, server, nginx):
    found = alternate({"nginx": nginx, "slipway": server}, options.rounds, lambda s: Load(
        s.url + "/v2/models/tiny/infer" if s is server else s.url, s.pids, 1, options.seconds, MODELS / "tiny_request.json"))
    ours, theirs = median(x.p50 for x in found["slipway"]), median(x.p50 for x in found["nginx"])
    row("tiny JSON, 1 connection: p50 - nginx p50", f"{ours - theirs:+.1f} us ({ours:.0f} / {theirs:.0f} us)", "<= 15 us",
        ours - theirs <= 15)


def raw_microseconds(name, batch):
    return float(subprocess.run(["taskset", "-c", "0", str(BUILD / "bench" / "raw_run"), str(MODELS / f"{name}.onnx"),
                                 str(batch), "2"], check=True, capture_output=True, text=True).stdout)


def counters(server, name):
    with urllib.request.urlopen(f"{server.url}/v2/models/{name}/stats") as answer:
        stats = json.load(answer)["model_stats"][0]
    return stats["inference_count"], stats["execution_count"]


def binary(options, server, _):
    for name in ("mlp784", "slow"):
        body, length = WORK / f"{name}.body", (WORK / f"{name}.length").read_text()
        constant = Nginx(b"x" * 220, 18092)
        try:
            before = counters(server, name)
            found = alternate({"nginx": constant, "slipway": server}, options.rounds, lambda s: Load(
                s.url + f"/v2/models/{name}/infer" if s is server else s.url, s.pids, 64, options.seconds, body, length))
            after = counters(server, name)
        finally:
            constant.stop()
        batch = max(1, round((after[0] - before[0]) / max(1, after[1] - before[1])))
        in_process = batch * 1e6 / raw_microseconds(name, batch)
        rate, limit = median(x.rate for x in found["slipway"]), median(x.rate for x in found["nginx"])
        bound = 1 / (1 / limit + 1 / in_process)
        row(f"{name}, binary, 64 connections: rate / composite bound",
            f"{rate / bound:.3f} ({rate:.0f} / {bound:.0f} per s, batch {batch})", ">= 0.95", rate >= 0.95 * bound)


def heavy(options, server, _):
    body, length = WORK / "heavy.body", (WORK / "heavy.length").read_text()
    loads, raws = [], []
    for _ in range(options.rounds):
        before = counters(server, "heavy")
        loads.append(Load(server.url + "/v2/models/heavy/infer", server.pids, 16, options.seconds, body, length).rate)
        after = counters(server, "heavy")
        batch = max(1, round((after[0] - before[0]) / max(1, after[1] - before[1])))
        raws.append(batch * 1e6 / raw_microseconds("heavy", batch))
    ratio = median(a / b for a, b in zip(loads, raws))
    row("heavy, 16 connections: rate / raw in-process", f"{ratio:.3f} ({median(loads):.1f} / {median(raws):.1f} per s)",
        ">= 0.97", ratio >= 0.97)


def one_model_data():
    data = WORK / "one"
    if not data.exists():
        server = Slipway(data, core="0,1")
        server.cli("push", MODELS / "tiny.onnx", "--name", "tiny")
        server.cli("deploy", "tiny", "--wait")
        server.stop()
    return data


def start(options, *_):
    body = (MODELS / "tiny_request.json").read_bytes()
    times = []
    for _ in range(max(5, options.rounds)):
        server = Slipway(one_model_data(), core="0")
        request = urllib.request.Request(server.url + "/v2/models/tiny/infer", data=body)
        wait_for(lambda: urllib.request.urlopen(request, timeout=1).read())
        times.append((time.monotonic() - server.started) * 1e3)
        server.stop()
    row("process start to first prediction, one model", f"{median(times):.0f} ms", "<= 90 ms", median(times) <= 90)


def resident(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def memory(*_):
    server = Slipway(one_model_data(), core="0")
    server.wait_ready()
    urllib.request.urlopen(urllib.request.Request(server.url + "/v2/models/tiny/infer",
                                                  data=(MODELS / "tiny_request.json").read_bytes())).read()
    ours = resident(server.process.pid)
    server.stop()
    raw = subprocess.Popen([str(BUILD / "bench" / "raw_run"), str(MODELS / "tiny.onnx"), "1", "2"], stdout=subprocess.DEVNULL)
    time.sleep(1)
    theirs = resident(raw.pid)
    raw.wait()
    row("RSS with one tiny model - bare ONNX Runtime process", f"{ours - theirs:.0f} MiB ({ours:.0f} - {theirs:.0f})",
        "< 60 MiB", ours - theirs < 60)


def swap(options, server, _):
    """Steady rounds and rounds with swaps alternate; each pair has its ratio."""
    def load():
        return Load(server.url + "/v2/models/tiny/infer", server.pids, 16, options.seconds, MODELS / "tiny_request.json").p99
    steady, swapping, swaps = [], [], 0
    for _ in range(options.rounds):
        steady.append(load())
        deployer = Deployer(server)
        deployer.start()
        swapping.append(load())
        deployer.stop()
        swaps += deployer.swaps
    ratio = median(swapping) / median(steady)
    row("p99 while a version is swapped every 100 ms / steady",
        f"{ratio:.2f} ({median(swapping):.0f} / {median(steady):.0f} us, {swaps / options.rounds / options.seconds:.1f} swaps/s)",
        "<= 1.5", ratio <= 1.5)


def second_tiny(server):
    """Another version of tiny: the same model in a package with a label."""
    folder = WORK / "tiny2"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(MODELS / "tiny.onnx", folder / "model.onnx")
    (folder / "slipway.yaml").write_text("format: onnx\nfiles: {model: model.onnx}\nlabels: {copy: second}\n")
    server.cli("push", folder, "--name", "tiny")


def write_table():
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text()).group(1)
    today = datetime.date.today().isoformat()
    folder = ROOT / "bench" / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"{today}-{commit}.md"
    lines = [f"# {today}, commit {commit}", "", f"{os.cpu_count()} x {cpu}, Linux {os.uname().release}. Server on core 0, "
             "generator on core 1, alternating rounds, medians.", "", "| what | figure | target | |", "|---|---|---|---|"]
    lines += [f"| {what} | {figure} | {target} | {held} |" for what, figure, target, held in ROWS]
    path.write_text("\n".join(lines) + "\n")
    print("wrote", path.relative_to(ROOT))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--only", default="tiny,single,binary,heavy,start,memory,swap")
    parser.add_argument("--no-table", action="store_true")
    options = parser.parse_args()
    prepare()
    server = nginx = None
    try:
        server = Slipway(WORK / "data")
        server.wait_ready()
        second_tiny(server)
        nginx = Nginx(b'{"model_name":"tiny","model_version":"1","outputs":[{"name":"probabilities","datatype":"FP32",'
                      b'"shape":[1,2],"data":[0.9999999,1.3e-10]}]}', 18090)
        for name in options.only.split(","):
            {"tiny": tiny, "single": single, "binary": binary, "heavy": heavy, "start": start, "memory": memory,
             "swap": swap}[name](options, server, nginx)
    finally:
        for running in (nginx, server):
            if running:
                running.stop()
    if not options.no_table:
        write_table()
    return 0


if __name__ == "__main__":
    sys.exit(main())
