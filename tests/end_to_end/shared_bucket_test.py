"""Two servers on one PostgreSQL database and one bucket: what one removes is never what the other has just pushed."""
import os
import time
import unittest

import packages
from api import outputs_of
from fixture import Server, eventually
from postgres_server import PostgresServer
from races_test import together
from s3_server import S3Server

LONG_AGO = 2 * 3600  # seconds; what was stored within an hour is kept in any case


class SharedBucket(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.database, cls.s3 = PostgresServer(), S3Server()
        cls.addClassCleanup(cls.database.close)
        cls.addClassCleanup(cls.s3.close)
        cls.database.start()
        cls.s3.start()
        options = ["--database", cls.database.url, *cls.s3.options]
        cls.first, cls.second = (Server(options=options, environment=cls.s3.environment) for _ in range(2))
        for server in (cls.first, cls.second):
            cls.addClassCleanup(server.close)
            server.start()

    def setUp(self):
        token = self.first.admin_token
        self.one, self.other = self.first.api(token), self.second.api(token)

    def age(self):
        """Everything in the bucket seems to have been stored long ago."""
        then = time.time() - LONG_AGO
        for path in self.s3.objects():
            os.utime(path, (then, then))

    def pushed(self, api, name, constant):
        return api.push(packages.tar_gz(packages.echo(constant, "same")), name)

    def assert_validated(self, answer):
        self.assertEqual(answer.status, 201, str(answer))
        self.assertEqual(answer.json["version"]["stage"], "validated", str(answer))

    def assert_whole(self, api, name):
        for path in ("model.echo", "slipway.yaml"):
            self.assertEqual(api.get(f"/api/v1/models/{name}/versions/1/files/{path}").status, 200, path)

    def test_what_one_pushed_the_other_serves(self):
        self.assert_validated(self.pushed(self.one, "served", 5))
        self.assertEqual(self.one.deploy("served", 1).status, 200)
        answers = self.second.anonymous()
        eventually(lambda: answers.infer("served", packages.nonce(1)).status == 200, "the other server to serve it")
        self.assertEqual(outputs_of(answers.infer("served", packages.nonce(2)))["constant"], [5])

    def test_what_nobody_needs_goes_and_what_the_other_needs_stays(self):
        self.assert_validated(self.pushed(self.one, "kept", 6))
        before = set(self.s3.objects())
        self.assert_validated(self.pushed(self.other, "gone", 7))
        added = set(self.s3.objects()) - before
        self.assertTrue(added)
        self.age()
        self.assertEqual(self.one.delete("/api/v1/models/gone").status, 204)
        eventually(lambda: not added & set(self.s3.objects()), "what was removed to leave the bucket")
        self.assert_whole(self.other, "kept")

    def test_a_removal_beside_a_push_of_the_same_content_never_takes_it(self):
        for turn in range(8):
            self.assert_validated(self.pushed(self.one, f"old-{turn}", 100 + turn))
            self.age()
            removed, pushed = together(lambda turn=turn: self.one.delete(f"/api/v1/models/old-{turn}"),
                                       lambda turn=turn: self.pushed(self.other, f"new-{turn}", 100 + turn))
            self.assertEqual(removed.status, 204, str(removed))
            self.assert_validated(pushed)
            for api in (self.one, self.other):
                self.assert_whole(api, f"new-{turn}")
        self.age()
        self.assertEqual(self.one.delete("/api/v1/models/new-0").status, 204)  # collects once more
        for turn in range(1, 8):
            self.assert_whole(self.other, f"new-{turn}")


if __name__ == "__main__":
    unittest.main()
