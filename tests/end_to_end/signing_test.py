"""Signatures over the whole product: keys, signing, policies, and what is loaded."""
import contextlib
import hashlib
import json
import pathlib
import sqlite3
import tempfile
import unittest

import packages
from fixture import Server, WithServer, eventually, run


def keygen(folder, name):
    done = run("keygen", folder / name)
    assert done.returncode == 0, done.stderr
    return folder / f"{name}.key", (folder / f"{name}.pub").read_text()


def written(folder, files):
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def policy(keys, revoked=()):
    text = "governance:\n  keys:\n"
    for name, pem in keys.items():
        text += f"    - name: {name}\n      key: |\n" + "".join(f"        {line}\n" for line in pem.splitlines())
        text += "      revoked: true\n" if name in revoked else ""
    return text + ("  policies:\n    - models: signed-*\n      environment: production\n      approvals: 0\n"
                   "      signatures: require\n    - models: warned-*\n      environment: production\n      approvals: 0\n"
                   "      signatures: warn\n    - models: enforced-*\n      environment: production\n      approvals: 0\n"
                   "      signatures: enforce\n")


class Packages(unittest.TestCase):
    """Signed and checked without a server."""

    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = pathlib.Path(held.name)
        self.key, _ = keygen(self.folder, "release")
        self.public = self.key.with_suffix(".pub")
        self.package = written(self.folder / "package", packages.echo(1, "local"))
        self.signature = self.package / "model.sig"

    def sign(self, *options):
        done = run("sign", self.package, "--key", self.key, *options)
        self.assertEqual(done.returncode, 0, done.stderr)

    def refusal(self, *options):
        done = run("verify", self.package, "--key", self.public, *options)
        self.assertEqual(done.returncode, 1, done.stdout)
        return done.stderr

    def test_a_pair_of_keys_is_made_once_and_the_private_one_is_its_owners_alone(self):
        self.assertEqual(self.key.stat().st_mode & 0o777, 0o600)
        before = self.key.read_text()
        again = run("keygen", self.folder / "release")
        self.assertEqual(again.returncode, 1)
        self.assertIn("it is not overwritten", again.stderr)
        self.assertEqual(self.key.read_text(), before)
        (self.folder / "other.pub").symlink_to(self.folder / "elsewhere")
        self.assertEqual(run("keygen", self.folder / "other").returncode, 1)
        self.assertFalse((self.folder / "other.key").exists(), "a pair or nothing")
        self.assertFalse((self.folder / "elsewhere").exists())

    def test_files_changed_added_and_left_out_are_named(self):
        written(self.package, {"notes.txt": "one"})
        self.sign()
        (self.package / "notes.txt").write_text("two")
        self.assertIn('it says "notes.txt" as sha256:', self.refusal())
        (self.package / "notes.txt").unlink()
        self.assertIn('it says the file "notes.txt", which the package has not', self.refusal())
        written(self.package, {"notes.txt": "one", "more.txt": "more"})
        self.assertIn('it says nothing about the file "more.txt" of the package', self.refusal())

    def test_what_is_no_signature_is_refused_and_so_is_none(self):
        self.assertIn("cannot open", self.refusal())
        self.signature.write_text("{}")
        self.assertIn("mediaType", self.refusal())
        self.signature.unlink()
        self.sign("--output", self.folder / "elsewhere.sig")
        self.assertEqual(run("verify", self.package, "--key", self.public, "--signature", self.folder / "elsewhere.sig").returncode, 0)
        self.assertIn("expected at most 4194304 bytes", self.refusal("--signature", "/dev/zero"))

    def test_a_signature_that_is_a_link_is_refused(self):
        self.sign("--output", self.folder / "elsewhere.sig")
        self.signature.symlink_to(self.folder / "elsewhere.sig")
        self.assertIn("found the link", self.refusal())

    def test_the_signing_gate(self):
        (self.folder / "gates.yaml").write_text("gates: {signing: {unsigned: require}}\n")

        def gate(*options):
            done = run("validate", self.package, "--plan", self.folder / "gates.yaml", "--json", *options)
            return done.returncode, next(g["reason"] for g in json.loads(done.stdout)["gates"] if g["gate"] == "signing")
        self.assertEqual(gate("--key", self.public), (1, "expected a signature, found none"))
        self.sign()
        self.assertEqual(gate("--key", self.public), (0, f"signed by '{self.public}'"))
        code, reason = gate()
        self.assertEqual(code, 4, reason)
        self.assertIn("no key is trusted here", reason)
        self.signature.write_text("{}")
        self.assertEqual(gate("--key", self.public)[0], 1)


class SigningServer(WithServer):
    """Each test has a server of its own: some restart it, or change what lies on its disk."""

    @classmethod
    def setUpClass(cls):
        pass

    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.release, pem = keygen(self.server.folder, "release")
        self.stranger, _ = keygen(self.server.folder, "stranger")
        self.keys = {"release": pem}
        self.file = self.server.folder / "server.yaml"
        self.file.write_text(policy(self.keys))
        self.server._arguments += ["--config", self.file]
        self.server.start()
        super().setUp()

    def given_pushed(self, name, number=1):
        return self.given_version(packages.tar_gz(packages.echo(number, name)), name)

    def given_signed(self, name, constant=1):
        self.given_pushed(name, constant)
        done = self.sign(f"{name}:1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.given_live(name, 1)

    def wait_refused(self, name):
        """Until the history tells of an attempt that the want of a signature ended."""
        def is_there():
            return any(e["action"] == "refuse" and "signature" in str(e) for e in self.api.events(name))
        eventually(is_there, "the refused attempt in the history")

    def sign(self, target, key=None):
        return self.server.cli("sign", target, "--key", key or self.release)


class Signing(SigningServer):
    def test_a_version_is_signed_and_then_served(self):
        name = "signed-model"
        self.given_pushed(name)
        self.assert_refused(self.api.deploy(name, 1), 409, "expects a signature by a trusted key, found none")
        done = self.sign(f"{name}:1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("verified", done.stdout)
        signatures = self.api.get(f"/api/v1/models/{name}/versions/1/signatures").json["signatures"]
        self.assertEqual([(s["source"], s["state"], s["keys"]) for s in signatures], [("attached", "verified", ["release"])])
        self.assertIn("signature     verified release (attached by admin at", self.server.cli("explain", f"{name}:1").stdout)
        self.given_live(name, 1)

    def test_a_stranger_and_a_signature_of_another_version_do_not_count(self):
        name = "signed-strangers"
        self.given_pushed(name)
        self.given_pushed(name, 2)
        self.assertIn("unknown-key", self.sign(f"{name}:1", self.stranger).stdout)
        self.assert_refused(self.api.deploy(name, 1), 409, "found unknown-key")
        file = self.server.folder / "of-1.sig"
        done = self.server.cli("sign", f"{name}:1", "--key", self.release, "--output", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        path = f"/api/v1/models/{name}/versions/2/signatures"
        self.assert_refused(self.api.request("POST", path, file.read_bytes()), 400, "it is about \"signed-strangers:1\"")
        again = self.server.cli("sign", f"{name}:1", "--key", self.release, "--output", file)
        self.assertEqual(again.returncode, 1)
        self.assertIn("it is not overwritten", again.stderr)

    def test_a_package_that_brings_its_signature(self):
        folder = written(self.server.folder / "package", packages.echo(1, "signed-package"))
        done = self.sign(folder)
        self.assertEqual((done.returncode, done.stdout.strip()), (0, str(folder / "model.sig")), done.stderr)
        public = self.release.with_suffix(".pub")
        self.assertIn("signature verified: ", run("verify", folder, "--key", public).stdout)
        self.assertIn("unknown-key", run("verify", folder, "--key", self.stranger.with_suffix(".pub")).stderr)
        pushed = self.server.cli("push", folder)
        self.assertEqual(pushed.returncode, 0, pushed.stderr)
        signatures = self.api.get("/api/v1/models/signed-package/versions/1/signatures").json["signatures"]
        self.assertEqual([(s["source"], s["state"], s["detail"]) for s in signatures], [("model.sig", "verified", "")])
        self.given_live("signed-package", 1)

    def test_an_unsigned_version_gets_no_alias_of_the_environment_and_no_share_beside_a_signed_one(self):
        name = "signed-ways-in"
        self.given_signed(name)
        self.given_pushed(name, 2)
        self.assert_refused(self.api.alias(name, "production", 2), 409, "expects a signature by a trusted key, found none")
        shares = {"split": [{"version": 1, "share": 9000}, {"version": 2, "share": 1000}]}
        self.assert_refused(self.api.deploy(name, **shares), 409, "expects a signature by a trusted key, found none")
        self.wait_refused(name)

    def test_no_override_lifts_what_is_enforced(self):
        for name, answer in (("signed-override", 200), ("enforced-override", 409)):
            self.given_pushed(name)
            done = self.server.cli("override", f"{name}:1", "--reason", "incident")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.api.deploy(name, 1).status, answer)
        self.wait_live("signed-override", 1)
        self.assertIn("a version is loaded by an override, without the signature", self.server.log)

    def test_a_bundle_that_is_too_large_is_not_read(self):
        self.given_pushed("signed-large")
        path = "/api/v1/models/signed-large/versions/1/signatures"
        self.assert_refused(self.api.request("POST", path, b"{" + b" " * (4 << 20)), 413, "4194304|4 MiB|4MiB")
        self.assertEqual(self.api.get(path).json["signatures"], [])

    def test_a_warning_is_in_the_log_and_the_version_is_served(self):
        name = "warned-model"
        self.given_pushed(name)
        self.given_live(name, 1)
        self.assertRegex(self.server.log, "a version enters whose signature is missing.*expects a signature by a trusted key, found none")
        self.assertIn("a version is loaded whose signature is missing", self.server.log)


class Loading(SigningServer):
    def failure_of(self, name):
        """What the first version of the model that does not load says of it."""
        def failed():
            return next((s for s in self.api.serving(name).json["states"] if s["state"] == "unavailable"), None)
        return eventually(failed, f"a version of {name} that does not load")["reason"]

    @contextlib.contextmanager
    def restarted(self, configuration=None):
        """While it is stopped: yields. Then another server serves the same data, with the configuration given."""
        self.api.close()
        self.server.stop()
        yield
        if configuration:
            self.file.write_text(configuration)
        self.server.launch()  # not start(): who cannot serve all that is wanted is not ready
        self.api = eventually(self.answering, lambda: f"a server that answers; its log:\n{self.server.log}\n")

    def answering(self):
        try:
            api = self.server.api()
            return api if api.get("/v2/health/live").status == 200 else None
        except (OSError, IndexError):  # no addresses yet, or nobody there
            return None

    def file_of(self, name, path, version=1):
        """(its digest, where it is kept) of a version's file."""
        files = self.api.get(f"/api/v1/models/{name}/versions/{version}").json["files"]
        digest = next(f for f in files if f["path"] == path)["sha256"].removeprefix("sha256:")
        return digest, self.server.data / "artifacts" / digest[:2] / digest[2:4] / digest

    def test_bytes_that_were_swapped_on_disk_are_not_loaded(self):
        name = "signed-swapped"
        self.given_signed(name, 71)
        _, stored = self.file_of(name, "model.echo")
        good = stored.read_bytes()
        with self.restarted():
            stored.chmod(0o600)
            stored.write_bytes(good.replace(b"71", b"17"))
        self.addCleanup(stored.write_bytes, good)
        self.assertNotEqual(stored.read_bytes(), good)
        self.assertIn("model.echo", self.failure_of(name))

    def given_rewritten(self, name, with_version_digest):
        """Other bytes, their digest among the version's files, and if asked for the version's digest too."""
        self.given_signed(name, 72)
        version = self.api.get(f"/api/v1/models/{name}/versions/1").json
        digest, stored = self.file_of(name, "model.echo")
        other = stored.read_bytes().replace(b"72", b"27")
        swapped = hashlib.sha256(other).hexdigest()
        files = [(f["path"], f["size"], f["sha256"].removeprefix("sha256:").replace(digest, swapped)) for f in version["files"]]
        whole = hashlib.sha256("".join(f"{path}\0{size}\0{sha}\n" for path, size, sha in sorted(files)).encode()).hexdigest()
        with self.restarted():
            place = self.server.data / "artifacts" / swapped[:2] / swapped[2:4] / swapped
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(other)
            with contextlib.closing(sqlite3.connect(self.server.data / "registry.db", isolation_level=None)) as database:
                changed = database.execute("UPDATE version_file SET digest = ? WHERE model = ? AND digest = ?", (swapped, name, digest))
                self.assertEqual(changed.rowcount, 1)
                if with_version_digest:
                    database.execute("UPDATE version SET digest = ? WHERE model = ?", (whole, name))
        return swapped

    def test_a_file_swapped_together_with_its_digest_is_not_loaded(self):
        self.given_rewritten("signed-half", with_version_digest=False)
        self.assertIn("the digest of the version is not that of its files", self.failure_of("signed-half"))

    def test_a_file_swapped_together_with_every_digest_of_it_is_not_loaded(self):
        swapped = self.given_rewritten("signed-whole", with_version_digest=True)
        self.assertIn(f"the package has sha256:{swapped}", self.failure_of("signed-whole"))

    def test_a_version_whose_signature_was_deleted_is_not_loaded(self):
        name = "signed-deleted"
        self.given_signed(name)
        with self.restarted():
            with contextlib.closing(sqlite3.connect(self.server.data / "registry.db", isolation_level=None)) as database:
                database.execute("DROP TRIGGER signature_is_never_removed")
                self.assertEqual(database.execute("DELETE FROM signature WHERE model = ?", (name,)).rowcount, 1)
        self.assertIn("expects a signature by a trusted key, found none", self.failure_of(name))
        self.wait_refused(name)

    def test_what_serves_goes_on_while_a_swapped_version_is_not_loaded(self):
        name = "signed-stays"
        self.given_signed(name, 1)
        self.given_pushed(name, 2)
        self.assertEqual(self.sign(f"{name}:2").returncode, 0)
        _, stored = self.file_of(name, "model.echo", 2)
        stored.chmod(0o600)
        stored.write_bytes(stored.read_bytes().replace(b"2", b"3"))
        self.assertEqual(self.api.deploy(name, 2).status, 200)
        self.assertIn("model.echo", self.failure_of(name))
        self.assertEqual(self.api.infer(name, packages.nonce(5)).json["outputs"][1]["data"], [1])

    def test_a_key_that_is_revoked_takes_down_what_it_signed_until_another_signs(self):
        name = "signed-revoked"
        _, pem = keygen(self.server.folder, "second")
        self.given_signed(name)
        with self.restarted(policy({**self.keys, "second": pem}, revoked=["release"])):
            pass
        self.assertIn("made by release, which is revoked", self.failure_of(name))
        self.assertIn("verified", self.sign(f"{name}:1", self.server.folder / "second.key").stdout)
        self.wait_live(name, 1)


if __name__ == "__main__":
    unittest.main()
