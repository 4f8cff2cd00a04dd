"""Where a server's time goes under one load: samples of its code, and system calls per request. For rows that miss."""
import re
import signal
import subprocess
import threading
import time

from load import slipway_load
from places import WORK

SHOWN = 25  # symbols


def during(load, measure):
    """measure() while load() runs in a thread; what load() returned."""
    told = []
    runner = threading.Thread(target=lambda: told.append(load()))
    runner.start()
    try:
        measure()
    finally:
        runner.join()
    if not told:
        raise RuntimeError("the load that was to be profiled failed")
    return told[0]


def samples(server, load):
    """The symbols with the most samples, kernel and all, as text."""
    file = str(WORK / "perf.data")

    def record():
        time.sleep(0.7)
        subprocess.run(["perf", "record", "-q", "-F", "2000", "-g", "-o", file, "-p", ",".join(map(str, server.pids)), "--", "sleep", "2"],
                       check=True, capture_output=True)

    during(load, record)

    def report(sort):
        out = subprocess.run(["perf", "report", "-i", file, "--stdio", "--no-children", "-g", "none", "--percent-limit", "0.8", "--sort", sort],
                             check=True, capture_output=True, text=True).stdout
        return [line.rstrip()[:120] for line in out.splitlines() if re.match(r"\s+\d", line)]

    return "\n".join(report("dso")[:6] + [""] + report("symbol")[:SHOWN])


def system_calls(server, ask, path, seconds=1.5):
    """Calls per request, by name. The server is slower meanwhile, so that ticks serve more requests than without it."""
    tracer = subprocess.Popen(["strace", "-c", "-f", *[word for pid in server.pids for word in ("-p", str(pid))]], stderr=subprocess.PIPE, text=True)
    time.sleep(0.5)
    load = slipway_load(server, ask, seconds, path, warm_up=0.001)
    tracer.send_signal(signal.SIGINT)
    out = tracer.communicate(timeout=20)[1]
    answers = load.rate * seconds
    counted = re.findall(r"(?m)^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?([a-z]\w+)$", out)
    return ", ".join(f"{name} {int(calls) / answers:.2f}" for calls, name in counted if name != "total" and int(calls) / answers >= 0.005)


def of(server, ask, path):
    """Some lines for the page."""
    what = f"{ask.protocol}, {ask.connections} x {ask.streams}, {ask.body.name}"
    return (f"{what}. System calls per request (under strace): {system_calls(server, ask, path)}\n\n```\n"
            f"{samples(server, lambda: slipway_load(server, ask, 3, path))}\n```")
