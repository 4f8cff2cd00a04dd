"""The audit trail: what is in it, that anybody can check it, and that tampering with it is found."""
import hashlib
import json
import pathlib
import sqlite3
import stat
import struct
import tempfile
import unittest
from datetime import datetime, timedelta, timezone

import packages
from fixture import Server, WithServer, eventually, run

FIELDS = ("actor", "action", "model", "subject", "from", "to", "reason")
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def chained(event, previous):
    """docs/formats/audit.md, once more and on its own."""
    at = (datetime.strptime(event["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc) - EPOCH) // timedelta(microseconds=1)
    text = b"slipway-event-1\n" + previous + struct.pack(">Qq", event["sequence"], at)
    for field in FIELDS:
        raw = event[field].encode()
        text += struct.pack(">I", len(raw)) + raw
    return hashlib.sha256(text).digest()


class Trail(WithServer):
    def given_changes(self, name):
        """A push, two aliases and a refused attempt."""
        self.given_version(packages.tar_gz(packages.echo(1)), name)
        self.assertEqual(self.api.alias(name, "champion", 1, reason="the \"best\"\nof\tall").status, 200)
        self.assertEqual(self.api.alias(name, "日本", 1).status, 200)

    def exported(self):
        done = self.server.cli("audit", "export", "--server")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return [line for line in lines if "sequence" in line], [line for line in lines if "head" in line], done.stdout

    def test_an_export_can_be_checked_by_anybody(self):
        self.given_changes("checked")
        events, _, _ = self.exported()
        previous = bytes(32)
        for number, event in enumerate(events, 1):
            self.assertEqual(event["sequence"], number)
            previous = chained(event, previous)
            self.assertEqual(event["hash"], previous.hex(), str(event))
        self.assertGreater(len(events), 4)

    def test_the_command_checks_the_directory_the_server_and_an_export(self):
        self.given_changes("thrice")
        key = self.server.data / "audit.pub"
        eventually(lambda: self.exported()[1], "a signed head")
        _, _, text = self.exported()
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "trail.jsonl"
            file.write_text(text)
            for where in (("--data", self.server.data), ("--server", "--key", key), (file, "--key", key)):
                with self.subTest(where=where):
                    done = self.server.cli("audit", "verify", *where)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertRegex(done.stdout, r"^whole: \d+ events, [1-9]\d* signed heads")
            lines = text.splitlines(keepends=True)
            at = next(i for i, line in enumerate(lines) if "champion" in line)
            sequence = json.loads(lines[at])["sequence"]
            file.write_text("".join(lines[:at] + lines[at + 1:]))
            done = self.server.cli("audit", "verify", file, "--key", key)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn(f"event {sequence}: expected here, found event {sequence + 1}", done.stderr)

    def test_who_was_refused_is_in_it(self):
        secret = self.api.post("/api/v1/tokens", {"name": "curious", "role": "viewer"}).json["secret"]
        for _ in range(3):
            self.assertEqual(self.server.api(secret).delete("/api/v1/models/secret").status, 403)
        refused = eventually(lambda: [e for e in self.api.events() if e["action"] == "refuse" and e["actor"] == "curious"], "the refused attempt")
        self.assertEqual(refused[-1]["subject"], "DELETE /api/v1/models/secret")
        self.assertIn("does not grant 'write-registry'", refused[-1]["reason"])

    def test_the_key_is_the_servers_own(self):
        self.assertEqual(stat.S_IMODE((self.server.data / "audit.key").stat().st_mode), 0o600)
        self.assertIn("BEGIN PRIVATE KEY", (self.server.data / "audit.key").read_text())
        self.assertIn("BEGIN PUBLIC KEY", (self.server.data / "audit.pub").read_text())


class Flood(unittest.TestCase):
    def test_a_flood_of_refused_requests_is_counted_but_does_not_fill_the_history(self):
        with Server() as server:
            anonymous = server.anonymous()
            for number in range(3000):
                self.assertEqual(anonymous.get(f"/api/v1/models/m{number}").status, 401)
            server.stop()
            with sqlite3.connect(server.data / "registry.db") as database:
                (count,) = database.execute("SELECT count(*) FROM event WHERE action = 'refuse'").fetchone()
            self.assertGreater(count, 0)
            self.assertLess(count, 250)
            self.assertEqual(run("audit", "verify", "--data", server.data).returncode, 0)


class Tampering(unittest.TestCase):
    """A server's data directory, after a clean stop, in the hands of somebody who can write it."""

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.server.start()
        api = self.server.api()
        for number in range(6):
            self.assertEqual(api.post("/api/v1/tokens", {"name": f"t{number}", "role": "viewer"}).status, 201)
        self.server.stop()
        self.database = sqlite3.connect(self.server.data / "registry.db", isolation_level=None)
        self.addCleanup(self.database.close)
        for kind in ("event_is_never_changed", "event_is_never_removed", "audit_head_is_never_changed", "audit_head_is_never_removed"):
            self.database.execute(f"DROP TRIGGER {kind}")

    def verify(self):
        done = run("audit", "verify", "--data", self.server.data)
        return done.returncode, done.stdout + done.stderr

    def test_the_control_is_whole_and_wholly_signed(self):
        code, text = self.verify()
        self.assertEqual(code, 0, text)
        self.assertNotIn("not signed yet", text)

    def test_an_edit_is_found(self):
        self.database.execute("UPDATE event SET actor = 'mallory' WHERE sequence = 3")
        code, text = self.verify()
        self.assertEqual(code, 1, text)
        self.assertIn("event 3 was changed", text)

    def test_a_cut_tail_is_found_though_its_heads_are_cut_as_well(self):
        self.database.execute("DELETE FROM event WHERE sequence > 4")
        self.database.execute("DELETE FROM audit_head WHERE sequence > 4")
        code, text = self.verify()
        self.assertEqual(code, 1, text)
        self.assertIn("events 5 to 7: missing: the history ends at event 4", text)

    def test_a_history_chained_anew_is_found(self):
        self.database.row_factory = sqlite3.Row
        previous = bytes(32)
        for row in self.database.execute("SELECT * FROM event ORDER BY sequence").fetchall():
            at = (EPOCH + timedelta(microseconds=row["at"])).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            event = {key: row[{"from": "before", "to": "after"}.get(key, key)] for key in FIELDS} | {"sequence": row["sequence"], "at": at}
            if event["sequence"] == 2:
                event["actor"] = "mallory"
            previous = chained(event, previous)
            self.database.execute("UPDATE event SET actor = ?, hash = ? WHERE sequence = ?", (event["actor"], previous, event["sequence"]))
        code, text = self.verify()
        self.assertEqual(code, 1, text)
        self.assertIn("rewritten after they were signed", text)

    def test_a_server_goes_on_where_the_chain_ended(self):
        self.database.close()
        self.server.start()
        self.assertEqual(self.server.api().post("/api/v1/tokens", {"name": "later", "role": "viewer"}).status, 201)
        self.server.stop()
        code, text = self.verify()
        self.assertEqual(code, 0, text)


if __name__ == "__main__":
    unittest.main()
