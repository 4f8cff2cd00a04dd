"""The clients of the kill rig: each goes on changing one kind of thing until its server is gone."""
import http.client
import itertools
import json
import os
import threading
import time
import urllib.parse

import packages
from api import connection_to
from ledger import Write

BASE, PUSHED = "kill-base", "kill-push"
BASE_VERSIONS = 3
LARGE, PIECE = 256 << 10, 4 << 10  # of a package whose body arrives in pieces
PAUSE_S = 0.002  # after each: it is what most kills are to meet


class Writer(threading.Thread):
    """Owns one connection. Ends by itself when the server is killed; anything but 2xx is kept in `refusals`.
    acknowledges_early: counts a write as acknowledged when it was sent - what a server that answers before it has
    committed would make of it. The negative control."""

    def __init__(self, server, ledger, prefix, acknowledges_early):
        super().__init__(name=type(self).__name__)
        self._connection = connection_to(server.address)
        self._headers = {"Authorization": "Bearer " + server.admin_token, "Content-Type": "application/json"}
        self._ledger, self._prefix, self._early = ledger, prefix, acknowledges_early
        self.refusals = []
        self.is_amid = False  # the body of a push

    def run(self):
        try:
            self.begin()
            for turn in itertools.count(1):
                self.change(turn)
        except (OSError, http.client.HTTPException):
            pass  # killed
        finally:
            self._connection.close()

    def begin(self):
        pass

    def base(self):
        """The model that aliases and deployments are about, as it is now."""
        self._connection.request("GET", "/api/v1/models/" + BASE, headers=self._headers)
        return json.loads(self._connection.getresponse().read())

    def key(self, turn):
        return f"{self._prefix}-{self.name}-{turn}"

    def send(self, write, method, path, body, value_of=lambda answer: None):
        self._ledger.intend(write)
        self._connection.request(method, path, body, self._headers)
        if self._early:
            self._ledger.acknowledge(write)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status in (200, 201, 204):
            self._ledger.acknowledge(write, value_of(json.loads(answer)) if answer else None)
        elif response.status not in (429, 507):  # too many at once or in all, which changes nothing
            self.refusals.append(f"{write.key}: {response.status} {answer[:200]!r}")


class Pusher(Writer):
    def change(self, turn):
        key = self.key(turn)
        package = packages.tar_gz(packages.echo(turn, PUSHED, model=f"# {key}\n"))
        query = urllib.parse.urlencode({"name": PUSHED, "filename": "package.tar.gz", "reason": key})
        self.send(Write(key, "push", PUSHED), "POST", "/api/v1/packages?" + query, package,
                  lambda answer: answer["version"]["version"])


class LargePusher(Writer):
    """Packages whose bodies take some time to arrive, so that kills come amid them."""

    def change(self, turn):
        key = self.key(turn)
        package = packages.tar_gz({**packages.echo(turn, PUSHED, model=f"# {key}\n"), "weights.bin": os.urandom(LARGE)})
        query = urllib.parse.urlencode({"name": PUSHED, "filename": "package.tar.gz", "reason": key})
        self._headers["Content-Length"] = str(len(package))
        self.send(Write(key, "push", PUSHED), "POST", "/api/v1/packages?" + query, self.pieces(package),
                  lambda answer: answer["version"]["version"])

    def pieces(self, package):
        self.is_amid = True
        for at in range(0, len(package), PIECE):
            yield package[at:at + PIECE]
            time.sleep(PAUSE_S)
        self.is_amid = False


class Mover(Writer):
    """Writes another version each time: what changes nothing leaves no trace."""

    def following(self):
        self.version = self.version % BASE_VERSIONS + 1
        return self.version


class AliasMover(Mover):
    def begin(self):
        self.version = next(a["version"] for a in self.base()["aliases"] if a["alias"] == "champion")

    def change(self, turn):
        write = Write(self.key(turn), "alias", "alias champion", self.following())
        self.send(write, "PUT", f"/api/v1/models/{BASE}/aliases/champion",
                  json.dumps({"version": write.value, "reason": write.key}))


class Deployer(Mover):
    def begin(self):
        self.version = self.base()["serving"][0]["split"][0]["version"]

    def change(self, turn):
        write = Write(self.key(turn), "deploy", BASE, self.following())
        self.send(write, "PUT", f"/api/v1/serving/{BASE}", json.dumps({"version": write.value, "reason": write.key}))


class Approver(Writer):
    """Gives a word for a version and takes it back: each a write of its own. One that never ends, and was given before, would be
    the one there is, without a trace."""

    def __init__(self, server, *more):
        super().__init__(server, *more)
        self._headers["Authorization"] = "Bearer " + server.approver_token
        self.given = None

    def change(self, turn):
        path = f"/api/v1/models/{BASE}/versions/{turn % BASE_VERSIONS + 1}/approvals"
        write = Write(self.key(turn), "approve", BASE)
        self.given = None
        self.send(write, "POST", path, json.dumps({"environment": "production", "expires_in_seconds": 3600, "reason": write.key}),
                  self.keep)
        if self.given:
            taken = Write(self.key(turn) + "-back", "revoke", BASE)
            self.send(taken, "DELETE", f"{path}/{self.given}?reason={taken.key}", None)

    def keep(self, answer):
        self.given = answer["id"]


class TokenMaker(Writer):
    def change(self, turn):
        write = Write(self.key(turn), "token", "token")
        self.send(write, "POST", "/api/v1/tokens", json.dumps({"name": write.key, "role": "viewer", "reason": write.key}))
        taken = Write(self.key(turn) + "-back", "token", "token")
        self.send(taken, "DELETE", f"/api/v1/tokens/{write.key}?reason={taken.key}", None)


ALL = (Pusher, LargePusher, AliasMover, Deployer, Approver, TokenMaker)
