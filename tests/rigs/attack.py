#!/usr/bin/env python3
"""attack.py [--long] [--only TEXT]: attacks over every protocol, one after another, while a healthy client keeps asking.

Each attacking connection must be ended or refused as its attack says; what a connection may hold until a deadline is bounded. In all
of it every answer to the healthy client is good, and the server's memory grows by 128 MiB at most in each. The long form plays each
attack with more connections for some 20 seconds, in turn against the server and against a sink on the server's core, and holds the healthy
client's p99 in the median of the one's turns against the other's: what the attacker takes of the machine, and what the machine does by
itself, disturbs both alike; what the server does is the rest. (Server and sink are on one core, the sink behind; clients on another, the
attacker in the time that the healthy client leaves.) At its end everything that may be held is held at once, until it is given up.
The negative control is a server that ends nothing, keeps what it is sent and answers nobody: each of the three judgements must find it.
"""
import argparse
import contextlib
import dataclasses
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import types

import figures  # first: it lets the others be found
import attacks
import http1_attacks
from api import PATIENCE, TIMEOUT
from fixture import Server, eventually
from frames import FramesPeer
from generator import Generator, failed_in, given_model
from peers import Peer

MOST_GROWN = 128 << 20   # in one attack
MOST_LEFT = 256 << 20    # of all of them, in memory that is free and was not given back
MOST_SLOWER = 1.5     # p99 of the healthy client, in the long form
LEAST_SLOWER_US = 500  # differences below are the machine's
TOO_SLOW = "the healthy client waits: expected at most"
TRIES = 2
TURNS = 5             # of server and sink each, in the long form
RATE = 200            # healthy requests a second
WAIT_S = 60 * PATIENCE  # for an ending
GIVEN_UP_S = 120       # what a connection holds is given up by then, in the long form: a stalled stream after 30 s, its connection 60 s later
SHORT_S, TURN_S = 0.6, 2
CONTROLS = ("rapid reset", "PING flood", "long heads")


@dataclasses.dataclass
class Record:
    """What was seen of one attack."""
    name: str
    connections: int = 0
    faults: list = dataclasses.field(default_factory=list)  # of its connections
    grown: int = 0           # bytes, in this attack
    healthy: list = dataclasses.field(default_factory=list)  # the load's reports, of each turn

    @property
    def p99(self):
        return statistics.median(report["statuses"].get("200", {}).get("p99_us", float("inf")) for report in self.healthy)

    def add(self, turn):
        self.connections += turn.connections
        self.faults += turn.faults
        self.grown = max(self.grown, turn.grown)
        self.healthy += turn.healthy


def verdict(record, quiet=None):
    """What is wrong; "" if nothing. quiet: the record of a sink in the server's place, to hold the healthy client's p99 against."""
    wrong = list(dict.fromkeys(record.faults))[:3]
    if record.grown > MOST_GROWN:
        wrong.append(f"expected {MOST_GROWN >> 20} MiB more memory at most, found {record.grown / 2**20:.0f}")
    if failed := [report for report in record.healthy if failed_in(report)]:
        wrong.append(f"expected good answers only for the healthy client, found {failed[0]}")
    elif quiet and record.p99 > max(MOST_SLOWER * quiet.p99, quiet.p99 + LEAST_SLOWER_US):
        wrong.append(f"{TOO_SLOW} {MOST_SLOWER} times the p99 of {quiet.p99:.0f} us, found {record.p99:.0f} us")
    return "; ".join(wrong)


def healthy_client(server, seconds):
    """Asks again and again, over connections of its own."""
    return contextlib.closing(Generator(server, "http2", "bystander", seconds, rate=RATE, warm_up=0.1, more=("--arrivals", "constant")))


def memory(pid, what):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+)", status).group(1)) << 10


@dataclasses.dataclass
class Target:
    """Where an attack goes."""
    address: str
    tls: str = None
    reacts: bool = True  # else nothing is read of it


def play(attack, server, target, seconds, patience=WAIT_S):
    """One round after another while a healthy client asks."""
    record, pid = Record(attack.name), server.process.pid
    before = memory(pid, "VmRSS")
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")  # the highest memory is counted from here on
    kind = FramesPeer if attack.is_http2 else Peer
    with healthy_client(server, seconds) as healthy:
        while healthy.is_running():
            with contextlib.ExitStack() as open_ones:
                opened = []
                for _ in range(attack.connections):
                    opened.append(kind(target.tls if attack.is_tls else target.address, patience, attack.receive_buffer))
                    open_ones.callback(opened[-1].close)
                record.connections += len(opened)
                if attack.reads and not attack.comes_and_goes:
                    record.faults += tempt(attack, opened, target)
                    continue
                for peer in opened:
                    peer.offer(attack.opening())
                if attack.comes_and_goes:
                    continue
                while healthy.is_running():
                    time.sleep(0.05)  # held for as long as somebody else asks
                    for peer in opened:
                        peer.offer(attack.drip)
        record.healthy.append(healthy.report())
    record.grown = max(0, memory(pid, "VmHWM") - before)
    return record


def tempt(attack, opened, target):
    """Sends all of it, and sees how the server takes it: what is wrong with that."""
    for peer in opened:
        peer.send(attack.opening())
        if attack.must in (attacks.refused, attacks.dropped) or not target.reacts:
            peer.end_sending()  # and the server ends it as well, once it has answered
        peer.ending.expected = attack.answers
    return [fault for peer in opened if target.reacts and (fault := attack.must(peer.read_on()))]


def tell(record, quiet):
    answers = sum(report["answers"] for report in record.healthy)
    print(f"{record.name}: {record.connections} connections, {record.grown / 2**20:.1f} MiB more; healthy: {answers} answers, "
          f"p99 {record.p99:.0f} us" + (f" ({quiet.p99:.0f} with a sink in the server's place)" if quiet else ""), flush=True)


def part_the_cores():
    """The server on core 0, all others on core 1, this program behind what it starts there."""
    os.sched_setaffinity(0, {1})
    os.sched_setscheduler(0, os.SCHED_IDLE | os.SCHED_RESET_ON_FORK, os.sched_param(0))
    return lambda: os.sched_setaffinity(0, {0})


def behind_the_server():
    os.sched_setaffinity(0, {0})
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


@contextlib.contextmanager
def listening(program, before=None):
    """A program beside this one that prints its address: (process, address)."""
    with subprocess.Popen([sys.executable, pathlib.Path(__file__).with_name(program)], stdout=subprocess.PIPE, text=True,
                          preexec_fn=before) as process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def chosen(long, only):
    crowd = 4000 if long else 400
    return [a for a in (*attacks.all_of(), *http1_attacks.all_of(crowd)) if only in f"{a.row} {a.name}"]


def against_the_server(long, only):
    cases = []
    limits = part_the_cores() if long else None
    with listening("sink.py", behind_the_server) if long else contextlib.nullcontext() as sink, \
            Server(listen="127.0.0.1:0,tls:127.0.0.1:0", loops=1, options=("--log-level", "error"), limits=limits) as server:
        given_model(server, "bystander", 0)
        target = Target(server.address, server.addresses[1].removeprefix("tls:"))
        with healthy_client(server, SHORT_S) as healthy:
            cases.append(("the healthy client is healthy", verdict(Record("quiet", healthy=[healthy.report()]))))
        before = memory(server.process.pid, "VmRSS")
        for attack in chosen(long, only):
            wrong = one_attack(attack, server, target, sink)
            cases.append((f"{attack.row} {attack.name}", wrong))
            if server.process.poll() is not None:
                cases.append(("the server lives", f"it left with {server.process.returncode}; its log:\n{server.log}"))
                break
        if long and server.process.poll() is None:
            cases.append(("what is held is given up", given_up(chosen(False, only), server, target)))
        grown = memory(server.process.pid, "VmRSS") - before
        print(f"after all attacks the server has {grown / 2**20:.1f} MiB more")
        cases.append(("what is left of all", "" if grown <= MOST_LEFT else f"expected {MOST_LEFT >> 20} MiB at most, found {grown >> 20}"))
    return cases


def one_attack(attack, server, target, sink):
    """The verdict. In the long form a healthy client that was too slow has as many turns more: the machine's own pauses pass."""
    if not sink:
        record = play(attack, server, target, SHORT_S)
        tell(record, None)
        return verdict(record)
    record, quiet = Record(attack.name), Record(attack.name)
    for _ in range(TRIES):
        for _ in range(TURNS):
            quiet.add(play(attack, server, Target(sink[1], sink[1], False), TURN_S))
            record.add(play(attack, server, target, TURN_S))
        tell(record, quiet)
        wrong = verdict(record, quiet)
        if not wrong.startswith(TOO_SLOW):
            break
    return wrong


def given_up(played, server, target):
    """All at once of what attackers hold, and do not let go: what is wrong."""
    def connections():
        with contextlib.closing(server.api()) as api:
            return int(re.search(r"^slipway_http_connections (\d+)", api.get("/metrics").body.decode(), re.M).group(1))
    with contextlib.ExitStack() as open_ones:
        for attack in (a for a in played if not a.reads):
            for _ in range(attack.connections):
                peer = (FramesPeer if attack.is_http2 else Peer)(target.tls if attack.is_tls else target.address, WAIT_S, attack.receive_buffer)
                open_ones.callback(peer.close)
                peer.offer(attack.opening())
        held, since = connections(), time.monotonic()
        try:
            eventually(lambda: connections() < 10, lambda: f"{connections()} connections of attackers to be closed", GIVEN_UP_S)
        except AssertionError as wrong:
            return str(wrong)
        print(f"{held} connections that are held are given up after {time.monotonic() - since:.0f} s more")
    return ""


def against_the_control():
    """The three judgements, each about a server that must not pass it."""
    with tempfile.TemporaryDirectory(prefix="slipway-attack-") as folder, listening("hoarder.py") as (process, address):
        server = types.SimpleNamespace(process=process, folder=pathlib.Path(folder), address=address)
        found = {a.name: verdict(play(a, server, Target(address), SHORT_S, 0.2)) for a in attacks.all_of() if a.name in CONTROLS}
    for name, wrong in found.items():
        print(f"control, {name}: {wrong[:160]}")
    for what, words in (("a flood that is not ended", "expected GOAWAY"), ("memory that is kept", "more memory at most"),
                        ("a client that is not answered", "expected good answers")):
        seen = any(words in wrong for wrong in found.values())
        yield f"control: {what} is found out", "" if seen else f"expected '{words}' in a verdict, found: {found}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", default="", help="a part of the row and name of the attacks to play")
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return figures.conclude([*against_the_control(), *against_the_server(options.long, options.only)])


if __name__ == "__main__":
    sys.exit(main())
