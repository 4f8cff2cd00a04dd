#!/usr/bin/env python3
"""drain.py [--restarts N | --long]: hands over to a new process again and again while clients keep asking.

Three clients ask all the time, each connection with the next request as soon as the last is answered: over kept HTTP/1.1
connections, over HTTP/2 and by gRPC. A client does what the protocols say and nothing more: after `Connection: close` or GOAWAY it
connects anew, and what it sent before must be answered. No request may fail,
nor when the new process gives up. The negative control kills the server and starts
it again, and must be found out.
"""
import argparse
import shutil
import signal
import sys

import figures
from fixture import Server, eventually
from generator import PROTOCOLS, Generator, failed_in, given_model

LONG = 200
SECONDS = 6  # of load, within which as many restarts are done as go
COST_US = 500
MODEL = "drained"
QUEUED = "batching: {dimension: 0, max_batch: 16, execution: queue}\nlimits: {timeout: 60s}\n"


def loads(server):
    return [Generator(server, protocol, MODEL, SECONDS, connections=4, streams=4) for protocol in PROTOCOLS]


def close(generators):
    for generator in generators:
        generator.close()


def restarts_under_load(server, wanted):
    """(restarts done, reports)."""
    generators, done = loads(server), 0
    try:
        while all(g.is_running() for g in generators) and done < wanted:
            code = server.hand_over()
            if code != 0:
                raise SystemExit(f"expected the old process to leave with 0, found {code}; the log:\n{server.log}")
            done += 1
        return done, [g.report() for g in generators]
    finally:
        close(generators)


def failures_under_load(server, wanted):
    """Handovers to a process that cannot load what is served, and gives up: (how many, reports)."""
    generators, done = loads(server), 0
    artifacts, hidden = server.data / "artifacts", server.data / "hidden"
    try:
        while all(g.is_running() for g in generators) and done < wanted:
            artifacts.rename(hidden)
            try:
                server.process.send_signal(signal.SIGUSR2)
                eventually(lambda: server.log_path.read_text().count("not handed over") > done, "a handover that fails")
            finally:
                shutil.rmtree(artifacts, ignore_errors=True)
                hidden.rename(artifacts)
            done += 1
        return done, [g.report() for g in generators]
    finally:
        close(generators)


def kill_under_load(server):
    """What the same clients see when the server is killed and started anew on the same address."""
    generators = loads(server)
    try:
        api = server.anonymous()
        asked = lambda: api.get(f"/v2/models/{MODEL}/stats").json["model_stats"][0]["inference_count"]
        before = asked()
        eventually(lambda: asked() > before + 100, "the load to be under way")
        address = server.address
        server.kill9()
        with Server(data=server.data, listen=address, options=("--log-level", "warning")):
            return [g.report() for g in generators]
    finally:
        close(generators)


def verdict(reports):
    troubled = [r for r in reports if failed_in(r)]
    if troubled:
        return "; ".join(f"{r['protocol']}: {failed_in(r)} failed, first: {r['first_trouble']}" for r in troubled)
    idle = [r["protocol"] for r in reports if r["answers"] == 0]
    return f"expected answers over {', '.join(idle)}" if idle else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--restarts", type=int, default=10)
    parser.add_argument("--long", action="store_const", dest="restarts", const=LONG)
    options = parser.parse_args()
    cases = []
    with Server(loops=1, options=("--log-level", "warning")) as server:
        given_model(server, MODEL, COST_US, QUEUED)
        done, reports = 0, []
        while done < options.restarts and not verdict(reports):
            more, seen = restarts_under_load(server, options.restarts - done)
            done += more
            reports += seen
        for protocol in PROTOCOLS:
            of_it = [r for r in reports if r["protocol"] == protocol]
            asked = sum(r["answers"] for r in of_it)
            print(f"{protocol}: {done} restarts, {sum(r['reconnects'] for r in of_it)} new connections, " +
                  figures.bound(sum(map(failed_in, of_it)), asked, "failed requests"))
        cases.append((f"{done} handovers harm no request", verdict(reports)))
        failed, reports = failures_under_load(server, max(3, options.restarts // 10))
        cases.append((f"{failed} handovers that fail harm no request either", verdict(reports)))
        killed = kill_under_load(server)
        lost = sum(map(failed_in, killed))
        cases.append(("control: a restart without handover is found out", "" if lost else f"expected failed requests, found {killed}"))
    return figures.conclude(cases)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
