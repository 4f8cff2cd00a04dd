"""Many clients want the same thing at the same moment: exactly one gets it, or all get the same."""
import signal
import threading
import time
import unittest

import packages
from api import PATIENCE
from fixture import Server, WithServer, eventually

RACERS = 8


def together(*questions):
    """The answers of all questions, begun at one moment, each on a thread of its own."""
    barrier, answers = threading.Barrier(len(questions)), [None] * len(questions)

    def ask(place, question):
        barrier.wait()
        answers[place] = question()
    threads = [threading.Thread(target=ask, args=item) for item in enumerate(questions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


class Races(WithServer):
    loops = 2

    def given_two_versions(self, name):
        for constant in (1, 2):
            self.given_version(packages.tar_gz(packages.echo(constant, name)), name)

    def persistent(self, push):
        """Pushes until it is not told that too many are under way."""
        while True:
            answer = push()
            if answer.status != 429:
                return answer
            self.assertIn("retry-after", answer.headers)
            time.sleep(0.02)  # what a client does that is told to come back

    def test_the_same_content_pushed_by_many_is_one_version(self):
        package = packages.tar_gz(packages.echo(1))
        answers = together(*(lambda api=self.server.api(): self.persistent(lambda: api.push(package, "same"))
                             for _ in range(RACERS)))
        self.assertEqual({a.status for a in answers} - {200, 201}, set(), [str(a) for a in answers])
        self.assertEqual([a.json["created"] for a in answers].count(True), 1)
        self.assertEqual({a.json["version"]["version"] for a in answers}, {1})

    def test_different_contents_pushed_by_many_get_numbers_without_gaps(self):
        answers = together(*(lambda api=self.server.api(), n=n: self.persistent(
            lambda: api.push(packages.tar_gz(packages.echo(n)), "different")) for n in range(RACERS)))
        self.assertEqual(sorted(a.json["version"]["version"] for a in answers), list(range(1, RACERS + 1)))

    def test_one_of_many_moves_an_alias(self):
        self.given_two_versions("raced")
        for turn in range(10):
            alias = f"champion-{turn}"
            answers = together(*(lambda api=self.server.api(), n=n: api.alias("raced", alias, n % 2 + 1, expected=0)
                                 for n in range(RACERS)))
            self.assertEqual(sorted(a.status for a in answers), [200] + [409] * (RACERS - 1))
            winner = next(a for a in answers if a.status == 200)
            self.assertEqual(self.api.get(f"/api/v1/models/raced/aliases/{alias}").json["version"], winner.json["version"])

    def test_one_of_many_deploys_on_a_revision(self):
        self.given_two_versions("deployed")
        revision = self.api.deploy("deployed", 1).json["revision"]
        for _ in range(10):
            other = 3 - self.api.serving("deployed").json["split"][0]["version"]
            answers = together(*(lambda api=self.server.api(): api.deploy("deployed", other, expected_revision=revision)
                                 for _ in range(RACERS)))
            self.assertEqual(sorted(a.status for a in answers), [200] + [409] * (RACERS - 1), [str(a) for a in answers])
            revision = next(a for a in answers if a.status == 200).json["revision"]

    def test_a_version_is_deleted_or_deployed_never_both(self):
        for turn in range(5):
            name = f"contested-{turn}"
            self.given_two_versions(name)
            self.given_live(name, 1)
            deployed, deleted = together(lambda: self.server.api().deploy(name, 2),
                                         lambda: self.server.api().delete(f"/api/v1/models/{name}/versions/2"))
            self.assertEqual({deployed.status, deleted.status} <= {200, 204, 404, 409}, True, f"{deployed} {deleted}")
            self.assertNotEqual((deployed.status, deleted.status), (200, 204))
            self.assertEqual(self.api.infer(name, packages.nonce(1)).status, 200)


class StoppingDuringAPush(unittest.TestCase):
    """The server leaves in time, and the next start is whole: the version is there, to be verified again."""

    def stop_while_verifying(self, model, *options):
        with Server(options=options) as server:
            pushing = threading.Thread(target=self.push_quietly, args=(server.api(), model))
            pushing.start()
            watching = server.api()
            eventually(lambda: watching.get("/api/v1/models/interrupted").status == 200, "the version to be registered")
            began = time.monotonic()
            self.assertEqual(server.stop(signal.SIGTERM), 0)
            took = time.monotonic() - began
            pushing.join()
            server.start()
            stage = server.api().get("/api/v1/models/interrupted").json["versions"][0]["stage"]
            self.assertEqual(list((server.data / "uploads").iterdir()), [])
            return stage, took

    def push_quietly(self, api, model):
        self.pushed = None
        try:
            self.pushed = api.push(packages.tar_gz(packages.echo(1, model=model)), "interrupted")
        except OSError:
            pass

    def test_a_verification_that_ends_soon_is_waited_for(self):
        stage, _ = self.stop_while_verifying("cost 50000 0\n", "--drain", "2m")
        self.assertEqual(stage, "validated")
        self.assertEqual((self.pushed.status, self.pushed.json["version"]["stage"]), (201, "validated"), str(self.pushed))

    def test_a_verification_that_hangs_is_ended_after_the_drain(self):
        stage, took = self.stop_while_verifying("at_load hang\n", "--drain", "1s")
        self.assertEqual(stage, "registered")
        self.assertLess(took, 10 * PATIENCE)


if __name__ == "__main__":
    unittest.main()
