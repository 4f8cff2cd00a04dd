"""slipway scrub, backup and restore: what is damaged is found, and what was acknowledged comes back."""
import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import threading
import unittest

import packages
from api import outputs_of
from fixture import BINARY, Server, clean_environment, eventually, run
from run_files import RunFiles

SEED = random.randrange(1 << 32)


def artifacts_of(folder):
    """The artifact files below a data directory or a backup, by their digest."""
    return {path.name: path for path in (pathlib.Path(folder) / "artifacts").glob("??/??/*")}


def flip_a_byte(path, chance):
    os.chmod(path, 0o600)
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


class Kept(unittest.TestCase):
    """A server with a few versions, a run with a file, and a folder for backups."""

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.server.start()
        self.api = self.server.api()
        folder = tempfile.TemporaryDirectory(prefix="slipway-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for constant in (1, 2, 3):
            self.push(constant)
        self.assertEqual(self.server.cli("deploy", "kept:2", "--wait").returncode, 0)
        self.files = RunFiles(self.server)
        self.run_id = self.files.run_id
        self.assertEqual(self.files.put("notes.txt", b"kept with the run")[0], 200)

    def push(self, constant):
        answer = self.api.push(packages.tar_gz({**packages.echo(constant), "weights.bin": random.Random(constant).randbytes(5000)}), "kept")
        self.assertIn(answer.status, (200, 201), str(answer))
        return answer.json["version"]["version"]

    def scrub(self, *options, data=None):
        done = run("scrub", "--json", "--data", data or self.server.data, *options)
        return done.returncode, (json.loads(done.stdout) if done.stdout else done.stderr)

    def back_up(self, *options):
        return run("backup", self.folder / "backup", "--data", self.server.data, *options)

    def restore(self, data, *options):
        return run("restore", self.folder / "backup", "--data", data, *options)


class Scrub(Kept):
    def test_what_is_whole_is_said_to_be_whole(self):
        code, found = self.scrub()
        self.assertEqual((code, found["whole"], found["findings"]), (0, True, []), str(found))
        held = artifacts_of(self.server.data)
        self.assertEqual((found["artifacts"], found["needed"]), (len(held), len(held)))
        self.assertEqual(found["bytes"], sum(path.stat().st_size for path in held.values()))
        self.assertRegex(run("scrub", "--data", self.server.data).stdout, r"artifacts .* and the databases read, .*/s\): all is whole")

    def test_a_flipped_byte_of_every_artifact_is_found_and_a_push_heals_it(self):
        chance = random.Random(SEED)
        held = artifacts_of(self.server.data)
        for path in held.values():
            flip_a_byte(path, chance)
        code, found = self.scrub()
        self.assertEqual(code, 1, f"seed {SEED}: {found}")
        self.assertEqual({pathlib.Path(f["file"]).name for f in found["findings"]}, set(held), f"seed {SEED}")
        needed_by = " ".join(f["needed_by"] for f in found["findings"])
        for word in ('version 3 of model "kept" (weights.bin)', f"run {self.run_id} (notes.txt)"):
            self.assertIn(word, needed_by)
        code, found = self.scrub("--set-aside")
        self.assertEqual((code, {f["set_aside"] for f in found["findings"]}), (1, {True}))
        self.assertEqual(artifacts_of(self.server.data), {})
        code, found = self.scrub()
        self.assertEqual((code, {f["kind"] for f in found["findings"]}), (1, {"missing"}), "set aside, they are missing")
        for constant in (1, 2, 3):
            self.push(constant)
        code, found = self.scrub()
        self.assertEqual([f["needed_by"] for f in found["findings"]], [f"run {self.run_id} (notes.txt)"], "pushed again, they are there")

    def test_what_cannot_be_read_is_told_and_never_set_aside(self):
        path = next(iter(artifacts_of(self.server.data).values()))
        elsewhere = self.folder / "whole"
        shutil.move(path, elsewhere)
        path.symlink_to(elsewhere)
        code, found = self.scrub("--set-aside")
        self.assertEqual((code, [(f["file"], f["set_aside"]) for f in found["findings"]]), (1, [(str(path), False)]), str(found))
        self.assertTrue(path.is_symlink())

    def test_a_damaged_database_is_named(self):
        self.server.stop()
        database = self.server.data / "registry.db"
        content = bytearray(database.read_bytes())
        for page in range(4096, len(content), 4096):  # the header of every page but the first
            content[page:page + 8] = bytes(8)
        database.write_bytes(content)
        code, found = self.scrub()
        self.assertEqual(code, 1, str(found))
        self.assertIn(str(database), {f["file"] for f in found["findings"]})
        self.assertEqual(run("backup", self.folder / "backup", "--data", self.server.data).returncode, 1)

    def test_a_folder_without_a_registry_is_no_clean_one(self):
        code, said = self.scrub(data=self.folder)
        self.assertEqual(code, 2)
        self.assertRegex(said, "there is no .*registry.db.*pg_dump.*S3")


class Backup(Kept):
    def test_what_was_acknowledged_comes_back_from_a_backup_made_under_writes(self):
        acknowledged, stop = [], threading.Event()

        def write():
            api = self.server.api()
            while not stop.is_set() and len(acknowledged) < 2000:
                name = f"a{len(acknowledged)}"
                if api.alias("kept", name, 1).status == 200:
                    acknowledged.append(name)
        writer = threading.Thread(target=write)
        writer.start()
        self.addCleanup(writer.join)
        self.addCleanup(stop.set)
        eventually(lambda: len(acknowledged) > 20, "some writes")
        before = list(acknowledged)
        done = self.back_up()
        self.assertEqual(done.returncode, 0, done.stderr)
        stop.set()
        writer.join()
        self.assertRegex(done.stdout, "no audit key, no admin token")
        self.assertFalse(list((self.folder / "backup").rglob("admin.token")))

        target = self.folder / "data"
        done = self.restore(target)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(run("audit", "verify", "--data", target).returncode, 0)
        with Server(data=target) as other:
            eventually(lambda: other.anonymous().infer("kept", packages.nonce(5)).status == 200, "the deployed version to answer")
            served = other.anonymous().infer("kept", packages.nonce(5))
            self.assertEqual(outputs_of(served), {"nonce_out": [5], "constant": [2]})
            there = {a["alias"] for a in other.api().get("/api/v1/models/kept").json["aliases"]}
            self.assertLessEqual(set(before), there, "everything acknowledged before the backup began")
            self.assertEqual(self.files.get("notes.txt", other), (200, "kept with the run"))
            self.assertEqual(other.api().alias("kept", "after", 3).status, 200)
            other.stop()
        verified = run("audit", "verify", "--data", target)
        self.assertEqual(verified.returncode, 0, "with heads of the old key and of the new one: " + verified.stderr)
        self.assertEqual(self.scrub(data=target)[0], 0)

    def test_a_second_backup_copies_only_what_is_new(self):
        self.assertEqual(self.back_up().returncode, 0)
        self.push(4)
        done = self.back_up("--json", "--with-secrets")
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual(answer["copied"], 2, "model and weights; the manifest was there")
        self.assertEqual(answer["artifacts"], len(artifacts_of(self.server.data)))
        self.assertEqual(len(list((self.folder / "backup").glob("snapshot-*"))), 1)
        self.assertEqual(self.restore(self.folder / "data").returncode, 0)
        for name in ("admin.token", "audit.key"):
            self.assertEqual((self.folder / "data" / name).read_text(), (self.server.data / name).read_text())

    def test_the_backup_of_another_registry_or_history_is_not_replaced_unless_said(self):
        self.assertEqual(self.back_up().returncode, 0)
        manifest = self.folder / "backup/backup.json"
        good = manifest.read_text()
        restored = self.folder / "restored"
        self.assertEqual(self.restore(restored).returncode, 0)
        with Server(data=restored) as other:  # its history goes another way from here
            self.assertEqual(other.api().alias("kept", "here", 1).status, 200)
        self.assertEqual(self.api.alias("kept", "there", 1).status, 200)
        self.assertEqual(self.back_up().returncode, 0, "the same registry, later")
        good = manifest.read_text()
        empty = Server()
        self.addCleanup(empty.close)
        empty.start()
        for data, why in ((restored, "went another way"), (empty.data, "is registry")):
            with self.subTest(why=why):
                done = run("backup", self.folder / "backup", "--data", data)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertRegex(done.stderr, f"holds a backup as of event .*{why}.*--replace")
                self.assertEqual(manifest.read_text(), good)
                self.assertEqual(self.restore(self.folder / "x", "--check").returncode, 0)
        without = {key: value for key, value in json.loads(good).items() if key != "history"}
        manifest.write_text(json.dumps(without))
        done = run("backup", self.folder / "backup", "--data", empty.data)
        self.assertEqual(done.returncode, 1, "a manifest from before it told: " + done.stdout)
        done = run("backup", self.folder / "backup", "--data", empty.data, "--replace")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_file_of_an_odd_name_is_left_out_and_told(self):
        (self.server.data / "tls").mkdir(exist_ok=True)
        for name in ("mine.crt", "mine (1).crt", "n\xe4me.crt", ".mine.crt.swp"):
            (self.server.data / "tls" / name).write_text("a certificate")
        done = self.back_up("--with-secrets")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.count("is left out"), 3, done.stderr)
        self.assertEqual(self.restore(self.folder / "data").returncode, 0)
        self.assertEqual([path.name for path in (self.folder / "data/tls").glob("*mine*")], ["mine.crt"])
        self.assertEqual(self.back_up("--with-secrets").returncode, 0, "and the next one can read it")

    def test_what_only_an_earlier_backup_needed_goes(self):
        self.assertEqual(self.back_up().returncode, 0)
        self.assertEqual(self.api.delete("/api/v1/models/kept/versions/3").status, 204)
        self.assertEqual(self.back_up().returncode, 0)
        self.assertEqual(set(artifacts_of(self.folder / "backup")), set(artifacts_of(self.server.data)))

    def test_a_backup_that_is_cut_off_is_no_backup_or_the_one_before(self):
        for earlier in (False, True):
            with self.subTest(earlier=earlier):
                if earlier:
                    self.assertEqual(self.back_up().returncode, 0)
                    self.push(5)
                process = subprocess.Popen([BINARY, "backup", self.folder / "backup", "--data", self.server.data],
                                           env=clean_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                kept = json.loads((self.folder / "backup/backup.json").read_text())["snapshot"] if earlier else ""
                eventually(lambda: process.poll() is not None or any(
                    path.name != kept for path in (self.folder / "backup").glob("snapshot-*")), "the backup to have begun")
                process.kill()
                process.wait()
                target = self.folder / f"data-{earlier}"
                done = self.restore(target)
                if (self.folder / "backup/backup.json").exists():
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual(self.scrub(data=target)[0], 0)
                else:
                    self.assertEqual(done.returncode, 1)
                    self.assertIn("holds no finished backup", done.stderr)
                    self.assertFalse(target.exists())
        self.assertEqual(self.back_up().returncode, 0, "and the next one goes on")
        self.assertEqual(self.restore(self.folder / "x", "--check").returncode, 0)

    def test_a_damaged_backup_is_never_restored(self):
        self.assertEqual(self.back_up().returncode, 0)
        self.assertEqual(self.restore(self.folder / "x", "--check").returncode, 0)
        whole = self.folder / "whole"
        shutil.copytree(self.folder / "backup", whole)
        chance = random.Random(SEED)
        inside = [p.relative_to(whole) for p in sorted(whole.rglob("*")) if p.is_file() and p.name != "backup.lock"]
        self.assertGreater(len(inside), 8)
        for name in inside:
            with self.subTest(name=str(name), seed=SEED):
                broken = self.folder / "backup" / name
                os.chmod(broken, 0o600)
                if name.name == "backup.json":
                    broken.write_text(broken.read_text().replace('"snapshot": "snapshot-', '"snapshot": "../snapshot-'))
                else:
                    flip_a_byte(broken, chance)
                self.assertEqual(self.restore(self.folder / "x", "--check").returncode, 1)
                done = self.restore(self.folder / "data")
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertFalse((self.folder / "data").exists())
                shutil.copyfile(whole / name, broken)
        self.assertEqual(self.restore(self.folder / "data").returncode, 0)

    def test_nothing_is_restored_over_what_is_there(self):
        self.assertEqual(self.back_up().returncode, 0)
        before = (self.server.data / "registry.db").stat().st_ino
        done = self.restore(self.server.data)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is not empty", done.stderr)
        self.assertEqual((self.server.data / "registry.db").stat().st_ino, before)
        done = run("backup", self.server.data, "--data", self.server.data)
        self.assertEqual(done.returncode, 1)
        self.assertIn("holds no backup", done.stderr)

    def test_a_folder_that_is_there_keeps_its_place(self):
        self.assertEqual(self.back_up().returncode, 0)
        there = self.folder / "there"
        (there / "lost+found").mkdir(parents=True)
        (there / ".restoring").mkdir()
        (there / ".restoring/restoring").touch()  # of one that was cut off
        (there / ".restoring/registry.db").touch()
        (self.folder / "link").symlink_to(there)
        before = there.stat().st_ino
        done = self.restore(self.folder / "link")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.folder / "link").is_symlink())
        self.assertEqual(there.stat().st_ino, before, "as a mount point must")
        self.assertEqual(self.scrub(data=there)[0], 0)
        self.assertFalse(list(there.glob("*restoring")))
        (self.folder / "nowhere").symlink_to(self.folder / "missing")
        done = self.restore(self.folder / "nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("is a link to what is not there", done.stderr)
        new = self.folder / "new"
        self.assertEqual(self.restore(f"{new}/").returncode, 0)
        self.assertFalse((new / "restoring").exists())
        self.assertFalse(list(self.folder.glob("*.restoring")))

    def test_a_damaged_artifact_is_not_backed_up(self):
        path = next(iter(artifacts_of(self.server.data).values()))
        flip_a_byte(path, random.Random(SEED))
        done = self.back_up()
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "expected content of SHA-256 .*; needed by .*Nothing was backed up")
        self.assertEqual(self.restore(self.folder / "data").returncode, 1)


class DataSets(Kept):
    ROWS = "score,label\n0.3,1\n0.2,0\n"

    def setUp(self):
        super().setUp()
        self.digest = self.register()
        self.artifact = artifacts_of(self.server.data)[self.digest]

    def register(self):
        file = self.folder / "eval.csv"
        file.write_text(self.ROWS)
        done = self.server.cli("datasets", "push", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip().removeprefix("sha256:")

    def test_they_outlive_gc_until_they_are_deleted(self):
        self.server.stop()
        gc = lambda: json.loads(run("gc", "--json", "--deleted-for", "0s", "--data", self.server.data).stdout)["artifacts"]
        self.assertEqual(gc(), 0)
        self.assertTrue(self.artifact.exists())
        self.server.start()
        self.assertEqual(self.server.api().delete("/api/v1/datasets/sha256:" + self.digest).status, 204)
        self.server.stop()
        gc()  # unless what the server itself clears away at its start came to it first
        self.assertFalse(self.artifact.exists())

    def test_what_is_damaged_or_missing_is_found_and_healed_by_the_next_push(self):
        self.assertEqual(self.scrub()[0], 0)
        flip_a_byte(self.artifact, random.Random(SEED))
        code, found = self.scrub("--set-aside")
        self.assertEqual((code, [f["needed_by"] for f in found["findings"]]), (1, ["data set eval.csv"]), str(found))
        code, found = self.scrub()
        self.assertEqual((code, [f["kind"] for f in found["findings"]]), (1, ["missing"]), str(found))
        self.assertEqual(self.register(), self.digest)
        self.assertEqual(self.scrub()[0], 0)

    def test_their_damaged_database_is_named(self):
        self.server.stop()
        (self.server.data / "datasets.db").write_bytes(b"no database at all" * 300)
        code, found = self.scrub()
        self.assertEqual(code, 1, str(found))
        self.assertTrue(any(f["file"].endswith("/datasets.db") for f in found["findings"]), str(found))
        done = run("gc", "--deleted-for", "0s", "--data", self.server.data)
        self.assertEqual(done.returncode, 1, "what is needed is not known")
        self.assertTrue(self.artifact.exists())

    def test_they_come_back_from_a_backup(self):
        done = self.back_up()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.restore(self.folder / "none", "--check").returncode, 0)
        (artifacts_of(self.folder / "backup")[self.digest]).unlink()
        broken = self.restore(self.folder / "none", "--check")
        self.assertEqual(broken.returncode, 1)
        self.assertEqual(self.back_up().returncode, 0)
        self.assertEqual(self.restore(self.folder / "restored").returncode, 0)
        with Server(data=self.folder / "restored") as other:
            known = other.api().get("/api/v1/datasets/sha256:" + self.digest)
            self.assertEqual((known.status, known.json["rows"], known.json["columns"]), (200, 2, ["score", "label"]), str(known))
            self.assertEqual(artifacts_of(other.data)[self.digest].read_text(), self.ROWS)


if __name__ == "__main__":
    unittest.main()
