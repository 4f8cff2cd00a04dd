"""Rollouts are told: replayed, explained, watched, rehearsed, measured, and announced to webhooks."""
import hashlib
import hmac
import http.server
import json
import pathlib
import re
import tempfile
import threading
import unittest

import packages
from fixture import Server, eventually, run
from rollouts_test import CANARY, Rolling

SECRET = "only the two of us know"


class Hook:
    """A URL that remembers what it is told, and refuses it while `status` says so."""

    def __init__(self):
        self.status, self.told, self.asked = 204, [], 0
        hook = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.asked += 1
                if hook.status == 204:
                    hook.told.append((self.headers["Slipway-Signature"], body))
                self.send_response(hook.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}/rollouts"

    def events(self):
        return [json.loads(body) for _, body in self.told]

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def is_signed(signature, body, secret=SECRET):
    found = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", signature)
    made = hmac.new(secret.encode(), found[1].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(made, found[2])


class Told(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="slipway-test-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.hook = Hook()
        cls.addClassCleanup(cls.hook.close)
        secret = pathlib.Path(cls.folder.name) / "secret"
        secret.write_text(SECRET + "\n")
        cls.server = Server(options=["--webhooks", cls.hook.url, "--webhook-secret", secret, "--webhook-private"])
        cls.addClassCleanup(cls.server.close)
        cls.server.start()

    def setUp(self):
        self.rolling = Rolling(self.server.api())

    def given_rollout(self, name, state="observing", candidate=1000):
        api = self.rolling.api
        for constant in (1, 2):
            self.assertIn(api.push(packages.tar_gz(packages.echo(constant, name)), name).status, (200, 201))
        self.assertEqual(api.deploy(name, 1).status, 200)
        eventually(lambda: any(s["state"] == "ready" for s in api.serving(name).json["states"]), "the first version live")
        number = self.rolling.started(name)
        self.rolling.wait(number, state, candidate)
        return number

    def cli(self, *words):
        return run("rollout", *words, "--url", f"http://{self.server.address}", "--data", self.server.data)

    def ended(self, name):
        number = self.given_rollout(name)
        self.rolling.said(number, "promote")
        self.rolling.wait(number, "observing", 5000)
        self.rolling.said(number, "abort")
        self.rolling.wait(number, "aborted")
        return number

    def test_every_decision_is_made_again_from_its_record_also_without_the_server(self):
        number = self.ended("replayed")
        made = len(self.rolling.decisions(number))
        found = self.cli("replay", number)
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)
        self.assertIn(f"{made} of {made} decisions came out as they were recorded", found.stdout)
        history = pathlib.Path(self.folder.name) / "history.json"
        history.write_text(self.cli("history", number, "--json").stdout)
        self.assertEqual(run("rollout", "replay", "--file", history).returncode, 0)
        changed = history.read_text().replace("promoted by admin", "promoted by nobody", 1)
        self.assertNotEqual(changed, history.read_text())
        history.write_text(changed)
        found = run("rollout", "replay", "--file", history)
        self.assertEqual(found.returncode, 1)
        self.assertIn("promoted by nobody", found.stdout)

    def test_it_is_explained_and_watched(self):
        number = self.ended("explained")
        page = pathlib.Path(self.folder.name) / "page.html"
        found = self.cli("explain", number, "--html", page)
        self.assertEqual(found.returncode, 0, found.stderr)
        for words in ("What was asked", "version 2 of explained should take over from version 1", "Why it went back", "aborted by admin"):
            self.assertIn(words, found.stdout)
        self.assertIn("<svg", page.read_text())
        watched = self.cli("watch", number)
        self.assertEqual((watched.returncode, watched.stdout.count("\n")), (1, 1), watched.stdout)

    def test_the_way_back_is_rehearsed_while_answers_go_on(self):
        number = self.given_rollout("drilled")
        found = self.cli("drill", "drilled", "--reason", "weekend")
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)
        self.assertRegex(found.stdout, r"drill: version 1 served all traffic after \d+ ms")
        self.rolling.wait(number, "observing", 1000)
        self.assertEqual(self.rolling.split("drilled"), {1: 9000, 2: 1000})
        wanted = [d["wants"][0]["share"] for d in self.rolling.decisions(number)]
        self.assertEqual(wanted, [10000, 9000, 9000, 10000, 9000, 9000])
        self.assertEqual(self.cli("replay", number).returncode, 0)

    def test_metrics_tell_its_weight_and_state(self):
        self.given_rollout("measured")
        of = 'model="measured",environment="production"'

        def is_told():
            page = self.rolling.api.get("/metrics").body.decode()
            return f'slipway_rollout_weight{{{of},version="2"}} 0.1' in page and f'slipway_rollout_state{{{of},state="observing"' in page
        eventually(is_told, "the metrics of the rollout")

    def test_a_hook_is_told_of_every_decision_once_in_order_and_signed(self):
        number = self.ended("announced")
        subject = f"rollout {number} in production"

        def told():
            return [e for e in self.hook.events() if e["subject"] == subject]
        made = self.rolling.decisions(number)
        eventually(lambda: len(told()) >= len(made), lambda: f"{len(made)} events, found {told()}")
        self.assertEqual([e["reason"] for e in told()], [d["reason"] for d in made])
        self.assertTrue(all(is_signed(*each) for each in self.hook.told))
        self.assertFalse(any(is_signed(*each, secret="another secret, as long") for each in self.hook.told))

    def test_what_a_hook_refuses_is_told_later_also_after_a_kill(self):
        asked = self.hook.asked
        self.hook.status = 500
        self.addCleanup(setattr, self.hook, "status", 204)
        number = self.given_rollout("late")
        eventually(lambda: self.hook.asked > asked, "an attempt")
        self.server.kill9()
        self.hook.status = 204
        self.server.start()
        self.rolling = Rolling(self.server.api())
        made = [d["reason"] for d in self.rolling.decisions(number)]

        def told():
            return [e["reason"] for e in self.hook.events() if e["subject"] == f"rollout {number} in production"]
        eventually(lambda: len(told()) >= len(made), lambda: f"{made}, found {told()}")
        self.assertEqual(list(dict.fromkeys(told())), list(dict.fromkeys(made)))


class Refused(unittest.TestCase):
    def test_hooks_that_cannot_be_are_refused_at_the_start(self):
        with tempfile.TemporaryDirectory(prefix="slipway-test-") as folder:
            short = pathlib.Path(folder) / "short"
            short.write_text("short")
            for options, words in ((["--webhooks", "https://hooks.example.com/"], "webhook_secret"),
                                   (["--webhooks", "ftp://hooks.example.com/", "--webhook-secret", short], "neither https nor http"),
                                   (["--webhooks", "https://hooks.example.com/", "--webhook-secret", short], "at least 16 bytes")):
                found = run("serve", "--data", pathlib.Path(folder) / "data", "--listen", "127.0.0.1:0", *options)
                self.assertNotEqual(found.returncode, 0)
                self.assertIn(words, found.stderr + found.stdout)


if __name__ == "__main__":
    unittest.main()
