"""Artifacts in a real S3-compatible server, over TLS: pushed, served, restarted with and without local copies."""
import shutil
import unittest

import packages
from api import outputs_of
from fixture import Server, clean_environment, run
from s3_server import KEY_ID, S3Server


class Artifacts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.s3 = S3Server()
        cls.addClassCleanup(cls.s3.close)

    def setUp(self):
        self.s3.start()
        self.addCleanup(self.s3.stop)

    def server(self, **more):
        return Server(options=self.s3.options, environment=self.s3.environment, **more)

    def assert_answers(self, server, constant):
        answer = server.anonymous().infer("road", packages.nonce(7))
        self.assertEqual(answer.status, 200, str(answer))
        self.assertEqual(outputs_of(answer)["constant"], [constant])

    def publish(self, server, constant):
        answer = server.api().push(packages.tar_gz(packages.echo(constant, "road")), "road")
        self.assertEqual(answer.status, 201, str(answer))
        self.assertEqual(server.cli("deploy", "road", "--wait").returncode, 0)

    def test_a_version_is_served_from_s3_and_from_its_copy_when_s3_is_away(self):
        with self.server() as server:
            before = len(self.s3.objects())
            self.publish(server, 41)
            self.assertEqual(len(self.s3.objects()), before + 2)
            self.assertFalse((server.data / "artifacts").exists())
            self.assertEqual((server.data / "kept-elsewhere").read_text(), "artifacts: S3\n")
            server.stop()

            shutil.rmtree(server.data / "artifact-copies")
            server.start()
            self.assert_answers(server, 41)
            server.stop()

            self.s3.stop()
            server.start()
            self.assert_answers(server, 41)
            self.assertIn("the artifacts' bucket cannot be reached now", server.log)
            refused = server.api().push(packages.tar_gz(packages.echo(42, "other")), "other")
            self.assertEqual(refused.status, 503, str(refused))
            self.assertIn("s3://models/slipway", refused.error)
            self.assert_answers(server, 41)

    def test_keys_that_are_refused_end_the_start_with_the_reason_and_are_not_shown(self):
        done = run("serve", "--data", self.s3.folder / "data", "--listen", "127.0.0.1:0", *self.s3.options,
                   environment=clean_environment(AWS_ACCESS_KEY_ID=KEY_ID, AWS_SECRET_ACCESS_KEY="wrong-secret"))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("it answered 403", done.stderr)
        self.assertIn("credentials from the environment", done.stderr)
        self.assertNotIn("wrong-secret", done.stderr + done.stdout)

    def test_a_certificate_of_an_unknown_authority_is_not_believed(self):
        options = [o for o in self.s3.options if o not in ("--s3-ca", self.s3.certificate)]
        with Server(options=options, environment=self.s3.environment) as server:
            self.assertIn("certificate", server.log)
            refused = server.api().push(packages.tar_gz(packages.echo(43, "untrusted")), "untrusted")
            self.assertEqual(refused.status, 503, str(refused))
            self.assertIn("certificate", refused.error)


if __name__ == "__main__":
    unittest.main()
