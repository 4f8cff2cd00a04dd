"""slipway gc: deleted runs can be restored for a while, and then their bytes go."""
import json
import unittest

import packages
from fixture import Server, clean_environment, run
from run_files import RunFiles


class Collection(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.server.start()
        self.api = self.server.api()

    def gc(self, *options):
        done = run("gc", "--json", "--data", self.server.data, *options)
        return done.returncode, (json.loads(done.stdout) if done.stdout else done.stderr)

    def given_run(self, content, deleted):
        files = RunFiles(self.server)
        self.assertEqual(files.put("notes.txt", content)[0], 200)
        if deleted:
            self.assertEqual(self.api.post("/api/2.0/mlflow/runs/delete", {"run_id": files.run_id}).status, 200)
        return files

    def artifacts(self):
        return len(list((self.server.data / "artifacts").glob("??/??/*")))

    def test_what_was_deleted_long_enough_goes_and_nothing_else(self):
        self.assertEqual(self.api.push(packages.tar_gz(packages.echo(1)), "kept").status, 201)
        deleted, kept = self.given_run(b"of a deleted run", True), self.given_run(b"of another", False)
        held = self.artifacts()
        self.assertEqual(self.gc("--dry-run"), (0, {"removed": False, "entries": 0, "artifacts": 0, "bytes": 0}), "30 days have not gone by")
        code, found = self.gc("--dry-run", "--deleted-for", "0s")
        self.assertEqual((code, found), (0, {"removed": False, "entries": 1, "artifacts": 1, "bytes": 16}))
        code, said = self.gc("--deleted-for", "0s")
        self.assertEqual(code, 1)
        self.assertIn("in use by another server", said)
        self.assertEqual(self.artifacts(), held)
        self.server.stop()
        code, found = self.gc("--deleted-for", "0s")
        self.assertEqual((code, found), (0, {"removed": True, "entries": 1, "artifacts": 1, "bytes": 16}))
        self.assertEqual(self.artifacts(), held - 1)
        self.assertEqual(run("scrub", "--data", self.server.data).returncode, 0)
        self.assertEqual(run("audit", "verify", "--data", self.server.data).returncode, 0)
        self.server.start()
        api = self.server.api()
        self.assertEqual(api.post("/api/2.0/mlflow/runs/restore", {"run_id": deleted.run_id}).status, 404)
        self.assertEqual(kept.get("notes.txt"), (200, "of another"))
        self.assertEqual([e["subject"] for e in api.events() if e["action"] == "purge"], ["tracking"])

    def test_a_directory_whose_registry_is_elsewhere_is_refused_with_what_holds_there(self):
        self.server.stop()
        for name in ("artifacts", "registry.db"):
            (self.server.data / name).rename(self.server.data / f"{name}.away")
            code, said = self.gc("--dry-run")
            self.assertEqual(code, 1)
            self.assertRegex(said, f"there is no .*/{name}: .*With PostgreSQL or S3 .*deleted runs are kept")
            self.assertNotIn("backed up", said)

    def test_a_directory_of_a_server_that_keeps_its_registry_elsewhere_is_left_alone(self):
        self.assertEqual(self.api.push(packages.tar_gz(packages.echo(1)), "kept").status, 201)
        self.server.stop()
        held = self.artifacts()
        settings = self.server.folder / "settings.yaml"
        settings.write_text(f"data: {self.server.data}\ndatabase: postgresql://eva:hunter2@db/slipway\n")
        told = [(("--config", settings), {}, "settings.yaml"), (("--data", self.server.data), {"SLIPWAY_DATABASE": "postgresql://eva:hunter2@db/slipway"}, "SLIPWAY_DATABASE"),
                (("--data", self.server.data), {"SLIPWAY_ARTIFACTS": "s3://bucket"}, "SLIPWAY_ARTIFACTS")]
        for options, environment, source in told:
            self.assert_left_alone(options, environment, source)
        (self.server.data / "kept-elsewhere").write_text("records: PostgreSQL\n")
        self.assert_left_alone(("--data", self.server.data), {}, "kept-elsewhere")
        self.assertEqual(self.artifacts(), held)
        self.server.launch()
        self.assertEqual(self.server.process.wait(60), 1)
        self.assertIn("expected the URL of PostgreSQL, found none", self.server.log)
        (self.server.data / "kept-elsewhere").unlink()
        settings.write_text(f"data: {self.server.data}\n")
        self.assertEqual(run("gc", "--config", settings).returncode, 0)
        self.assertEqual(self.artifacts(), held)

    def assert_left_alone(self, options, environment, source):
        for command, code in ((("gc", "--deleted-for", "0s"), 1), (("scrub", "--set-aside"), 2), (("backup", self.server.folder / "copy"), 1)):
            done = run(*command, *options, environment=clean_environment(**environment))
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            self.assertIn(source, done.stderr)
            self.assertIn("is backed up by pg_dump", done.stderr)
            self.assertNotIn("hunter2", done.stderr)


if __name__ == "__main__":
    unittest.main()
