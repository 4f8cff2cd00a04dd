"""The disk fills up during a push: the push fails and says so, everything else goes on, and with room it works again."""
import os
import subprocess
import tempfile
import unittest

import packages
from api import TIMEOUT, outputs_of
from fixture import BINARY, Server, clean_environment
from namespaces import mount_namespace
from run_files import RunFiles
from small_disk import SMALL_DISK_MIB, server_on_a_small_disk



class DiskFull(unittest.TestCase):
    def setUp(self):
        self.server = server_on_a_small_disk(self)
        self.api = self.server.api()

    def test_a_push_that_does_not_fit_is_refused_and_the_next_that_fits_is_not(self):
        self.assertEqual(self.api.push(packages.tar_gz(packages.echo(1)), "live").status, 201)
        self.assertEqual(self.server.cli("deploy", "live", "--wait").returncode, 0)
        large = {**packages.echo(2), "weights.bin": os.urandom((SMALL_DISK_MIB + 8) << 20)}
        half = {**packages.echo(3), "weights.bin": os.urandom(SMALL_DISK_MIB * 6 // 10 << 20)}
        # A zip is unpacked once all of it is there: this one fits only as an upload.
        for package in (packages.tar_gz(large), packages.zip_of(half)):
            answer = self.api.push(package, "large")
            self.assertEqual(answer.status, 507, str(answer))
            self.assertRegex(answer.error, "(?i)disk|space")
            self.assertEqual(self.api.get("/api/v1/models/large").status, 404)
            served = self.server.anonymous().infer("live", packages.nonce(5))
            self.assertEqual((served.status, outputs_of(served)), (200, {"nonce_out": [5], "constant": [1]}))
        answer = self.api.push(packages.tar_gz(packages.echo(4)), "live")
        self.assertEqual((answer.status, answer.json["version"]["version"]), (201, 2), f"what failed left no debris: {answer}")
        answer = self.api.push(packages.tar_gz(half), "large")
        self.assertEqual(answer.status, 201, f"unpacked while it arrives, it takes its room once: {answer}")

    def test_a_disk_without_one_free_byte_stops_changes_but_no_predictions(self):
        self.assertEqual(self.api.push(packages.tar_gz(packages.echo(1)), "live").status, 201)
        self.assertEqual(self.server.cli("deploy", "live", "--wait").returncode, 0)
        with open(self.server.seen_data / "filler", "wb", buffering=0) as filler:
            try:
                while filler.write(bytes(1 << 16)):
                    pass
            except OSError:
                pass
        refused = [self.api.push(packages.tar_gz(packages.echo(2)), "live"), *(self.api.alias("live", f"a{i}", 1) for i in range(300))]
        full = [a for a in refused if a.status not in (200, 201)]
        self.assertTrue(full, "expected changes to fail on a full disk")
        for answer in full:
            self.assertEqual((answer.status, answer.code), (507, "Overloaded"), str(answer))
        served = self.server.anonymous().infer("live", packages.nonce(5))
        self.assertEqual(served.status, 200)
        (self.server.seen_data / "filler").unlink()
        acknowledged = {f"a{i}" for i, a in enumerate(refused[1:]) if a.status == 200}
        aliases = {a["alias"] for a in self.api.get("/api/v1/models/live").json["aliases"]} - {"production"}
        self.assertEqual(aliases, acknowledged, "exactly what was acknowledged is there")
        self.assertEqual(self.api.alias("live", "after", 1).status, 200)
        self.assertEqual(self.api.push(packages.tar_gz(packages.echo(2)), "live").status, 201)

    def test_a_file_of_a_run_that_does_not_fit_is_refused_and_leaves_nothing(self):
        files = RunFiles(self.server)
        for size in (SMALL_DISK_MIB + 8, SMALL_DISK_MIB + 1):
            status, said = files.put("large.bin", os.urandom(size << 20))
            self.assertEqual(status, 507, said)
            self.assertRegex(said, "(?i)no space left")
        self.assertEqual(files.listed(), [])
        self.assertEqual(files.put("small.bin", os.urandom(SMALL_DISK_MIB * 6 // 10 << 20))[0], 200)
        self.assertEqual(files.listed(), ["small.bin"])


class DiskOfABackup(unittest.TestCase):
    def test_a_backup_that_does_not_fit_leaves_the_one_before(self):
        namespace = mount_namespace()
        self.assertIsNotNone(namespace, "expected unshare to allow a mount namespace, as root or by user namespaces")
        made = tempfile.TemporaryDirectory(prefix="slipway-test-")
        self.addCleanup(made.cleanup)
        restored = made.name
        with Server() as server:
            folder = server.folder
            (folder / "small").mkdir()
            (folder / "large.tar.gz").write_bytes(packages.tar_gz({**packages.echo(2), "weights.bin": os.urandom(6 << 20)}))
            self.assertEqual(server.api().push(packages.tar_gz(packages.echo(1)), "kept").status, 201)
            steps = [f"mount -t tmpfs -o size=4m,mode=0700 tmpfs {folder}/small",
                     f'"$0" backup {folder}/small/backup --data {server.data} || exit 11',
                     f'"$0" push {folder}/large.tar.gz --name kept --url {server.url} --data {server.data} || exit 12',
                     f'"$0" backup {folder}/small/backup --data {server.data} && exit 13',
                     f'"$0" restore {folder}/small/backup --check || exit 14',
                     f'"$0" restore {folder}/small/backup --data {restored}/data']
            done = subprocess.run([*namespace, "sh", "-c", "\n".join(["set -u", *steps]), BINARY], capture_output=True, text=True,
                                  timeout=TIMEOUT, env=clean_environment())
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertRegex(done.stderr, "no space left")
        with Server(data=restored + "/data") as other:
            versions = other.api().get("/api/v1/models/kept").json["versions"]
            self.assertEqual([v["version"] for v in versions], [1])


if __name__ == "__main__":
    unittest.main()
