"""What a rollout does when something it stands on gives way: its disk is full, its database is away, its clock is set."""
import collections
import itertools
import mmap
import os
import pathlib
import re
import struct
import tempfile
import unittest

import packages
from api import outputs_of
from fixture import BINARY, Server, WithServer, eventually
from postgres_server import PostgresServer
from rollout_evidence_test import begin, given_model, standing
from small_disk import server_on_a_small_disk

CLOCK = pathlib.Path(os.environ.get("SLIPWAY_BUILD") or BINARY.parent) / "tests" / "set_clock.so"
# Nothing that is measured in seconds decides: the step waits for evidence, which the margin lets come only with many answers.
WATCHED = """\
stages: [{canary: {weights: [50%], dwell: 0s, holdback: 0%}}]
metrics: [{name: error_rate, source: errors, margin_difference: 0.0001, minimum_sample: 20}]
"""


class Watched:
    """One model with a rollout in its only step, and requests whose answers are counted by version."""

    def __init__(self, server, name, bad_model="# made again"):
        words = WithServer()
        words.server, words.api = server, server.api()
        given_model(words, name, bad_model)
        self.server, self.name = server, name
        self.number = begin(words.api, name, WATCHED)
        self.answers = collections.Counter()
        eventually(lambda: self.standing()["state"] == "observing", "its step to be served")

    def standing(self):
        return standing(self.server.api(), self.number)

    def send(self, count, nonce=7):
        """All of them have to be answered; what fails by itself (nonce 13) is answered too."""
        api = self.server.api()
        for _ in range(count):
            answer = api.infer(self.name, packages.nonce(nonce))
            self.answers[answer.status] += 1
        api.close()

    def counted(self):
        """Answers that the evidence has counted, as `holding` says."""
        return sum(map(int, re.findall(r"(?:candidate|control) \d+ of (\d+)", self.standing()["holding"])))

    def until_counted(self, count):
        eventually(lambda: self.counted() == count, lambda: f"{count} answers counted, found {self.standing()}")


class DiskFull(unittest.TestCase):
    def setUp(self):
        self.server = server_on_a_small_disk(self)

    def fill(self):
        with open(self.server.seen_data / "filler", "ab", buffering=0) as filler:
            for size in (1 << 16, 1):
                try:
                    while filler.write(bytes(size)):
                        pass
                except OSError:
                    pass

    def test_predictions_go_on_and_the_rollout_holds_and_says_why(self):
        watched = Watched(self.server, "full")
        watched.send(200)
        watched.until_counted(200)
        weights = watched.standing()["wants"]

        def holds():
            self.fill()
            watched.send(200)
            found = watched.standing()
            self.assertEqual((found["state"], found["wants"]), ("observing", weights))
            return re.search("(?i)left no record|no space|disk", found["holding"])
        eventually(holds, lambda: f"the reason to be told, found {watched.standing()}")
        self.assertEqual(set(watched.answers), {200}, "every request was answered")
        (self.server.seen_data / "filler").unlink()
        answer = self.server.api().post(f"/api/v1/rollouts/{watched.number}/abort", {"reason": "the disk was full"})
        self.assertEqual(answer.status, 200, str(answer))
        eventually(lambda: watched.standing()["state"] == "aborted", lambda: f"its end, found {watched.standing()}")
        self.assertEqual([s["version"] for s in self.server.api().serving("full").json["split"]], [1])


class DatabaseAway(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.database = PostgresServer()
        cls.addClassCleanup(cls.database.close)
        cls.database.start()
        cls.server = Server(options=["--database", cls.database.url])
        cls.addClassCleanup(cls.server.close)
        cls.server.start()

    def come_back(self, number):
        self.database.start()
        eventually(lambda: self.server.api().get(f"/api/v1/rollouts/{number}").status == 200, "rollouts to be told again")

    def test_predictions_go_on_and_each_answer_counts_once_afterwards(self):
        watched = Watched(self.server, "away")
        watched.send(200)
        watched.until_counted(200)
        before = watched.standing()
        self.database.kill()
        watched.send(300)
        self.come_back(watched.number)
        watched.until_counted(500)
        self.assertEqual(set(watched.answers), {200})
        after = watched.standing()
        self.assertEqual([after[key] for key in ("state", "step", "wants")], [before[key] for key in ("state", "step", "wants")])

    def test_harm_that_shows_meanwhile_goes_back_when_the_database_does(self):
        watched = Watched(self.server, "harmed", "fail_row nonce 13")
        watched.send(50)
        self.database.kill()
        watched.send(200, nonce=13)
        self.assertEqual(set(watched.answers), {200, 400}, "the candidate fails, and goes on doing so")
        self.come_back(watched.number)
        eventually(lambda: watched.standing()["state"] == "aborted", lambda: f"its end, found {watched.standing()}")
        self.assertRegex(watched.standing()["reason"], "version 2 does harm")


class ClockSet(unittest.TestCase):
    def setUp(self):
        self.file = tempfile.NamedTemporaryFile()
        self.addCleanup(self.file.close)
        self.file.truncate(8)
        self.ahead = mmap.mmap(self.file.fileno(), 8)
        self.addCleanup(self.ahead.close)
        self.server = Server(environment={"LD_PRELOAD": str(CLOCK), "SET_CLOCK": self.file.name})
        self.addCleanup(self.server.close)
        self.server.start()

    def set_by(self, seconds):
        self.ahead[:] = struct.pack("=q", seconds)

    def test_set_forward_and_back_it_holds_and_says_so_and_counts_on(self):
        watched, sent = Watched(self.server, "set"), 0
        for seconds, words in ((7_200, "the clock was set forward by 7200s"), (-86_400, "the clock was set back by 93600s")):
            watched.send(100)
            sent += 100
            self.set_by(seconds)
            eventually(lambda: words in watched.standing()["holding"], lambda: f"{words}, found {watched.standing()}")
            self.assertRegex(watched.standing()["holding"], "nothing goes on until it has gone evenly for \\d+s more")
        self.assertEqual(set(watched.answers), {200})
        api = self.server.api()
        self.assertEqual(outputs_of(api.infer("set", packages.nonce(7)))["nonce_out"], [7])
        self.assertEqual({s["version"]: s["share"] for s in api.serving("set").json["split"]}, {1: 5000, 2: 5000})

    def test_harm_goes_back_while_it_holds(self):
        watched = Watched(self.server, "worse", "fail_row nonce 13")
        self.set_by(7_200)
        eventually(lambda: "the clock was set" in watched.standing()["holding"], lambda: f"a hold, found {watched.standing()}")
        ahead = itertools.count(7_210, 10)

        def is_over():
            """Set again before each look, it never goes evenly: what waits for that waits for ever."""
            self.set_by(next(ahead))
            return watched.standing()["state"] == "aborted"
        for _ in range(10):
            self.set_by(next(ahead))
            watched.send(20, nonce=13)
        eventually(is_over, lambda: f"its end, found {watched.standing()}")
        self.assertRegex(watched.standing()["reason"], "version 2 does harm")


if __name__ == "__main__":
    unittest.main()
