"""Holds a restarted server against the ledger and against its own rules."""
import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import sqlite3
import tempfile

import packages
from api import outputs_of
from fixture import eventually, run
from writers import BASE, PUSHED

STAGES = {"registered", "validated", "rejected", "retired"}
DIGEST_NAME = re.compile(r"[0-9a-f]{64}")


class Aftermath:
    """One thread. Remembers what it has seen, so that each check reads only what is new."""

    def __init__(self, server, ledger):
        self._server, self._ledger = server, ledger
        self.problems = []
        self.lost = 0
        self.half_visible = 0
        self.amid_bodies = 0     # kills
        self._needed = set()     # digests of the files of versions
        self._base_is_known = False
        self._last_sequence = 0
        self._reasons = {}       # (action, reason) -> how often in the history
        self._latest = {}        # subject -> the newest event about it
        self._hashed = set()     # artifact files whose content was compared
        self._versions = set()

    def check(self):
        """After a start: everything that was acknowledged, and nothing half there."""
        before = len(self.problems)
        with contextlib.closing(self._server.api()) as api:
            self._read_history(api)
            self._check_acknowledged(api)
            found = len(self.problems)
            self._check_pushed(api)
            self._check_base(api)
            self._check_files()
            self._check_orphans()
        if len(self.problems) > found:
            self.half_visible += 1
        return len(self.problems) == before

    def _problem(self, text):
        self.problems.append(text)

    def _read_history(self, api):
        events, before = [], 0
        while True:
            page = api.get("/api/v1/history?limit=1000" + (f"&before={before}" if before else "")).json
            events += [e for e in page["events"] if e["sequence"] > self._last_sequence]
            if page["next"] is None or page["events"][-1]["sequence"] <= self._last_sequence:
                break
            before = page["next"]
        for event in reversed(events):
            if event["sequence"] != self._last_sequence + 1:
                self._problem(f"expected event {self._last_sequence + 1}, found {event['sequence']}")
            self._last_sequence = event["sequence"]
            key = (event["action"], event["reason"])
            self._reasons[key] = self._reasons.get(key, 0) + 1
            self._latest[(event["model"], event["action"], event["subject"])] = event

    def _check_acknowledged(self, api):
        for write in self._ledger.unchecked():
            seen = self._reasons.get((write.action, write.key), 0)
            if write.acknowledged and seen == 0:
                self.lost += 1
                self._problem(f"lost: {write.action} {write.key} of {write.value} was acknowledged")
            # An alias that is moved by a deployment has an event of its own with the same reason, under another action.
            if seen > 1:
                self._problem(f"{write.action} {write.key} was made {seen} times")
            if write.action == "push" and write.acknowledged and write.value and seen:
                answer = api.version(PUSHED, write.value)
                if answer.status != 200 or answer.json["stage"].lower() != "validated":
                    self.lost += 1
                    self._problem(f"lost: version {write.value} of {write.key} was acknowledged, found {answer}")
            write.checked = True

    def _check_pushed(self, api):
        """Every version is whole, whether its push was acknowledged or not."""
        answer = api.get("/api/v1/models/" + PUSHED)
        if answer.status == 404:
            return
        numbers = [v["version"] for v in answer.json["versions"]]
        if numbers != sorted(set(numbers)):
            self._problem(f"expected ascending versions, found {numbers}")
        for number in numbers:
            if number in self._versions:
                continue
            self._versions.add(number)
            version = api.version(PUSHED, number).json
            self._needed |= {file["sha256"] for file in version["files"]}
            if version["stage"].lower() not in STAGES or not version["files"] or not version["manifest"]:
                self._problem(f"half visible: version {number} of {PUSHED} is {version}")
            if version["stage"].lower() == "rejected":
                self._problem(f"a kill rejected version {number}: {version['reason']}")
            for file in version["files"]:
                if not self._artifacts(file["sha256"]):
                    self._problem(f"half visible: {file['path']} of version {number} has no artifact")

    def _check_base(self, api):
        """The alias, the desired state and the answers agree with the history."""
        model = api.get("/api/v1/models/" + BASE).json
        if not self._base_is_known:
            self._base_is_known = True
            self._needed |= {file["sha256"] for v in model["versions"] for file in api.version(BASE, v["version"]).json["files"]}
        aliases = {a["alias"]: a["version"] for a in model["aliases"]}
        serving = [s for s in model["serving"] if s["environment"] == "production"]
        if len(serving) != 1 or len(serving[0]["split"]) != 1:
            return self._problem(f"half visible: expected one version to be served, found {serving}")
        live = serving[0]["split"][0]["version"]
        if aliases.get("production") != live:
            self._problem(f"half visible: {live} is desired, the alias production says {aliases.get('production')}")
        moved = self._latest.get((BASE, "alias", "alias champion"))
        if moved is None or str(aliases.get("champion")) not in re.findall(r"\d+", moved["to"]):
            self._problem(f"half visible: the alias champion says {aliases.get('champion')}, the history says {moved}")
        answer = api.infer(BASE, packages.nonce(7))
        if answer.status != 200 or outputs_of(answer) != {"nonce_out": [7], "constant": [live]}:
            self._problem(f"expected version {live} to answer, found {answer}")

    def _artifacts(self, digest):
        return list((self._server.data / "artifacts").rglob(digest + "*"))

    def _check_files(self):
        """An artifact is what its name says; of an upload under way nothing is left."""
        for path in self._server.data.rglob("*"):
            if not path.is_file() or path in self._hashed:
                continue
            if DIGEST_NAME.fullmatch(path.name):
                if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
                    self._problem(f"half visible: the artifact {path.name} holds something else")
                self._hashed.add(path)
            elif path.parent not in (self._server.data, self._server.data / "predictions"):
                self._problem(f"left behind: {path.relative_to(self._server.data)}")

    def _check_orphans(self):
        """Soon after a start nothing is kept that no version needs, as of a push that was killed before its version was there."""
        def orphaned():
            return {path.name for path in (self._server.data / "artifacts").rglob("*") if path.is_file()} - self._needed
        try:
            eventually(lambda: not orphaned(), "no orphans", 10)
        except AssertionError:
            self._problem(f"kept for nobody: {sorted(orphaned())[:3]}")

    def check_database(self):
        """Requires: the server is dead. SQLite's own check, on a copy: the server repairs its files itself."""
        with tempfile.TemporaryDirectory() as folder:
            for path in self._server.data.glob("registry.db*"):
                shutil.copy(path, folder)
            with contextlib.closing(sqlite3.connect(pathlib.Path(folder) / "registry.db")) as database:
                found = database.execute("PRAGMA integrity_check").fetchall()
                broken = database.execute("PRAGMA foreign_key_check").fetchall()
        if found != [("ok",)] or broken:
            self._problem(f"the database is damaged: {found[:3]} {broken[:3]}")

    def check_trail(self):
        """The history is chained and signed as the command that checks it expects, also of a dead server's folder."""
        done = run("audit", "verify", "--data", self._server.data)
        if done.returncode != 0:
            self._problem(f"the audit trail: {done.stderr or done.stdout}")

    def check_at_the_end(self):
        """What an interrupted push left Registered is as good as any other version."""
        with contextlib.closing(self._server.api()) as api:
            model = api.get("/api/v1/models/" + PUSHED).json
            waiting = [v["version"] for v in model["versions"] if v["stage"].lower() == "registered"]
            for number in waiting:
                version = f"/api/v1/models/{PUSHED}/versions/{number}"
                answer = api.post(version + "/verify", {})
                if answer.status == 409:  # it was verified meanwhile
                    answer = api.get(version)
                if answer.status != 200 or answer.json["stage"].lower() != "validated":
                    self._problem(f"expected version {number} to verify after the kills, found {answer}")
            print(f"{len(model['versions'])} versions pushed, {len(waiting)} of them verified after their server was killed")

    def orphans(self):
        """Processes of the killed server's session that are still there."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                if int(fields[3]) == self._server.process.pid and fields[0] != "Z" and int(entry.name) != os.getpid():
                    found.append(int(entry.name))
        return found
