#!/usr/bin/env python3
"""attack.py [--long]: attacks over HTTP/2 and gRPC, one after another, while a healthy client keeps asking.

Each attacking connection must be ended or refused as its attack says; what a connection may hold until a deadline is bounded. In all
of it every answer to the healthy client is good, and the server's memory grows by 128 MiB at most. The long form plays each
attack longer and more often, waits until what is held is given up, and holds the healthy client's p99 against that without attack
(server and clients on a core each; the attacker gets the time that the healthy client leaves).
The negative control is a server that ends nothing, keeps what it is sent and answers nobody: each of the three judgements must find it.
"""
import argparse
import contextlib
import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import types

import figures  # first: it lets the others be found
import attacks
from api import PATIENCE, TIMEOUT
from fixture import Server, eventually
from frames import Peer
from generator import Generator, failed_in, given_model

MOST_GROWN = 128 << 20
MOST_SLOWER = 1.5     # p99 of the healthy client, in the long form
LEAST_SLOWER_US = 500  # differences below are the machine's
RATE = 100            # healthy requests a second
WAIT_S = 60 * PATIENCE  # for an ending
GIVEN_UP_S = 90        # what a connection holds is given up by then, in the long form
SHORT_S, LONG_S = 0.6, 5
CONTROLS = ("rapid reset", "PING flood", "long heads")


@dataclasses.dataclass
class Record:
    """What was seen of one attack."""
    name: str
    connections: int = 0
    faults: list = dataclasses.field(default_factory=list)  # of its connections
    grown: int = 0           # bytes
    healthy: dict = None     # the load's report


def p99(report):
    return report["statuses"].get("200", {}).get("p99_us", float("inf"))


def verdict(record, quiet=None):
    """What is wrong; "" if nothing. quiet: the healthy client's report without attack, to hold its p99 against."""
    wrong = list(dict.fromkeys(record.faults))[:3]
    if record.grown > MOST_GROWN:
        wrong.append(f"expected {MOST_GROWN >> 20} MiB more memory at most, found {record.grown / 2**20:.0f}")
    if failed_in(record.healthy):
        wrong.append(f"expected good answers only for the healthy client, found {record.healthy}")
    elif quiet and p99(record.healthy) > max(MOST_SLOWER * p99(quiet), p99(quiet) + LEAST_SLOWER_US):
        wrong.append(f"expected {MOST_SLOWER} times the p99 of {p99(quiet):.0f} us at most, found {p99(record.healthy):.0f} us")
    return "; ".join(wrong)


def healthy_client(server, seconds):
    """Asks a hundred times a second, over connections of its own."""
    return contextlib.closing(Generator(server, "http2", "bystander", seconds, rate=RATE, warm_up=0.1, more=("--arrivals", "constant")))


def memory(pid, what):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+)", status).group(1)) << 10


def play(attack, server, before, seconds, patience=WAIT_S, hold=None):
    """One round after another while a healthy client asks. before: the server's memory before all attacks. hold: called before
    connections are let go that the attack holds."""
    record, pid = Record(attack.name), server.process.pid
    with healthy_client(server, seconds) as healthy:
        while healthy.is_running():
            peers = [Peer(server.address, patience, attack.settings, attack.receive_buffer) for _ in range(attack.connections)]
            with contextlib.ExitStack() as open_ones:
                for peer in peers:
                    open_ones.callback(peer.close)
                for peer in peers:
                    peer.send(attack.sent)
                    if attack.must is attacks.refused:
                        peer.end_sending()  # and the server ends it as well, once it has answered
                record.connections += len(peers)
                if attack.reads:
                    record.faults += [fault for peer in peers if (fault := attack.must(peer.read_on()))]
                    continue
                while healthy.is_running():
                    time.sleep(0.01)  # held for as long as somebody else asks
                if hold:
                    hold()
        record.healthy = healthy.report()
    record.grown = max(0, memory(pid, "VmHWM") - before)
    return record


def tell(record, quiet):
    print(f"{record.name}: {record.connections} connections, {record.grown / 2**20:.1f} MiB more; healthy: {record.healthy['answers']} "
          f"answers, p99 {p99(record.healthy):.0f} us (without {p99(quiet):.0f})", flush=True)


def part_the_cores():
    """The server on core 0, all others on core 1, this program behind what it starts there."""
    os.sched_setaffinity(0, {1})
    os.sched_setscheduler(0, os.SCHED_IDLE | os.SCHED_RESET_ON_FORK, os.sched_param(0))
    return lambda: os.sched_setaffinity(0, {0})


def against_the_server(long):
    seconds, cases = LONG_S if long else SHORT_S, []
    with Server(loops=1, options=("--log-level", "error"), limits=part_the_cores() if long else None) as server:
        given_model(server, "bystander", 0)
        with healthy_client(server, 2 * seconds) as healthy:
            quiet = healthy.report()
        cases.append(("the healthy client is healthy", verdict(Record("quiet", healthy=quiet))))
        before = memory(server.process.pid, "VmRSS")
        pathlib.Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")  # the highest memory is counted from here on
        for attack in attacks.all_of():
            record = play(attack, server, before, seconds, hold=(lambda: given_up(server)) if long else None)
            tell(record, quiet)
            cases.append((f"{attack.row} {attack.name}", verdict(record, quiet if long else None)))
            if server.process.poll() is not None:
                cases.append(("the server lives", f"it left with {server.process.returncode}; its log:\n{server.log}"))
                break
    return cases


def given_up(server):
    """What the attackers hold, and do not let go."""
    def connections():
        return int(re.search(r"^slipway_http_connections (\d+)", server.api().get("/metrics").body.decode(), re.M).group(1))
    since = time.monotonic()
    eventually(lambda: connections() < 10, "the attackers' connections to be closed", GIVEN_UP_S)
    print(f"what is held is given up after {time.monotonic() - since:.0f} s more")


def against_the_control():
    """The three judgements, each about a server that must not pass it."""
    program = pathlib.Path(__file__).with_name("hoarder.py")
    with tempfile.TemporaryDirectory(prefix="slipway-attack-") as folder, \
            subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as process:
        try:
            server = types.SimpleNamespace(process=process, folder=pathlib.Path(folder), address=process.stdout.readline().strip())
            before = memory(process.pid, "VmRSS")
            found = {a.name: verdict(play(a, server, before, SHORT_S, 0.2)) for a in attacks.all_of() if a.name in CONTROLS}
        finally:
            process.kill()
    for name, wrong in found.items():
        print(f"control, {name}: {wrong[:160]}")
    for what, words in (("a flood that is not ended", "expected GOAWAY"), ("memory that is kept", "more memory at most"),
                        ("a client that is not answered", "expected good answers")):
        seen = any(words in wrong for wrong in found.values())
        yield f"control: {what} is found out", "" if seen else f"expected '{words}' in a verdict, found: {found}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    return figures.conclude([*against_the_control(), *against_the_server(options.long)])


if __name__ == "__main__":
    sys.exit(main())
