"""A push whose server is killed while the package arrives: nothing of it is left, and the next push of the same package works."""
import http.client
import os
import unittest

import packages
from api import connection_to
from fixture import Server, eventually

WEIGHTS = os.urandom(2 << 20)
KINDS = {"package.tar.gz": packages.tar_gz, "package.zip": packages.zip_of}
ENGINES_OWN = ("addresses", "lock", "audit-heads")


def files(server):
    """Everything in the data folder but databases and what the server keeps about itself."""
    return {path for path in server.data.rglob("*") if path.is_file() and ".db" not in path.name and "predictions" not in path.parts
            and not path.name.startswith(ENGINES_OWN)}


def artifacts(server):
    return {path.name for path in files(server) if len(path.name) == 64}


def needed(api, *models):
    return {file["sha256"] for model in models for version in api.get("/api/v1/models/" + model).json["versions"]
            for file in api.version(model, version["version"]).json["files"]}


class KilledPush(unittest.TestCase):
    def begin(self, server, package, filename):
        """Sends all but the last half of it; the connection, which stays open."""
        connection = connection_to(server.address)
        self.addCleanup(connection.close)
        connection.putrequest("POST", f"/api/v1/packages?filename={filename}&name=cut")
        connection.putheader("Authorization", "Bearer " + server.admin_token)
        connection.putheader("Content-Length", str(len(package)))
        connection.endheaders()
        connection.send(package[:len(package) // 2])
        return connection

    def test_nothing_is_left_and_the_next_push_works(self):
        for filename, pack in KINDS.items():
            with self.subTest(filename), Server() as server:
                self.assertEqual(server.api().push(packages.tar_gz(packages.echo(1)), "other").status, 201)
                before = files(server)
                package = pack({**packages.echo(2, "cut"), "weights.bin": WEIGHTS})
                connection = self.begin(server, package, filename)
                eventually(lambda: files(server) - before, "a part of the package on the disk")
                server.kill9()
                with self.assertRaises((OSError, http.client.HTTPException)):
                    connection.getresponse()
                server.start()
                eventually(lambda: files(server) == before, lambda: f"what was there before, found {files(server) ^ before},")
                api = server.api()
                self.assertEqual(api.get("/api/v1/models/cut").status, 404)
                answer = api.push(package, "cut", filename=filename)
                self.assertEqual((answer.status, answer.json["version"]["version"], answer.json["version"]["stage"]), (201, 1, "validated"))
                self.assertEqual(artifacts(server), needed(api, "other", "cut"))
                scrubbed = server.cli("scrub", "--data", server.data)
                self.assertEqual(scrubbed.returncode, 0, scrubbed.stdout + scrubbed.stderr)

    def test_one_that_was_received_whole_is_there_once_or_not_at_all(self):
        """Killed somewhere behind its last byte: while it is stored, recorded or verified."""
        with Server() as server:
            self.assertEqual(server.api().push(packages.tar_gz(packages.echo(1)), "other").status, 201)
            for turn in range(8):
                package = packages.tar_gz({**packages.echo(turn, "cut"), "weights.bin": WEIGHTS[turn:]})
                connection = self.begin(server, package, "package.tar.gz")
                seen = files(server)
                connection.send(package[len(package) // 2:])
                if turn % 2:
                    eventually(lambda: files(server) != seen, "something new on the disk")
                server.kill9()
                server.start()
                api = server.api()
                answer = api.push(package, "cut")
                self.assertIn(answer.status, (200, 201), str(answer))
                self.assertEqual(answer.json["version"]["stage"], "validated")
                numbers = [version["version"] for version in api.get("/api/v1/models/cut").json["versions"]]
                self.assertEqual(len(numbers), turn + 1, "each package is one version")
                eventually(lambda: artifacts(server) == needed(api, "other", "cut"), "no artifact that nothing needs")


if __name__ == "__main__":
    unittest.main()
