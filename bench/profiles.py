"""Where a server's time goes under one load: samples of its code and system calls, per request. For rows that miss."""
import re
import signal
import subprocess
import threading
import time

from load import slipway_load
from places import WORK

SHOWN = 20  # symbols


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
    """(microseconds per request by program or library, the same by function): (name, microseconds) from the most on.
    load() takes two seconds or more and returns the server's microseconds per request."""
    file = str(WORK / "perf.data")

    def record():
        time.sleep(0.6)
        subprocess.run(["perf", "record", "-q", "-F", "3000", "-g", "-o", file, "-p", ",".join(map(str, server.pids)), "--", "sleep", "1.5"],
                       check=True, capture_output=True)

    cpu = during(load, record)

    def report(sort):
        out = subprocess.run(["perf", "report", "-i", file, "--stdio", "--no-children", "-g", "none", "--sort", sort], check=True,
                             capture_output=True, text=True).stdout
        found = re.findall(r"(?m)^\s+([\d.]+)%\s+(\S.*?)\s*$", out)
        return [(name.replace("[kernel.kallsyms]", "kernel"), float(percent) / 100 * cpu) for percent, name in found]

    return report("dso"), [pair for pair in report("symbol") if " 0x" not in pair[0]]


def system_calls(server, ask, path, seconds=1.5):
    """Calls per request, by name. The server is slower meanwhile, so that ticks serve more requests than without it."""
    tracer = subprocess.Popen(["strace", "-c", "-f", *[word for pid in server.pids for word in ("-p", str(pid))]], stderr=subprocess.PIPE, text=True)
    time.sleep(0.5)
    load = slipway_load(server, ask, seconds, path, warm_up=0.001)
    tracer.send_signal(signal.SIGINT)
    out = tracer.communicate(timeout=20)[1]
    answers = load.rate * seconds
    counted = re.findall(r"(?m)^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?([a-z]\w+)$", out)
    return ", ".join(f"{name} {int(calls) / answers:.2f}" for calls, name in counted if name != "total" and int(calls) / answers >= 0.02)


def split(parts):
    return ", ".join(f"{name} {time:.2f}" for name, time in parts if time >= 0.02)


def of(server, ask, path, rival=None):
    """Some lines for the page: Slipway's profile, and where the rival's time goes."""
    libraries, functions = samples(server, lambda: slipway_load(server, ask, 2.3, path).cpu)
    lines = [f"{ask.protocol}, {ask.connections} x {ask.streams}, {ask.body.name}; microseconds of CPU per request.", "",
             f"- Slipway: {split(libraries)}"]
    if rival:
        lines.append(f"- {type(rival).__name__}: {split(samples(rival, lambda: slipway_load(rival, ask, 2.3).cpu)[0])}")
    lines += [f"- system calls (under strace): {system_calls(server, ask, path)}", ""]
    return "\n".join(lines + listed(functions))


def listed(functions):
    return ["```", *[f"{time:6.2f}  {name[:100]}" for name, time in functions[:SHOWN]], "```"]
