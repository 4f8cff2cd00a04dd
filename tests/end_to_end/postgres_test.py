"""Servers on one PostgreSQL database, and what becomes of them when it goes away."""
import re
import time
import unittest

import packages
from cut_off_push import eventually_in_stage, push_until
from fixture import Server, clean_environment, eventually, run
from postgres_server import PostgresServer
from races_test import together

NO_DATABASE = "postgresql://slipway@/postgres?host=/nonexistent/folder"


class TwoServers(unittest.TestCase):
    """Each with a data directory of its own: what one pushed only that one can load."""

    @classmethod
    def setUpClass(cls):
        cls.database = PostgresServer()
        cls.addClassCleanup(cls.database.close)
        cls.database.start()
        cls.first, cls.second = (Server(options=["--database", cls.database.url]) for _ in range(2))
        for server in (cls.first, cls.second):
            cls.addClassCleanup(server.close)
            server.start()

    def setUp(self):
        token = self.first.admin_token
        self.one, self.other = self.first.api(token), self.second.api(token)
        self.addCleanup(self.one.close)
        self.addCleanup(self.other.close)

    def given_version(self, name, constant=1):
        answer = self.one.push(packages.tar_gz(packages.echo(constant, name)), name)
        self.assertEqual(answer.status, 201, str(answer))
        self.assertEqual(answer.json["version"]["stage"], "validated", str(answer))
        return answer.json["version"]["version"]

    def is_served(self, name, version):
        states = self.one.serving(name).json.get("states", [])
        return any(s["version"] == version and s["state"] == "ready" for s in states)

    def test_what_one_registers_the_other_knows(self):
        self.given_version("shared")
        self.assertEqual(self.other.version("shared", 1).json, self.one.version("shared", 1).json)

    def test_one_makes_the_admin_token_for_all(self):
        self.assertFalse((self.second.data / "admin.token").exists())

    def test_the_directory_says_where_the_records_are(self):
        self.assertEqual((self.first.data / "kept-elsewhere").read_text(), "records: PostgreSQL\n")
        self.assertIn("keeps what it has in PostgreSQL", run("gc", "--dry-run", "--data", self.first.data).stderr)

    def test_a_directory_with_a_registry_of_its_own_is_refused(self):
        with Server() as server:
            self.assertEqual(server.api().push(packages.tar_gz(packages.echo(1)), "own").status, 201)
            server.stop()
            server._arguments += ["--database", self.database.url]
            server.launch()
            self.assertEqual(server.process.wait(60), 1)
            self.assertIn("registry.db keeps a registry", server.log)

    def test_a_data_set_that_one_registers_both_know_and_either_removes(self):
        def push(api):
            return api.post("/api/v1/datasets?filename=a.csv", "a\n1\n", headers={"Content-Type": "application/octet-stream"})
        first, again = push(self.one), push(self.other)
        self.assertEqual((first.status, again.status), (201, 200), str(again))
        self.assertEqual(again.json, first.json)
        self.assertEqual(self.other.get("/api/v1/datasets").json["datasets"], [first.json])
        path = "/api/v1/datasets/" + first.json["digest"]
        self.assertEqual(self.other.delete(path).status, 204)
        self.assertEqual(self.one.get(path).status, 404)
        self.assertFalse((self.first.data / "datasets.db").exists())

    def test_a_deployment_through_one_is_served_by_the_other(self):
        self.given_version("deployed", 1)
        self.given_version("deployed", 2)
        for version in (1, 2):
            self.assertEqual(self.other.deploy("deployed", version).status, 200)
            eventually(lambda: self.is_served("deployed", version), f"version {version} to be served")
        self.assertEqual(self.other.rollback("deployed").status, 200)
        eventually(lambda: self.is_served("deployed", 1), "the first version to be served again")

    def test_a_token_opens_both_and_revoked_it_opens_none(self):
        made = self.one.post("/api/v1/tokens", {"name": "roaming", "role": "viewer"})
        self.assertEqual(made.status, 201, str(made))
        with_token = self.second.api(made.json["secret"])
        self.addCleanup(with_token.close)
        eventually(lambda: with_token.get("/api/v1/models").status == 200, "the other server to know the token")
        self.assertIn(self.one.delete("/api/v1/tokens/roaming").status, (200, 204))
        eventually(lambda: with_token.get("/api/v1/models").status == 401, "the other server to refuse the token")

    def test_every_race_for_an_alias_has_one_winner(self):
        for constant in (1, 2):
            self.given_version("raced", constant)
        callers = [server.api(self.first.admin_token) for server in (self.first, self.second, self.first, self.second)]
        for turn in range(10):
            alias = f"champion-{turn}"
            answers = together(*(lambda api=api, version=version: api.alias("raced", alias, version, expected=0)
                                 for api, version in zip(callers, (1, 2, 2, 1))))
            self.assertEqual(sorted(a.status for a in answers), [200, 409, 409, 409], [str(a) for a in answers])
            moved = [e for e in self.one.events("raced") if e["action"] == "alias"]
            self.assertEqual(len(moved), turn + 1, moved)

    def test_the_history_is_one_chain_that_verifies(self):
        self.given_version("chained")
        self.assertEqual(self.other.alias("chained", "champion", 1).status // 100, 2)
        checked = self.second.cli("audit", "verify", "--server", token=self.first.admin_token)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        sequences = [event["sequence"] for event in reversed(self.other.events())]
        self.assertEqual(sequences, list(range(1, len(sequences) + 1)))


class WithoutTheDatabase(unittest.TestCase):
    def test_predictions_go_on_and_the_registry_comes_back_within_three_seconds(self):
        database = PostgresServer()
        self.addCleanup(database.close)
        database.start()
        server = Server(options=["--database", database.url])
        self.addCleanup(server.close)
        server.start()
        api = server.api()
        self.assertEqual(api.push(packages.tar_gz(packages.echo(1, "steady")), "steady").status, 201)
        self.assertEqual(api.deploy("steady", 1).status, 200)
        eventually(lambda: api.get("/v2/models/steady/ready").status == 200, "the model to be served")
        database.kill()
        self.assertEqual(api.get("/v2/models/steady/ready").status, 200)
        self.assertEqual(api.get("/v2/health/ready").status, 200)
        refused = api.alias("steady", "champion", 1)  # after some patience
        self.assertEqual(refused.status, 503, str(refused))
        self.assertIn("cannot reach the database", refused.error)
        database.start()
        began = time.monotonic()
        self.assertEqual(api.alias("steady", "champion", 1).status // 100, 2)
        print(f"\nthe first change after PostgreSQL's restart took {time.monotonic() - began:.3f} s")

    def test_a_verification_that_a_kill_cut_off_is_made_up_for_at_once(self):
        database = PostgresServer()
        self.addCleanup(database.close)
        database.start()
        server = Server(options=["--database", database.url])
        self.addCleanup(server.close)
        server.start()
        push_until(server, Server.kill9)
        server.start()
        eventually_in_stage(server.api(), "validated")

    def test_one_that_cannot_be_reached_is_told_at_the_start(self):
        server = Server(options=["--database", NO_DATABASE])
        self.addCleanup(server.close)
        server.launch()
        self.assertEqual(server.process.wait(60), 1)
        self.assertIn("cannot reach the database postgresql://slipway@/nonexistent/folder/postgres", server.log)


class Secrets(unittest.TestCase):
    def test_a_password_on_the_command_line_is_refused(self):
        refused = run("config", "--database", "postgresql://eva:hunter2@db/registry")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("SLIPWAY_DATABASE", refused.stderr)

    def test_a_password_of_the_environment_is_never_shown(self):
        environment = clean_environment(SLIPWAY_DATABASE="postgresql://eva:hunter2@db:5433/registry?sslmode=verify-full")
        for arguments in (["config"], ["config", "--json"]):
            shown = run(*arguments, environment=environment)
            self.assertEqual(shown.returncode, 0, shown.stderr)
            self.assertNotIn("hunter2", shown.stdout + shown.stderr)
            self.assertTrue(re.search(r"postgresql://eva@db:5433/registry", shown.stdout), shown.stdout)


if __name__ == "__main__":
    unittest.main()
