#!/usr/bin/env python3
"""kill.py [--kills N | --long] [--seed N]: kill -9 in the middle of pushes, alias moves, deployments, approvals and tokens, again and
again.

After every kill the server starts on the same data and is held against the ledger of what its clients were told: every
acknowledged write is there, once; nothing is half there. A process that is killed loses nothing that it gave to the kernel, so
this proves the order of commit and answer and the repair at start-up; it does not prove that the disk kept what fsync promised.
The negative control acknowledges each write when it is sent, and must be found out.
"""
import argparse
import pathlib
import random
import sys
import time

import figures
import packages
from aftermath import Aftermath
from fixture import Server, eventually
from ledger import Ledger
from writers import ALL, BASE, BASE_VERSIONS

CONTROL_KILLS = 10
ACTIONS = ("push", "alias", "deploy", "approve", "revoke", "token")
SHORTEST_S, LONGEST_S = 0.005, 0.5
INTEGRITY_EVERY = 10


def prepare(server):
    api = server.api()
    for constant in range(1, BASE_VERSIONS + 1):
        answer = api.push(packages.tar_gz(packages.echo(constant, BASE)), BASE, reason="prepared")
        if answer.status != 201 or answer.json["version"]["version"] != constant:
            raise SystemExit(f"expected version {constant} of {BASE}, found {answer}")
    for answer in (api.deploy(BASE, 1, reason="prepared"), api.alias(BASE, "champion", 1, reason="prepared")):
        if answer.status != 200:
            raise SystemExit(f"expected 200, found {answer}")
    server.approver_token = api.post("/api/v1/tokens", {"name": "rig-approver", "role": "approver", "reason": "prepared"}).json["secret"]


def kill_rounds(kills, seed, acknowledges_early=False):
    """Runs until `kills` or the first problem: (the Aftermath, the ledger's writes, kills done)."""
    chance = random.Random(seed)
    server = Server(options=("--log-level", "warning"))
    ledger = Ledger(server.folder / "ledger")
    try:
        server.start()
        prepare(server)
        aftermath = Aftermath(server, ledger)
        done = 0
        while done < kills and not aftermath.problems:
            crew = [kind(server, ledger, f"k{done}", acknowledges_early) for kind in ALL]
            for writer in crew:
                writer.start()
            time.sleep(chance.uniform(SHORTEST_S, LONGEST_S))  # the moment of the kill is what the rig is about
            server.kill9()
            for writer in crew:
                writer.join()
                aftermath.problems += writer.refusals
                aftermath.amid_bodies += writer.is_amid
            done += 1
            if done % INTEGRITY_EVERY == 0 or done == kills:
                aftermath.check_database()
                aftermath.check_trail()
            eventually(lambda: not aftermath.orphans(), "no process left behind by the killed server")
            server.start()
            aftermath.check()
        if not aftermath.problems:
            aftermath.check_at_the_end()
        return aftermath, ledger.writes, done
    finally:
        server.close()
        ledger.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--long", action="store_const", dest="kills", const=1_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}")

    began = time.monotonic()
    aftermath, writes, kills = kill_rounds(options.kills, options.seed)
    told = [write for write in writes if write.acknowledged]
    counts = ", ".join(f"{sum(w.action == a for w in told)} {a}" for a in ACTIONS)
    print(f"{kills} kills in {time.monotonic() - began:.0f} s; {len(writes)} writes sent, {len(told)} acknowledged ({counts})")
    print(f"{aftermath.amid_bodies} kills amid the body of a push")
    print(figures.bound(aftermath.lost, len(told), "acknowledged writes lost"))
    print(figures.bound(aftermath.half_visible, kills, "starts with something half visible"))
    wrong = "; ".join(aftermath.problems[:5])
    if not wrong and any(not any(w.action == a for w in told) for a in ACTIONS):
        wrong = "expected acknowledged writes of every kind, found " + counts
    if not wrong and aftermath.amid_bodies == 0:
        wrong = "expected kills amid the body of a push, found none"

    control, _, control_kills = kill_rounds(CONTROL_KILLS, options.seed, acknowledges_early=True)
    print(f"control: {control.lost} lost found within {control_kills} kills")
    return figures.conclude([
        (f"nothing acknowledged is lost in {kills} kills", wrong),
        ("control: acknowledging before the commit is found out",
         "" if control.lost else "expected lost writes, found none"),
    ])


if __name__ == "__main__":
    sys.exit(main())
