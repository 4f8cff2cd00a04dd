"""The main road, by the command line, as a person walks it: push, verify, deploy, predict, swap, roll back, restart."""
import json
import threading
import unittest

import packages
from api import outputs_of
from cut_off_push import eventually_in_stage, push_until
from fixture import Server, WithServer, eventually

INFER = {"inputs": [{"name": "nonce", "datatype": "INT64", "shape": [1, 1], "data": [5]}]}


class Asking(threading.Thread):
    """Asks a model until stopped; keeps every answer that is not a right one."""

    def __init__(self, api, model):
        super().__init__()
        self._api, self._model, self._stopped = api, model, threading.Event()
        self.wrong, self.answered = [], 0

    def run(self):
        number = 0
        while not self._stopped.is_set():
            number += 1
            answer = self._api.infer(self._model, packages.nonce(number))
            self.answered += 1
            if answer.status != 200 or outputs_of(answer) != {
                    "nonce_out": [number], "constant": [int(answer.json["model_version"])]}:
                self.wrong.append(str(answer))

    def stop(self):
        self._stopped.set()
        self.join()


class Lifecycle(WithServer):
    def cli(self, *arguments):
        done = self.server.cli(*arguments)
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.stderr}")
        return done.stdout

    def folder_of(self, constant, name):
        folder = self.server.folder / f"{name}-{constant}"
        folder.mkdir()
        for path, content in packages.echo(constant, name).items():
            (folder / path).write_text(content)
        return folder

    def constant_of(self, model):
        path = self.server.folder / "request.json"
        path.write_text(json.dumps(INFER))
        answer = json.loads(self.cli("predict", model, "--input", path))
        return {o["name"]: o["data"] for o in answer["outputs"]}["constant"]

    def test_a_file_becomes_a_prediction(self):
        self.assertIn("road:1", self.cli("push", self.folder_of(1, "road"), "--name", "road"))
        version = json.loads(self.cli("show", "road:1", "--json"))
        self.assertEqual(version["stage"], "validated")
        self.cli("deploy", "road", "--wait")
        self.assertEqual(self.constant_of("road"), [1])
        self.assertIn("road", self.cli("models"))
        status = json.loads(self.cli("status", "--json"))
        self.assertIn("road", json.dumps(status))

    def test_a_swap_and_a_rollback_under_load_harm_no_answer(self):
        for constant in (1, 2):
            self.cli("push", self.folder_of(constant, "swapped"), "--name", "swapped")
        self.cli("deploy", "swapped:1", "--wait")
        asking = [Asking(self.server.anonymous(), "swapped") for _ in range(2)]
        for thread in asking:
            thread.start()
        try:
            self.cli("deploy", "swapped:2", "--wait")
            self.assertEqual(self.constant_of("swapped"), [2])
            self.cli("rollback", "swapped", "--wait")
            self.assertEqual(self.constant_of("swapped"), [1])
        finally:
            for thread in asking:
                thread.stop()
        self.assertEqual([t.wrong for t in asking], [[], []])
        self.assertTrue(all(t.answered for t in asking))

    def test_deploying_an_alias_resolves_it_once(self):
        for constant in (1, 2):
            self.cli("push", self.folder_of(constant, "aliased"), "--name", "aliased")
        self.cli("alias", "set", "aliased:1", "champion")
        self.cli("deploy", "aliased@champion", "--wait")
        self.assertEqual(self.constant_of("aliased"), [1])
        self.cli("alias", "set", "aliased:2", "champion")
        self.assertEqual(self.constant_of("aliased"), [1], "an alias by itself moves no traffic")


class Restart(unittest.TestCase):
    def test_a_restart_keeps_everything(self):
        with Server() as server:
            api = server.api()
            for constant in (1, 2):
                self.assertEqual(api.push(packages.tar_gz(packages.echo(constant)), "kept").status, 201)
            self.assertEqual(api.alias("kept", "champion", 1).status, 200)
            self.assertEqual(server.cli("deploy", "kept:2", "--wait").returncode, 0)
            token = api.post("/api/v1/tokens", {"name": "pipeline", "role": "operator"}).json["secret"]
            before = self.state(api)

            self.assertEqual(server.stop(), 0)
            self.assertFalse((server.data / "addresses").exists(), "a stopped server says no address")
            server.start()

            with_api = server.api()
            self.assertEqual(self.state(with_api), before)
            answer = server.anonymous().infer("kept", packages.nonce(9))
            self.assertEqual((answer.status, outputs_of(answer)), (200, {"nonce_out": [9], "constant": [2]}))
            self.assertEqual(server.api(token).get("/api/v1/models").status, 200, "a token outlives a restart")
            self.assertEqual(server.stop(), 0)

    def test_a_verification_that_the_servers_end_cut_off_is_made_up_for(self):
        for how, end in {"killed": Server.kill9, "stopped": Server.stop}.items():
            with self.subTest(how), Server(options=("--drain", "1ms")) as server:
                push_until(server, end)
                server.start()
                eventually_in_stage(server.api(), "validated")

    def state(self, api):
        model, events = api.get("/api/v1/models/kept").json, api.events()
        return model, events, api.version("kept", 1).json, api.version("kept", 2).json


if __name__ == "__main__":
    unittest.main()
